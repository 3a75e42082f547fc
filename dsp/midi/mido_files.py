"""To mido's objects and back, for programs that work with mido.

mido's view of a file is not whole (see ``tonewright.dsp.midi.smf``): what it drops is lost on the
way, everything else is kept to the tick.
"""

import tempfile
from pathlib import Path

import mido

from tonewright.dsp.midi.sequence import MidiSequence
from tonewright.dsp.midi.smf import read_smf, write_smf


def to_mido(sequence: MidiSequence) -> mido.MidiFile:
    """Return a sequence as a ``mido.MidiFile`` of format 1.

    Raises:
        ExportError: If a tempo is too slow for a file.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sequence.mid"
        write_smf(sequence, path)
        return mido.MidiFile(path)


def from_mido(file: mido.MidiFile) -> MidiSequence:
    """Return what a ``mido.MidiFile`` of format 0 or 1 holds.

    Raises:
        MediaError: If it is of format 2 or counts in SMPTE frames.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sequence.mid"
        file.save(path)
        return read_smf(path)
