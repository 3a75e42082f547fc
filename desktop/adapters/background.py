"""Threads that give way to the window when there are fewer cores than work."""

import os
import sys
import threading

_NICENESS = 5  # what the processes that render take as well


def give_way() -> None:
    """Let the calling thread, and those that it starts, have what the window leaves of a core.

    Linux gives every thread a priority of its own; where only processes have one, nothing changes.
    """
    if sys.platform == "linux":
        thread_id = threading.get_native_id()
        kept = os.getpriority(os.PRIO_PROCESS, thread_id)
        os.setpriority(os.PRIO_PROCESS, thread_id, max(kept, _NICENESS))
