"""The network: complex filters for low frequencies, gains for high ones, at any sample rate.

The signal is seen in frames of 32 ms, 16 ms apart, so that bins are 31.25 Hz apart at any rate and
one network serves all. The spectrum becomes 44 **bands** of 4 points each: 40 bands of 4 bins up
to 5 kHz, and 4 bands of 4 slots, each 1/16 of the way from 5 to 24 kHz on the ERB scale, above.
Every band is a vector of ``width`` numbers; a layer lets each band look along time (a GRU, the
same for all bands) and all bands look at each other (two linear maps, the same for all frames).

At the end a low bin is the sum of its own ``past + 1 + ahead`` frames with complex weights: a
prediction of the echo from what came before, which may cancel it, where a gain can only hide it.
High frequencies keep their phase and get gains. The input is seen compressed (power 0.3) relative
to a level that the caller gives, and the network starts out as the identity.

A causal network has forward GRUs only and ``ahead = 0``. One of masks has gains for all bins: less
can be had with it, but it can learn where nobody says what the phases are.
"""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from tonewright.models.dereverb.bands import (
    BAND_POINTS,
    BANDS,
    COMPRESSION,
    FEATURES,
    LEVEL_FLOOR,
    LEVEL_FRAMES,
    LOW_BANDS,
    LOW_BINS,
    SLOTS,
    Shape,
    frame_samples,
    slot_weights,
)
from tonewright.models.weights import load_weights


def window_of(sample_rate: float) -> Tensor:
    """Return the window of a frame, for analysis and synthesis."""
    return torch.hann_window(frame_samples(sample_rate)).sqrt()


def spectrum_of(audio: Tensor, sample_rate: float) -> Tensor:
    """Return complex frames.

    Shape:
        ``(batch, samples)`` to ``(batch, bins, frames)``; frame t is centred at sample t hop.
    """
    size = frame_samples(sample_rate)
    return torch.stft(
        audio, size, size // 2, window=window_of(sample_rate), pad_mode="constant",
        return_complex=True,
    )  # fmt: skip


def audio_of(spectrum: Tensor, sample_rate: float, length_samples: int) -> Tensor:
    """Return the audio of complex frames: the inverse of ``spectrum_of``.

    It is ``torch.istft`` for frames that overlap by half, whose windows add up to 1.

    Shape:
        ``(batch, bins, frames)`` to ``(batch, length_samples)``.
    """
    size = frame_samples(sample_rate)
    window = window_of(sample_rate)
    frames = torch.fft.irfft(spectrum.mT, size) * window
    starts, ends = frames.unflatten(-1, (2, -1)).unbind(-2)
    # Nothing follows the last frame.
    alone = ends[:, -1:] / window[size // 2 :].square()
    hops = torch.cat([ends[:, :-1] + starts[:, 1:], alone], dim=1)
    return hops.flatten(1)[:, :length_samples]


def level_of(spectrum: Tensor, *, causal: bool) -> Tensor:
    """Return what a size of 1 means: the RMS of low bins over all frames.

    If causal it is that of the frames so far, where each weighs more than the one before it.

    Shape:
        ``(batch, bins, frames)`` to ``(batch, 1)``, or ``(batch, frames)`` if causal.
    """
    low = spectrum[:, :LOW_BINS]
    power = (low.real.square() + low.imag.square()).mean(dim=1)
    if causal:
        frames = torch.arange(power.shape[1], dtype=torch.float32, device=power.device)
        weights = torch.exp(-(frames[:, None] - frames) / LEVEL_FRAMES).tril()
        return (power @ weights.T / weights.sum(dim=1) + LEVEL_FLOOR**2).sqrt()
    return (power.mean(dim=1, keepdim=True) + LEVEL_FLOOR**2).sqrt()


def without_room(network: "DereverbNetwork", spectrum: Tensor) -> Tensor:
    """Return complex frames without the room, of the same shape ``(batch, bins, frames)``.

    Fewer bins than the network wants, of a rate below 10 kHz, are filled up with silence.
    """
    missing = max(0, LOW_BINS + 1 - spectrum.shape[1])
    padded = functional.pad(spectrum, (0, 0, 0, missing))
    level = level_of(padded, causal=not network.shape.both_ways)
    done: Tensor = network(padded, level)[0]
    return done[:, : spectrum.shape[1]]


def load_network(path: Path) -> "DereverbNetwork":
    """Return the network of a file of weights; raises as ``load_weights``."""
    return load_weights(path, lambda **shape: DereverbNetwork(Shape(**shape)), "a dereverberation")


def begin_causal(causal: "DereverbNetwork", offline: "DereverbNetwork") -> None:
    """Let a causal network begin with what one that looks both ways has learnt.

    Its GRUs are twice as wide, so each takes both directions' numbers side by side, and both run
    forwards. Its filters have the taps of the same lags; what looked ahead is dropped.

    Raises:
        ValueError: If they differ in more than that.
    """
    same = replace(offline.shape, hidden=2 * offline.shape.hidden, past=causal.shape.past, ahead=0,
                   both_ways=False)  # fmt: skip
    if causal.shape != same or causal.shape.past < offline.shape.past:
        raise ValueError(f"{causal.shape} cannot begin with {offline.shape}")
    learnt = {name: value.clone() for name, value in offline.state_dict().items()}
    state = causal.state_dict()
    for name in state:
        if ".time." in name:
            ways = [learnt[name].unflatten(0, (3, -1)),
                    learnt[f"{name}_reverse"].unflatten(0, (3, -1))]  # fmt: skip
            if "weight_hh" in name:
                ways = [torch.cat([ways[0], torch.zeros_like(ways[0])], dim=2),
                        torch.cat([torch.zeros_like(ways[1]), ways[1]], dim=2)]  # fmt: skip
            state[name] = torch.cat(ways, dim=1).flatten(0, 1)
        elif name != "filters":
            state[name] = learnt[name]
    taps = learnt["filters"].unflatten(2, (BAND_POINTS, offline.shape.taps, 2))
    more = causal.shape.past - offline.shape.past
    kept = functional.pad(taps, (0, 0, more, causal.shape.ahead - offline.shape.ahead))
    state["filters"] = kept.flatten(2)
    causal.load_state_dict(state)


def begin_with(network: "DereverbNetwork", known: "DereverbNetwork") -> None:
    """Let a network begin with what another one has learnt.

    It may have more layers, which at first add nothing, GRUs that remember more, which at first
    nobody hears, and filters of more taps, at first 0: then both do the same at first. Of more
    layers than it has, it knows the first ones; where its GRUs remember less, it knows the units
    that are heard most.

    Raises:
        ValueError: If they differ in more than that.
    """
    if network.shape.hidden < known.shape.hidden:
        known = _with_fewer_units(known, network.shape.hidden)
    wanted, shape = network.shape, known.shape
    grown = ("hidden", "past", "ahead")
    more = {name: getattr(wanted, name) - getattr(shape, name) for name in grown}
    free = {name: getattr(wanted, name) for name in ("layers", *grown)}
    if min(more.values()) < 0 or replace(shape, **free) != wanted:
        raise ValueError(f"{wanted} cannot begin with {shape}")
    learnt, state = known.state_dict(), network.state_dict()
    for name, value in state.items():
        if name == "filters":
            taps = learnt[name].unflatten(2, (BAND_POINTS, shape.taps, 2))
            state[name] = functional.pad(taps, (0, 0, more["past"], more["ahead"])).flatten(2)
        elif name not in learnt:
            if ".time_out." in name or ".band_out." in name:
                value.zero_()
        elif ".time." in name:
            gates = value.unflatten(0, (3, -1))
            if "weight_hh" in name:
                gates[:, : shape.hidden, shape.hidden :] = 0.0
            old = learnt[name].unflatten(0, (3, -1))
            gates[:, : shape.hidden, *(slice(size) for size in old.shape[2:])] = old
        elif ".time_out.weight" in name:
            ways = learnt[name].unflatten(1, (-1, shape.hidden))
            state[name] = functional.pad(ways, (0, more["hidden"])).flatten(1)
        else:
            state[name] = learnt[name]
    network.load_state_dict(state)


def _with_fewer_units(known: "DereverbNetwork", hidden: int) -> "DereverbNetwork":
    """Return a network whose GRUs keep those units that have the largest weights behind them."""
    network = DereverbNetwork(replace(known.shape, hidden=hidden))
    learnt = known.state_dict()
    for number in range(known.shape.layers):
        layer = f"layers.{number}.time"
        heard = learnt[f"{layer}_out.weight"].unflatten(1, (-1, known.shape.hidden))
        kept = []
        for way, suffix in enumerate(["", "_reverse"][: heard.shape[1]]):
            units = heard[:, way].norm(dim=0).topk(hidden).indices.sort().values
            kept.append(heard[:, way, units])
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                name = f"{layer}.{part}_l0{suffix}"
                gates = learnt[name].unflatten(0, (3, -1))[:, units]
                if part == "weight_hh":
                    gates = gates[:, :, units]
                learnt[name] = gates.flatten(0, 1)
        learnt[f"{layer}_out.weight"] = torch.cat(kept, dim=1)
    network.load_state_dict(learnt)
    return network


class Layer(nn.Module):
    """One look along time and one across bands, each added to what comes in."""

    def __init__(self, shape: Shape, bands: int) -> None:
        super().__init__()
        ways = 2 if shape.both_ways else 1
        self.time_norm = nn.LayerNorm(shape.width)
        self.time = nn.GRU(shape.width, shape.hidden, bidirectional=shape.both_ways)
        self.time_out = nn.Linear(ways * shape.hidden, shape.width)
        self.band_norm = nn.LayerNorm(shape.width)
        self.band_in = nn.Linear(bands, 2 * bands)
        self.band_out = nn.Linear(2 * bands, bands)
        self.mix = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the next vectors and the state of the GRU.

        Shape:
            ``x``: ``(frames, batch, bands, width)``.
        """
        frames, batch, bands, width = x.shape
        along = self.time_norm(x).view(frames, batch * bands, width)
        along, state = self.time(along, state)
        x = x + self.time_out(along).view_as(x)
        across = self.mix(self.band_norm(x)).transpose(2, 3)
        across = self.band_out(functional.gelu(self.band_in(across)))
        return x + across.transpose(2, 3), state


class DereverbNetwork(nn.Module):
    """Complex frames in, complex frames without the room out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        seen = BAND_POINTS * FEATURES
        self.enter = nn.Parameter(torch.randn(BANDS, seen, shape.width) * seen**-0.5)
        self.place = nn.Parameter(torch.zeros(BANDS, shape.width))
        self.layers = nn.ModuleList(Layer(shape, BANDS) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        out = BAND_POINTS * (1 if shape.masks else shape.taps * 2)
        small = 0.1 * shape.width**-0.5
        self.filters = nn.Parameter(torch.randn(LOW_BANDS, shape.width, out) * small)
        self.gains = nn.Parameter(torch.randn(BANDS - LOW_BANDS, shape.width, BAND_POINTS) * small)

    def forward(
        self, spectrum: Tensor, level: Tensor, states: list[Tensor] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the spectrum without the room, and the states after its last frame.

        Args:
            spectrum: Complex, ``(batch, bins, frames)``, at least ``LOW_BINS + 1`` bins.
            level: What a size of 1 means, ``(batch, 1 or frames)``, above 0.
            states: Of the frames before; None at the start.
        """
        weights = torch.from_numpy(slot_weights(spectrum.shape[1])).to(spectrum.device)
        filters, gains, after = self.found(self._features(spectrum, level, weights), states)
        # A frame's bins lie side by side in memory.
        by_frame = spectrum.mT
        above = by_frame[..., LOW_BINS:] * (gains.flatten(2).transpose(0, 1) @ weights)
        below, low = by_frame[..., :LOW_BINS], filters.transpose(0, 1)
        below = below * _open(low.flatten(2)) if self.shape.masks else self._filtered(below, low)
        return torch.cat([below, above], dim=2).mT, after

    def found(
        self, features: Tensor, states: list[Tensor] | None = None
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return the filters of low bins, the gains of slots and the states after the last frame.

        Shape:
            ``features``: ``(frames, batch, bands, points x features)``; filters ``(frames, batch,
            low bands, points x taps x 2)``, gains ``(frames, batch, high bands, points)``.
        """
        x = torch.einsum("tbnf,nfd->tbnd", features, self.enter) + self.place
        after = []
        for index, layer in enumerate(self.layers):
            x, state = layer(x, None if states is None else states[index])
            after.append(state)
        x = self.norm(x)
        filters = torch.einsum("tbnd,ndo->tbno", x[:, :, :LOW_BANDS], self.filters)
        high = torch.einsum("tbnd,ndo->tbno", x[:, :, LOW_BANDS:], self.gains)
        return filters, _open(high), after

    def _features(self, spectrum: Tensor, level: Tensor, weights: Tensor) -> Tensor:
        """Return what is seen of every point, ``(frames, batch, bands, points x features)``."""
        by_frame, level = spectrum.mT, level[..., None]
        low, above = by_frame[..., :LOW_BINS] / level, by_frame[..., LOW_BINS:]
        size = low.abs() + 1e-5
        direction = low / size
        before = functional.pad(direction, (0, 0, 1, 0))[:, :-1]
        advance = direction * before.conj()
        size = size**COMPRESSION
        power = above.real.square() + above.imag.square()
        inside = weights / weights.sum(dim=1, keepdim=True).clamp(min=1.0)
        slots = (power @ inside.T / level.square() + 1e-10) ** (COMPRESSION / 2.0)
        sizes = torch.cat([size, slots], dim=2)
        others = [size * direction.real, size * direction.imag, size * advance.real,
                  size * advance.imag]  # fmt: skip
        padded = [functional.pad(each, (0, SLOTS)) for each in others]
        points = torch.stack([sizes, *padded], dim=-1)  # (batch, frames, points, features)
        return points.unflatten(2, (BANDS, BAND_POINTS)).flatten(3).transpose(0, 1)

    def _filtered(self, low: Tensor, weights: Tensor) -> Tensor:
        """Return low bins filtered over frames, ``(batch, frames, LOW_BINS)`` as ``low``."""
        taps = self.shape.taps
        filters = torch.view_as_complex(weights.float().reshape(*low.shape, taps, 2))
        padded = functional.pad(low, (0, 0, self.shape.past, self.shape.ahead))
        windows = padded.unfold(1, taps, 1)  # (batch, frames, bins, taps)
        return low + (filters * windows).sum(dim=-1)


def _open(values: Tensor) -> Tensor:
    """Return gains, 0 to 1, which at first are nearly 1."""
    return torch.sigmoid(values + 3.0)
