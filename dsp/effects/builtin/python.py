"""Effects that are ours, in numpy: stereo width, tremolo, and a compressor with a sidechain."""

import math

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.protocol import EffectType, Layout, Parameter

GAIN_STEP_SAMPLES = 16
"""The compressor measures and decides once in so many samples, a third of a millisecond."""


class StereoWidth:
    """The side signal made stronger or weaker; what is in the middle stays as it is.

    Attributes:
        width: 0 is mono, 1 leaves the sound as it is, 2 doubles the sides.
    """

    def __init__(self, width: float) -> None:
        self.width = width

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return audio of shape ``(2, samples)`` with its width changed."""
        middle = 0.5 * (audio[0] + audio[1])
        side = np.float32(0.5 * self.width) * (audio[0] - audio[1])
        return np.stack([middle + side, middle - side])

    def reset(self) -> None:
        """Do nothing: there is no memory."""


class Tremolo:
    """A level that swings; the swing goes on smoothly when the rate changes.

    Attributes:
        rate_hz: Swings a second.
        depth: 0 is none, 1 swings down to silence.
    """

    def __init__(self, rate_hz: float, depth: float) -> None:
        self.rate_hz = rate_hz
        self.depth = depth
        self._phase: float
        self._rate_hz: float
        self._counted: int
        self.reset()

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return audio whose level swings."""
        if reset:
            self.reset()
        if self.rate_hz != self._rate_hz:
            # The phase is counted from the last change, so that it does not depend on the blocks.
            self._phase = (self._phase + self._rate_hz * self._counted / sample_rate) % 1.0
            self._rate_hz, self._counted = self.rate_hz, 0
        counted = self._counted + np.arange(audio.shape[1])
        self._counted += audio.shape[1]
        phase = self._phase + self._rate_hz * counted / sample_rate
        swing = 0.5 - 0.5 * np.cos(2.0 * np.pi * phase)
        return audio * (1.0 - self.depth * swing).astype(np.float32)

    def reset(self) -> None:
        """Start at full level."""
        self._phase = 0.0
        self._rate_hz = self.rate_hz
        self._counted = 0


class SidechainCompressor:
    """A compressor that listens to another signal: the bass makes way for the drum.

    The gain follows the louder channel of the sidechain, or of the input if there is none.

    Attributes:
        threshold_db: Where it begins, in dBFS.
        ratio: dB above the threshold for one dB of output.
        attack_ms: Time constant of the gain going down.
        release_ms: Time constant of the gain coming back.
    """

    def __init__(
        self, threshold_db: float, ratio: float, attack_ms: float, release_ms: float
    ) -> None:
        self.threshold_db = threshold_db
        self.ratio = ratio
        self.attack_ms = attack_ms
        self.release_ms = release_ms
        self._gain_db = 0.0

    def process(
        self,
        audio: Audio,
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
        *,
        sidechain: Audio | None = None,
    ) -> Audio:
        """Return audio turned down while the sidechain, of the same shape, is loud."""
        if reset:
            self.reset()
        length = audio.shape[1]
        heard = np.abs(audio if sidechain is None else sidechain).max(axis=0)
        steps = -(-length // GAIN_STEP_SAMPLES)
        heard = np.pad(heard, (0, steps * GAIN_STEP_SAMPLES - length))
        peaks = heard.reshape(steps, GAIN_STEP_SAMPLES).max(axis=1)
        over_db = 20.0 * np.log10(np.maximum(peaks, 1e-6)) - self.threshold_db
        wanted_db = np.maximum(over_db, 0.0) * (1.0 / self.ratio - 1.0)
        down = math.exp(-GAIN_STEP_SAMPLES / (sample_rate * self.attack_ms / 1000.0))
        back = math.exp(-GAIN_STEP_SAMPLES / (sample_rate * self.release_ms / 1000.0))
        gain_db = self._gain_db
        gains_db = [gain_db]
        for target_db in wanted_db.tolist():
            keep = down if target_db < gain_db else back
            gain_db = target_db + keep * (gain_db - target_db)
            gains_db.append(gain_db)
        self._gain_db = gain_db
        at = np.arange(length) / GAIN_STEP_SAMPLES
        gain = 10.0 ** (np.interp(at, np.arange(steps + 1), gains_db) / 20.0)
        return audio * gain.astype(np.float32)

    def reset(self) -> None:
        """Let go."""
        self._gain_db = 0.0


PYTHON_TYPES = (
    EffectType(
        id="stereo_width",
        name="Stereo width",
        factory=f"{__name__}:StereoWidth",
        parameters=(Parameter("width", 1.0, 0.0, 2.0, automatable=True),),
        layout=Layout.STEREO,
        description="Wider or narrower; what is in the middle stays",
    ),
    EffectType(
        id="tremolo",
        name="Tremolo",
        factory=f"{__name__}:Tremolo",
        parameters=(
            Parameter("rate_hz", 5.0, 0.01, 100.0, unit="Hz", automatable=True, logarithmic=True),
            Parameter("depth", 0.5, 0.0, 1.0, automatable=True),
        ),
        description="A level that swings",
    ),
    EffectType(
        id="sidechain_compressor",
        name="Sidechain compressor",
        factory=f"{__name__}:SidechainCompressor",
        parameters=(
            Parameter("threshold_db", -30.0, -100.0, 0.0, unit="dB", automatable=True),
            Parameter("ratio", 4.0, 1.0, 100.0, automatable=True, logarithmic=True),
            Parameter("attack_ms", 5.0, 0.1, 1_000.0, unit="ms", automatable=True),
            Parameter("release_ms", 150.0, 1.0, 10_000.0, unit="ms", automatable=True),
        ),
        block_samples=512,
        sidechain=True,
        description="Turns down while another track is loud",
    ),
)
