"""Files that ship with Tonewright: the demo project, loudness targets, weights, icons."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(*parts: str) -> Path:
    """Return the path of a shipped file or folder.

    Args:
        parts: Its place below ``resources/``, e.g. ``path("demo", "project.json")``.

    Raises:
        FileNotFoundError: If nothing of that name ships.
    """
    found = _ROOT.joinpath(*parts)
    if not found.exists():
        raise FileNotFoundError(f"Tonewright ships no resource {'/'.join(parts)!r}")
    return found
