"""Content keys: equal keys mean equal sound.

A key is the SHA-256 of a value, walked field by field, so that a new field of a node is in the
key by default. What does not change the sound is left out by name: ``field(metadata=SILENT)``.
"""

import dataclasses
import hashlib
import struct
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np

SILENT: Mapping[str, bool] = {"silent": True}
"""Field metadata: this field cannot be heard, and is no part of the key."""

# Raised when the engine itself changes the sound of an unchanged project.
_ENGINE_VERSION = 2


def content_key(value: Any) -> str:
    """Return the key of a value as 64 hexadecimal digits.

    Args:
        value: None, bool, int, float, str, bytes, an enum member, a numeric array, or a tuple or
            frozen dataclass of such. An object with a ``key`` of its own stands for that key.

    Raises:
        TypeError: If it holds anything else.
    """
    digest = hashlib.sha256(b"tonewright %d;" % _ENGINE_VERSION)
    _feed(digest, value, outermost=True)
    return digest.hexdigest()


def _feed(digest: Any, value: Any, *, outermost: bool = False) -> None:
    # Every value is preceded by its type and size, so that no two values write the same bytes.
    match value:
        case None:
            digest.update(b"n")
        case bool():
            digest.update(b"b1" if value else b"b0")
        case Enum():
            _feed(digest, value.value)
        case int():
            digest.update(b"i%d;" % value)
        case float():
            digest.update(b"f" + struct.pack("<d", value))
        case str():
            data = value.encode()
            digest.update(b"s%d;" % len(data) + data)
        case bytes():
            digest.update(b"y%d;" % len(value) + value)
        case tuple():
            digest.update(b"t%d;" % len(value))
            for item in value:
                _feed(digest, item)
        case np.ndarray():
            digest.update(f"a{value.dtype.str}{value.shape};".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        case _ if not outermost and hasattr(value, "key"):
            digest.update(b"k" + value.key.encode())
        case _ if dataclasses.is_dataclass(value):
            _feed(digest, type(value).__name__)
            for each in dataclasses.fields(value):
                if not each.metadata.get("silent"):
                    _feed(digest, each.name)
                    _feed(digest, getattr(value, each.name))
            digest.update(b";")
        case _:
            raise TypeError(f"a {type(value).__name__} has no content key")
