"""A VST3 plugin as an effect of a chain, in a process of its own.

A stream is cut into whole blocks of the plugin before it crosses to the process, many at a time,
so that crossing costs little and the sound does not depend on the caller. Who brings much at once
is not made to wait for it: what is not ready comes with a later call, while the plugin works on.
Processes whose effect is gone are kept for the next one with the same plugin, because seeking
builds chains often.

pedalboard drops the latency that a plugin reports from the front of a stream, so the effect is
aligned and has none; what is late comes with ``finish``.

**Failure.** A plugin that crashes, hangs, floods the error output, or is not as late as it says
fails with a ``PluginError``. With ``on_failure="dry"`` what it was fed is passed on from there, in
its place, and the failure is logged.
"""

import atexit
import base64
import logging
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.fifo import Fifo, join
from tonewright.dsp.effects.vst3.catalog import DRY
from tonewright.dsp.effects.vst3.process import Limits, PluginError, PluginProcess
from tonewright.dsp.effects.vst3.ring import BLOCK_SAMPLES, SLOT_SAMPLES
from tonewright.dsp.project.document import Value

LIMITS = Limits()
IDLE_PROCESSES = 4
"""So many processes wait at most for their plugin to be used again."""

AHEAD_SAMPLES = SLOT_SAMPLES
"""Who brings as much at once renders, and does not play."""

WINDOW_SECONDS = 86_400.0

_logger = logging.getLogger(__name__)
_idle: deque[tuple[tuple[str, str], PluginProcess]] = deque()


class HostedPlugin:
    """A plugin that runs in its own process.

    Args:
        path: The ``.vst3``.
        plugin_name: Which plugin of the file; empty for the only one.
        latency_samples: As found by the scan; what the plugin says when it runs counts.
        untrue: How the reported latency was found to be wrong; empty if it was not.
        state: The plugin's state, base64; its own at loading if empty.
        on_failure: ``"stop"`` or ``"dry"``.
        params: Its parameters, by name; what is not named is as the state has it.

    Raises:
        PluginError: If it cannot be loaded and ``on_failure`` is ``"stop"``.
    """

    def __init__(
        self,
        *,
        path: str,
        plugin_name: str = "",
        latency_samples: int = 0,
        untrue: str = "",
        state: str = "",
        on_failure: str = "stop",
        **params: Value,
    ) -> None:
        self.reported_latency_samples = latency_samples
        self.failure = ""
        self._label = plugin_name or path.rpartition("/")[2].removesuffix(".vst3")
        self._params = params
        self._dry_on_failure = on_failure == DRY
        self._process: PluginProcess | None = None
        self._prepared: tuple[float, int] | None = None  # for which rate and channels
        self._start_stream()
        try:
            if untrue:
                raise PluginError(
                    f"{untrue}; update or remove the plugin, or if it is meant to sound late: "
                    f"tonewright plugins trust {path}"
                )
            self._process = acquire(path, plugin_name, self._label)
            weakref.finalize(self, release, (path, plugin_name), self._process)
            heard = self._process.ask("restore", state=state, params=params)["params"]
            self._params = {**heard, **params}
        except PluginError as error:
            self._fail(error)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_params"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__dict__.get("_params", ()):
            super().__setattr__(name, value)
            return
        if self._params[name] == value:
            return
        self._params[name] = value
        self._fed(self._waiting.pop(self._waiting.samples))
        self._settle()
        self._prepared = None  # the latency may be another one
        if self._process is not None and not self.failure:
            try:
                self._process.ask("set", params={name: float(value)})
            except PluginError as error:
                self._fail(error)

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return what is ready, fewer samples than came in while a block is not full.

        **Shape**: ``(1 or 2, samples)``.
        """
        if reset:
            self.reset()
        if self._channels != len(audio):
            self._prepare(sample_rate, len(audio))
        self._waiting.push(audio)
        if reset:
            return self.finish()[:, : audio.shape[1]]
        whole = self._waiting.samples // BLOCK_SAMPLES * BLOCK_SAMPLES
        self._fed(self._waiting.pop(whole))
        if audio.shape[1] < AHEAD_SAMPLES:
            self._settle()
        return self._taken()

    def finish(self) -> Audio:
        """Return what is held back: the last, unfilled block and what is late."""
        if not self._channels:
            return silence(1, 0)
        self._fed(self._waiting.pop(self._waiting.samples))
        if self.reported_latency_samples:
            late = silence(self._channels, self.reported_latency_samples)
            self._crossed(lambda process: process.feed(late))
        self._settle()
        return self._taken()

    def reset(self) -> None:
        """Forget the stream so far."""
        if self._channels and self._process is not None and not self.failure:
            try:
                self._process.forget()
                self._process.ask("reset")
            except PluginError as error:
                self._fail(error)
        self._start_stream()

    def state(self) -> dict[str, Any]:
        """Return the plugin's ``state`` (base64) and its ``params`` as they are now.

        Raises:
            PluginError: If it has failed.
        """
        return self._ask("state")

    def preset(self) -> bytes:
        """Return state and parameters as the content of a ``.vstpreset``; errors as ``state``."""
        return base64.b64decode(self._ask("preset")["preset"])

    def show_window(self) -> dict[str, Any]:
        """Show the plugin's own window, wait until it is closed, and return ``state()``.

        Raises:
            PluginError: If there is no display, or the plugin has no window.
        """
        return self._ask("window", seconds=WINDOW_SECONDS)

    def _ask(self, verb: str, **content: Any) -> dict[str, Any]:
        if self._process is None or self.failure:
            raise PluginError(self.failure or f"{self._label} is not loaded")
        self._prepared = None
        return self._process.ask(verb, **content)

    def _start_stream(self) -> None:
        self._channels = 0
        self._waiting = Fifo(1)
        self._dry = Fifo(1)  # what went in and has not come out: passed on after a failure
        self._ready: list[Audio] = []

    def _prepare(self, sample_rate: float, channels: int) -> None:
        self._start_stream()
        self._channels = channels
        self._waiting = Fifo(channels)
        self._dry = Fifo(channels)
        if self._process is None or self.failure or self._prepared == (sample_rate, channels):
            return
        try:
            answer = self._process.ask("prepare", sample_rate=sample_rate, channels=channels)
        except PluginError as error:
            self._fail(error)
        else:
            self.reported_latency_samples = answer["latency"]
            self._prepared = sample_rate, channels

    def _taken(self) -> Audio:
        ready = join(self._ready, self._channels)
        self._ready = []
        return ready

    def _fed(self, audio: Audio) -> None:
        """Send a stream's next samples to the plugin; what is ready goes to ``_ready``."""
        if not audio.shape[1]:
            return
        if self._dry_on_failure:
            self._dry.push(audio)
        self._crossed(lambda process: process.feed(audio))

    def _settle(self) -> None:
        """Wait for what the plugin still works on."""
        self._crossed(lambda process: process.settle(self._channels))

    def _crossed(self, cross: Callable[[PluginProcess], Audio]) -> None:
        """Keep what comes back from the plugin; if it fails, what went in and did not."""
        if self._process is not None and not self.failure:
            try:
                wet = cross(self._process)
                self._require_latency(self._process.latency_samples)
            except PluginError as error:
                self._fail(error)
            else:
                if self._dry_on_failure:
                    self._dry.pop(wet.shape[1])
                self._ready.append(wet)
                return
        self._ready.append(self._dry.pop(self._dry.samples))

    def _require_latency(self, latency_samples: int) -> None:
        if latency_samples != self.reported_latency_samples:
            raise PluginError(
                f"{self._label} changed its latency from {self.reported_latency_samples} to "
                f"{latency_samples} samples in the middle of the sound; use settings that keep it"
            )

    def _fail(self, error: PluginError) -> None:
        if self._process is not None:
            self._process.close()
        if not self._dry_on_failure:
            raise error
        self.failure = f"{error}; the sound goes on dry"
        _logger.warning("%s", self.failure)


def acquire(path: str, plugin_name: str, label: str) -> PluginProcess:
    """Return a process with a plugin loaded: one that waits, or a new one."""
    for entry in list(_idle):
        key, process = entry
        if key == (path, plugin_name):
            try:
                _idle.remove(entry)
            except ValueError:
                continue  # another thread took it
            process.limits = LIMITS
            try:
                process.forget()
            except PluginError:  # it failed when nobody listened any more
                process.close()
            else:
                return process
    process = PluginProcess(label, LIMITS)
    try:
        process.ask("load", seconds=LIMITS.load_seconds, path=path, name=plugin_name)
    except PluginError:
        process.close()
        raise
    return process


def release(key: tuple[str, str], process: PluginProcess) -> None:
    """Keep a process for the next effect with the same plugin, or end it."""
    if process.alive and len(_idle) < IDLE_PROCESSES:
        _idle.append((key, process))
    else:
        process.close()


@atexit.register
def close_idle() -> None:
    """End the processes that wait to be used again."""
    while _idle:
        _idle.pop()[1].close()
