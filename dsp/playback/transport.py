"""Where playback is and where it goes next, as a value.

Positions are in samples of the project. A loop is a half-open range: behind its last sample comes
its first. It catches what plays into its end from the left; what starts behind it plays on.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class LoopRange:
    """The range ``[start, end)`` that is repeated; at least one sample."""

    start_samples: int
    end_samples: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_samples < self.end_samples:
            raise ValueError(f"no loop range: {self.start_samples} to {self.end_samples}")


@dataclass(frozen=True, slots=True)
class Transport:
    """The next sample to play, and whether it is played.

    Attributes:
        position_samples: At least 0.
        loop: What is repeated, if anything.
    """

    position_samples: int = 0
    playing: bool = False
    loop: LoopRange | None = None

    def __post_init__(self) -> None:
        if self.position_samples < 0:
            raise ValueError(f"position_samples must not be negative: {self.position_samples}")

    @property
    def straight_samples(self) -> int | None:
        """How many samples come before the jump of the loop; None if it will not jump."""
        if self.loop is None or self.position_samples >= self.loop.end_samples:
            return None
        return self.loop.end_samples - self.position_samples

    def at(self, position_samples: int) -> "Transport":
        """Return the transport at another position."""
        return replace(self, position_samples=position_samples)

    def advanced(self, length_samples: int) -> "Transport":
        """Return the transport after so many samples were played."""
        position = self.position_samples + length_samples
        straight = self.straight_samples
        if self.loop is not None and straight is not None and length_samples >= straight:
            loop_samples = self.loop.end_samples - self.loop.start_samples
            position = self.loop.start_samples + (length_samples - straight) % loop_samples
        return self.at(position)
