"""Our chain beside pedalboard's, and with automation beside without.

Two sides at a time, so that each finds the memory as the other left it. With three in a row, what
ran behind the automated chain, whose small blocks keep their memory, was spared 6,000 page faults:
of two equal pedalboards the second was 3.5 % slower.
"""

import numpy as np
import pedalboard
from timing import RATE, alternate, music, ratio, speed

from tonewright.dsp.effects import Automation, Chain, Slot


def six_effects() -> list[pedalboard.Plugin]:
    """Return the six native effects of the comparison."""
    return [
        pedalboard.HighpassFilter(60.0),
        pedalboard.PeakFilter(900.0, 3.0, 1.0),
        pedalboard.Compressor(-18.0, 3.0, 5.0, 100.0),
        pedalboard.Chorus(),
        pedalboard.Reverb(),
        pedalboard.Limiter(-3.0),
    ]


def chain_rows(length_seconds: int, runs: int) -> list[list[str]]:
    """Return our chain against pedalboard's, and automation against none."""
    audio = music(RATE * length_seconds, 0)
    board = pedalboard.Pedalboard(six_effects())
    chain = Chain(six_effects())
    steps = np.arange(0, audio.shape[1], 512)
    sweep = tuple((int(at), 500.0 + 400.0 * np.sin(at / RATE), 0.0) for at in steps)
    moving = Chain(six_effects())
    moving[1] = Slot(moving[1], automation={"cutoff_frequency_hz": Automation(points=sweep)})
    theirs, ours = alternate([lambda: board(audio, RATE), lambda: chain(audio, RATE)], runs)
    still, automated = alternate([lambda: chain(audio, RATE), lambda: moving(audio, RATE)], runs)
    return [
        ["six effects: pedalboard.Pedalboard", speed(length_seconds, theirs), "", ""],
        [
            "six effects: Chain",
            speed(length_seconds, ours),
            f"{ratio(ours, theirs):.3f}",
            "<= 1.03",
        ],
        [
            "one parameter automated every 512 samples, to Chain without",
            speed(length_seconds, automated),
            f"{ratio(automated, still):.3f}",
            "<= 1.10",
        ],
    ]
