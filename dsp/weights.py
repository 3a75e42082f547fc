"""Weights that ship: found by name, and trusted only if their checksum is the catalogue's."""

import hashlib
from pathlib import Path

from tonewright import resources
from tonewright.dsp.errors import EffectError


def shipped_weights(name: str, sha256: str) -> Path:
    """Return the path of a file of weights, its content checked.

    Args:
        name: Of the file, below ``resources/weights/``.
        sha256: Its checksum, in hexadecimal digits.

    Raises:
        EffectError: If it is missing or its content is another.
    """
    try:
        path = resources.path("weights", name)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EffectError(f"{name}: weights are missing; install tonewright again") from error
    if found != sha256:
        raise EffectError(
            f"{path}: not the weights that belong to this version (sha256 {found[:16]}, "
            f"wanted {sha256[:16]}); install tonewright again"
        )
    return path
