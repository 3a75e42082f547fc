"""What can be heard from a project: the mix, the mix before the master, or a stem."""

from dataclasses import dataclass

from tonewright.dsp.project.document import Id


@dataclass(frozen=True, slots=True)
class Mix:
    """All that reaches the master; with ``through_master`` its effects and fader too."""

    through_master: bool = True


@dataclass(frozen=True, slots=True)
class Stem:
    """One track or group behind its effects, fader and pan; a group with all that it holds.

    With ``through_master`` it passes the master's effects and fader on its own.
    """

    track_id: Id
    through_master: bool = False


Output = Mix | Stem
