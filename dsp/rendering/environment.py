"""What every worker process is started with besides what its parent has.

**Memory.** Large pieces that are freed go back to the system, where the C library is glibc. Left
to itself it keeps what long jobs free in pieces: 10 % of all that a worker with torch takes. Those
below 16 MB are kept, since asking for them again costs more than filling them: a third of the time
of a dereverberation when all above 1 MB went back.
"""

import os

_ALLOCATION = ":".join(
    (
        "glibc.malloc.mmap_threshold=16777216",
        "glibc.malloc.trim_threshold=67108864",
        "glibc.malloc.arena_max=2",
        "glibc.malloc.hugetlb=1",  # or what goes back is dear to get again
    )
)
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def worker_environment(threads: int | None = None) -> dict[str, str]:
    """Return the environment of a worker.

    Args:
        threads: How many threads its libraries may use; as many as they like if None.
    """
    limited = {} if threads is None else dict.fromkeys(_THREAD_VARIABLES, str(threads))
    return {**os.environ, "GLIBC_TUNABLES": _ALLOCATION, **limited}
