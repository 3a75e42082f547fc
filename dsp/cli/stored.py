"""Audio from the store into a file."""

from pathlib import Path

from tonewright.dsp.audio.writer import AudioWriter, Encoding
from tonewright.dsp.errors import RenderError
from tonewright.dsp.rendering.store import Store

_BLOCK_SAMPLES = 65_536


def write_stored(path: Path, key: str, store: Store) -> None:
    """Write a result at 24 bits, as the file's name says; one that is there is replaced.

    Raises:
        RenderError: If the store has it no more.
        ExportError: If it cannot be written.
    """
    known = store.get(key)
    if known is None:
        raise RenderError(f"{path}: what was rendered for it is gone; do it again")
    encoding = Encoding(path.suffix.lower().removeprefix("."), "24")
    with AudioWriter(path, known.sample_rate, known.channels, encoding) as writer:
        for block in store.read(key, _BLOCK_SAMPLES):
            writer.write(block)
