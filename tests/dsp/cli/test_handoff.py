import json

import soundfile


def test_a_hand_off_holds_every_form_and_says_what_is_missing(shell, song, tmp_path):
    shell.done("fx", song, "mono", "add", "gain", "-p", "gain_db=-6")
    out = tmp_path / "out"
    made = shell.done("handoff", song, out, "--json").json
    names = {each.relative_to(out).as_posix() for each in out.rglob("*") if each.is_file()}
    assert {"song.dawproject", "song.rpp", "song.otio", "handoff.txt"} <= names
    stems = sorted(each for each in names if each.startswith("stems/") and each.endswith(".wav"))
    assert stems == [f"stems/song 0{each}.wav" for each in ("0 Mix", "1 mono", "2 stereo")]
    dry, _ = soundfile.read(song / "media" / "mono.wav")
    wet, _ = soundfile.read(out / next(each for each in stems if "mono" in each))
    assert abs(wet).max() / abs(dry).max() < 0.6
    assert any("gain" in each["left_out"] for each in made["left_out"])
    assert "song.rpp: mono: gain" in (out / "handoff.txt").read_text()
    assert "holds a hand-off already" in shell.refused("handoff", song, out)


def test_a_project_goes_out_and_comes_back(shell, song, tmp_path):
    path = tmp_path / "new" / "song.dawproject"
    shell.done("fx", song, "mono", "add", "gain", "-p", "gain_db=-6")
    shell.done("export", song, path)
    assert "is there already" in shell.refused("export", song, path)
    shell.done("new", tmp_path / "back", path)
    first, second = (
        json.loads(shell.done("info", each, "--json").out) for each in (song, tmp_path / "back")
    )
    assert [each["name"] for each in first["tracks"]] == [each["name"] for each in second["tracks"]]
    effects = shell.done("fx", tmp_path / "back", "mono", "--json").json["effects"]
    assert effects[0]["type"] == "gain"


def test_another_ending_is_refused(shell, song, tmp_path):
    assert ".dawproject" in shell.refused("export", song, tmp_path / "song.als", code=2)
    assert not (tmp_path / "back").exists()
    (tmp_path / "bad.dawproject").write_bytes(b"no")
    shell.refused("new", tmp_path / "back", tmp_path / "bad.dawproject")
    assert not (tmp_path / "back").exists()
