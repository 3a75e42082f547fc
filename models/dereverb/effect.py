"""Dereverberation as an effect: chunks of 10 s, and controls over what the network does.

The network estimates the direct sound of each channel, and ``balance`` gives it the level and the
colour that it had. What the controls add is made from that estimate and from the input:

* **early**: the early reflections are the part of the input that a short filter (the last four
  frames, 64 ms) predicts from the direct sound, one filter for every bin of a chunk.
* **floor**: no bin of a frame ends up lower than the floor below the input.
* **amount**: the share of what was found to be room that is taken away.

What would be removed also says how dry a chunk is: of a dry recording the network finds next to
nothing, and then nothing is taken away, lest its errors be heard. Under direct sound a part of the
room stays, to cover them (``balance``). Behind the last sound of a chunk nothing is added, so that
the effect has no tail.

Both what is kept and what is taken away are whole steps of 24 bits, so that they add up to the
input, exactly, if it has no more than 24 bits.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.chunked import ChunkedEffect
from tonewright.dsp.effects.fifo import Fifo, join
from tonewright.dsp.effects.protocol import Effect
from tonewright.dsp.units import db_to_gain
from tonewright.dsp.weights import shipped_weights
from tonewright.models.dereverb import streaming
from tonewright.models.dereverb.accelerated import AcceleratedNetwork
from tonewright.models.dereverb.balance import (
    COLOUR_BANDS,
    Spectrum,
    band_weights,
    gains,
    over_bands,
    powers,
    removed_room,
)
from tonewright.models.dereverb.bands import frame_samples
from tonewright.models.dereverb.controls import (
    DRY_DB,
    EARLY_FRAMES,
    REGULARISATION,
    removed_part,
)
from tonewright.models.dereverb.effect_type import DEREVERB_SHA256
from tonewright.models.dereverb.network import (
    DereverbNetwork,
    audio_of,
    load_network,
    spectrum_of,
    without_room,
)

COLOUR_SHARES = {
    80: 0.55, 125: 0.15, 315: 0.2, 500: 0.55, 1_250: 0.6, 2_000: 0.25, 3_150: 0.55, 5_000: 0.35,
    8_000: 0.0, 12_500: 0.2, 20_000: 0.3,
}  # fmt: skip
"""How far the balance of bands goes to that of what was heard, by Hz."""

COLOUR_DB = {
    80: 1.25, 125: 1.1, 200: 0.45, 315: 0.55, 500: 0.0, 800: -0.15, 2_000: 0.0, 3_150: 0.25,
    5_000: -0.1, 8_000: -0.35, 12_500: 0.0,
}  # fmt: skip
"""What bands gain besides, by Hz. Both are lines through 160 passages of speech of development."""

FRAMES_AT_ONCE = 32
"""So few stay in the processor's cache, whatever is made of them."""

CHANNELS_AT_ONCE = 2
"""Each on a core of its own."""

STAYS = 0.2
"""Share of the room that stays under direct sound."""


class Room(ChunkedEffect):
    """The room's part of a signal, in chunks of 10 s; attributes as of ``Dereverb``."""

    chunk_seconds = 10.0
    overlap_seconds = 0.5

    def __init__(self, network: DereverbNetwork, early: float, floor_db: float) -> None:
        self.network = network
        self.early = early
        self.floor_db = floor_db
        super().__init__()

    @torch.inference_mode()
    def process_chunk(self, audio: Audio, sample_rate: float) -> Audio:
        """Return what the room added to a chunk."""
        sounding = np.flatnonzero(audio.any(axis=0))
        length = int(sounding[-1]) + 1 if len(sounding) else 0
        added = np.zeros_like(audio)
        if length:
            added[:, :length] = self._added(audio[:, :length], sample_rate)
        return added

    def _added(self, audio: Audio, sample_rate: float) -> Audio:
        """Return the same of audio whose last sample sounds."""
        length = audio.shape[1]
        # It may be shorter than a frame.
        played = functional.pad(
            torch.from_numpy(audio), (0, max(0, frame_samples(sample_rate) - length))
        )
        wet = spectrum_of(played, sample_rate)
        with ThreadPoolExecutor(CHANNELS_AT_ONCE) as pool:
            dry = torch.cat(list(pool.map(self._found, wet.split(1))))
        share = wetness(wet, dry)
        weights = band_weights(wet.shape[1], COLOUR_BANDS)
        each = [powers(*frames, weights) for frames in side_by_side(wet, dry)]
        means = np.concatenate(each, axis=1).mean(axis=1)
        balance = gains(means, weights, over_bands(COLOUR_SHARES), over_bands(COLOUR_DB))
        dry *= torch.from_numpy(balance)[:, None]
        if self.early:
            dry += self.early / 100.0 * early_part(wet, dry)
        floor = db_to_gain(self.floor_db)
        for heard, found in side_by_side(wet, dry):
            found[:] = share * removed_room(heard, found, floor, STAYS)
        return audio_of(dry, sample_rate, length).numpy()

    @torch.inference_mode()
    def _found(self, channel: Tensor) -> Tensor:
        """Return the direct sound of a channel; a thread begins without inference mode."""
        return without_room(self.network, channel)


class Dereverb:
    """Dereverberation with a network that looks both ways.

    Args:
        network: What estimates the direct sound.
        amount: Share of the room that is taken away, 0 to 100 %.
        early: Share of the early reflections that stays, 0 to 100 %.
        floor_db: How far a bin may be lowered, below 0 dB.
        listen: ``"result"``, or ``"removed"`` for what is taken away.
    """

    def __init__(
        self,
        network: DereverbNetwork,
        *,
        amount: float = 100.0,
        early: float = 0.0,
        floor_db: float = -80.0,
        listen: str = "result",
    ) -> None:
        self.amount = amount
        self.listen = listen
        self._room = Room(network, early, floor_db)
        self._waiting: Fifo | None = None

    def process(
        self, audio: Audio, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> Audio:
        """Return what is ready; with ``reset``, all of it."""
        if reset:
            self.reset()
        if self._waiting is None:
            self._waiting = Fifo(len(audio))
        self._waiting.push(audio)
        ready = self._heard(self._room.process(audio, sample_rate, buffer_size, reset=False))
        return join([ready, self.finish()], len(audio)) if reset else ready

    def finish(self) -> Audio:
        """Return what is held back; the stream is over."""
        rest = self._heard(self._room.finish())
        self.reset()
        return rest

    def reset(self) -> None:
        """Forget the stream so far."""
        self._room.reset()
        self._waiting = None

    def _heard(self, room: Audio) -> Audio:
        """Return the result, or what was removed, for the next samples of the room's part."""
        assert self._waiting is not None
        played = self._waiting.pop(room.shape[1])
        removed = removed_part(room, self.amount)
        return removed if self.listen == "removed" else played - removed


def side_by_side(wet: Tensor, dry: Tensor) -> Iterator[tuple[Spectrum, Spectrum]]:
    """Yield the next frames of both, ``(channels, bins, frames)``; they may be written to."""
    for start in range(0, wet.shape[2], FRAMES_AT_ONCE):
        frames = slice(start, start + FRAMES_AT_ONCE)
        yield wet[..., frames].numpy(), dry[..., frames].numpy()


def wetness(wet: Tensor, dry: Tensor) -> float:
    """Return 0 if the wet spectrum is the dry one but for a gain, 1 if there is room in it.

    Shape:
        Both ``(channels, bins, frames)``.
    """
    heard, direct = (each.mT.flatten() for each in (wet, dry))
    played, found = (torch.vdot(each, each).real.item() for each in (heard, direct))
    shared = torch.vdot(direct, heard).abs().item() ** 2 / (found + 1e-20)
    ratio_db = 10.0 * math.log10(max(0.0, played - shared) / (played + 1e-20) + 1e-12)
    low, high = DRY_DB
    return min(1.0, max(0.0, (ratio_db - low) / (high - low)))


def early_part(wet: Tensor, dry: Tensor) -> Tensor:
    """Return the reflections in ``wet`` that follow ``dry`` within four frames.

    Shape:
        All ``(channels, bins, frames)``.
    """
    frames = dry.shape[-1]
    late = [functional.pad(torch.view_as_real(dry), (0, 0, lag, 0))[:, :, :frames].contiguous()
            for lag in range(EARLY_FRAMES)]  # fmt: skip
    lagged = torch.stack([torch.view_as_complex(each) for each in late], dim=-1)
    likeness = lagged.mH @ lagged
    power = likeness.diagonal(dim1=-2, dim2=-1).real.mean(-1)[..., None, None]
    likeness = likeness + (REGULARISATION * power + 1e-9) * torch.eye(EARLY_FRAMES)
    filters = torch.linalg.solve(likeness, lagged.mH @ wet.unsqueeze(-1))
    return (lagged @ filters).squeeze(-1) - dry


def make(*, mode: str, amount: float, early: float, floor_db: float, listen: str) -> Effect:
    """Return the effect with the weights that ship: ``StreamingDereverb`` in mode ``"streaming"``.

    Raises:
        EffectError: If the weights are missing, or are not those of this version.
    """
    if mode == "streaming":
        return streaming.make(amount=amount, early=early, floor_db=floor_db, listen=listen)
    # Two threads can be slower than one by far when others are busy.
    torch.set_num_threads(1)
    network = load_network(shipped_weights("dereverb.safetensors", DEREVERB_SHA256))
    return Dereverb(
        AcceleratedNetwork(network), amount=amount, early=early, floor_db=floor_db, listen=listen
    )
