"""Work of the worker process whose result is no audio: a question that an effect's tool answers.

A **tool** is a function that an effect type names (``EffectType.tools``). It is called with the
task's arguments as keywords, and ``store``, ``registry``, ``report`` and ``cancel``; what it
returns is plain data. So the program that asks imports nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tonewright.dsp.effects.registry import Registry, resolve
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import new_id
from tonewright.dsp.rendering.job import CancelToken, Report
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.store import Store


@dataclass(frozen=True, eq=False)
class Task:
    """A question; every one is its own, so its ``key`` is no content key.

    Attributes:
        effect: The id of the effect type whose tool answers.
        tool: The tool's name.
        arguments: Its keywords; they must pickle.
        label: What is being done, for people.
        needs: What must be in the store before it begins.
    """

    effect: str
    tool: str
    arguments: Mapping[str, Any]
    label: str
    needs: tuple[Stored, ...] = ()
    key: str = field(default_factory=new_id)
    rendered: bool = True

    @property
    def expected_samples(self) -> int:
        """What its progress weighs beside that of audio: little."""
        return 1

    def answer(
        self, *, store: Store, registry: Registry, report: Report, cancel: CancelToken
    ) -> Any:
        """Ask the tool, in this process.

        Raises:
            EffectError: If there is no such tool, or it cannot be loaded.
            TonewrightError: Whatever it raises.
        """
        return tool_of(registry, self.effect, self.tool)(
            **self.arguments, store=store, registry=registry, report=report, cancel=cancel
        )


def tool_of(registry: Registry, effect: str, name: str) -> Any:
    """Return a tool of an effect type.

    Raises:
        EffectError: If there is none, or what it needs is not installed.
    """
    tools = dict(registry.get(effect).tools)
    if name not in tools:
        raise EffectError(f"{effect} has no tool {name!r}; use another version of it")
    try:
        return resolve(tools[name])
    except ImportError as error:
        raise EffectError(
            f"{effect}: {name} cannot be loaded ({error}); pip install 'tonewright[models]'"
        ) from error
