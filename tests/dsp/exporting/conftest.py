"""A project of tones, and a renderer of them that is small enough to be seen through.

Audio tracks play a sine while their clips last. An enabled effect ``echo`` on a track repeats it
once, half as loud, ``ECHO_SAMPLES`` later; ``drive`` on the master is not linear.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from tonewright.dsp.audio.file import read
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.settings import Depth, ExportSettings
from tonewright.dsp.project.document import (
    AudioClip,
    Channel,
    ClockTime,
    EffectSpec,
    Id,
    Marker,
    Media,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.project.tempo import end_of, range_of
from tonewright.dsp.rendering.job import Progress
from tonewright.dsp.rendering.outputs import Mix
from tonewright.dsp.units import db_to_gain, seconds_to_samples

RATE = 8000
ECHO_SAMPLES = 2000
GAIN = 0.2


def tone(track, start_samples, length_samples):
    frequency_hz = 200.0 + 10.0 * (sum(map(ord, track.name)) % 97)
    at = np.arange(start_samples, start_samples + length_samples)
    return GAIN * np.sin(2 * np.pi * frequency_hz * at / RATE) * np.array([[1.0], [0.7]])


def audio_of(project, track):
    length = seconds_to_samples(end_of(project), RATE) + ECHO_SAMPLES
    audio = np.zeros((2, length))
    if track.channel.muted or track.kind is TrackKind.MIDI:
        return audio.astype(np.float32)
    for clip in track.clips:
        place = range_of(project, clip)
        start, end = (seconds_to_samples(t, RATE) for t in (place.start_seconds, place.end_seconds))
        audio[:, start:end] += tone(track, start, end - start)
    if any(effect.type == "echo" and effect.enabled for effect in track.channel.effects):
        audio[:, ECHO_SAMPLES:] += 0.5 * audio[:, :-ECHO_SAMPLES].copy()
    return (audio * db_to_gain(track.channel.gain_db)).astype(np.float32)


@dataclass
class FakeRendering:
    sample_rate: int
    signals: list
    least: int
    effects: tuple = ()
    notes: tuple = ("a note of the renderer",)
    on_block: object = None
    channels: int = 2

    def stream(self, *, start_samples=0, end_samples=None, block_samples=65_536):
        end = end_samples
        if end is None:
            sounding = [np.flatnonzero(np.abs(s).max(axis=0)) for s in self.signals]
            end = max([self.least, *(int(where[-1]) + 1 for where in sounding if where.size)])
        for position in range(start_samples, end, block_samples):
            if self.on_block is not None:
                self.on_block(position)
            count = min(block_samples, end - position)
            blocks = []
            for signal in self.signals:
                block = signal[:, position : position + count]
                blocks.append(np.pad(block, ((0, 0), (0, count - block.shape[1]))))
            yield tuple(blocks)


@dataclass
class FakeRenderer:
    on_block: object = None
    prepared: list = field(default_factory=list)

    def prepare(self, project, outputs, *, skip_missing=False, report, cancel):
        report(Progress(1.0))
        self.prepared.append((project, tuple(outputs)))
        tracks = {track.id: track for track in project.tracks}
        signals = []
        for output in outputs:
            chosen = project.tracks if isinstance(output, Mix) else [tracks[output.track_id]]
            signal = np.sum([audio_of(project, track) for track in chosen], axis=0)
            if output.through_master:
                signal = signal * np.float32(db_to_gain(project.master.gain_db))
                if any(effect.type == "drive" for effect in project.master.effects):
                    signal = np.tanh(2 * signal)
            signals.append(signal.astype(np.float32))
        effects = [each for track in project.tracks for each in track.channel.effects]
        return FakeRendering(
            RATE,
            signals,
            seconds_to_samples(end_of(project), RATE),
            tuple(each for each in (*effects, *project.master.effects) if each.enabled),
            on_block=self.on_block,
        )


@pytest.fixture
def renderer():
    return FakeRenderer()


def _clip(name, start_seconds, length_seconds):
    return AudioClip(
        Id(name), name, ClockTime(start_seconds), Id("m"), 0, round(length_seconds * RATE)
    )


@pytest.fixture
def project():
    """Drums 0 to 2 s and Bass 1 to 3 s with an echo; a MIDI track Keys of a bar; two regions."""
    echo = EffectSpec(Id("echo"), "echo", seed=5)
    notes = tuple(Note(60 + i, 100, 960 * i, 480) for i in range(4))
    return Project(
        Id("p"),
        "Song",
        sample_rate=RATE,
        start_timecode="01:00:00:00",
        media=(Media(Id("m"), "take", "/nowhere/take.wav", "0" * 64, RATE, 2, 60 * RATE),),
        tracks=(
            Track(Id("d"), "Drums", TrackKind.AUDIO, clips=(_clip("beat", 0.0, 2.0),)),
            Track(
                Id("b"),
                "Bass",
                TrackKind.AUDIO,
                channel=Channel(effects=(echo,)),
                clips=(_clip("line", 1.0, 1.5), _clip("end", 2.5, 0.5)),
            ),
            Track(
                Id("k"),
                "Keys",
                TrackKind.MIDI,
                clips=(MidiClip(Id("c"), "chords", MusicalTime(0), 3840, notes),),
            ),
        ),
        markers=(
            Marker(Id("1"), "Verse", ClockTime(0.25), ClockTime(1.0)),
            Marker(Id("2"), "Chorus", MusicalTime(1920), MusicalTime(1920)),
            Marker(Id("3"), "Here", ClockTime(0.1)),
        ),
    )


@pytest.fixture
def driven(project):
    return replace(project, master=Channel(effects=(EffectSpec(Id("drive"), "drive"),)))


@pytest.fixture
def loud(project):
    return replace(project, master=Channel(gain_db=20.0 * math.log10(8.0)))


@pytest.fixture
def exported(renderer, tmp_path):
    """A function that exports one file."""

    def one(project, settings):
        (file,) = export(project, settings, tmp_path / "out", renderer=renderer).files
        return file

    return one


@pytest.fixture
def whole(project, renderer, tmp_path):
    """The mix of the project until silence."""
    settings = ExportSettings(depth=Depth.FLOAT32, broadcast=False)
    (file,) = export(project, settings, tmp_path / "whole", renderer=renderer).files
    return read(file.file.path)[0]
