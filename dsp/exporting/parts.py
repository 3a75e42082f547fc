"""Which ranges of which projects an export runs through.

A **pass** is one run through one project; a **part** is a range of it that becomes files. Parts
that end where their range ends are cut from one pass, however many there are. Where a tail sounds
on behind a part, what follows it has to be silent: the part is cut out of the project first and
has a pass of its own.
"""

from dataclasses import dataclass

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.scope import since, until, without_effects
from tonewright.dsp.exporting.settings import AUTO_TAIL, ExportSettings
from tonewright.dsp.project.document import ClockTime, Marker, MusicalTime, Project, TimeRange
from tonewright.dsp.project.tempo import end_of, to_seconds
from tonewright.dsp.units import seconds_to_samples


@dataclass(frozen=True, slots=True)
class Part:
    """A range that becomes files; samples are the project's.

    Attributes:
        region: The region's name; empty for the whole project or a range.
        start_samples: Its first sample.
        least_samples: Its length without what rings behind it.
        length_samples: Its length; None if it lasts until silence.
        loop: What rings behind the end is folded onto the start.
    """

    region: str
    start_samples: int
    least_samples: int
    length_samples: int | None
    loop: bool = False

    @property
    def end_samples(self) -> int | None:
        """Where reading ends; None for not before silence."""
        if self.loop or self.length_samples is None:
            return None
        return self.start_samples + self.length_samples


@dataclass(frozen=True, slots=True)
class Pass:
    """A run through a project, and what is cut from it."""

    project: Project
    parts: tuple[Part, ...]


def passes(project: Project, settings: ExportSettings) -> tuple[Pass, ...]:
    """Return how the ranges that the settings ask for are rendered, in order.

    Raises:
        ExportError: If the project or a range is empty, or a region is missing.
    """
    source = without_effects(project) if settings.dry else project
    ranges = _ranges(project, settings)
    whole = not settings.regions and settings.range is None
    tail = settings.tail if settings.tail is not None else (AUTO_TAIL if whole else 0.0)
    separate, together = [], []
    for region, place in ranges:
        start = seconds_to_samples(place.start_seconds, project.sample_rate)
        least = seconds_to_samples(place.end_seconds, project.sample_rate) - start
        if least < 1:
            raise ExportError(f"{region or project.name}: has no length; nothing can be exported")
        if settings.loop:
            cut = until(since(source, place.start_seconds), place.end_seconds)
            separate.append(Pass(cut, (Part(region, start, least, least, loop=True),)))
        elif isinstance(tail, str):
            cut = until(source, place.end_seconds)
            separate.append(Pass(cut, (Part(region, start, least, None),)))
        elif tail > 0.0:
            cut = until(source, place.end_seconds)
            length = seconds_to_samples(place.end_seconds + tail, project.sample_rate) - start
            separate.append(Pass(cut, (Part(region, start, least, length),)))
        else:
            together.append(Part(region, start, least, least))
    return (Pass(source, tuple(together)),) if together else tuple(separate)


def regions(project: Project) -> tuple[tuple[str, TimeRange], ...]:
    """Return the name and place of every region marker, in order of their start."""
    found = [
        (marker.name, _place(project, marker))
        for marker in project.markers
        if marker.length is not None
    ]
    return tuple(sorted(found, key=lambda region: region[1].start_seconds))


def _ranges(project: Project, settings: ExportSettings) -> list[tuple[str, TimeRange]]:
    if settings.range is not None:
        return [("", settings.range)]
    if not settings.regions:
        return [("", TimeRange(0.0, end_of(project)))]
    there = regions(project)
    known = ", ".join(repr(name) for name, _ in there) or "none"
    if isinstance(settings.regions, bool):
        if not there:
            raise ExportError(f"{project.name}: has no regions; give a marker a length")
        return list(there)
    for wanted in settings.regions:
        if wanted not in {name for name, _ in there}:
            raise ExportError(f"{project.name}: has no region {wanted!r}; there is {known}")
    return [region for region in there if region[0] in settings.regions]


def _place(project: Project, marker: Marker) -> TimeRange:
    start_seconds = to_seconds(project.tempo_map, marker.start)
    match marker.start, marker.length:
        case MusicalTime(start), MusicalTime(length):
            end_seconds = to_seconds(project.tempo_map, start + length)
        case _, ClockTime(length):
            end_seconds = start_seconds + length
        case _:
            raise ExportError(f"region {marker.name!r}: its start and length differ in kind")
    return TimeRange(start_seconds, end_seconds)
