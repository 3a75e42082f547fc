from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

RATE = 44_100


def test_a_file_keeps_its_rate_channels_and_depth(
    shell: Any, tmp_path: Path, mono: Path, stereo: Path
) -> None:
    for source, subtype, out in ((mono, "PCM_16", "a.wav"), (stereo, "PCM_24", "b.flac")):
        shell.done("apply", "gain", source, tmp_path / out, "-p", "gain_db=-6")
        info = soundfile.info(tmp_path / out)
        before, after = soundfile.read(source)[0], soundfile.read(tmp_path / out)[0]
        assert (info.samplerate, info.channels, info.subtype) == (RATE, before.ndim, subtype)
        np.testing.assert_allclose(after, 10 ** (-6 / 20) * before, atol=2**-14)


def test_another_rate_and_depth(shell: Any, tmp_path: Path, mono: Path) -> None:
    out = tmp_path / "a.wav"
    made = shell.done(
        *("apply", "gain", mono, out, "--rate", "48k", "--depth", "32f", "--json")
    ).json
    info = soundfile.info(out)
    assert (info.samplerate, info.subtype, info.frames) == (48_000, "FLOAT", 48_000)
    assert (made["sample_rate"], made["depth"], made["length_samples"]) == (48_000, "32f", 48_000)


def test_the_tail_is_kept_unless_it_is_not_wanted(shell: Any, tmp_path: Path, mono: Path) -> None:
    long, short = tmp_path / "long.wav", tmp_path / "short.wav"
    shell.done("apply", "delay", mono, long, "-p", "delay_seconds=0.5")
    shell.done("apply", "delay", mono, short, "-p", "delay_seconds=0.5", "--no-tail")
    whole, cut = soundfile.read(long)[0], soundfile.read(short)[0]
    assert len(cut) == RATE
    assert len(whole) >= 1.5 * RATE
    # The dither differs from nothing: same seed, same samples.
    np.testing.assert_array_equal(whole[:RATE], cut)


def test_a_range_leaves_the_rest(shell: Any, tmp_path: Path, mono: Path) -> None:
    out = tmp_path / "a.wav"
    shell.done(
        *("apply", "gain", mono, out, "-p", "gain_db=-60", "--range", "0.25:0.75"),
        *("--depth", "32f"),
    )
    before, after = soundfile.read(mono)[0], soundfile.read(out)[0]
    quarter = RATE // 4
    np.testing.assert_allclose(after[:quarter], before[:quarter], atol=1e-6)
    np.testing.assert_allclose(after[-quarter:], before[-quarter:], atol=1e-6)
    assert np.abs(after[quarter + 600 : -quarter - 600]).max() < 0.001


def test_the_same_command_gives_the_same_bytes(shell: Any, tmp_path: Path, mono: Path) -> None:
    for name in ("a.wav", "b.wav"):
        shell.done("apply", "chorus,reverb", mono, tmp_path / name, "--seed", "3")
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_parameters_of_several_effects(shell: Any, tmp_path: Path, mono: Path) -> None:
    out = tmp_path / "a.wav"
    assert "write 1.gain_db or 2.gain_db" in shell.refused(
        "apply", "gain,gain", mono, out, "-p", "gain_db=3"
    )
    shell.done("apply", "gain,gain", mono, out, "-p", "1.gain_db=9", "-p", "2.gain_db=-9")
    np.testing.assert_allclose(soundfile.read(out)[0], soundfile.read(mono)[0], atol=2**-14)


def test_values_above_full_scale_are_told(shell: Any, tmp_path: Path, mono: Path) -> None:
    ran = shell.done("apply", "gain", mono, tmp_path / "a.wav", "-p", "gain_db=24")
    assert "above full scale" in ran.err


def test_an_effect_on_notes(shell: Any, tmp_path: Path, midi: Path) -> None:
    def pitches(*arguments: object) -> list[int]:
        out = tmp_path / "out.mid"
        shell.done("apply", "transpose", midi, out, "--overwrite", *arguments)
        return [each.note for each in mido.MidiFile(out) if each.type == "note_on"]

    assert pitches("-p", "semitones=-2") == [58, 62, 65]
    assert pitches("-p", "semitones=12", "--range", "0.5:1.0") == [60, 76, 67]


ADDS_A_TRACK = """
from dataclasses import replace
from tonewright.dsp.effects.protocol import EffectType, Family
from tonewright.dsp.midi.sequence import MidiTrack

class Double:
    effect_type = EffectType("double", "Double", "", family=Family.MIDI)

    def process_midi(self, sequence):
        again = MidiTrack("again", tuple(n for t in sequence.tracks for n in t.notes))
        return replace(sequence, tracks=(*sequence.tracks, again))
"""


def test_an_effect_on_a_range_of_notes_may_add_tracks(
    shell: Any, tmp_path: Path, midi: Path
) -> None:
    (tmp_path / "double.py").write_text(ADDS_A_TRACK)
    out = tmp_path / "out.mid"
    options = ("--range", "0.5:1.0", "--effects-from", tmp_path / "double.py")
    shell.done("apply", "double", midi, out, *options)
    notes = [
        [each.note for each in track if each.type == "note_on"]
        for track in mido.MidiFile(out).tracks
    ]
    assert notes == [[60, 64, 67], [64]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gain", "{midi}", "{out}.mid"], "tonewright new"),
        (["transpose", "{mono}", "{out}.wav"], "MIDI file"),
        (["transpose", "{midi}", "{out}.wav"], ".mid"),
        (["gain", "{mono}", "{mono}"], "is what is read"),
        (["gain", "{mono}", "{stereo}"], "--overwrite"),
        (["gain", "{mono}", "{out}.xyz"], "there is no format '.xyz'"),
        (["gain", "{mono}", "{out}/a.wav"], "folder"),
        (["gain", "{out}.wav", "{out}2.wav"], "cannot be read"),
        (["gain", "{mono}", "{out}.wav", "-p", "gain_db=1e9"], "gain_db"),
        (["gain", "{mono}", "{out}.wav", "-p", "reverb.gain_db=1"], "no effect in the chain"),
        (["gain", "{mono}", "{out}.wav", "-p", "2.gain_db=1"], "only 1"),
        (["gain", "{mono}", "{out}.wav", "--range", "1:2"], "ends before 1 s"),
        (["gain,", "{mono}", "{out}.wav"], "no effect ''"),
    ],
)
def test_what_cannot_be_applied_leaves_everything_as_it_was(
    shell: Any,
    tmp_path: Path,
    *,
    mono: Path,
    stereo: Path,
    midi: Path,
    arguments: list[str],
    said: str,
) -> None:
    places = {"mono": mono, "stereo": stereo, "midi": midi, "out": tmp_path / "out"}
    before = shell.tree(tmp_path)
    assert said in shell.refused("apply", *(each.format(**places) for each in arguments))
    assert shell.tree(tmp_path) == before
