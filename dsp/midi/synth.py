"""The sound of MIDI: FluidSynth plays a schedule (``dsp.midi.schedule``) through a SoundFont.

* The sound is dry (no reverb, no chorus) stereo, float32, at ``GAIN``: one note at full velocity
  peaks near -18 dBFS, ten at once below 0 dBFS. It is not clipped.
* FluidSynth renders units of ``GRID_SAMPLES`` and lets a message act at the start of a unit.
  Every message goes to the nearest unit, so it sounds at most 32 samples early or late (0.67 ms at
  48 kHz), the same in every render: tracks stay together, and the caller's block size changes
  nothing. Same schedule, same SoundFont: same bytes.
* Honoured: notes (not their release velocity), programs, banks (controller 0), all controllers,
  bend, pressure of channels and keys, the pedals, and SysEx as FluidSynth knows it (GM on and off,
  tunings). An instrument that the SoundFont lacks is replaced by FluidSynth; the log warns of it.

The library is loaded at the first use, not when this module is imported.
"""

import contextlib
import ctypes
import importlib.util
import logging
import math
import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import MediaError, RenderError
from tonewright.dsp.midi.sequence import (
    BEND,
    CONTROL,
    NOTE_OFF,
    NOTE_ON,
    POLY_PRESSURE,
    PRESSURE,
    PROGRAM,
    SYSEX,
)
from tonewright.dsp.midi.synth_pool import SynthPool
from tonewright.dsp.units import SILENCE_DB, db_to_gain

GAIN = 0.5
"""FluidSynth's linear output gain."""

GRID_SAMPLES = 64
"""The unit that FluidSynth renders; messages act at its start."""

MAX_TAIL_SECONDS = 30.0
"""A render ends this long after its last message, whatever still sounds."""

SOUNDFONT_VARIABLE = "TONEWRIGHT_SOUNDFONT"
"""The environment variable that names another default SoundFont."""

_TAIL_STEP_SAMPLES = 16 * GRID_SAMPLES
_TAIL_QUIET_SECONDS = 0.5  # of silence are the end: a slow tremolo comes back sooner
_LARGEST_RENDER_SAMPLES = 1024 * GRID_SAMPLES
_RATES_HZ = range(8000, 96001)
_SOUNDFONT_MAGIC = (b"RIFF", b"sfbk")
_FLUID_WARNING = 2
_ALL_CHANNELS = -1

_log = logging.getLogger(__name__)


def default_soundfont() -> Path:
    """Return the SoundFont of projects without their own.

    It is the one that ``TONEWRIGHT_SOUNDFONT`` names, else TimGM6mb from the pretty_midi package.

    Raises:
        MediaError: If that file is missing.
    """
    chosen = os.environ.get(SOUNDFONT_VARIABLE)
    if chosen:
        path = Path(chosen)
        if not path.is_file():
            raise MediaError(f"{path}: missing; {SOUNDFONT_VARIABLE} must name an .sf2 file")
        return path
    # Found without importing the package, which takes a second.
    spec = importlib.util.find_spec("pretty_midi")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).with_name("TimGM6mb.sf2")
        if path.is_file():
            return path
    raise MediaError(
        f"TimGM6mb.sf2: missing; pip install pretty_midi, or set {SOUNDFONT_VARIABLE} to an .sf2 "
        "file"
    )


def render_midi(
    events: Sequence[tuple[int, bytes]],
    soundfont: Path,
    sample_rate: int,
    length_samples: int,
    *,
    tail: bool = True,
    block_samples: int = 65536,
    reuse: bool = False,
) -> Iterator[Audio]:
    """Yield the sound of a schedule, blocks of shape ``(2, block_samples)``, the last one shorter.

    Args:
        events: The schedule; samples >= 0.
        soundfont: An .sf2 or .sf3 file.
        sample_rate: 8000 to 96000.
        length_samples: How long it lasts; with ``tail`` at least.
        tail: Whether to go on to the last message and until what sounds stays below -90 dBFS.
        block_samples: The length of a block; the sound does not depend on it.
        reuse: Whether to begin at once, with a synthesizer that has played before if there is one.
            The bytes are not the same then: FluidSynth begins the first unit of a note a little
            differently where a voice has been used before.

    Raises:
        MediaError: If the SoundFont cannot be read.
        RenderError: If FluidSynth is not installed or cannot play at this rate.
    """
    lent = _pool().borrowed(soundfont, sample_rate) if reuse else Synth(soundfont, sample_rate)
    with lent as synth:
        yield from _blocks(
            _pieces(synth, events, sample_rate, length_samples, tail=tail), block_samples
        )


class Synth:
    """A FluidSynth with one SoundFont; a context manager, since C holds its memory.

    It renders units of ``GRID_SAMPLES``: a message acts at the next unit that is rendered.
    """

    def __init__(self, soundfont: Path, sample_rate: int) -> None:
        if sample_rate not in _RATES_HZ:
            raise RenderError(
                f"MIDI tracks can sound at {_RATES_HZ.start} to {_RATES_HZ.stop - 1} Hz, "
                f"not at {sample_rate}; set the sample rate of the project in that range"
            )
        _require_soundfont(soundfont)
        self._library = _library()
        self._synth = self._library.fluidsynth.Synth(
            gain=GAIN,
            samplerate=float(sample_rate),
            channels=16,
            **{"synth.reverb.active": 0, "synth.chorus.active": 0},
        )
        self._rendered_samples = 0
        self._reusable = True
        load = self._library.fluidsynth.fluid_synth_sfload
        if load(self._synth.synth, os.fsencode(soundfont), 1) < 0:
            self.close()
            raise MediaError(f"{soundfont}: damaged: FluidSynth cannot read it; get the file again")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free what C holds; the synth cannot be used any more. A second call does nothing."""
        if self._synth is not None:
            self._synth.delete()
            self._synth = None

    def reset(self) -> bool:
        """Silence it, and set all channels as a new one has them.

        Returns:
            False if SysEx has set what a reset leaves, such as tunings.
        """
        if self._synth is None or not self._reusable:
            return False
        self._library.all_sounds_off(self._synth.synth, _ALL_CHANNELS)
        # Voices end with the next unit; the one that was begun is not heard either.
        self.render(-self._rendered_samples % GRID_SAMPLES + GRID_SAMPLES)
        self._library.reset(self._synth.synth)
        return True

    @property
    def active_voices(self) -> int:
        """How many voices sound."""
        return int(self._synth.get_active_voice_count())

    def send(self, message: bytes) -> None:
        """Play a message; one that FluidSynth does not know changes nothing."""
        library, synth = self._library, self._synth.synth
        kind, channel, data = message[0] & 0xF0, message[0] & 0x0F, message[1:]
        if kind == NOTE_ON:
            library.fluidsynth.fluid_synth_noteon(synth, channel, *data)
        elif kind == NOTE_OFF:
            library.fluidsynth.fluid_synth_noteoff(synth, channel, data[0])
        elif kind == CONTROL:
            library.fluidsynth.fluid_synth_cc(synth, channel, *data)
        elif kind == PROGRAM:
            library.fluidsynth.fluid_synth_program_change(synth, channel, data[0])
        elif kind == BEND:
            library.fluidsynth.fluid_synth_pitch_bend(synth, channel, data[0] | data[1] << 7)
        elif kind == PRESSURE:
            library.channel_pressure(synth, channel, data[0])
        elif kind == POLY_PRESSURE:
            library.key_pressure(synth, channel, *data)
        elif message[0] == SYSEX:
            self._reusable = False
            content = data.removesuffix(b"\xf7")
            library.sysex(synth, content, len(content), None, None, None, 0)

    def render(self, length_samples: int) -> Audio:
        """Return the next samples, shape ``(2, length_samples)``."""
        self._rendered_samples += length_samples
        audio = np.empty((2, length_samples), np.float32)
        left, right = (channel.ctypes.data for channel in audio)
        self._library.write_float(self._synth.synth, length_samples, left, 0, 1, right, 0, 1)
        return audio


@lru_cache(maxsize=1)
def _pool() -> SynthPool[Synth]:
    """Return the synthesizers of this process, as many as have sounded at once."""
    return SynthPool(Synth)


def _pieces(
    synth: Synth,
    events: Sequence[tuple[int, bytes]],
    sample_rate: int,
    length_samples: int,
    *,
    tail: bool,
) -> Iterator[Audio]:
    position = 0
    for sample, message in events:
        at = (sample + GRID_SAMPLES // 2) // GRID_SAMPLES * GRID_SAMPLES
        if at >= length_samples and not tail:
            break
        yield from _rendered(synth, at - position)
        position = at
        synth.send(message)
    yield from _rendered(synth, length_samples - position)
    if tail:
        yield from _tail(synth, sample_rate)


def _rendered(synth: Synth, length_samples: int) -> Iterator[Audio]:
    for start in range(0, length_samples, _LARGEST_RENDER_SAMPLES):
        yield synth.render(min(_LARGEST_RENDER_SAMPLES, length_samples - start))


def _tail(synth: Synth, sample_rate: int) -> Iterator[Audio]:
    silence_gain = db_to_gain(SILENCE_DB)
    quiet: list[Audio] = []
    for _ in range(math.ceil(MAX_TAIL_SECONDS * sample_rate / _TAIL_STEP_SAMPLES)):
        if not synth.active_voices or (
            len(quiet) * _TAIL_STEP_SAMPLES > _TAIL_QUIET_SECONDS * sample_rate
        ):
            return
        quiet.append(synth.render(_TAIL_STEP_SAMPLES))
        if np.abs(quiet[-1]).max() >= silence_gain:
            yield from quiet
            quiet.clear()


def _blocks(pieces: Iterator[Audio], block_samples: int) -> Iterator[Audio]:
    """Yield the same audio in blocks of one length, the last one shorter."""
    block, filled = np.empty((2, block_samples), np.float32), 0
    for piece in pieces:
        rest = piece
        while rest.shape[1]:
            part, rest = np.split(rest, [block_samples - filled], axis=1)
            block[:, filled : filled + part.shape[1]] = part
            filled += part.shape[1]
            if filled == block_samples:
                yield block
                block, filled = np.empty((2, block_samples), np.float32), 0
    if filled:
        yield block[:, :filled].copy()


def _require_soundfont(path: Path) -> None:
    # FluidSynth would write its complaints about any other file to the terminal.
    try:
        with path.open("rb") as file:
            header = file.read(12)
            size = file.seek(0, os.SEEK_END)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    if (header[:4], header[8:]) != _SOUNDFONT_MAGIC:
        raise MediaError(f"{path}: not a SoundFont; choose an .sf2 or .sf3 file")
    missing = 8 + int.from_bytes(header[4:8], "little") - size
    if missing > 0:
        raise MediaError(f"{path}: damaged: {missing} bytes are missing; get the file again")


@lru_cache(maxsize=1)
def _library() -> SimpleNamespace:
    """Return the bindings, with the functions of C that they lack, and its log in ours."""
    try:
        # With CI set in the environment the import prints; what we print is for results only.
        with contextlib.redirect_stdout(sys.stderr):
            import fluidsynth
    except ImportError as error:
        raise RenderError(
            f"MIDI tracks need FluidSynth ({error}); "
            "apt-get install libfluidsynth3, or brew install fluid-synth"
        ) from error
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p

    def function(name: str, *arguments: Any) -> Any:
        flagged = ((f"a{index}", kind, 1) for index, kind in enumerate(arguments))
        return fluidsynth.cfunc(name, number, *flagged)

    callback = ctypes.CFUNCTYPE(None, number, text, pointer)

    @callback
    def log(level: int, message: bytes, data: int) -> None:
        # Its errors become ours where they matter; a warning tells of a missing instrument.
        severity = logging.WARNING if level == _FLUID_WARNING else logging.DEBUG
        _log.log(severity, "FluidSynth: %s", message.decode(errors="replace"))

    set_log = function("fluid_set_log_function", number, callback, pointer)
    for level in range(5):
        set_log(level, log, None)
    return SimpleNamespace(
        fluidsynth=fluidsynth,
        log=log,  # C calls it: it must live as long as the library
        channel_pressure=function("fluid_synth_channel_pressure", pointer, number, number),
        key_pressure=function("fluid_synth_key_pressure", pointer, number, number, number),
        all_sounds_off=function("fluid_synth_all_sounds_off", pointer, number),
        reset=function("fluid_synth_system_reset", pointer),
        sysex=function(
            "fluid_synth_sysex", pointer, text, number, pointer, pointer, pointer, number
        ),
        write_float=function(
            "fluid_synth_write_float",
            *(pointer, number, pointer, number, number, pointer, number, number),
        ),
    )
