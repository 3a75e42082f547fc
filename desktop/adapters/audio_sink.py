"""The sound device: a playback sink over QAudioSink.

In push mode: what is written goes into a buffer of Qt's, which the system empties without Python,
so a busy interpreter is not heard as long as the buffer lasts. Everything here happens in the
feeder's thread; it has no event loop, so the events that Qt sends to the sink are handled whenever
it is asked for room.

A device that does not take float samples at the project's rate gets 16 bits, or its own rate.
"""

import time
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Signal
from PySide6.QtMultimedia import (
    QAudioDevice,
    QAudioFormat,
    QAudioSink,
    QMediaDevices,
    QtAudio,
)

from tonewright.dsp.audio.resample import Resampler
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.errors import PlaybackError
from tonewright.dsp.playback.sink import AHEAD_SECONDS, FADE_SECONDS

_FADE_STEPS = 5
_HARMLESS = (QtAudio.Error.NoError, QtAudio.Error.UnderrunError)
_SAMPLE_FORMATS = {
    QAudioFormat.SampleFormat.Float: np.float32,
    QAudioFormat.SampleFormat.Int16: np.int16,
}


class DeviceSink:
    """Plays through a device.

    Args:
        device: Where to.
        sample_rate: Of what will be written, in Hz.
        ahead_seconds: How much the buffer holds.
        make: Makes the QAudioSink of a device and a format.

    Attributes:
        sample_rate: Of what is written, in Hz.

    Raises:
        PlaybackError: If there is no device, or it takes no format of ours.
    """

    _io: Any  # where it is written to; None before the first sample
    _unsent: bytes
    _written_samples: int
    _resampler: Resampler

    def __init__(
        self,
        device: QAudioDevice,
        sample_rate: int,
        *,
        ahead_seconds: float = AHEAD_SECONDS,
        make: Callable[[QAudioDevice, QAudioFormat], Any] = QAudioSink,
    ) -> None:
        if device.isNull():
            raise PlaybackError(
                "no sound device was found; the transport runs silently, connect one to hear it"
            )
        self.sample_rate = sample_rate
        self._name = device.description()
        format_ = _format_for(device, sample_rate)
        self._dtype = _SAMPLE_FORMATS[format_.sampleFormat()]
        self._frame_bytes = format_.bytesPerFrame()
        self._device_rate = format_.sampleRate()
        self._events = QEventLoop()
        self._sink = make(device, format_)
        self._sink.setBufferSize(round(ahead_seconds * self._device_rate) * self._frame_bytes)
        self._base_samples = 0
        self._begin()

    @property
    def room_samples(self) -> int:
        """How many samples it takes now.

        Raises:
            PlaybackError: If the device has gone.
        """
        self._events.processEvents()
        if self._sink.error() not in _HARMLESS:
            raise PlaybackError(
                f"{self._name}: the sound device has stopped; the transport runs silently, "
                "connect it again or choose another in the system's settings"
            )
        self._push()
        if self._io is None:
            free = self._sink.bufferSize()
        else:
            free = 0 if self._unsent else self._sink.bytesFree()
        return int(free // self._frame_bytes * self.sample_rate / self._device_rate)

    @property
    def played_samples(self) -> int:
        """How many samples have left the buffer."""
        if self._io is None:
            return self._base_samples
        waiting = self._sink.bufferSize() - self._sink.bytesFree() + len(self._unsent)
        queued = round(waiting / self._frame_bytes * self.sample_rate / self._device_rate)
        return self._base_samples + max(0, self._written_samples - queued)

    def write(self, audio: Audio) -> None:
        """Queue audio of shape ``(2, samples)``.

        Raises:
            PlaybackError: If the device cannot be started.
        """
        if self._io is None:
            self._io = self._sink.start()
            if self._io is None:
                raise PlaybackError(
                    f"{self._name}: cannot be started; another program may be using it"
                )
        converted = self._resampler.process(audio)
        if self._dtype is np.int16:
            converted = np.rint(np.clip(converted, -1.0, 1.0) * 32_767.0)
        data = np.ascontiguousarray(converted.T, self._dtype).tobytes()
        self._written_samples += audio.shape[1]
        self._unsent += data
        self._push()

    def drop(self) -> None:
        """Fade out what sounds, and forget what waits behind.

        The system takes sound in portions, so the fade is as fine as those.
        """
        if self._io is None:
            return
        for step in range(_FADE_STEPS):
            self._sink.setVolume(1.0 - (step + 1) / _FADE_STEPS)
            time.sleep(FADE_SECONDS / _FADE_STEPS)
        self._base_samples = self.played_samples
        self._sink.reset()
        self._sink.setVolume(1.0)
        self._begin()

    def close(self) -> None:
        """Let go of the device."""
        self.drop()
        self._sink.stop()

    def _begin(self) -> None:
        self._io = None
        self._unsent = b""
        self._written_samples = 0
        self._resampler = Resampler(self.sample_rate, self._device_rate, 2)

    def _push(self) -> None:
        if self._unsent and self._io is not None:
            taken = self._io.write(self._unsent)
            self._unsent = self._unsent[max(0, taken) :]


class SoundDevice(QObject):
    """The system's default output, whichever that is.

    It is looked up in the main thread; ``open`` may be called in any.

    Signals:
        changed (): There is another one.
    """

    changed = Signal()

    def __init__(
        self, parent: QObject | None = None, *, ahead_seconds: float = AHEAD_SECONDS
    ) -> None:
        super().__init__(parent)
        self._ahead_seconds = ahead_seconds
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self._look)
        self._device = QMediaDevices.defaultAudioOutput()

    def open(self, sample_rate: int) -> DeviceSink:
        """Return a sink that plays there.

        Raises:
            PlaybackError: If there is no device, or it takes no format of ours.
        """
        return DeviceSink(self._device, sample_rate, ahead_seconds=self._ahead_seconds)

    def _look(self) -> None:
        device = QMediaDevices.defaultAudioOutput()
        if device != self._device:
            self._device = device
            self.changed.emit()


def _format_for(device: QAudioDevice, sample_rate: int) -> QAudioFormat:
    """Return the best stereo format that a device takes."""
    rates = dict.fromkeys((sample_rate, device.preferredFormat().sampleRate()))
    for rate, sample_format in product(rates, _SAMPLE_FORMATS):
        wanted = QAudioFormat()
        wanted.setSampleRate(rate)
        wanted.setChannelCount(2)
        wanted.setSampleFormat(sample_format)
        if device.isFormatSupported(wanted):
            return wanted
    raise PlaybackError(
        f"{device.description()}: takes no stereo sound; choose another device in the system's "
        "settings"
    )
