"""What an export will write, worked out before anything is rendered.

The plan is what is carried out: a dry run shows it, ``export`` follows it. What stands in the way
of it is listed as a problem, all at once, and refused when it is carried out.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from tonewright.dsp.audio.resample import resampled_length
from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.files import (
    CHANNELS,
    Contents,
    FileKind,
    Names,
    PlannedFile,
    audio_size_bytes,
    device,
    encoding_of,
    existing_ancestor,
    line,
    midi_contents,
    midi_size_bytes,
    mix_contents,
    stem_contents,
)
from tonewright.dsp.exporting.naming import numbered, safe_name
from tonewright.dsp.exporting.parts import Part, passes
from tonewright.dsp.exporting.settings import ExportSettings, Midi, Normalise, Scope
from tonewright.dsp.exporting.staging import export_error
from tonewright.dsp.exporting.table import megabytes, table
from tonewright.dsp.exporting.timecode import StartTime, start_time
from tonewright.dsp.project.document import Id, Project
from tonewright.dsp.rendering.outputs import Mix, Output, Stem


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part with the files that are cut from it."""

    part: Part
    files: tuple[PlannedFile, ...]


@dataclass(frozen=True, slots=True)
class PlannedPass:
    """A pass with its parts."""

    project: Project
    parts: tuple[PlannedPart, ...]


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """An export, ready to be carried out.

    Attributes:
        project: The project of the user.
        settings: What was asked for.
        passes: The audio, in order.
        midi: The MIDI files.
        report: Path of the report as JSON; its text is beside it.
        now: The date and time that names and files carry.
        overwrite: Whether files that are there are replaced.
        warnings: What the user should know; it is done all the same.
        problems: What has to be settled first.
    """

    project: Project
    settings: ExportSettings
    passes: tuple[PlannedPass, ...]
    midi: tuple[PlannedFile, ...]
    report: Path
    now: datetime
    overwrite: bool = False
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """Every file, audio first."""
        parts = (part for each in self.passes for part in each.parts)
        return (*(file for part in parts for file in part.files), *self.midi)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What is rendered: the mix first, if it is heard, and the stems."""
        through_master = self.settings.through_master
        return (
            *([Mix(through_master)] if self.hears_mix else []),
            *(Stem(each, through_master) for each in self._stems()),
        )

    @property
    def hears_mix(self) -> bool:
        """Whether the mix is rendered: to be written, to measure it, or to hold all stems to it."""
        settings = self.settings
        measured = settings.normalise is Normalise.LUFS and settings.scope is Scope.TOGETHER
        return settings.mix or measured or self.complete

    @property
    def complete(self) -> bool:
        """Whether the stems are all that is in the mix, each once."""
        stems = set(self._stems())
        top = {each.id: each for each in self.project.tracks if each.parent_id is None}
        return stems <= top.keys() and all(
            each.channel.muted for each in top.values() if each.id not in stems
        )

    def _stems(self) -> tuple[Id, ...]:
        stems = stem_contents(self.project, self.settings) if self.settings.stems else ()
        return tuple(each.track_ids[0] for each in stems)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {
            "project": self.project.name,
            "files": [file.to_json() for file in self.files],
            "size_bytes": sum(file.size_bytes for file in self.files),
            "warnings": list(self.warnings),
            "problems": list(self.problems),
        }

    def to_text(self) -> str:
        """Return the plan as a table for people."""
        rows = [file.row() for file in self.files]
        total = megabytes(sum(file.size_bytes for file in self.files))
        more = "at least " if any(file.open_ended for file in self.files) else ""
        return "\n".join(
            [
                table(("file", "kind", "length", "samples", "size", ""), rows),
                f"{len(rows)} files, {more}{total}",
                *(f"warning: {each}" for each in self.warnings),
                *(f"problem: {each}" for each in self.problems),
            ]
        )


def plan_export(
    project: Project,
    settings: ExportSettings,
    folder: Path,
    *,
    mix_file: Path | None = None,
    midi_folder: Path | None = None,
    overwrite: bool = False,
    now: datetime | None = None,
) -> ExportPlan:
    """Return what an export will write; nothing is rendered or written.

    Args:
        project: A valid project.
        settings: What to write.
        folder: Where; it is made if it is not there.
        mix_file: The mix goes to this file instead of a name by the pattern, in the format of
            its extension.
        midi_folder: MIDI files go to this folder.
        overwrite: Replace files that are there; else each is a problem.
        now: For names and headers; the present if None.

    Raises:
        ExportError: If the settings do not fit the project, or a folder cannot be looked into.
    """
    try:
        return _planned(
            project,
            settings,
            folder,
            mix_file=mix_file,
            midi_folder=midi_folder,
            overwrite=overwrite,
            now=now or datetime.now(),
        )
    except OSError as error:
        raise export_error(folder, error) from error


def _planned(
    project: Project,
    settings: ExportSettings,
    folder: Path,
    *,
    mix_file: Path | None,
    midi_folder: Path | None,
    overwrite: bool,
    now: datetime,
) -> ExportPlan:
    for take in count(1):
        names = Names(project, settings.pattern, now, take)
        files = _Files(project, settings, folder, mix_file, midi_folder, names)
        plan = ExportPlan(
            project=project,
            settings=settings,
            passes=tuple(files.audio()),
            midi=tuple(files.midi()),
            report=_report(project, folder, overwrite),
            now=now,
            overwrite=overwrite,
        )
        if "{take}" not in settings.pattern or not any(
            file.exists and file.path != mix_file for file in plan.files
        ):
            break
    return replace(
        plan,
        warnings=tuple(_warnings(plan, names)),
        problems=tuple(_problems(plan)),
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """Plans the files of an export."""

    project: Project
    settings: ExportSettings
    folder: Path
    mix_file: Path | None
    midi_folder: Path | None
    names: Names

    @property
    def start(self) -> StartTime:
        return start_time(self.project.start_timecode, self.project.frame_rate)

    def audio(self) -> Iterator[PlannedPass]:
        contents: list[Contents] = [mix_contents()] if self.settings.mix else []
        if self.settings.stems:
            contents += stem_contents(self.project, self.settings)
        for each in passes(self.project, self.settings) if contents else ():
            parts = (
                PlannedPart(part, tuple(self._audio_file(part, what) for what in contents))
                for part in each.parts
            )
            yield PlannedPass(each.project, tuple(parts))

    def _audio_file(self, part: Part, contents: Contents) -> PlannedFile:
        from_rate = self.project.sample_rate
        sample_rate = self.settings.sample_rate or from_rate
        start = self.start.after_samples(part.start_samples, from_rate)
        named = self.mix_file if contents.kind is FileKind.MIX else None
        encoding = encoding_of(self.settings, named)
        if named is None:
            path = self.names.path(self.folder, contents, part.region, start, encoding.container)
        else:
            path = self.names.claim(named)
        samples = part.least_samples if part.length_samples is None else part.length_samples
        length_samples = resampled_length(samples, from_rate, sample_rate)
        return PlannedFile(
            path=path,
            contents=contents,
            region=part.region,
            encoding=encoding,
            sample_rate=sample_rate,
            start=start,
            length_samples=length_samples,
            open_ended=part.length_samples is None,
            size_bytes=audio_size_bytes(encoding, length_samples, sample_rate),
            exists=path.exists(),
        )

    def midi(self) -> Iterator[PlannedFile]:
        if self.settings.midi is Midi.NONE:
            return
        tracks = midi_contents(self.project, self.settings)
        if not tracks and not (self.settings.mix or self.settings.stems):
            raise ExportError(f"{self.project.name}: none of the tracks is a MIDI track")
        if self.settings.midi is Midi.ONE and tracks:
            ids = tuple(each.track_ids[0] for each in tracks)
            tracks = (Contents(FileKind.MIDI, "MIDI", "00", ids),)
        for each in tracks:
            path = self.names.path(self.midi_folder or self.folder, each, "", self.start, "mid")
            yield PlannedFile(
                path=path,
                contents=each,
                region="",
                encoding=None,
                sample_rate=0,
                start=self.start,
                length_samples=0,
                open_ended=False,
                size_bytes=midi_size_bytes(self.project, each.track_ids),
                exists=path.exists(),
            )


def _report(project: Project, folder: Path, overwrite: bool) -> Path:
    for name in numbered(PurePosixPath(safe_name(f"{project.name} export", ".json"))):
        path = folder / name
        if overwrite or not (path.exists() or path.with_suffix(".txt").exists()):
            return path
    raise AssertionError("numbers do not end")


def _warnings(plan: ExportPlan, names: Names) -> Iterator[str]:
    project, settings = plan.project, plan.settings
    for path in names.changed:
        yield f"{path.name}: numbered, because another file of this export has its name"
    tracks = {track.id: track for track in project.tracks}
    for output in plan.outputs:
        if isinstance(output, Stem):
            track = tracks[output.track_id]
            if any(tracks[each].channel.muted for each in line(project, track)):
                yield f"{track.name!r} is muted: its stem is silent"
    soloed = [track.name for track in project.tracks if track.channel.soloed]
    if soloed:
        yield f"solo is on for {', '.join(map(repr, soloed))}: what is not soloed is silent"
    if settings.stems and not plan.complete:
        yield "the selected stems are not all of the mix: they will not sum to it"
    if settings.midi is not Midi.NONE:
        if not plan.midi:
            yield "none of the selected tracks is a MIDI track: no MIDI is written"
        elif settings.regions or settings.range is not None:
            yield "MIDI files hold the whole project, not the range"


def _problems(plan: ExportPlan) -> Iterator[str]:
    media = {Path(medium.path).resolve() for medium in plan.project.media}
    for file in plan.files:
        if file.path.resolve() in media:
            yield f"{file.path}: is a medium of this project; choose another folder or pattern"
        elif file.path.is_dir():
            yield f"{file.path}: a folder of this name is in the way; choose another pattern"
        elif file.exists and not plan.overwrite:
            yield (
                f"{file.path}: is there already; allow overwriting, choose another folder, or use "
                "{take} in the naming pattern"
            )
    yield from _space_problems(plan)


def _space_problems(plan: ExportPlan) -> Iterator[str]:
    needed: Counter[int] = Counter()
    folders: dict[int, Path] = {}
    for file in plan.files:
        folder = existing_ancestor(file.path.parent)
        disk = device(folder)
        folders[disk] = folder
        needed[disk] += file.size_bytes
    for disk, size in _spooled(plan):
        needed[disk] += size
    for disk, size in needed.items():
        free = shutil.disk_usage(folders[disk]).free
        if size > free:
            yield (
                f"{folders[disk]}: needs {megabytes(size)}, and {megabytes(free)} are free; "
                "free some space or choose another disk"
            )


def _spooled(plan: ExportPlan) -> Iterable[tuple[int, int]]:
    if plan.settings.normalise is Normalise.NONE and not plan.settings.loop:
        return
    for each in plan.passes:
        for part in each.parts:
            for file in part.files:
                yield device(file.path.parent), 4 * CHANNELS * part.part.least_samples
            if plan.hears_mix and not plan.settings.mix:
                folder = part.files[0].path.parent
                yield device(folder), 4 * CHANNELS * part.part.least_samples
