"""The command line that "what made this" copies runs, and makes the same sound again."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtGui import QGuiApplication

from tonewright.desktop.inspector.chain_editor import ChainEditor
from tonewright.desktop.session import Session
from tonewright.dsp.cli.program import main
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.midi.exchange import export_midi
from tonewright.dsp.project.document import (
    EffectSpec,
    Id,
    MidiClip,
    MusicalTime,
    Note,
    Project,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import add_clip, add_effect, add_track
from tonewright.dsp.project.media import add_files
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.renderer import Renderer, render
from tonewright.dsp.rendering.store import Store

RATE_HZ = 48_000


@pytest.fixture
def song(tmp_path, monkeypatch):
    """Return a project that plays ``in.wav`` of the folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TONEWRIGHT_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "in.wav"
    noise = np.random.default_rng(3).uniform(-0.2, 0.2, (RATE_HZ, 2))
    soundfile.write(path, noise, RATE_HZ, "FLOAT")
    return add_files(Project(new_id(), "Song", sample_rate=RATE_HZ), [path]).project


def copied(qtbot, project, owner_id, tmp_path):
    editor = ChainEditor(Session(project), presets_folder=tmp_path)
    qtbot.addWidget(editor)
    editor.show_owner(owner_id)
    editor.panel.menu.copy_command()
    return QGuiApplication.clipboard().text()


@pytest.mark.parametrize(
    "effect",
    [
        EffectSpec(
            Id("e"),
            "reverb",
            params=(("room_size", 0.123456789),),
            mix=1 / 3,
            range=TimeRange(0.25, 0.75),
        ),
        EffectSpec(Id("e"), "limiter", params=(("threshold_db", -20.0),)),
        EffectSpec(Id("e"), "pitch_shift", params=(("semitones", -2.0),)),
    ],
    ids=lambda effect: effect.type,
)
def test_sound(qtbot, song, tmp_path, effect):
    clip = song.tracks[0].clips[0]
    project = add_effect(song, clip.id, effect)
    command = copied(qtbot, project, clip.id, tmp_path)
    program, *arguments = shlex.split(command)
    assert program == "tonewright"
    assert main(arguments) == 0
    made = soundfile.read("out.wav", dtype="float32")[0].T
    executor = InlineQueue(Store(tmp_path / "store"), default_registry())
    wanted = render(project, renderer=Renderer(executor=executor))
    length = min(made.shape[1], wanted.shape[1])
    assert length >= RATE_HZ
    np.testing.assert_allclose(made[:, :length], wanted[:, :length], atol=1e-6)


def test_a_shell_runs_it_as_it_was_copied(qtbot, song, tmp_path):
    clip = song.tracks[0].clips[0]
    project = add_effect(song, clip.id, EffectSpec(Id("g"), "gain", params=(("gain_db", -6.0),)))
    command = copied(qtbot, project, clip.id, tmp_path)
    programs = Path(sys.executable).parent
    subprocess.run(
        command,
        shell=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        timeout=60,
    )
    assert (tmp_path / "out.wav").is_file()


def test_notes_with_a_seed_and_a_mix_that_they_do_not_have(qtbot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keys = Track(new_id(), "Keys", TrackKind.MIDI)
    clip = MidiClip(new_id(), "Riff", MusicalTime(0), 1920, (Note(60, 100, 0, 960),))
    project = add_clip(add_track(Project(new_id(), "Song"), keys), keys.id, clip)
    export_midi(project, tmp_path / "in.mid")
    effect = EffectSpec(Id("h"), "humanize", seed=7, mix=0.5)
    command = copied(qtbot, add_effect(project, keys.id, effect), keys.id, tmp_path)
    assert main(shlex.split(command)[1:]) == 0
    assert (tmp_path / "out.mid").is_file()


def test_a_file_whose_name_needs_quotes(qtbot, song, tmp_path):
    response = tmp_path / "my room's echo.wav"
    soundfile.write(response, np.array([1.0, 0.5]), RATE_HZ, "FLOAT")
    clip = song.tracks[0].clips[0]
    params = (("impulse_response_filename", str(response)),)
    project = add_effect(song, clip.id, EffectSpec(Id("c"), "convolution", params=params))
    command = copied(qtbot, project, clip.id, tmp_path)
    assert main(shlex.split(command)[1:]) == 0
