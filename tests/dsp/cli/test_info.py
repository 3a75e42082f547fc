"""What is told of MIDI; projects and audio are in test_new.py."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.midi.sequence import DRUM_CHANNEL, MidiSequence, MidiTrack
from tonewright.dsp.midi.smf import write_smf
from tonewright.dsp.project.document import Note


@pytest.fixture
def band(tmp_path: Path) -> Path:
    path = tmp_path / "band.mid"
    roots = (48, 45, 41, 43)
    chords = tuple(
        Note(root + tone, 80, 384 * bar, 384, 1)
        for bar, root in enumerate(roots)
        for tone in (0, 3 if root == 45 else 4, 7)
    )
    tune = tuple(Note(72 + (3 * n * n) % 10, 90, 96 * n, 90, 0) for n in range(16))
    hits = tuple(Note(38, 90, 96 * n, 10, DRUM_CHANNEL) for n in range(16))
    tracks = (MidiTrack("Lead", tune), MidiTrack("Keys", chords), MidiTrack("Kit", hits))
    write_smf(MidiSequence(96, tracks=tracks), path)
    return path


def test_roles_chords_and_form_of_midi_are_told(shell: Any, band: Path) -> None:
    told = shell.done("info", band, "--json").json
    assert [track["roles"] for track in told["tracks"]] == [["melody"], ["pad"], ["drums"]]
    assert [bar.split()[0][0] for bar in told["chords"]] == ["C", "A", "F", "G"]
    assert told["form"] == "A"


def test_the_chart_is_printed_four_bars_a_line(shell: Any, band: Path) -> None:
    lines = shell.done("info", band).out.splitlines()
    chart = next(line for line in lines if line.startswith("   1  |"))
    assert chart.count("|") == 5


def test_midi_without_notes_has_no_chart(shell: Any, tmp_path: Path) -> None:
    path = tmp_path / "silent.mid"
    write_smf(MidiSequence(96, tracks=(MidiTrack("none"),)), path)
    assert "chords" not in shell.done("info", path).out
    assert shell.done("info", path, "--json").json["chords"] == []


@pytest.fixture
def bursts(tmp_path: Path) -> Path:
    time = np.arange(3 * 44_100) / 44_100 % 0.6
    noise = 0.1 * np.random.default_rng(1).standard_normal(len(time))
    path = tmp_path / "bursts.wav"
    soundfile.write(path, noise * np.exp(-time / 0.05), 44_100)
    return path


def test_the_room_of_audio_is_told(shell: Any, bursts: Path) -> None:
    room = shell.done("info", bursts, "--room", "--json").json["room"]
    assert 0.1 < room["rt60_seconds"] < 2.0
    assert -20.0 < room["drr_db"] < 25.0
    line = shell.done("info", bursts, "--room").out.splitlines()[-1]
    assert line == (
        f"room: reverberation time {room['rt60_seconds']:.2f} s, "
        f"direct sound to reverberation {room['drr_db']:+.1f} dB"
    )


def test_midi_and_projects_have_no_room(shell: Any, band: Path) -> None:
    assert "--room listens to an audio file" in shell.refused("info", band, "--room", code=2)


@pytest.mark.usefixtures("in_place")
def test_the_instrument_is_told_by_two_classifiers_over_time(
    shell: Any, tmp_path: Path, networks: Path
) -> None:
    path = tmp_path / "long.wav"
    tone = np.hstack([0.1 * np.sin(np.arange(150_000) / 20.0), np.zeros(150_000)])
    soundfile.write(path, tone, 44_100)
    options = ("info", path, "--instrument", "--model", networks)
    heard = shell.done(*options, "--json").json["instrument"]
    for each in heard.values():
        assert [round(window["start_seconds"], 1) for window in each["windows"]] == [0.0, 3.0, 5.9]
        assert each["windows"][2]["instruments"] == []
        assert len(each["instruments"]) == 3
        assert 0.0 < sum(share for _, share in each["instruments"]) <= 1.001
    assert heard["steering"] != heard["reporting"]
    text = shell.done(*options).out
    assert "the one that reports" in text
    assert "silence" in text


def test_only_audio_has_an_instrument_to_listen_to(shell: Any, midi: Path) -> None:
    assert "listens to an audio file" in shell.refused("info", midi, "--instrument", code=2)
