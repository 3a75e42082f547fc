from dataclasses import replace

import pytest

from tonewright.dsp.exchange.reaper import write_rpp
from tonewright.dsp.project.document import ClockTime, Id, Marker


@pytest.fixture
def lines(full_song, tmp_path) -> list[str]:
    region = Marker(Id("r"), 'A "loud" part', ClockTime(2.0), ClockTime(3.0))
    write_rpp(replace(full_song, markers=(*full_song.markers, region)), tmp_path / "song.rpp")
    return [each.strip() for each in (tmp_path / "song.rpp").read_text().splitlines()]


def test_every_block_is_closed(lines):
    depth = 0
    for each in lines:
        depth += each.startswith("<") - (each == ">")
        assert depth >= (0 if each == lines[-1] else 1)
    assert depth == 0


def test_folders_open_and_close(lines):
    tracks = [each for each in lines if each.startswith(("NAME", "ISBUS"))]
    assert tracks[:2] == ['NAME "Group"', "ISBUS 1 1"]
    assert [each for each in lines if each.startswith("ISBUS 2")] == ["ISBUS 2 -1"]


def test_an_item_is_where_and_as_long_as_the_clip(lines):
    at = lines.index("POSITION 1.25")
    assert lines[at : at + 11] == [
        "POSITION 1.25",
        "LENGTH 2",
        "LOOP 0",
        "MUTE 0 0",
        'NAME "first"',
        "FADEIN 0 0.25 0",
        "FADEOUT 0 0.5 0",
        "VOLPAN 0.595662143529 0 1 -1",
        "SOFFS 0.100020833333",
        "PLAYRATE 1 0 0 -1 0 0.0025",
        "<SOURCE WAVE",
    ]
    assert 'FILE "tone.wav"' in lines


def test_notes_are_in_ticks_since_the_message_before(lines):
    at = lines.index("HASDATA 1 960 QN")
    assert lines[at + 1 : at + 8] == [
        "E 0 b2 07 64",
        "E 0 92 3c 5a",
        "E 10 e0 05 46",
        "E 470 82 3c 0a",
        "E 1 90 40 7f",
        "E 239 80 40 40",
        "E 1200 b0 7b 00",
    ]


def test_pan_is_to_the_right_on_a_track_and_to_the_left_in_an_envelope(full_song, tmp_path):
    guitar = full_song.track(Id("1"))
    (point,) = guitar.automation[1].points
    assert (guitar.channel.pan, point.value) == (-0.25, -1.0)
    write_rpp(full_song, tmp_path / "song.rpp")
    lines = [each.strip() for each in (tmp_path / "song.rpp").read_text().splitlines()]
    pans = [
        each.split()[2] for each in lines if each.startswith("VOLPAN") and each.endswith("-1 1")
    ]
    assert "-0.25" in pans
    at = lines.index("<PANENV2")
    assert lines[at + 2].split()[2] == "1"


def test_names_with_quotes_and_regions(lines):
    regions = [each for each in lines if each.startswith("MARKER 2")]
    assert regions[0].startswith("MARKER 2 2 'A \"loud\" part' 1 ")
    assert regions[1] == 'MARKER 2 5 "" 1'


def test_effects_are_listed_as_left_out(full_song, tmp_path):
    left = write_rpp(full_song, tmp_path / "song.rpp")
    assert left == ["Guitar: gain", "Guitar: automation of gain_db"]
