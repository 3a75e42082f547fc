"""The room of a recording below an effect, heard beside the main thread."""

import threading

import numpy as np
import pytest
import soundfile

from tonewright.desktop.inspector import room_readout
from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.inspector.room_readout import recording_of
from tonewright.desktop.session import Session
from tonewright.desktop.tasks import Tasks
from tonewright.dsp.audio.room import Room
from tonewright.dsp.errors import MediaError
from tonewright.dsp.project.document import ClockTime, EffectSpec, Id, Project, new_id
from tonewright.dsp.project.edits import add_effect, set_effect_param, trim_clip
from tonewright.dsp.project.media import add_files

RATE = 16_000
EFFECT = Id("e")


@pytest.fixture
def song(tmp_path):
    """Two files on a track each, the second one longer."""
    paths = [tmp_path / "short.wav", tmp_path / "long.wav"]
    for path, seconds in zip(paths, (2, 3), strict=True):
        soundfile.write(path, np.full(seconds * RATE, 0.1), RATE)
    return add_files(Project(new_id(), "Song", sample_rate=RATE), paths).project


@pytest.fixture
def heard(monkeypatch):
    """Make listening quick, and note what is listened to, and in which thread."""
    asked = []

    def listened(path, start_samples=0, length_samples=None):
        asked.append((path.name, start_samples, length_samples))
        assert threading.current_thread() is not threading.main_thread()
        if path.name == "short.wav":
            raise MediaError(f"{path.name}: silent, or too short to tell a room")
        return Room(0.6, -3.0) if path.name == "long.wav" else Room(0.2, 18.0)

    monkeypatch.setattr(room_readout, "room_of_file", listened)
    return asked


@pytest.fixture
def tasks(qapp):
    tasks = Tasks()
    yield tasks
    tasks.close()


@pytest.fixture
def editor_of(qtbot, tasks, tmp_path):
    """Return a function that shows the chain of a clip with an effect on it."""

    def shown(project, clip, effect_type, **params):
        spec = EffectSpec(EFFECT, effect_type, params=tuple(params.items()))
        session = Session(add_effect(project, clip.id, spec))
        editor = ChainEditor(session, presets_folder=tmp_path, tasks=tasks)
        qtbot.addWidget(editor)
        editor.show_owner(clip.id)
        editor.show()
        return session, editor

    return shown


def clip(project, index):
    return project.tracks[index].clips[0]


def test_the_room_of_the_clip_is_told_below_a_dereverberation(qtbot, song, heard, editor_of):
    _, editor = editor_of(song, clip(song, 1), "wpe_dereverb")
    readout = editor.panel.room
    assert readout.text() == "Room: listening"
    qtbot.waitUntil(lambda: readout.text() == "Room: RT60 0.60 s, DRR -3 dB", timeout=10_000)
    assert readout.isVisible()
    assert heard == [("long.wav", 0, 3 * RATE)]


def test_other_effects_tell_no_room(song, heard, editor_of):
    _, editor = editor_of(song, clip(song, 1), "reverb")
    assert editor.panel.room is None
    assert heard == []


def test_why_no_room_can_be_told_is_said(qtbot, song, heard, editor_of):
    _, editor = editor_of(song, clip(song, 0), "dereverb")
    qtbot.waitUntil(lambda: "silent, or too short" in editor.panel.room.text(), timeout=10_000)


def test_a_matched_room_is_told_beside_that_of_the_clip(qtbot, song, heard, editor_of, tmp_path):
    reference = tmp_path / "booth.wav"
    reference.touch()
    session, editor = editor_of(song, clip(song, 1), "match_room")
    readout = editor.panel.room
    qtbot.waitUntil(lambda: "RT60" in readout.text(), timeout=10_000)
    assert "reference" not in readout.text()
    session.apply("Set", lambda p: set_effect_param(p, EFFECT, "reference", str(reference)))
    expected = "Room: RT60 0.60 s, DRR -3 dB\nRoom of the reference: hardly any"
    qtbot.waitUntil(lambda: readout.text() == expected, timeout=10_000)
    assert len(heard) == 2  # that of the clip was known


def test_it_follows_the_edges_of_the_clip(qtbot, song, heard, editor_of):
    session, editor = editor_of(song, clip(song, 1), "dereverb")
    qtbot.waitUntil(lambda: "RT60" in editor.panel.room.text(), timeout=10_000)
    clip_id = clip(song, 1).id
    for end in (ClockTime(2.5), ClockTime(2.0)):
        session.apply("Trim", lambda p, end=end: trim_clip(p, clip_id, end=end))
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=10_000)
    assert heard[1] == ("long.wav", 0, 2 * RATE)  # not what lay between


def test_what_is_heard_when_the_panel_is_gone_is_kept(qtbot, song, heard, editor_of, monkeypatch):
    released = threading.Event()

    def slow(path, start_samples, length_samples):
        assert released.wait(10.0)
        return Room(0.6, -3.0)

    monkeypatch.setattr(room_readout, "room_of_file", slow)
    _, editor = editor_of(song, clip(song, 1), "dereverb")
    editor.show_owner(None)
    with qtbot.waitSignal(editor._rooms.told, timeout=10_000):
        released.set()
    editor.show_owner(clip(song, 1).id)
    assert editor.panel.room.text() == "Room: RT60 0.60 s, DRR -3 dB"


@pytest.mark.parametrize("owner", ["clip", "track", "master"])
def test_the_longest_clip_below_an_effect_is_heard(song, owner):
    track = song.tracks[0]
    owner_id = {"clip": track.clips[0].id, "track": track.id, "master": None}[owner]
    project = add_effect(song, owner_id, EffectSpec(EFFECT, "dereverb"))
    found = recording_of(project, EFFECT)
    wanted = "long.wav" if owner == "master" else "short.wav"
    assert found is not None
    assert found.path.endswith(wanted)
    assert recording_of(song, EFFECT) is None
