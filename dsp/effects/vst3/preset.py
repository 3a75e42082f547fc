"""A VST3 plugin's state as other programs keep it: the ``.vstpreset`` format.

Such a file begins with ``VST3``, a version (4 bytes) and the plugin's class as 32 hexadecimal
digits. A preset is a valid ``state`` of an effect, and so is what the plugin's process keeps.
"""

import base64
from pathlib import Path

from tonewright.dsp.errors import EffectError

SUFFIX = ".vstpreset"
_MAGIC = b"VST3"
_CLASS = slice(8, 40)
_HEADER_BYTES = 48


def is_preset(content: bytes) -> bool:
    """Return whether some bytes are a preset."""
    return content[:4] == _MAGIC and len(content) > _HEADER_BYTES


def class_id(preset: bytes) -> str:
    """Return the class of the plugin that a preset is for, 32 hexadecimal digits."""
    return preset[_CLASS].decode("ascii", "replace").upper()


def state_of(path: Path) -> str:
    """Return a preset file as the ``state`` of an effect.

    Raises:
        EffectError: If it cannot be read or is no preset.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EffectError(f"{path}: cannot be read: {error.strerror}") from error
    if not is_preset(content):
        raise EffectError(f"{path}: is no VST3 preset; choose a {SUFFIX} file")
    return base64.b64encode(content).decode()
