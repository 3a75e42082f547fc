"""The panel: a passage of a clip, an instrument to play it, and the curve to choose from by ear."""

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tonewright.desktop.auditioning import Auditioning
from tonewright.desktop.docks import is_seen
from tonewright.desktop.explorer.adapter import Exploring
from tonewright.desktop.explorer.curve import Curve, spoken
from tonewright.desktop.explorer.form import Form
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.effects.protocol import EffectType
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.playback.audition import clip_alone
from tonewright.dsp.playback.transport import LoopRange
from tonewright.dsp.project.document import (
    AudioClip,
    EffectSpec,
    Id,
    Project,
    TimeRange,
)
from tonewright.dsp.project.edits import add_effect, remove_effect, set_effect
from tonewright.dsp.project.tempo import range_of
from tonewright.dsp.rendering.exploration import (
    EFFECT,
    Exploration,
    explore_clip,
    spec_for,
)
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.units import seconds_to_samples

MOST_SECONDS = 20.0
"""A longer passage is explored on its beginning: every position takes its time."""

_NO_CLIP = "Select an audio clip, or a range of one (key 4), and choose what is to play it"
_NOT_INSTALLED = "The change of instrument is not installed here: install tonewright[models]"
_READY = "Explore renders several positions of the switch and shows what each keeps and becomes"
_FORM_PIXELS = 300


@dataclass(frozen=True, slots=True)
class _Passage:
    """A clip, or a range of it."""

    clip_id: Id
    where: TimeRange | None


class ExplorerPanel(QWidget):
    """The panel.

    Args:
        session: Whose clips are explored.
        view: Which clip and range are chosen.
        tasks: Plan.
        render_queue: Its worker process computes.
        auditioning: Lets points be heard.

    Signals:
        problem (str): One line for the user.

    Attributes:
        exploring: What is going on.
        curve: The pictures.
    """

    problem = Signal(str)

    def __init__(
        self,
        session: Session,
        view: ViewState,
        tasks: Tasks,
        *,
        render_queue: RenderQueue,
        auditioning: Auditioning,
    ) -> None:
        super().__init__()
        self._session = session
        self._view = view
        self._registry = render_queue.registry
        self._auditioning = auditioning
        self._chosen: _Passage | None = None
        self._tried: EffectSpec | None = None
        self._explored: _Passage | None = None
        self.exploring = Exploring(render_queue, tasks, self)
        self.curve = Curve(self)
        self.setAccessibleName("Change of instrument")
        self.setAutoFillBackground(True)
        self._build()
        self.exploring.progress.connect(self._show_progress)
        self.exploring.found.connect(self._show_found)
        self.exploring.failed.connect(self._show_failure)
        self.curve.point_chosen.connect(self.choose)
        view.selection_changed.connect(self.refresh)
        view.range_changed.connect(self.refresh)
        session.changed.connect(lambda _: self.refresh())
        self._show_nothing(self._hint())
        self._show_state()

    # --- construction -----------------------------------------------------------------------

    def _build(self) -> None:
        self.passage = QLabel(self)
        self.passage.setWordWrap(True)
        self.passage.setStyleSheet("font-weight: bold;")
        self.form = Form(self._effect_type, self)
        self.explore_button = QPushButton("Explore", self)
        self.stop_button = QPushButton("Stop", self)
        self.progress = QProgressBar(self)
        self.progress.setMaximum(1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Progress of the exploration")
        buttons = QHBoxLayout()
        buttons.addWidget(self.explore_button, 1)
        buttons.addWidget(self.stop_button)
        form_side = QWidget(self)
        form_side.setFixedWidth(_FORM_PIXELS)
        left = QVBoxLayout(form_side)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.passage)
        left.addWidget(self.form)
        left.addLayout(buttons)
        left.addWidget(self.progress)
        left.addStretch(1)

        self.case = QLabel(self)
        self.case.setWordWrap(True)
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.original_button = QPushButton("Original", self)
        self.original_button.setToolTip("Hear the passage as it is")
        self.silence_button = QPushButton("Silence", self)
        self.silence_button.setToolTip("Stop listening")
        self.use_button = QPushButton("Use this", self)
        self.use_button.setToolTip("Put the change on the clip, as a layer, at the chosen switch")
        foot = QHBoxLayout()
        foot.addWidget(self.told, 1)
        for button in (self.original_button, self.silence_button, self.use_button):
            foot.addWidget(button)
        right = QVBoxLayout()
        right.addWidget(self.case)
        right.addWidget(self.curve, 1)
        right.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setSpacing(14)
        layout.addWidget(form_side)
        layout.addLayout(right, 1)
        self.explore_button.clicked.connect(lambda _: self.explore())
        self.stop_button.clicked.connect(lambda _: self.exploring.stop())
        self.original_button.clicked.connect(lambda _: self.hear_original())
        self.silence_button.clicked.connect(lambda _: self._auditioning.stop())
        self.use_button.clicked.connect(lambda _: self.use())

    @property
    def _effect_type(self) -> EffectType | None:
        return self._registry.get(EFFECT) if EFFECT in self._registry else None

    def close_run(self) -> None:
        """End what is going on."""
        self.exploring.close()

    # --- the passage ------------------------------------------------------------------------

    def refresh(self) -> None:
        """Follow the selection and the document.

        What was found is put away when another passage is chosen, or when its clip is gone. Who
        chooses another one while it explores hears of the first when that is done.
        """
        if not is_seen(self):
            return
        before, self._chosen = self._chosen, self._passage()
        if not self.exploring.running:
            gone = self._explored is not None and self._clip(self._explored.clip_id) is None
            if gone or self._chosen not in (before, self._explored):
                self._put_away()
            if self._explored is None:
                self._show_nothing(self._hint())
        self.passage.setText(self._passage_text(self._explored or self._chosen))
        self._show_state()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Follow what was missed while this was hidden."""
        super().showEvent(event)
        self.refresh()

    def _put_away(self) -> None:
        """Forget what was found, if anything was."""
        if self._explored is not None:
            self._explored = self._tried = None
            self._auditioning.stop()

    def _hint(self) -> str:
        if not self.form.usable:
            return _NOT_INSTALLED
        return _NO_CLIP if self._chosen is None else _READY

    def _clip(self, clip_id: Id | None) -> AudioClip | None:
        for _, clip in self._session.project.clips():
            if clip.id == clip_id and isinstance(clip, AudioClip):
                return clip
        return None

    def _passage(self) -> _Passage | None:
        """Return what is chosen: a range of a clip, or else the clip that is selected."""
        chosen = self._view.range
        if chosen is not None and self._clip(chosen.owner_id) is not None:
            return _Passage(chosen.owner_id, chosen.where)
        clip = self._clip(self._view.focus)
        return None if clip is None else _Passage(clip.id, None)

    def _passage_text(self, passage: _Passage | None) -> str:
        clip = None if passage is None else self._clip(passage.clip_id)
        if clip is None or passage is None:
            return "No clip chosen"
        text, where = clip.name, passage.where
        if where is not None:
            text += f", {where.start_seconds:.2f} to {where.end_seconds:.2f} s"
        if self._heard_range(clip, where) != where:
            text += f" (its first {MOST_SECONDS:.0f} s are explored)"
        return text

    def _heard_range(self, clip: AudioClip, where: TimeRange | None) -> TimeRange | None:
        """Return what of a passage is explored; None for the whole clip."""
        at = range_of(self._session.project, clip)
        start = where.start_seconds if where else 0.0
        end = where.end_seconds if where else at.end_seconds - at.start_seconds
        if end - start > MOST_SECONDS:
            return TimeRange(start, start + MOST_SECONDS)
        return where

    # --- exploring --------------------------------------------------------------------------

    def explore(self) -> None:
        """Begin; what was found before is put away."""
        passage = self._passage()
        clip = None if passage is None else self._clip(passage.clip_id)
        if passage is None or clip is None or not self.form.usable or self.exploring.running:
            return
        project, heard = self._session.project, self._heard_range(clip, passage.where)
        self._tried = spec_for(project, clip, self.form.spec(), heard)
        self._explored = passage
        self._auditioning.stop()
        self._show_nothing("Finding the noise that the recording could have come from")
        switches = self.form.switches()
        self.exploring.start(
            partial(explore_clip, project, clip.id, self._tried, switches, self._registry)
        )
        self._show_state()

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setValue(round(1000 * progress.fraction))
        self.told.setText(progress.stage)

    def _show_found(self, found: Exploration) -> None:
        self.progress.setValue(0)
        self.curve.show_exploration(found)
        source = found.source.removeprefix("solo ") or "unknown"
        target = found.target.removeprefix("solo ")
        self.case.setText(f"<b>{source} → {target}</b> &nbsp; {found.case()}")
        self.told.setText("Click a point to hear it")
        self.curve.setFocus()
        self._show_state()

    def _show_failure(self, reason: str) -> None:
        self.progress.setValue(0)
        self._put_away()
        self._show_nothing(reason or self._hint())
        if reason:
            self.problem.emit(reason)
        self._show_state()

    # --- listening and choosing ---------------------------------------------------------------

    def choose(self, index: int) -> None:
        """Choose a point, and hear it."""
        found = self.curve.found
        if found is None or self._tried is None:
            return
        self.curve.choose(index)
        self.told.setText(spoken(found.points[index], found.target))
        self._hear(self._with_switch(found.points[index].switch))
        self._show_state()

    def hear_original(self) -> None:
        """Hear the passage without the change."""
        self._hear(None)

    def use(self) -> None:
        """Put the change on the clip, at the chosen switch; choosing another later moves it."""
        found, index, explored = self.curve.found, self.curve.chosen, self._explored
        if found is None or index is None or self._tried is None or explored is None:
            return
        clip_id = explored.clip_id
        spec = replace(self._with_switch(found.points[index].switch), range=explored.where)

        def edit(project: Project) -> Project:
            known = [each.id for _, clip in project.clips() for each in clip.effects]
            if spec.id in known:
                return set_effect(project, spec.id, params=spec.params)
            return add_effect(project, clip_id, spec)

        self._session.apply("Change of instrument", edit)

    def _with_switch(self, switch: str) -> EffectSpec:
        assert self._tried is not None
        params = dict(self._tried.params) | {"switch": switch}
        return replace(self._tried, params=tuple(sorted(params.items())))

    def _hear(self, spec: EffectSpec | None) -> None:
        if self._explored is None:
            return
        clip_id = self._explored.clip_id
        project = self._session.project
        try:
            project = _without(project, self._tried.id if self._tried else None)
            if spec is not None:
                project = add_effect(project, clip_id, spec)
            alone = clip_alone(project, clip_id)
        except TonewrightError as error:
            self.problem.emit(str(error))
            return
        ((_, clip),) = alone.clips()
        at, where = range_of(alone, clip), spec.range if spec else self._tried_range
        start = at.start_seconds + (where.start_seconds if where else 0.0)
        end = at.start_seconds + where.end_seconds if where else at.end_seconds
        samples = [seconds_to_samples(each, alone.sample_rate) for each in (start, end)]
        self._auditioning.repeat(alone, LoopRange(samples[0], max(samples[1], samples[0] + 1)))

    @property
    def _tried_range(self) -> TimeRange | None:
        return self._tried.range if self._tried is not None else None

    # --- state ------------------------------------------------------------------------------

    def _show_nothing(self, hint: str) -> None:
        self.curve.show_exploration(None, hint)
        self.case.setText("")
        self.told.setText("")

    def _show_state(self) -> None:
        running = self.exploring.running
        chosen = self._chosen is not None
        self.explore_button.setEnabled(chosen and self.form.usable and not running)
        self.stop_button.setEnabled(running)
        self.form.setEnabled(self.form.usable and not running)
        found = self.curve.found is not None
        self.original_button.setEnabled(found)
        self.silence_button.setEnabled(found)
        self.use_button.setEnabled(found and self.curve.chosen is not None)
        self.case.setVisible(bool(self.case.text()))


def _without(project: Project, effect_id: Id | None) -> Project:
    """Return a project without an effect, if it is there."""
    known = {each.id for _, clip in project.clips() for each in clip.effects}
    return remove_effect(project, effect_id) if effect_id in known and effect_id else project
