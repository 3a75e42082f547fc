"""The song that ships, and what ``tonewright demo`` makes of it."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from tonewright import resources
from tonewright.dsp.audio.file import probe, read, read_broadcast
from tonewright.dsp.cli import main
from tonewright.dsp.effects.protocol import RunsIn
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.midi.exchange import import_midi
from tonewright.dsp.project.document import (
    AudioClip,
    Id,
    MidiClip,
    MusicalTime,
    Project,
    TempoCurve,
    TrackKind,
)
from tonewright.dsp.project.folder import load
from tonewright.dsp.project.media_files import sha256_of
from tonewright.dsp.project.tempo import end_of, range_of, to_seconds
from tonewright.dsp.project.validate import validate

COMPOSE = Path(__file__).parent / "demo" / "compose.py"
SHIPPED = resources.path("demo")
Demo = tuple[Path, dict[str, Any]]
"""Where the demo was written, and what it printed."""

NATIVE = ("pedalboard:", "tonewright.dsp.effects.builtin.native:")


@pytest.fixture(scope="module")
def song() -> Project:
    return load(SHIPPED)


# --- the song -------------------------------------------------------------------------------


def test_it_is_small_and_whole(song: Project) -> None:
    assert sum(each.stat().st_size for each in SHIPPED.rglob("*") if each.is_file()) < 3_000_000
    validate(song)
    for medium in song.media:
        assert sha256_of(Path(medium.path)) == medium.sha256
        assert probe(medium.path).length_samples == medium.length_samples


def test_it_shows_what_a_project_can_hold(song: Project) -> None:
    kinds = {track.kind for track in song.tracks}
    assert kinds == set(TrackKind)
    assert any(tempo.curve is TempoCurve.LINEAR for tempo in song.tempo_map.tempos)
    assert len({(s.numerator, s.denominator) for s in song.tempo_map.time_signatures}) > 1
    assert sum(marker.length is not None for marker in song.markers) >= 2
    lanes = [lane for track in song.tracks for lane in track.automation]
    assert {lane.target.parameter for lane in lanes} >= {"gain_db", "pan"}
    assert any(lane.target.effect_id is not None for lane in lanes)
    assert any(point.bend != 0.0 for lane in lanes for point in lane.points)
    assert any(track.channel.sends for track in song.tracks)
    assert 75.0 < end_of(song) < 100.0


def test_clips_fade_into_each_other(song: Project) -> None:
    crossed = [
        (range_of(song, left).end_seconds - range_of(song, right).start_seconds, left, right)
        for track in song.tracks
        for left, right in pairwise(each for each in track.clips if isinstance(each, AudioClip))
    ]
    overlap_seconds, left, right = max(crossed, key=lambda each: each[0])
    assert overlap_seconds == pytest.approx(left.fade_out.length_seconds)
    assert overlap_seconds == pytest.approx(right.fade_in.length_seconds)


def test_one_chain_holds_a_python_a_native_and_a_rendered_effect(song: Project) -> None:
    registry = default_registry()
    for track in song.tracks:
        types = [registry.get(effect.type) for effect in track.channel.effects]
        native = {
            each.id for each in types if "native" in each.factory or "pedalboard" in each.factory
        }
        rendered = {each.id for each in types if each.runs_in is RunsIn.RENDERED}
        if native and rendered and len(types) > len(native | rendered):
            return
    pytest.fail("no track has all three")


def test_the_script_makes_the_shipped_project_again(song: Project, tmp_path: Path) -> None:
    subprocess.run([sys.executable, COMPOSE, tmp_path], check=True)
    shipped, again = (
        json.loads((folder / "project.json").read_text("utf-8")) for folder in (SHIPPED, tmp_path)
    )
    # Another processor or encoder may round the last bit of a sample, and so make other bytes.
    for medium in (*shipped["media"], *again["media"]):
        del medium["sha256"], medium["size_bytes"]
    assert again == shipped
    for medium in song.media:
        ours, rate = read(medium.path)
        theirs, their_rate = read(tmp_path / "media" / Path(medium.path).name)
        assert their_rate == rate
        error = float(np.sqrt(np.mean((ours - theirs) ** 2) / np.mean(ours**2)))
        assert error < 0.01


# --- the command ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder, store = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("store")
    with redirect_stdout(io.StringIO()) as printed:
        assert main(["demo", "--out", str(folder), "--store", str(store), "--json"]) == 0
    return folder, json.loads(printed.getvalue())


def audio_of(demo: Demo, kind: str) -> list[dict[str, Any]]:
    return [each for each in demo[1]["reports"][0]["files"] if each["kind"] == kind]


def test_the_stems_sum_to_the_mix(demo: Demo) -> None:
    null = demo[1]["reports"][0]["null_test"]
    assert null["passed"]
    assert null["complete"]
    assert null["residual_dbfs"] is None or null["residual_dbfs"] < -90.0


def test_the_stems_are_as_long_as_the_mix_and_sound(demo: Demo) -> None:
    (mix,) = audio_of(demo, "mix")
    stems = audio_of(demo, "stem")
    assert len(stems) >= 6
    for stem in stems:
        assert stem["length_samples"] == mix["length_samples"]
        assert -45.0 < stem["integrated_lufs"] < mix["integrated_lufs"]
        assert probe(demo[0] / stem["path"]).length_samples == mix["length_samples"]


def test_the_mix_is_loud_enough_and_does_not_clip(demo: Demo) -> None:
    (mix,) = audio_of(demo, "mix")
    assert -19.0 < mix["integrated_lufs"] < -15.0
    assert mix["true_peak_dbtp"] <= -1.0
    assert not demo[1]["reports"][0]["warnings"]
    streaming = demo[1]["reports"][2]["files"][0]
    assert streaming["true_peak_dbtp"] <= -0.9
    assert streaming["integrated_lufs"] > mix["integrated_lufs"]


def test_the_mix_carries_the_timecode_of_the_project(demo: Demo) -> None:
    folder, document = demo
    broadcast = read_broadcast(folder / document["reports"][0]["files"][0]["path"])
    assert broadcast is not None
    assert broadcast.time_reference_samples == 3600 * 48_000


def test_the_midi_file_holds_every_note_tempo_and_marker(demo: Demo, song: Project) -> None:
    imported = import_midi(demo[0] / "midi" / "Slack Water.mid")
    ours = [
        (to_seconds(song.tempo_map, clip.start.ticks + note.start_ticks), note.pitch)
        for _, clip in song.clips()
        if isinstance(clip, MidiClip) and isinstance(clip.start, MusicalTime)
        for note in clip.notes
    ]
    theirs = [
        (to_seconds(imported.tempo_map, note.start_ticks), note.pitch)
        for track in imported.tracks
        for clip in track.clips
        if isinstance(clip, MidiClip)
        for note in clip.notes
    ]
    assert [pitch for _, pitch in sorted(ours)] == [pitch for _, pitch in sorted(theirs)]
    assert np.allclose(sorted(s for s, _ in ours), sorted(s for s, _ in theirs), atol=0.001)
    assert [marker.name for marker in imported.markers] == [m.name for m in song.markers]


def test_recorded_and_played_drums_meet_on_the_beat(demo: Demo, song: Project) -> None:
    path = next(each["path"] for each in audio_of(demo, "stem") if each["track"] == "Frame drum")
    audio, rate = read(demo[0] / path)
    for bar in song.track(Id("frame-drum")).clips:
        start = round(range_of(song, bar).start_seconds * rate)
        before = np.abs(audio[:, start - rate // 20 : start]).max()
        hit = np.abs(audio[:, start : start + rate // 50]).max()
        assert hit > 4.0 * before


def test_each_region_is_as_long_as_its_marker(demo: Demo, song: Project) -> None:
    lengths = {file["region"]: file["length_samples"] for file in demo[1]["reports"][1]["files"]}
    for marker in song.markers:
        if marker.length is None:
            continue
        assert isinstance(marker.start, MusicalTime)
        assert isinstance(marker.length, MusicalTime)
        end = marker.start.ticks + marker.length.ticks
        seconds = to_seconds(song.tempo_map, end) - to_seconds(song.tempo_map, marker.start)
        assert lengths[marker.name] == pytest.approx(seconds * song.sample_rate, abs=1.0)


def test_the_picture_shows_the_room_leave_and_is_the_one_that_ships(
    demo: Demo,
) -> None:
    image = imread(demo[0] / "spectrogram.png")[..., :3].mean(axis=2)
    height = (image.shape[0] - 12) // 3
    recorded, dereverberated = image[:height], image[height + 6 : 2 * height + 6]
    assert dereverberated.mean() < 0.96 * recorded.mean()
    shipped = imread(SHIPPED / "spectrogram.png")[..., :3].mean(axis=2)
    assert np.abs(image - shipped).mean() < 0.01
