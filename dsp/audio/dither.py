"""From float to integer: triangular (TPDF) dither at the quantiser.

Two uniform random numbers, each one step wide, are added before rounding: the error is then
noise of constant power (1/4 step squared), whatever the signal. Samples that are exactly zero
stay zero, so that digital silence stays silent; they have no error to decorrelate.
"""

import numpy as np
import numpy.typing as npt

from tonewright.dsp.audio.signal import Audio

_PIECE_SAMPLES = 16_384


class Dither:
    """Quantises a stream; pieces of any size give what one call gives.

    Args:
        bits: Of a signed integer, 2 to 24; full scale 1.0 is ``2 ** (bits - 1)`` steps.
        seed: The same seed gives the same noise.

    Attributes:
        clipped_samples: Values beyond full scale so far, each channel counted; they are limited.

    Raises:
        ValueError: If ``bits`` is out of range.
    """

    def __init__(self, bits: int, seed: int = 0) -> None:
        if not 2 <= bits <= 24:
            raise ValueError(f"bits must be 2 to 24, not {bits}")
        self._steps = 2 ** (bits - 1)
        self._random = np.random.Generator(np.random.PCG64(seed))
        self.clipped_samples = 0

    def quantize(self, audio: Audio) -> npt.NDArray[np.int32]:
        """Return the next piece as steps.

        Shape:
            ``(channels, samples)`` to ``(samples, channels)``, the order of files.
        """
        steps = np.empty((audio.shape[1], audio.shape[0]), np.int32)
        # In pieces that stay in the processor's cache: twice as fast.
        for start in range(0, len(steps), _PIECE_SAMPLES):
            end = start + _PIECE_SAMPLES
            steps[start:end] = self._quantized(audio.T[start:end])
        return steps

    def _quantized(self, values: Audio) -> npt.NDArray[np.float64]:
        # Numbers are drawn sample after sample, so that where pieces end makes no difference.
        # The halves of one number are the two uniform ones, whose difference is triangular.
        drawn = self._random.integers(0, 2**32, values.shape, np.uint32)
        noise = (drawn & 0xFFFF).view(np.int32) - (drawn >> 16).view(np.int32)
        # float32 has too few bits for a 24-bit value and its dither.
        steps = values * np.float64(self._steps)
        steps += noise * 2.0**-16
        np.rint(steps, out=steps)
        np.clip(steps, -self._steps, self._steps - 1, out=steps)
        steps[values == 0.0] = 0.0
        self.clipped_samples += int(np.count_nonzero(np.abs(values) > 1.0))
        return steps
