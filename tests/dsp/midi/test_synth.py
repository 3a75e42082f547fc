import subprocess
import sys

import numpy as np
import pytest

from tonewright.dsp.errors import MediaError, RenderError
from tonewright.dsp.midi.synth import (
    GRID_SAMPLES,
    SOUNDFONT_VARIABLE,
    Synth,
    default_soundfont,
    render_midi,
)

RATE = 48_000
SNARE, PIANO_C = b"\x99\x26\x7f", b"\x90\x3c\x64"
SILENCE = 10 ** (-90 / 20)


def sound(*events, length_samples=RATE // 4, tail=False, **options):
    blocks = render_midi(events, default_soundfont(), RATE, length_samples, tail=tail, **options)
    return np.concatenate([np.zeros((2, 0), np.float32), *blocks], axis=1)


def peak(audio):
    return float(np.abs(audio).max(initial=0.0))


def onset(audio):
    return int(np.argmax(np.abs(audio).max(axis=0) > 1e-5))


@pytest.fixture(scope="module")
def song():
    numbers = np.random.default_rng(5)
    events = [(0, bytes((0xC0 | channel, channel * 11))) for channel in range(6)]
    for start in sorted(numbers.integers(0, RATE, 40)):
        channel, pitch = int(numbers.integers(0, 10)), int(numbers.integers(40, 80))
        events.append((int(start), bytes((0x90 | channel, pitch, 90))))
        events.append((int(start) + 9_000, bytes((0x80 | channel, pitch, 64))))
    return sorted(events, key=lambda event: event[0])


def test_the_same_schedule_gives_the_same_bytes_in_blocks_of_any_length(song):
    whole = sound(*song, length_samples=RATE + 17, tail=True, block_samples=1 << 20)
    for block_samples in (64, 1000, 65536):
        blocks = list(
            render_midi(
                song, default_soundfont(), RATE, RATE + 17, tail=True, block_samples=block_samples
            )
        )
        assert all(block.shape == (2, block_samples) for block in blocks[:-1])
        assert 0 < blocks[-1].shape[1] <= block_samples
        assert all(block.dtype == np.float32 for block in blocks)
        assert np.concatenate(blocks, axis=1).tobytes() == whole.tobytes()


def test_a_message_sounds_at_the_nearest_unit_of_the_grid():
    delay = onset(sound((0, SNARE)))
    assert delay < GRID_SAMPLES
    for start in (1, 31, 32, 33, 63, 64, 100, 4799, 4800, 4801):
        error = onset(sound((start, SNARE))) - delay - start
        assert abs(error) <= GRID_SAMPLES // 2
        assert (start + error) % GRID_SAMPLES == 0


def test_equal_sounds_at_other_units_are_the_same_bytes():
    first, later = sound((0, SNARE)), sound((6400, SNARE), length_samples=RATE // 4 + 6400)
    assert np.array_equal(first, later[:, 6400:])
    assert peak(later[:, :6400]) == 0.0


def test_nothing_to_play_is_silence_of_the_length_asked_for():
    assert sound().shape == (2, RATE // 4)
    assert peak(sound()) == 0.0
    assert sound(length_samples=1000, tail=True).shape == (2, 1000)


def test_without_tail_the_length_is_exact_and_later_messages_have_no_place():
    assert sound((0, PIANO_C), (900_000, SNARE), length_samples=5000).shape == (2, 5000)


def test_the_tail_goes_on_until_it_stays_below_minus_90_dbfs():
    off = (RATE // 10, b"\x80\x3c\x40")
    audio = sound((0, PIANO_C), off, length_samples=RATE // 10, tail=True)
    longer = sound((0, PIANO_C), off, length_samples=audio.shape[1] + RATE)
    assert RATE // 10 < audio.shape[1] < 10 * RATE
    assert np.array_equal(longer[:, : audio.shape[1]], audio)
    assert peak(longer[:, audio.shape[1] :]) < SILENCE
    assert peak(audio[:, -1024:]) >= SILENCE


def test_a_note_that_is_never_released_ends_thirty_seconds_later():
    organ = (0, b"\xc0\x10")
    audio = sound(organ, (0, PIANO_C), length_samples=100, tail=True)
    assert 30 * RATE <= audio.shape[1] <= 30 * RATE + 2048


def test_the_level_leaves_headroom():
    single = peak(sound((0, b"\x90\x3c\x7f"), length_samples=RATE))
    chord = [(0, bytes((0x90, pitch, 127))) for pitch in range(36, 86, 5)]
    assert 0.05 < single < 0.25
    assert peak(sound(*chord, length_samples=RATE)) < 1.0


def test_the_sound_is_dry():
    # A drum stroke of this SoundFont is over in a second; a reverb would ring on.
    audio = sound((0, SNARE), length_samples=2 * RATE)
    assert peak(audio[:, 3 * RATE // 2 :]) < SILENCE


@pytest.mark.parametrize(
    "message",
    [
        b"\xc0\x13",  # program
        b"\xb0\x07\x20",  # volume
        b"\xb0\x0a\x00",  # pan
        b"\xe0\x00\x60",  # bend
    ],
)
def test_messages_before_a_note_change_its_sound(message):
    changed = sound((0, message), (0, PIANO_C))
    assert peak(changed) > 0.0
    assert peak(changed - sound((0, PIANO_C))) > 0.01


def test_pressure_changes_a_sounding_note():
    plain = sound((0, PIANO_C))
    assert peak(sound((0, PIANO_C), (4800, b"\xd0\x7f")) - plain) > 1e-4


def test_bend_is_in_the_range_of_two_semitones():
    def frequency_hz(*events):
        tone = sound((0, b"\xc0\x50"), *events, length_samples=RATE)[0, RATE // 4 : 3 * RATE // 4]
        spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
        band = spectrum[200 // 2 : 400 // 2]  # bins of 2 Hz
        return 2 * (100 + int(np.argmax(band)))

    assert frequency_hz((0, PIANO_C)) == pytest.approx(261.6, abs=2)
    assert frequency_hz((0, b"\xe0\x7f\x7f"), (0, PIANO_C)) == pytest.approx(293.7, abs=2)


def test_the_pedal_holds_a_note():
    off = (4800, b"\x80\x3c\x40")
    free = sound((0, PIANO_C), off, length_samples=RATE)
    held = sound((0, b"\xb0\x40\x7f"), (0, PIANO_C), off, length_samples=RATE)
    assert peak(held[:, RATE // 2 :]) > 10 * peak(free[:, RATE // 2 :])


def test_a_general_midi_reset_brings_the_first_program_back():
    reset = b"\xf0\x7e\x7f\x09\x01\xf7"
    assert np.array_equal(sound((0, b"\xc0\x13"), (0, reset), (0, PIANO_C)), sound((0, PIANO_C)))


def test_messages_without_meaning_change_nothing():
    noise = [(0, b"\xf7\x01\x02"), (0, b"\xf0\x7d\x01\xf7"), (0, b"\xf0")]
    assert np.array_equal(sound(*noise, (0, PIANO_C)), sound((0, PIANO_C)))


def test_a_bank_that_the_soundfont_lacks_still_sounds_and_is_warned_of(caplog):
    assert peak(sound((0, b"\xb0\x00\x55"), (0, b"\xc0\x05"), (0, PIANO_C))) > 0.0
    assert "Instrument not found on channel 0" in caplog.text


def test_a_render_that_is_left_frees_the_synth():
    blocks = render_midi([(0, PIANO_C)], default_soundfont(), RATE, 10 * RATE)
    next(blocks)
    blocks.close()
    synth = Synth(default_soundfont(), RATE)
    synth.close()
    synth.close()


@pytest.mark.parametrize("sample_rate", [7999, 96_001, 192_000])
def test_a_rate_that_fluidsynth_cannot_play_is_refused(sample_rate):
    with pytest.raises(RenderError, match=f"not at {sample_rate}"):
        Synth(default_soundfont(), sample_rate)


@pytest.mark.parametrize("sample_rate", [8000, 96_000])
def test_pitch_and_time_do_not_depend_on_the_rate(sample_rate):
    (audio,) = render_midi(
        [(0, b"\xc0\x50"), (0, PIANO_C)],
        default_soundfont(),
        sample_rate,
        sample_rate // 2,
        tail=False,
    )
    tone = audio[0, sample_rate // 4 :]
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
    low, high = 200 // 4, 400 // 4  # bins of 4 Hz
    assert 4 * (low + int(np.argmax(spectrum[low:high]))) == pytest.approx(261.6, abs=4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"", "not a SoundFont"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "not a SoundFont"),
        (b"RIFF\x10\x00\x00\x00sfbkLIST", "8 bytes are missing"),
    ],
)
def test_what_is_no_soundfont_is_refused_in_one_line(tmp_path, capfd, content, message):
    path = tmp_path / "font.sf2"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError, match=message) as raised:
        list(render_midi([], path, RATE, 100))
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr().err == ""


def test_a_soundfont_that_fluidsynth_refuses_is_named(tmp_path):
    path = tmp_path / "font.sf2"
    path.write_bytes(b"RIFF\x08\x00\x00\x00sfbkLIST")
    with pytest.raises(MediaError, match=r"font\.sf2: damaged: FluidSynth cannot read it"):
        list(render_midi([], path, RATE, 100))


def test_the_default_soundfont_can_be_set(monkeypatch, tmp_path):
    shipped = default_soundfont()
    assert shipped.name == "TimGM6mb.sf2"
    font = tmp_path / "better.sf2"
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(font))
    with pytest.raises(MediaError, match=SOUNDFONT_VARIABLE):
        default_soundfont()
    font.touch()
    assert default_soundfont() == font


def test_a_missing_library_is_an_error_with_the_remedy(monkeypatch):
    from tonewright.dsp.midi import synth

    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    synth._library.cache_clear()
    with pytest.raises(RenderError, match="apt-get install libfluidsynth3"):
        Synth(default_soundfont(), RATE)


def test_importing_the_module_loads_neither_the_library_nor_pretty_midi():
    code = (
        "import sys, tonewright.dsp.midi.synth as s; s.default_soundfont(); "
        "sys.exit(bool({'fluidsynth', 'pretty_midi'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_synthesizer_that_played_before_sounds_like_a_new_one(song):
    new = sound(*song, length_samples=2 * RATE)
    for _ in range(2):
        sound(*reversed([(0, message) for _, message in song]), reuse=True)
        again = sound(*song, length_samples=2 * RATE, reuse=True)
        assert np.sqrt(np.mean((again - new) ** 2)) < 0.02 * np.sqrt(np.mean(new**2))


def test_sysex_does_not_reach_the_next_listener():
    tuned = b"\xf0\x7f\x7f\x08\x02\x00\x01\x3c\x45\x00\x00\xf7"  # key 60 sounds as 69
    first = sound((0, PIANO_C), reuse=True)
    sound((0, tuned), (0, PIANO_C), reuse=True)
    again = sound((0, PIANO_C), reuse=True)
    assert np.sqrt(np.mean((again - first) ** 2)) < 0.02 * np.sqrt(np.mean(first**2))
