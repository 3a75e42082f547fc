from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 44_100


def test_a_mix_stems_and_midi(shell: Any, song: Path, midi: Path, tmp_path: Path) -> None:
    shell.done("add", song, midi)
    mix, stems, notes = tmp_path / "mix.wav", tmp_path / "stems", tmp_path / "midi"
    made = shell.done(
        *("render", song, "--mix", mix, "--stems", stems, "--midi", notes),
        *("--depth", "32f", "--json"),
    ).json
    files = sorted(stems.glob("*.wav"))
    assert len(files) == 3
    assert len(list(notes.glob("*.mid"))) == 1
    whole, parts = soundfile.read(mix)[0], [soundfile.read(each)[0] for each in files]
    assert {len(each) for each in parts} == {len(whole)}
    np.testing.assert_allclose(sum(parts), whole, atol=1e-5)
    assert made["null_test"]["residual_dbfs"] is None or made["null_test"]["residual_dbfs"] < -90
    assert Path(made["report"]).is_file()


def test_a_dry_run_writes_nothing(shell: Any, song: Path, tmp_path: Path) -> None:
    before = shell.tree(tmp_path)
    options = ("--stems", tmp_path / "stems", "--dry-run")
    planned = shell.done("render", song, *options, "--json").json
    assert len(planned["files"]) == 2
    assert all(
        each["path"] in shell.done("render", song, *options).out for each in planned["files"]
    )
    assert shell.tree(tmp_path) == before
    assert not (tmp_path / "stems").exists()


def test_only_some_tracks_of_a_range(shell: Any, song: Path, tmp_path: Path) -> None:
    stems = tmp_path / "stems"
    shell.done(
        *("render", song, "--stems", stems, "--only", "STEREO", "--range", "0.25:0.5"),
        *("--format", "flac", "--depth", "16", "--rate", "48k", "--pattern", "{track}"),
    )
    (path,) = stems.glob("*.flac")
    info = soundfile.info(path)
    assert path.name == "stereo.flac"
    assert (info.frames, info.samplerate, info.subtype) == (12_000, 48_000, "PCM_16")


def test_what_is_there_is_replaced_only_if_told(shell: Any, song: Path, tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    mix.write_bytes(b"mine")
    assert "is there already" in shell.refused("render", song, "--mix", mix)
    assert mix.read_bytes() == b"mine"
    shell.done("render", song, "--mix", mix, "--overwrite")
    assert soundfile.info(mix).frames == RATE


def test_a_mix_at_a_loudness(shell: Any, song: Path, tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    shell.done(
        *("render", song, "--mix", mix, "--normalise", "lufs:-23", "--target", "EBU-R128"),
    )
    found = shell.done("info", mix, "--loudness", "--json").json["loudness"]
    assert found["integrated_lufs"] == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stems", "{out}", "--only", "bass"], "no track 'bass'"),
        (["--mix", "{out}.xyz"], ".xyz"),
        (["--mix", "{out}.wav", "--region", "Verse"], "no region 'Verse'"),
        (["--mix", "{out}.wav", "--regions"], "region"),
        (["--mix", "{out}.wav", "--target", "r129"], "no loudness target"),
        (["--stems", "{out}", "--pattern", "../{{track}}"], "pattern"),
        (["--stems", "{out}", "--pattern", "{{trak}}"], "trak"),
        (["--stems", "{song}/project.json"], "folder"),
        (["--midi", "{out}"], "MIDI"),
        (["--mix", "{out}.wav", "--soundfont", "{song}/project.json"], "SoundFont"),
    ],
)
def test_what_cannot_be_rendered_leaves_nothing(
    shell: Any, song: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    before = shell.tree(tmp_path)
    places = {"out": tmp_path / "out", "song": song}
    filled = [each.format(**places) for each in arguments]
    assert said in shell.refused("render", song, *filled)
    assert shell.tree(tmp_path) == before
