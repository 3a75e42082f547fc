"""Effects from a Python file that a user names.

The file runs with the rights of the user, like any program. Its classes declared with ``effect``
become effect types whose factory is the file itself, so that another process can load it; its
checksum is in their keys, so that what is stored is rendered again when the file changes.
"""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from tonewright.dsp.effects.protocol import EffectType, Family, RunsIn
from tonewright.dsp.effects.verify import verify
from tonewright.dsp.errors import EffectError, TonewrightError


def load_file(path: Path) -> tuple[EffectType, ...]:
    """Return the effects of a file, each tried out (those that are RENDERED when they run).

    Raises:
        EffectError: If the file cannot be run, holds no effect, or one breaks what it declares.
    """
    module = module_of(path)
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    types = []
    for name, value in vars(module).items():
        declared = getattr(value, "effect_type", None)
        if isinstance(declared, EffectType) and getattr(value, "__module__", "") == module.__name__:
            factory = f"{path.resolve()}:{name}"
            types.append(replace(declared, factory=factory, source_sha256=checksum))
    if not types:
        raise EffectError(f"{path} holds no effect: put @effect(...) above a class in it")
    for effect_type in types:
        if effect_type.family is Family.AUDIO and effect_type.runs_in is RunsIn.REALTIME:
            verify(effect_type)
    return tuple(types)


def module_of(path: Path) -> ModuleType:
    """Return a file's module, run at most once for each state of the file.

    Raises:
        EffectError: If it cannot be read or fails.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise EffectError(f"{path}: {error.strerror}; no effects can be loaded from it") from error
    name = f"tonewright_user_{hashlib.sha256(source).hexdigest()[:16]}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        # Not by the import system, which would leave its bytecode beside the user's file.
        exec(compile(source, path, "exec"), vars(module))
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        if isinstance(error, TonewrightError):
            raise
        reason = " ".join(str(error).split())
        raise EffectError(f"{path}: {type(error).__name__}: {reason}") from error
    return module
