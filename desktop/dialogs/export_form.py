"""The settings of an export as a form: what goes in comes out again."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tonewright.dsp.exporting.naming import TOKENS
from tonewright.dsp.exporting.settings import (
    AUTO_TAIL,
    Container,
    Depth,
    ExportSettings,
    Midi,
    Normalise,
    Scope,
)
from tonewright.dsp.exporting.targets import loudness_targets
from tonewright.dsp.project.document import Id, Project, TimeRange

_RATES_HZ = (44_100, 48_000, 88_200, 96_000, 192_000)
_LONGEST_SECONDS = 86_400.0


E = TypeVar("E", bound=StrEnum)


class _Part(StrEnum):
    """What part of the project is exported."""

    WHOLE = "Whole project"
    REGIONS = "Each region"
    RANGE = "Range"


class _Tail(StrEnum):
    """What happens behind the end."""

    USUAL = "As usual"
    SILENCE = "Until silence"
    SECONDS = "For"


class ExportForm(QWidget):
    """The form.

    Signals:
        changed (): The user, or ``set_settings``, changed a setting.
    """

    changed = Signal()

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._build_contents())
        layout.addWidget(self._build_part())
        layout.addWidget(self._build_format())
        layout.addWidget(self._build_loudness())
        layout.addWidget(self._build_files())
        layout.addStretch(1)
        self._rest: dict[str, Any] = {}
        self.show_project(project)
        self.end.setValue(10.0)
        self.set_settings(ExportSettings())

    # --- values --------------------------------------------------------------------------------

    def show_project(self, project: Project) -> None:
        """List the tracks of a project; those that were checked stay so."""
        checked = self._checked_tracks()
        with QSignalBlocker(self.tracks):
            self.tracks.clear()
            for track in project.tracks:
                item = QListWidgetItem(track.name)
                item.setData(Qt.ItemDataRole.UserRole, track.id)
                on = track.id in checked
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                self.tracks.addItem(item)

    def settings(self) -> ExportSettings:
        """Return what the form says.

        Raises:
            ExportError: If a setting is out of range or two contradict each other.
        """
        part, tail = _value(self.part, _Part), _value(self.tail, _Tail)
        return ExportSettings(
            **self._rest,
            mix=self.mix.isChecked(),
            stems=self.stems.isChecked(),
            tracks=self._checked_tracks() if self.some_tracks.isChecked() else None,
            through_master=self.through_master.isChecked(),
            dry=self.dry.isChecked(),
            regions=part is _Part.REGIONS,
            range=TimeRange(self.start.value(), self.end.value()) if part is _Part.RANGE else None,
            loop=self.loop.isChecked(),
            tail={_Tail.USUAL: None, _Tail.SILENCE: AUTO_TAIL}.get(tail, self.seconds.value()),
            container=_value(self.container, Container),
            depth=_value(self.bits, Depth),
            sample_rate=self.rate.currentData(),
            quality=self.quality.value(),
            normalise=_value(self.normalise, Normalise),
            level=self.level.value() if self.own_level.isChecked() else None,
            ceiling_dbtp=self.ceiling.value() if self.own_ceiling.isChecked() else None,
            scope=_value(self.scope, Scope),
            target=self.target.currentData(),
            pattern=self.pattern.text(),
            broadcast=self.broadcast.isChecked(),
            midi=_value(self.midi, Midi),
            skip_missing=self.skip_missing.isChecked(),
        )

    def set_settings(self, settings: ExportSettings) -> None:
        """Show settings; tracks that are not in the project are left out."""
        with QSignalBlocker(self):
            # What has no widget is kept: the seed of the dither.
            self._rest = {"dither_seed": settings.dither_seed}
            self.mix.setChecked(settings.mix)
            self.stems.setChecked(settings.stems)
            self._check_tracks(settings.tracks)
            self.through_master.setChecked(settings.through_master)
            self.dry.setChecked(settings.dry)
            self._show_part(settings)
            self.loop.setChecked(settings.loop)
            for box, value in (
                (self.container, settings.container),
                (self.bits, settings.depth),
                (self.rate, settings.sample_rate),
                (self.normalise, settings.normalise),
                (self.scope, settings.scope),
                (self.target, settings.target),
                (self.midi, settings.midi),
            ):
                _choose(box, value)
            self.quality.setValue(settings.quality)
            self.own_level.setChecked(settings.level is not None)
            self.level.setValue(settings.goal)
            self.own_ceiling.setChecked(settings.ceiling_dbtp is not None)
            self.ceiling.setValue(settings.ceiling)
            self.pattern.setText(settings.pattern)
            self.broadcast.setChecked(settings.broadcast)
            self.skip_missing.setChecked(settings.skip_missing)
        self._changed()

    def _show_part(self, settings: ExportSettings) -> None:
        part = _Part.REGIONS if settings.regions else _Part.WHOLE
        if settings.range is not None:
            part = _Part.RANGE
            self.start.setValue(settings.range.start_seconds)
            self.end.setValue(settings.range.end_seconds)
        _choose(self.part, part)
        if isinstance(settings.tail, float):
            _choose(self.tail, _Tail.SECONDS)
            self.seconds.setValue(settings.tail)
        else:
            _choose(self.tail, _Tail.USUAL if settings.tail is None else _Tail.SILENCE)

    def _checked_tracks(self) -> tuple[Id, ...]:
        items = (self.tracks.item(row) for row in range(self.tracks.count()))
        return tuple(
            Id(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        )

    def _check_tracks(self, tracks: tuple[Id, ...] | None) -> None:
        with QSignalBlocker(self.tracks):
            for row in range(self.tracks.count()):
                item = self.tracks.item(row)
                on = tracks is not None and item.data(Qt.ItemDataRole.UserRole) in tracks
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.some_tracks.setChecked(tracks is not None and bool(self._checked_tracks()))

    # --- building ------------------------------------------------------------------------------

    def _build_contents(self) -> QGroupBox:
        self.mix = self._check("Mix")
        self.stems = self._check("Stems")
        self.midi = self._box(
            "MIDI files", Midi, ("No MIDI", "A MIDI file a track", "One MIDI file")
        )
        self.through_master = self._check("Through the master")
        self.through_master.setToolTip("All files pass the master's effects and fader")
        self.dry = self._check("Without effects")
        self.some_tracks = self._check("Only these tracks:")
        self.tracks = QListWidget(self)
        self.tracks.setAccessibleName("Tracks to export")
        self.tracks.setMaximumHeight(92)
        self.tracks.itemChanged.connect(self._changed)
        form = QFormLayout()
        form.addRow(_line(self.mix, self.stems, self.midi))
        form.addRow(_line(self.through_master, self.dry))
        form.addRow(self.some_tracks)
        form.addRow(self.tracks)
        return _group("What", form)

    def _build_part(self) -> QGroupBox:
        self.part = self._box("Part of the project", _Part)
        self.start = self._number("Start", 0.0, _LONGEST_SECONDS, " s", 3)
        self.end = self._number("End", 0.0, _LONGEST_SECONDS, " s", 3)
        self.tail = self._box("Tail", _Tail)
        self.seconds = self._number("Length of the tail", 0.0, 3600.0, " s", 1)
        self.loop = self._check("As a loop")
        self.loop.setToolTip("Fold what rings behind the end onto the start")
        form = QFormLayout()
        form.addRow("Part", _line(self.part, self.start, self.end))
        form.addRow("Tail", _line(self.tail, self.seconds, self.loop))
        return _group("Range", form)

    def _build_format(self) -> QGroupBox:
        names = ("WAV", "AIFF", "FLAC", "Ogg Vorbis")
        self.container = self._box("Format", Container, names)
        self.bits = self._box("Depth", Depth, ("16 bit", "24 bit", "32 bit float"))
        self.quality = self._number("Quality of Ogg Vorbis", 0.0, 1.0, "", 2)
        self.rate = QComboBox(self)
        self.rate.setAccessibleName("Sample rate")
        self.rate.addItem("Project's rate", None)
        for rate_hz in _RATES_HZ:
            self.rate.addItem(f"{rate_hz / 1000:g} kHz", rate_hz)
        self.rate.currentIndexChanged.connect(self._changed)
        self.broadcast = self._check("Timecode in WAV")
        form = QFormLayout()
        form.addRow("Format", _line(self.container, self.bits, self.quality))
        form.addRow("Rate", _line(self.rate, self.broadcast))
        return _group("Format", form)

    def _build_loudness(self) -> QGroupBox:
        self.normalise = self._box("Normalise", Normalise, ("Off", "Peak", "Loudness"))
        self.scope = self._box("Gain", Scope, ("One gain for all", "A gain a file"))
        self.target = QComboBox(self)
        self.target.setAccessibleName("Loudness target")
        self.target.addItem("No target", None)
        for target in loudness_targets():
            self.target.addItem(target.name, target.id)
            self.target.setItemData(
                self.target.count() - 1,
                f"{target.integrated_lufs:g} LUFS, {target.true_peak_dbtp:g} dBTP: {target.source}",
                Qt.ItemDataRole.ToolTipRole,
            )
        self.target.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.target.currentIndexChanged.connect(self._changed)
        self.own_level = self._check("Level")
        self.level = self._number("Level", -70.0, 0.0, " dB", 1)
        self.own_ceiling = self._check("True peak at most")
        self.ceiling = self._number("Highest true peak", -70.0, 0.0, " dBTP", 1)
        form = QFormLayout()
        form.addRow("Normalise", _line(self.normalise, self.scope))
        form.addRow("Target", self.target)
        form.addRow(_line(self.own_level, self.level, self.own_ceiling, self.ceiling))
        return _group("Loudness", form)

    def _build_files(self) -> QGroupBox:
        self.pattern = QLineEdit(self)
        self.pattern.setAccessibleName("Naming pattern")
        self.pattern.setToolTip(f"In braces: {', '.join(TOKENS)}; / makes folders")
        self.pattern.textChanged.connect(self._changed)
        self.skip_missing = self._check("Leave out effects that are not installed")
        form = QFormLayout()
        form.addRow("Names", self.pattern)
        form.addRow(self.skip_missing)
        return _group("Files", form)

    def _check(self, text: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.toggled.connect(self._changed)
        return box

    def _box(self, name: str, values: Iterable[StrEnum], texts: Iterable[str] = ()) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        values = tuple(values)
        for text, value in zip(tuple(texts) or values, values, strict=True):
            box.addItem(str(text), value)
        box.currentIndexChanged.connect(self._changed)
        return box

    def _number(
        self, name: str, low: float, high: float, suffix: str, decimals: int
    ) -> QDoubleSpinBox:
        field = QDoubleSpinBox(self)
        field.setAccessibleName(name)
        field.setRange(low, high)
        field.setDecimals(decimals)
        field.setSingleStep(0.1 if high - low <= 1 else 1.0)
        field.setSuffix(suffix)
        field.valueChanged.connect(self._changed)
        return field

    def _changed(self) -> None:
        """Enable what counts, and tell."""
        is_range = _value(self.part, _Part) is _Part.RANGE
        for widget, counts in (
            (self.start, is_range),
            (self.end, is_range),
            (self.seconds, _value(self.tail, _Tail) is _Tail.SECONDS),
            (self.tracks, self.some_tracks.isChecked()),
        ):
            widget.setVisible(counts)
        container = _value(self.container, Container)
        self.quality.setVisible(container is Container.OGG)
        self.bits.setVisible(container is not Container.OGG)
        self.broadcast.setEnabled(container is Container.WAV)
        normalises = _value(self.normalise, Normalise) is not Normalise.NONE
        for button, field in ((self.own_level, self.level), (self.own_ceiling, self.ceiling)):
            _enable(button, field, normalises)
        self.scope.setEnabled(normalises)
        self.changed.emit()


def _enable(button: QAbstractButton, field: QWidget, counts: bool) -> None:
    button.setEnabled(counts)
    field.setEnabled(counts and button.isChecked())


def _value(box: QComboBox, kind: type[E]) -> E:
    """Return the member that is selected: Qt gives back its text only."""
    return kind(box.currentData())


def _choose(box: QComboBox, value: Any) -> None:
    """Select the item that holds a value; the first if none does."""
    held = [box.itemData(index) for index in range(box.count())]
    box.setCurrentIndex(held.index(value) if value in held else 0)


def _line(*widgets: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return line


def _group(title: str, form: QFormLayout) -> QGroupBox:
    group = QGroupBox(title)
    form.setContentsMargins(8, 6, 8, 6)
    form.setVerticalSpacing(6)
    group.setLayout(form)
    return group
