"""How far the sound of an effect that is rendered is, for people."""

from dataclasses import dataclass
from enum import StrEnum


class RenderStage(StrEnum):
    """How far the sound of an effect that runs RENDERED is."""

    READY = "ready"
    COMPUTING = "computing"
    QUEUED = "queued"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RenderState:
    """The state of an effect that runs RENDERED.

    Attributes:
        fraction: 0 to 1, while computing.
        eta_seconds: Estimated rest; None while it is not known.
        reason: Why it failed.
    """

    stage: RenderStage
    fraction: float = 0.0
    eta_seconds: float | None = None
    reason: str = ""

    @property
    def ready(self) -> bool:
        """Whether the sound is there."""
        return self.stage is RenderStage.READY

    def to_text(self) -> str:
        """Return the state for people."""
        match self.stage:
            case RenderStage.READY:
                return "Ready"
            case RenderStage.QUEUED:
                return "Queued; you hear it dry"
            case RenderStage.FAILED:
                return f"Failed: {self.reason}"
        rest = "" if self.eta_seconds is None else f", {self.eta_seconds:.0f} s left"
        return f"Computing {self.fraction * 100:.0f} %{rest}; you hear it dry"
