"""An effect as it is rendered: with all that decides its sound, and nothing else."""

from dataclasses import dataclass, replace

from tonewright.dsp.effects.automation import Automation
from tonewright.dsp.project.document import Value
from tonewright.dsp.rendering.graph import Node
from tonewright.dsp.rendering.key import content_key


@dataclass(frozen=True)
class BoundEffect:
    """An effect with all that decides its sound: parameters complete, automation in samples.

    ``files`` and ``folders`` are (parameter, checksum) of parameters that name one. In the key,
    what is in a file stands for where it is.
    """

    type: str
    version: int
    params: tuple[tuple[str, Value], ...]
    mix: float = 1.0
    seed: int = 0
    state: str = ""
    automation: tuple[tuple[str, Automation], ...] = ()
    sidechain: Node | None = None
    weights_sha256: str = ""
    source_sha256: str = ""
    files: tuple[tuple[str, str], ...] = ()
    folders: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Its content key."""
        named = dict(self.files)
        params = tuple((name, "" if name in named else value) for name, value in self.params)
        return content_key(replace(self, params=params))
