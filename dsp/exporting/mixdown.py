"""Mix, stems, regions and MIDI of a project into files: one pass, one report, all or nothing.

The outputs of a pass come in step, block by block, so all its files start together and have one
length. They are written under temporary names, decoded again and measured; only when everything
is complete do they, and the report, take their names. Nothing is left behind on an error.
"""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from os import cpu_count
from pathlib import Path

from tonewright.dsp.audio.writer import AudioWriter
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.files import CHANNELS, PlannedFile
from tonewright.dsp.exporting.history import broadcast
from tonewright.dsp.exporting.null_test import NullTest
from tonewright.dsp.exporting.plan import ExportPlan, PlannedPart, PlannedPass, plan_export
from tonewright.dsp.exporting.report import (
    ExportedFile,
    ExportReport,
    examine_audio,
    examine_midi,
    null_result,
)
from tonewright.dsp.exporting.settings import ExportSettings
from tonewright.dsp.exporting.staging import Staging, export_error
from tonewright.dsp.exporting.writing import BLOCK_SAMPLES, PartWriter, WrittenFile
from tonewright.dsp.midi.exchange import export_midi
from tonewright.dsp.project.document import EffectSpec, Project
from tonewright.dsp.rendering.job import CancelToken, Progress, Report, ignore, share
from tonewright.dsp.rendering.renderer import Renderer, Rendering

_SHARE_PREPARED, _SHARE_WRITTEN = 0.6, 0.9


def export(
    project: Project,
    settings: ExportSettings,
    folder: Path,
    *,
    renderer: Renderer | None = None,
    mix_file: Path | None = None,
    midi_folder: Path | None = None,
    overwrite: bool = False,
    now: datetime | None = None,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> ExportReport:
    """Plan an export and carry it out; see ``plan_export`` and ``carry_out``.

    Args:
        project: From ``load``, or made by edits.
        settings: What is exported.
        folder: Where the files go; made if it is not there.
        renderer: Renders; one with the user's own store if None.
        mix_file: The file of the mix, instead of one named by the pattern.
        midi_folder: Where MIDI files go, instead of ``folder``.
        overwrite: Whether files that are there are replaced.
        now: The date in names and headers.
        report: Told how far the work is.
        cancel: Stops it.
    """
    plan = plan_export(
        project,
        settings,
        folder,
        mix_file=mix_file,
        midi_folder=midi_folder,
        overwrite=overwrite,
        now=now,
    )
    if renderer is None:
        with Renderer() as own:
            return carry_out(plan, renderer=own, report=report, cancel=cancel)
    return carry_out(plan, renderer=renderer, report=report, cancel=cancel)


def carry_out(
    plan: ExportPlan,
    *,
    renderer: Renderer,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> ExportReport:
    """Render and write what a plan says.

    Args:
        plan: From ``plan_export``.
        renderer: Renders what must be rendered.
        report: Told how far the work is.
        cancel: Stops it.

    Returns:
        The report, which is also written beside the files.

    Raises:
        ExportError: If the plan has a problem, or a file cannot be written.
        CancelledError: If ``cancel`` was set.
        TonewrightError: If the project cannot be rendered.
    """
    if plan.problems:
        more = len(plan.problems) - 1
        raise ExportError(plan.problems[0] + (f" (and {more} more problems)" if more else ""))
    with Staging() as staging, ThreadPoolExecutor(cpu_count()) as pool:
        cancel = cancel or CancelToken()
        run = _Run(
            plan, renderer=renderer, staging=staging, pool=pool, report=report, cancel=cancel
        )
        result = run.carry_out()
        json_path, text_path = plan.report, plan.report.with_suffix(".txt")
        try:
            result.write(staging.part(json_path), staging.part(text_path))
        except OSError as error:
            raise export_error(json_path, error) from error
        cancel.check()
        staging.publish(overwrite=plan.overwrite)
    report(Progress(1.0, "finished"))
    return result


class _Run:
    """An export on its way."""

    def __init__(
        self,
        plan: ExportPlan,
        *,
        renderer: Renderer,
        staging: Staging,
        pool: ThreadPoolExecutor,
        report: Report,
        cancel: CancelToken,
    ) -> None:
        self._cancel = cancel
        self._plan = plan
        self._renderer = renderer
        self._staging = staging
        self._pool = pool
        self._report = report
        self._places: dict[Path, Path] = {}
        self._seeds = {file.path: index for index, file in enumerate(plan.files)}
        self._null_test = NullTest() if plan.settings.stems and plan.hears_mix else None
        self._effects: dict[str, EffectSpec] = {}
        self._notes: dict[str, None] = {}

    def carry_out(self) -> ExportReport:
        plan = self._plan
        written: list[WrittenFile] = []
        for index, planned in enumerate(plan.passes):
            count = len(plan.passes)
            start, end = index / count * _SHARE_WRITTEN, (index + 1) / count * _SHARE_WRITTEN
            written += self._pass(planned, share(self._report, start, end))
        midi = [self._midi(file) for file in plan.midi]
        audio = self._measured(written, share(self._report, _SHARE_WRITTEN, 1.0, "measuring"))
        order = {file.path: index for index, file in enumerate(plan.files)}
        return ExportReport(
            plan,
            tuple(sorted((*audio, *midi), key=lambda each: order[each.file.path])),
            tuple(self._effects.values()),
            null_result(plan, self._null_test) if self._null_test is not None else None,
            tuple(self._notes),
        )

    def _pass(self, planned: PlannedPass, report: Report) -> list[WrittenFile]:
        rendering = self._renderer.prepare(
            planned.project,
            self._plan.outputs,
            skip_missing=self._plan.settings.skip_missing,
            report=share(report, 0.0, _SHARE_PREPARED),
            cancel=self._cancel,
        )
        self._effects |= {effect.id: effect for effect in rendering.effects}
        report = share(report, _SHARE_PREPARED, 1.0, "writing")
        written = self._written(planned, rendering, report)
        self._notes |= dict.fromkeys(rendering.notes)
        return written

    def _written(
        self, planned: PlannedPass, rendering: Rendering, report: Report
    ) -> list[WrittenFile]:
        """Cut the parts of a pass from one stream; a part is open only while it is passed."""
        waiting = deque(sorted(planned.parts, key=lambda each: each.part.start_samples))
        position = start = waiting[0].part.start_samples
        ends = [each.part.end_samples for each in waiting]
        # Only a part that is alone in its pass lasts until silence.
        end = None if None in ends else max(each for each in ends if each is not None)
        expected = max(each.part.start_samples + each.part.least_samples for each in waiting)
        written: list[WrittenFile] = []
        writers: list[PartWriter] = []
        with ExitStack() as closing:
            for blocks in rendering.stream(
                start_samples=start, end_samples=end, block_samples=BLOCK_SAMPLES
            ):
                self._cancel.check()
                behind = position + blocks[0].shape[1]
                while waiting and waiting[0].part.start_samples < behind:
                    writers.append(self._part_writer(waiting.popleft(), rendering, closing))
                for writer in list(writers):
                    part = writer.part
                    first = max(part.start_samples, position)
                    last = behind if part.end_samples is None else min(behind, part.end_samples)
                    writer.add([block[:, first - position : last - position] for block in blocks])
                    if last == part.end_samples:
                        written += writer.finish()
                        writers.remove(writer)
                position = behind
                report(Progress(min(1.0, (position - start) / (expected - start))))
            # What lasts until silence; also where a cut project has none left to give.
            writers += [self._part_writer(each, rendering, closing) for each in waiting]
            for writer in writers:
                written += writer.finish()
        return written

    def _part_writer(
        self, planned: PlannedPart, rendering: Rendering, closing: ExitStack
    ) -> PartWriter:
        return PartWriter(
            planned,
            settings=self._plan.settings,
            hears_mix=self._plan.hears_mix,
            from_rate=rendering.sample_rate,
            open_writer=self._writer,
            staging=self._staging,
            null_test=self._null_test,
            pool=self._pool,
            cancel=self._cancel,
            closing=closing,
        )

    def _writer(self, file: PlannedFile) -> AudioWriter:
        assert file.encoding is not None
        is_broadcast = self._plan.settings.broadcast and file.encoding.container == "wav"
        path = self._places[file.path] = self._staging.part(file.path)
        return AudioWriter(
            path,
            file.sample_rate,
            CHANNELS,
            file.encoding,
            broadcast=broadcast(self._plan, file, self._effects.values()) if is_broadcast else None,
            # The dither of stems must differ, or their sum would hold one noise many times over.
            seed=self._plan.settings.dither_seed + self._seeds[file.path],
        )

    def _midi(self, file: PlannedFile) -> ExportedFile:
        self._cancel.check()
        path = self._staging.part(file.path)
        export_midi(self._plan.project, path, file.contents.track_ids)
        return examine_midi(file, path)

    def _measured(self, written: list[WrittenFile], report: Report) -> list[ExportedFile]:
        measured = []

        def examine(each: WrittenFile) -> ExportedFile:
            path = self._places[each.file.path]
            return examine_audio(self._plan, each, path, self._cancel)

        for each in self._pool.map(examine, written):
            measured.append(each)
            report(Progress(len(measured) / len(written)))
        return measured
