"""A chain on a stream that comes in blocks and is wanted back at once."""

from tonewright.dsp.audio.signal import Audio, silence
from tonewright.dsp.bridge.chains import NamedChain
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.effects.stage import LEAST_SAMPLES
from tonewright.dsp.errors import BridgeError

MOST_HELD_SAMPLES = 8_192 - 128
"""The plugin's longest latency, less its fade."""

_TRIAL_SAMPLES = 16_384
_TRIAL_BLOCK_SAMPLES = 441  # divides no power of two, so that blocks inside fall everywhere


class LiveChain:
    """A chain at work.

    Args:
        chain: What runs.
        registry: Builds the effects.
        sample_rate: In Hz.
        channels: Of the stream.

    Attributes:
        held_samples: How many samples it keeps back at most, besides the block that it is given.

    Raises:
        BridgeError: If an effect cannot run live.
        EffectError: If an effect is not installed or cannot be made.
    """

    def __init__(
        self, chain: NamedChain, registry: Registry, *, sample_rate: int, channels: int
    ) -> None:
        rendered = chain.rendered(registry)
        if rendered:
            raise BridgeError(f"{', '.join(rendered)} cannot run live: set the mode to Place")
        self._sample_rate = sample_rate
        self._channels = channels
        self._chain = registry.build(chain.effects)
        self.held_samples = self._try() + LEAST_SAMPLES - 1 if chain.effects else 0
        if self.held_samples > MOST_HELD_SAMPLES:
            raise BridgeError(f"{chain.name}: keeps too much back to run live: set Mode to Place")
        self._chain = registry.build(chain.effects)

    def _try(self) -> int:
        """Return the most that is held back; it also loads what loads late."""
        held = most = 0
        for _ in range(0, _TRIAL_SAMPLES, _TRIAL_BLOCK_SAMPLES):
            held += _TRIAL_BLOCK_SAMPLES
            held -= self.process(silence(self._channels, _TRIAL_BLOCK_SAMPLES)).shape[1]
            most = max(most, held)
        return most

    def process(self, audio: Audio) -> Audio:
        """Return what is ready of a stream; shape ``(channels, samples)``."""
        if not len(self._chain):
            return audio
        return self._chain.process(audio, self._sample_rate, reset=False)
