from pathlib import Path
from typing import Any

import pytest

ADDS = """
from dataclasses import replace
from tonewright.dsp.effects.protocol import EffectType, Family
from tonewright.dsp.midi.sequence import MidiTrack

class Second:
    effect_type = EffectType("second", "Second", "", family=Family.MIDI)

    def process_midi(self, sequence):
        notes = tuple(replace(n, pitch=n.pitch + 3) for n in sequence.tracks[0].notes)
        return replace(sequence, tracks=(*sequence.tracks, MidiTrack("second voice", notes)))
"""


@pytest.fixture
def project(shell: Any, tmp_path: Path, midi: Path) -> Path:
    shell.done("new", tmp_path / "song", midi)
    return tmp_path / "song"


def test_the_result_is_saved_as_new_tracks(shell: Any, tmp_path: Path, project: Path) -> None:
    (tmp_path / "second.py").write_text(ADDS)
    code = ("--effects-from", tmp_path / "second.py")
    told = shell.done("arrange", project, "second", *code, "--json").json
    assert [track["name"] for track in told["tracks"]] == ["Keys", "second voice"]
    assert shell.done("info", project, "--json").json["tracks"] == told["tracks"]


def test_what_is_changed_is_muted(shell: Any, project: Path) -> None:
    told = shell.done("arrange", project, "transpose", "-p", "semitones=2", "--json").json
    assert [(each["name"], each["muted"]) for each in told["tracks"]] == [
        ("Keys", True),
        ("Keys", False),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gain"], "works on audio"),
        (["transpose", "--mix", "0.5"], "no --mix"),
        (["transpose", "--range", "0:1"], "no --range"),
    ],
)
def test_what_cannot_be_arranged_is_told(
    shell: Any, project: Path, arguments: list[str], said: str
) -> None:
    ran = shell.run("arrange", project, *arguments)
    assert ran.code == 2
    assert said in ran.err
