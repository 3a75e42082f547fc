"""Painted things have words: for tool tips and screen readers."""

from tonewright.desktop.inspector.render_state import RenderStage, RenderState
from tonewright.desktop.timeline.layers import Layer
from tonewright.desktop.timeline.spoken import clock, spoken_clip, spoken_layer, spoken_place
from tonewright.dsp.project.document import Id, TimeRange
from tonewright.dsp.project.edits import set_clip


def test_a_clip_tells_name_kind_track_place_length_and_state(song):
    one, _, keys = song.tracks
    muted = set_clip(song, one.clips[0].id, muted=True)
    assert spoken_clip(muted, muted.tracks[0], muted.tracks[0].clips[0]) == (
        "A, Audio clip on One, starts at bar 1, beat 3, 2.00 seconds long, muted"
    )
    assert "MIDI clip of 2 notes on Keys" in spoken_clip(song, keys, keys.clips[0])


def test_a_layer_tells_whether_it_is_heard(song):
    where = TimeRange(0.0, 1.5)
    track = song.tracks[0]

    def said(state, enabled=True):
        layer = Layer(Id("e"), "Reverb", where, enabled, state)
        return spoken_layer(song, track, layer)

    assert said(None).endswith("1.50 seconds long, not rendered yet")
    assert said(None, enabled=False).endswith("bypassed")
    failed = RenderState(RenderStage.FAILED, reason="no memory")
    assert said(failed).endswith("Failed: no memory")
    assert said(None).startswith("Reverb, effect on the track One, starts at bar 1, beat 1")


def test_positions_before_the_start_are_the_start(song):
    assert spoken_place(song, -1.0) == "bar 1, beat 1"
    assert clock(-1.0) == "0:00.000"
    assert clock(125.0625) == "2:05.062"
