"""Edits of the notes of a MIDI clip: ``Project -> Project``.

Notes have no identity: an edit names them by value, and of equal ones takes as many as it is given.
Their positions count from the clip's start. What an edit makes of some notes is also here as a
function of notes alone (``moved``, ``resized``, ...), in the order given: a view shows it while a
gesture lasts, and knows afterwards which notes are selected. Notes of one key may come to overlap;
``dsp.midi.sequence`` says how that sounds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.midi.quantize import Grid
from tonewright.dsp.project.document import PPQ, Id, MidiClip, Note, Project
from tonewright.dsp.project.edits.access import find_clip
from tonewright.dsp.project.edits.clips import set_clip
from tonewright.dsp.project.tempo import to_ticks

Notes = tuple[Note, ...]


# --- notes --------------------------------------------------------------------------------------


def moved(notes: Sequence[Note], *, ticks: int = 0, semitones: int = 0) -> Notes:
    """Return notes moved together, as far as all of them stay at or after 0 and on the keyboard."""
    if not notes:
        return ()
    ticks = max(ticks, -min(note.start_ticks for note in notes))
    pitches = [note.pitch for note in notes]
    semitones = min(max(semitones, -min(pitches)), 127 - max(pitches))
    return tuple(
        replace(note, start_ticks=note.start_ticks + ticks, pitch=note.pitch + semitones)
        for note in notes
    )


def resized(notes: Sequence[Note], *, ticks: int, least_ticks: int = 1) -> Notes:
    """Return notes that end later by ``ticks``; none gets shorter than ``least_ticks`` by it."""
    return tuple(
        replace(
            note,
            length_ticks=max(note.length_ticks + ticks, min(note.length_ticks, least_ticks)),
        )
        for note in notes
    )


def louder(notes: Sequence[Note], *, velocity: int) -> Notes:
    """Return notes with ``velocity`` added to their own, each kept in 1 to 127."""
    return tuple(
        replace(note, velocity=min(max(note.velocity + velocity, 1), 127)) for note in notes
    )


def quantised(
    project: Project,
    clip_id: Id,
    notes: Sequence[Note],
    *,
    grid: str,
    strength: float = 1.0,
    swing: float = 0.0,
) -> Notes:
    """Return notes of a clip pulled to the lines of the project's grid; lengths stay.

    Args:
        project: Whose bars count.
        clip_id: The clip; where it starts matters.
        notes: The notes.
        grid: One of ``dsp.midi.quantize.GRIDS``.
        strength: 0 (nothing moves) to 1 (onto the lines).
        swing: 0 (straight) to 1 (triplets).

    Raises:
        ProjectError: If there is no such MIDI clip.
        ValueError: If the grid, the strength or the swing is out of range.
    """
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength must be 0 to 1, not {strength}")
    lines = Grid(grid, project.tempo_map, PPQ, swing=swing)
    start_ticks = round(to_ticks(project.tempo_map, _midi_clip(project, clip_id).start))

    def pulled(note: Note) -> Note:
        ticks = lines.pulled(start_ticks + note.start_ticks, strength) - start_ticks
        return replace(note, start_ticks=max(ticks, 0))

    return tuple(map(pulled, notes))


# --- edits --------------------------------------------------------------------------------------


def replace_notes(
    project: Project, clip_id: Id, notes: Sequence[Note], by: Sequence[Note]
) -> Project:
    """Return the project with notes of a clip replaced by others.

    | A   B   C |      ->      | A   D   C |      notes = B, by = D

    Raises:
        ProjectError: If there is no such MIDI clip, it does not have one of the notes, or a new
            one is no MIDI note.
    """
    gone = Counter(notes)
    rest = []
    for note in _midi_clip(project, clip_id).notes:
        if gone[note]:
            gone[note] -= 1
        else:
            rest.append(note)
    if missing := +gone:
        raise ProjectError(f"the clip has no {next(iter(missing))}: has it been changed?")
    if tuple(by) == tuple(notes):
        return project
    return set_clip(project, clip_id, notes=(*rest, *by))


def add_notes(project: Project, clip_id: Id, notes: Sequence[Note]) -> Project:
    """Return the project with more notes in a clip.

    | A       |      ->      | A   B   |

    Raises:
        ProjectError: If there is no such MIDI clip, or one is no MIDI note.
    """
    return replace_notes(project, clip_id, (), notes)


def delete_notes(project: Project, clip_id: Id, notes: Sequence[Note]) -> Project:
    """Return the project without some notes of a clip.

    | A   B   |      ->      | A       |

    Raises:
        ProjectError: If there is no such MIDI clip, or it does not have one of the notes.
    """
    return replace_notes(project, clip_id, notes, ())


def move_notes(
    project: Project, clip_id: Id, notes: Sequence[Note], *, ticks: int = 0, semitones: int = 0
) -> Project:
    """Return the project with notes moved in time and pitch, see ``moved``.

    | A   B   |      ->      |   A   B |      ticks = +1

    Raises:
        ProjectError: If there is no such MIDI clip, or it does not have one of the notes.
    """
    return replace_notes(project, clip_id, notes, moved(notes, ticks=ticks, semitones=semitones))


def resize_notes(
    project: Project, clip_id: Id, notes: Sequence[Note], *, ticks: int, least_ticks: int = 1
) -> Project:
    """Return the project with the ends of notes moved, see ``resized``.

    | A=  B=  |      ->      | A== B== |      ticks = +1

    Raises:
        ProjectError: If there is no such MIDI clip, or it does not have one of the notes.
    """
    by = resized(notes, ticks=ticks, least_ticks=least_ticks)
    return replace_notes(project, clip_id, notes, by)


def add_velocity(project: Project, clip_id: Id, notes: Sequence[Note], *, velocity: int) -> Project:
    """Return the project with notes louder or softer, see ``louder``.

    | A   b   |      ->      | A   B   |

    Raises:
        ProjectError: If there is no such MIDI clip, or it does not have one of the notes.
    """
    return replace_notes(project, clip_id, notes, louder(notes, velocity=velocity))


def set_velocity(project: Project, clip_id: Id, notes: Sequence[Note], *, velocity: int) -> Project:
    """Return the project with notes at one velocity, 1 to 127.

    | A   b   |      ->      | B   B   |

    Raises:
        ProjectError: If there is no such MIDI clip, it does not have one of the notes, or the
            velocity is out of range.
    """
    by = [replace(note, velocity=velocity) for note in notes]
    return replace_notes(project, clip_id, notes, by)


def quantise_notes(
    project: Project,
    clip_id: Id,
    notes: Sequence[Note],
    *,
    grid: str,
    strength: float = 1.0,
    swing: float = 0.0,
) -> Project:
    """Return the project with notes of a clip on the grid, see ``quantised``.

    |A . B.  C|      ->      |A . B . C|

    Raises:
        ProjectError: If there is no such MIDI clip, or it does not have one of the notes.
        ValueError: If the grid, the strength or the swing is out of range.
    """
    by = quantised(project, clip_id, notes, grid=grid, strength=strength, swing=swing)
    return replace_notes(project, clip_id, notes, by)


def _midi_clip(project: Project, clip_id: Id) -> MidiClip:
    _, clip = find_clip(project, clip_id)
    if not isinstance(clip, MidiClip):
        raise ProjectError(f"clip {clip.name!r} holds audio and no notes: choose a MIDI clip")
    return clip
