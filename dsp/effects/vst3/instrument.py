"""A VST3 instrument in a process of its own: a schedule of messages becomes sound."""

import base64
import logging
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.effects.vst3.catalog import DRY
from tonewright.dsp.effects.vst3.hosted import WINDOW_SECONDS, acquire, release
from tonewright.dsp.effects.vst3.process import PluginError
from tonewright.dsp.effects.vst3.ring import CHANNELS, SLOT_SAMPLES
from tonewright.dsp.project.document import Value
from tonewright.dsp.units import SILENCE_DB, db_to_gain

TAIL_SECONDS = 30.0
"""What still sounds so long behind the end is cut."""

_logger = logging.getLogger(__name__)


class HostedInstrument:
    """An instrument that runs in its own process; the arguments are those of ``HostedPlugin``.

    Where that would go on dry, an instrument goes on in silence.

    Raises:
        PluginError: If it cannot be loaded.
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
        del latency_samples, untrue  # of effects
        self.failure = ""
        label = plugin_name or path.rpartition("/")[2].removesuffix(".vst3")
        self._silent_on_failure = on_failure == DRY
        self._process = acquire(path, plugin_name, label)
        weakref.finalize(self, release, (path, plugin_name), self._process)
        self._process.ask("restore", state=state, params=params)

    def preset(self) -> bytes:
        """Return state and parameters as the content of a ``.vstpreset``."""
        return base64.b64decode(self._process.ask("preset")["preset"])

    def state(self) -> dict[str, Any]:
        """Return the plugin's ``state`` (base64) and its ``params`` as they are now."""
        return self._process.ask("state")

    def show_window(self) -> dict[str, Any]:
        """Show the plugin's own window, wait until it is closed, and return ``state()``."""
        return self._process.ask("window", seconds=WINDOW_SECONDS)

    def play(
        self, events: Sequence[tuple[int, bytes]], sample_rate: int, length_samples: int
    ) -> Iterator[Audio]:
        """Yield ``(2, samples)``: the length asked for, and what rings behind it until silence.

        Args:
            events: (sample, message), in order.
            sample_rate: In Hz.
            length_samples: How long it plays at least.

        Raises:
            PluginError: If the plugin fails, unless it is to go on in silence.
        """
        try:
            latency = self._process.ask("prepare", sample_rate=sample_rate, channels=CHANNELS)
            late = int(latency["latency"])
            yield from self._played(events, sample_rate, length_samples, late)
        except PluginError as error:
            if not self._silent_on_failure:
                raise
            self.failure = f"{error}; the track goes on in silence"
            _logger.warning("%s", self.failure)

    def _played(
        self, events: Sequence[tuple[int, bytes]], sample_rate: int, length_samples: int, late: int
    ) -> Iterator[Audio]:
        position = index = 0
        end = length_samples + late
        limit = end + round(TAIL_SECONDS * sample_rate)
        quiet = db_to_gain(SILENCE_DB)
        while position < limit:
            size = min(SLOT_SAMPLES, (end if position < end else limit) - position)
            messages = []
            while index < len(events) and events[index][0] < position + size:
                place, data = events[index]
                messages.append(((place - position) / sample_rate, list(data)))
                index += 1
            block = self._process.play(messages, size)
            if position >= end and np.abs(block).max(initial=0.0) < quiet:
                return
            position += size
            yield block if position - size >= late else _without(block, late - position + size)


def _without(block: Audio, samples: int) -> Audio:
    return block[:, samples:] if samples < block.shape[1] else silence(len(block), 0)
