import json
from pathlib import Path
from typing import Any

import soundfile


def test_a_chain_on_files_and_what_there_is_to_know_of_it(
    shell: Any, tmp_path: Path, mono: Path, stereo: Path
) -> None:
    out = tmp_path / "wet"
    command = ("batch", "apply", "gain", mono, stereo, "--out", out, "-p", "gain_db=-6")
    listed = shell.done(*command, "--dry-run", "--json").json["jobs"]
    assert [(each["output"], each["input"]) for each in listed] == [
        ("mono.wav", str(mono)),
        ("stereo.flac", str(stereo)),
    ]
    assert not out.exists()
    ran = shell.done(*command, "--workers", "1", "--json")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert [each["event"] for each in events if each["event"] != "progress"] == [
        *("done", "done", "finished")
    ]
    assert soundfile.info(out / "stereo.flac").subtype == "PCM_24"
    assert shell.done("batch", "status", out, "--json").json == {
        **{"done": 2, "failed": 0, "skipped": 0, "left": 0},
        "failures": [],
    }
    (out / "report.html").unlink()
    shell.done("batch", "report", out)
    assert "stereo.flac" in (out / "report.html").read_text("utf-8")
    assert "2" in shell.done(*command).out.splitlines()[1].split()[2]


def test_a_manifest_is_written_for_what_a_folder_holds(
    shell: Any, tmp_path: Path, song: Path, midi: Path
) -> None:
    manifest = Path(shell.done("batch", "init", tmp_path, "--json").json["path"])
    jobs = shell.done("batch", "run", manifest, "--dry-run", "--json").json["jobs"]
    assert {each["output"]: each["kind"] for each in jobs} == {
        "mono.wav": "audio",
        "stereo.flac": "audio",
        "keys.mid": "midi",
        "song": "project",
    }
    assert "is there already" in shell.refused("batch", "init", tmp_path)


def test_what_cannot_be_said(shell: Any, tmp_path: Path, mono: Path) -> None:
    manifest = tmp_path / "batch.toml"
    manifest.write_text('inputs = ["mono.wav"]\nefects = []\n')
    assert "batch.toml:2: there is no 'efects'" in shell.refused("batch", "run", manifest)
    (tmp_path / "empty").mkdir()
    assert "holds no audio" in shell.refused("batch", "init", tmp_path / "empty")
    assert "no batch has run here" in shell.refused("batch", "status", tmp_path)
    for wrong in (["--workers", "0"], ["--memory", "much"], ["--memroy", "2G"]):
        shell.refused("batch", "run", manifest, *wrong, code=2)
    shell.refused("batch", code=2)
    for wrong in ([], ["gain"], ["--out", "x"]):
        shell.refused("batch", "watch", tmp_path, *wrong, code=2)
    shell.refused("batch", "watch", manifest, "gain", code=2)
    assert "no folder" in shell.refused("batch", "watch", "gone", "gain", "--out", "x")
    assert "holds the watched" in shell.refused(
        *("batch", "watch", tmp_path, "gain", "--out", tmp_path)
    )
