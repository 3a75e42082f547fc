"""Everything another studio may ask for, in one folder.

``NAME.dawproject`` with the media in it, ``stems/`` with the tracks rendered (so with all effects),
``midi/``, ``NAME.rpp`` and ``NAME.otio`` that play ``media/``, and ``handoff.txt`` that says what
each of them could not say.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exchange.dawproject.writer import write_dawproject
from tonewright.dsp.exchange.otio import library, write_otio
from tonewright.dsp.exchange.reaper import write_rpp
from tonewright.dsp.exporting.mixdown import carry_out
from tonewright.dsp.exporting.naming import safe_name
from tonewright.dsp.exporting.plan import plan_export
from tonewright.dsp.exporting.settings import Depth, ExportSettings, Midi
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import Project, TrackKind
from tonewright.dsp.project.media_files import collect, is_missing, names_inside
from tonewright.dsp.rendering.job import CancelToken, Report, ignore
from tonewright.dsp.rendering.renderer import Renderer

REPORT = "handoff.txt"


@dataclass(frozen=True, slots=True)
class Handoff:
    """What was handed off.

    Attributes:
        files: Every file, the report last.
        left: (file, what it could not say).
    """

    files: tuple[Path, ...]
    left: tuple[tuple[str, str], ...]


def hand_off(
    project: Project,
    folder: Path,
    *,
    renderer: Renderer,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> Handoff:
    """Write all forms of a project into a folder.

    Args:
        project: From ``load``, or made by edits.
        folder: Made if it is not there; must hold no hand-off yet.
        renderer: Renders the stems.
        report: Told how far the work is.
        cancel: Stops it.

    Raises:
        ExportError: If the folder holds one already, or something cannot be written.
        TonewrightError: If the stems cannot be rendered.
    """
    if (folder / REPORT).exists():
        raise ExportError(f"{folder}: holds a hand-off already; choose another folder")
    has_midi = any(each.kind is TrackKind.MIDI for each in project.tracks)
    settings = ExportSettings(
        stems=True, depth=Depth.FLOAT32, midi=Midi.TRACKS if has_midi else Midi.NONE
    )
    stems = plan_export(
        project,
        settings,
        (folder / "stems").absolute(),
        midi_folder=(folder / "midi").absolute(),
    )
    made = carry_out(stems, renderer=renderer, report=report, cancel=cancel)
    name = safe_name(project.name)
    local = _with_media(project, folder.absolute())
    left: list[tuple[str, str]] = []
    files = [each.file.path for each in made.files]

    def note(path: Path, missed: Iterable[str]) -> None:
        files.append(path)
        left.extend((path.name, each) for each in missed)

    daw = folder / f"{name}.dawproject"
    note(
        daw,
        write_dawproject(project, daw, renderer=renderer, report=report, cancel=cancel),
    )
    rpp = folder / f"{name}.rpp"
    note(rpp, write_rpp(local, rpp.absolute()))
    otio = folder / f"{name}.otio"
    try:
        library()
    except ExportError as error:
        left.append((otio.name, f"was not written: {error}"))
    else:
        note(otio, write_otio(local, otio))
    files.append(folder / REPORT)
    with replacing(folder / REPORT) as file:
        file.write(_text(project, folder, files, left).encode())
    return Handoff(tuple(files), tuple(left))


def _with_media(project: Project, folder: Path) -> Project:
    """Copy the media into the folder, and return the project that plays them from there."""
    names = names_inside(project.media, folder)
    media = []
    for medium in project.media:
        target = folder / names[medium.path]
        if not is_missing(medium):
            if not target.is_file():
                collect(medium, target)
            medium = replace(medium, path=str(target))  # noqa: PLW2901
        media.append(medium)
    return replace(project, media=tuple(media))


def _text(project: Project, folder: Path, files: list[Path], left: list[tuple[str, str]]) -> str:
    names = [
        str(each.relative_to(folder) if each.is_relative_to(folder) else each) for each in files
    ]
    lines = [
        project.name,
        "",
        "The stems hold every effect and sum to the mix; start there where a program does not",
        "know an effect. All files start at the beginning of the project.",
        "",
        *(f"  {each}" for each in names),
        "",
        "Left out, by file:" if left else "Nothing was left out.",
        *(f"  {name}: {what}" for name, what in left),
    ]
    return "\n".join(lines) + "\n"
