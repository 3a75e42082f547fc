"""What all plugins at one engine share: effects, stores, the render queue, the default chain."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import platformdirs

from tonewright.dsp.bridge.chains import NamedChain
from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.errors import CancelledError, RenderError, TonewrightError
from tonewright.dsp.rendering.job import Report
from tonewright.dsp.rendering.nodes import Stored
from tonewright.dsp.rendering.plan import stored_behind
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store, makeshift_key


def captures_folder() -> Path:
    """Return where captured sound is kept: the user's data, which is never pruned."""
    return platformdirs.user_data_path("tonewright", appauthor=False) / "captures"


class Studio:
    """What sessions share; ``close`` it.

    Args:
        token: What a plugin must say.
        registry: Builds the effects.
        results: The store of renders.
        captures: The store of what was captured.
        presets_folder: Where kept chains are.
        chain: What a plugin runs that has no chain of its own.

    Attributes:
        lock: Held while the takes of a session change.
    """

    def __init__(
        self,
        token: str,
        registry: Registry,
        *,
        results: Store,
        captures: Store,
        presets_folder: Path,
        chain: NamedChain,
    ) -> None:
        self.token = token
        self.registry = registry
        self.results = results
        self.captures = captures
        self.presets_folder = presets_folder
        self.chain = chain
        self.lock = threading.Lock()
        self._queue = RenderQueue(results, registry)

    def render(self, work: Callable[[], None], failed: Callable[[TonewrightError], None]) -> None:
        """Do some work in a thread of its own, and say how it failed."""

        def run() -> None:
            try:
                work()
            except CancelledError:
                return  # the engine ends
            except TonewrightError as error:
                failed(error)
            except Exception as error:  # noqa: BLE001 - the edge of the thread
                failed(RenderError(f"{type(error).__name__}: {error}"))

        threading.Thread(target=run, name="capture", daemon=True).start()

    def render_node(self, node: Stored, report: Report) -> None:
        """Render a node into the store of results, and wait for it.

        Raises:
            TonewrightError: If it fails, also where an effect would go on dry.
        """
        self._queue.render(stored_behind([node]), report=report)
        makeshift = self.results.get(makeshift_key(node.key))
        if makeshift is not None and self.results.get(node.key) is None:
            raise RenderError("; ".join(makeshift.failures))
        self.results.prune_if_due(keep={node.key})

    def open_desktop(self, paths: tuple[Path, ...] = ()) -> None:
        """Start the editor, with files in it."""
        program = Path(sys.executable).with_name("tonewright-desktop")
        subprocess.Popen(
            [program, *paths],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """Stop what is rendered."""
        self._queue.close()
