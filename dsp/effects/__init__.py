"""Effects: their contract, the chain that runs them, the registry that finds them."""

from tonewright.dsp.effects.automation import Automation, SampledAutomation
from tonewright.dsp.effects.chain import Chain
from tonewright.dsp.effects.declare import effect
from tonewright.dsp.effects.protocol import EffectType, Layout, Parameter, RunsIn, Tail
from tonewright.dsp.effects.slot import Slot

__all__ = [
    "Automation",
    "Chain",
    "EffectType",
    "Layout",
    "Parameter",
    "RunsIn",
    "SampledAutomation",
    "Slot",
    "Tail",
    "effect",
]
