"""The sink over a sound device that is made up: machines that test have none."""

import numpy as np
import pytest
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QtAudio

from tonewright.desktop.adapters.audio_sink import DeviceSink, SoundDevice
from tonewright.dsp.errors import PlaybackError

RATE = 48_000
FLOAT, INT16 = QAudioFormat.SampleFormat.Float, QAudioFormat.SampleFormat.Int16


class Device:
    """A device that takes stereo in some formats; the first is preferred."""

    def __init__(self, *formats):
        self._formats = formats

    def isNull(self):  # noqa: N802
        return False

    def description(self):
        return "Monitor"

    def isFormatSupported(self, wanted):  # noqa: N802
        return (wanted.sampleRate(), wanted.sampleFormat()) in self._formats

    def preferredFormat(self):  # noqa: N802
        preferred = QAudioFormat()
        preferred.setSampleRate(self._formats[0][0] if self._formats else RATE)
        return preferred


class Output:
    """Qt's sink: a buffer that ``play`` empties."""

    def __init__(self, device, format_):
        self.format = format_
        self.heard = b""
        self.failure = QtAudio.Error.NoError
        self.volumes = []
        self.starts = 0
        self.startable = True
        self._buffer = b""

    def play(self, frames):
        count = frames * self.format.bytesPerFrame()
        self.heard += self._buffer[:count]
        self._buffer = self._buffer[count:]

    def setBufferSize(self, size):  # noqa: N802
        self._size = size

    def bufferSize(self):  # noqa: N802
        return self._size

    def bytesFree(self):  # noqa: N802
        return self._size - len(self._buffer)

    def write(self, data):
        taken = data[: self.bytesFree()]
        self._buffer += taken
        return len(taken)

    def start(self):
        self.starts += 1
        return self if self.startable else None

    def error(self):
        return self.failure

    def setVolume(self, volume):  # noqa: N802
        self.volumes.append(volume)

    def reset(self):
        self._buffer = b""

    def stop(self):
        self.reset()


@pytest.fixture
def open_sink(qapp):
    def make(*formats):
        outputs = []

        def output(device, format_):
            outputs.append(Output(device, format_))
            return outputs[-1]

        sink = DeviceSink(Device(*formats), RATE, ahead_seconds=0.1, make=output)
        return sink, outputs[0]

    return make


def noise(length):
    return np.random.default_rng(0).uniform(-1, 1, (2, length)).astype(np.float32)


def test_float_samples_arrive_as_they_are(open_sink):
    sink, output = open_sink((RATE, FLOAT))
    assert sink.room_samples == 4_800
    audio = noise(4_800)
    sink.write(audio)
    assert (sink.room_samples, sink.played_samples) == (0, 0)
    output.play(1_000)
    assert (sink.room_samples, sink.played_samples) == (1_000, 1_000)
    output.play(4_800)
    assert (sink.room_samples, sink.played_samples) == (4_800, 4_800)
    assert np.array_equal(np.frombuffer(output.heard, np.float32).reshape(-1, 2).T, audio)
    assert output.starts == 1


def test_a_device_of_16_bits_gets_them(open_sink):
    sink, output = open_sink((RATE, INT16))
    audio = np.array([[0.5, -1.0, 2.0], [0.0, 1.0, -2.0]], np.float32)
    sink.write(audio)
    output.play(3)
    heard = np.frombuffer(output.heard, np.int16).reshape(-1, 2).T
    assert heard.tolist() == [[16384, -32767, 32767], [0, 32767, -32767]]


def test_a_device_of_another_rate_gets_it_and_all_counts_in_ours(open_sink):
    sink, output = open_sink((96_000, FLOAT))
    assert sink.room_samples == 4_800
    written = 0
    while written < 24_000:
        piece = min(2_400, sink.room_samples, 24_000 - written)
        sink.write(noise(piece))
        written += piece
        output.play(4_800)
    output.play(9_600)
    assert sink.played_samples == 24_000
    heard = np.frombuffer(output.heard, np.float32).reshape(-1, 2)
    assert 46_000 < len(heard) <= 48_000  # less what the resampler keeps back


def test_dropping_fades_and_begins_anew(open_sink):
    sink, output = open_sink((RATE, FLOAT))
    sink.write(noise(4_800))
    output.play(1_000)
    sink.drop()
    assert output.volumes == [*sorted(output.volumes[:-1], reverse=True), 1.0]
    assert output.volumes[-2] == 0.0
    assert (sink.room_samples, sink.played_samples) == (4_800, 1_000)
    sink.write(noise(100))
    output.play(100)
    assert sink.played_samples == 1_100
    assert output.starts == 2
    sink.close()


@pytest.mark.parametrize("failure", [QtAudio.Error.IOError, QtAudio.Error.FatalError])
def test_a_device_that_stops_is_an_error(open_sink, failure):
    sink, output = open_sink((RATE, FLOAT))
    output.failure = failure
    with pytest.raises(PlaybackError, match="Monitor"):
        _ = sink.room_samples
    output.failure = QtAudio.Error.UnderrunError  # late, but there
    assert sink.room_samples == 4_800


def test_a_device_that_does_not_start_is_an_error(open_sink):
    sink, output = open_sink((RATE, FLOAT))
    output.startable = False
    with pytest.raises(PlaybackError, match="Monitor: cannot be started"):
        sink.write(noise(10))


def test_a_device_without_stereo_is_refused(open_sink):
    with pytest.raises(PlaybackError, match="Monitor: takes no stereo"):
        open_sink()


def test_no_device_is_one_calm_line(qapp):
    with pytest.raises(PlaybackError, match="no sound device was found; the transport runs"):
        DeviceSink(QAudioDevice(), RATE)


def test_errors_of_qt_are_of_the_enumeration_that_is_compared(qapp):
    """There are two that look the same and whose members are not equal."""
    assert type(QAudioSink().error()) is QtAudio.Error


def test_the_default_device_opens_or_says_why_not(qapp):
    device = SoundDevice()
    try:
        device.open(RATE).close()
    except PlaybackError as error:
        assert ";" in str(error)  # with a remedy
