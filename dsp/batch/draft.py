"""A first manifest for a folder of files, to be edited."""

import json
from pathlib import Path

from tonewright.dsp.errors import BatchError
from tonewright.dsp.project.folder import PROJECT_FILE

AUDIO_SUFFIXES = (
    ".wav",
    ".aif",
    ".aiff",
    ".flac",
    ".ogg",
    ".opus",
    ".mp3",
    ".m4a",
    ".mp4",
    ".mkv",
    ".webm",
)
MIDI_SUFFIXES = (".mid", ".midi")

_HEAD = """# A batch for Tonewright. Try it:   tonewright batch run {name} --dry-run
# Then run it:                     tonewright batch run {name}
# Paths are relative to this file. Run it again at any time: only what is missing is done.

out = "out"
"""
_AUDIO_PART = """
[[render]]
inputs = {patterns}
name = "{{folder}}/{{stem}}"
# 'tonewright effects' lists the effects; a list of values renders each of them.
effects = [
  {{ type = "gain", params = {{ gain_db = 0.0 }} }},
]
# export = {{ container = "flac", depth = "24", normalise = "lufs", target = "spotify" }}
"""
_MIDI_PART = """
[[render]]
inputs = {patterns}
name = "{{folder}}/{{stem}}"
effects = [
  {{ type = "quantize" }},
]
"""
_PROJECT_PART = """
[[render]]
inputs = {patterns}
name = "{{stem}}"
export = {{ mix = true, stems = true }}
"""


def patterns_of(*, notes: bool) -> tuple[str, ...]:
    """Return patterns for all files of audio, or of notes, in a folder and the folders in it."""
    return tuple(
        "**/*" + "".join(f"[{each}{each.upper()}]" if each.isalpha() else each for each in suffix)
        for suffix in (MIDI_SUFFIXES if notes else AUDIO_SUFFIXES)
    )


def draft(folder: Path, name: str) -> str:
    """Return a manifest for what a folder and the folders in it hold.

    Args:
        folder: Where the manifest will be.
        name: Of its file.

    Raises:
        BatchError: If there is nothing to render.
    """
    suffixes: set[str] = set()
    projects: set[Path] = set()
    for path in folder.rglob("*"):
        if path.name == PROJECT_FILE:
            projects.add(path.parent)
    for path in folder.rglob("*"):
        if path.is_file() and not projects & {*path.parents}:
            suffixes.add(path.suffix)
    text = _HEAD.format(name=name)
    for known, part in ((AUDIO_SUFFIXES, _AUDIO_PART), (MIDI_SUFFIXES, _MIDI_PART)):
        patterns = [f"**/*{each}" for each in sorted(suffixes) if each.lower() in known]
        if patterns:
            text += part.format(patterns=json.dumps(patterns))
    if projects:
        places = [path.relative_to(folder).as_posix() for path in sorted(projects)]
        text += _PROJECT_PART.format(patterns=json.dumps(places, ensure_ascii=False))
    if text == _HEAD.format(name=name):
        raise BatchError(f"{folder}: holds no audio, no MIDI and no project; choose another folder")
    return text
