from dataclasses import replace

import numpy as np
import pytest

from tonewright.dsp.playback.audition import NOTE_SECONDS, audition
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import (
    EffectSpec,
    Id,
    Project,
    Send,
    TempoEvent,
    TempoMap,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.tempo import end_of

RATE = 48_000


@pytest.fixture
def song() -> Project:
    project = replace(
        Project(new_id(), "song", sample_rate=RATE), tempo_map=TempoMap((TempoEvent(0, 90.0),))
    )
    for name, kind in (("Hall", "group"), ("Keys", "midi"), ("Take", "audio")):
        project = edits.add_track(project, Track(Id(name), name, TrackKind(kind)))
    return project


def sound(studio, project, track_id="Keys", pitch=60, velocity=100):
    stream = studio.graph(audition(project, Id(track_id), pitch, velocity)).open(0)
    return np.concatenate([stream.read(4_800).audio for _ in range(6)], axis=1)


def test_a_note_sounds_for_half_a_second_at_any_tempo(song, studio):
    alone = audition(song, Id("Keys"), 60, 100)
    assert end_of(alone) == pytest.approx(NOTE_SECONDS, abs=0.01)
    assert np.abs(sound(studio, song)).max() > 0.005


def test_velocity_and_fader_are_heard(song, studio):
    loud = np.abs(sound(studio, song)).max()
    assert np.abs(sound(studio, song, velocity=40)).max() < 0.6 * loud
    softer = edits.set_channel(song, Id("Keys"), gain_db=-20.0)
    assert np.abs(sound(studio, softer)).max() == pytest.approx(0.1 * loud, rel=0.2)


def test_what_other_tracks_do_is_left_out(song, studio):
    alone = sound(studio, song)
    song = edits.set_channel(song, Id("Keys"), muted=True)
    song = edits.set_channel(song, Id("Take"), soloed=True)
    keys = song.track(Id("Keys"))
    ducked = EffectSpec(new_id(), "compressor", sidechain_id=Id("Take"))
    channel = replace(keys.channel, sends=(Send(Id("Hall"), 0.0),), effects=(ducked,))
    tracks = tuple(
        replace(each, channel=channel, parent_id=Id("Hall")) if each is keys else each
        for each in song.tracks
    )
    heard = sound(studio, replace(song, tracks=tracks))
    assert np.allclose(heard, alone, atol=0.01)


def test_a_note_needs_a_midi_track(song):
    with pytest.raises(ValueError, match="Take is no MIDI track"):
        audition(song, Id("Take"), 60, 100)
