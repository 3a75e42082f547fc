import hashlib
from pathlib import Path

import pytest

from tonewright import resources
from tonewright.dsp.errors import EffectError
from tonewright.dsp.weights import shipped_weights

SHA256 = hashlib.sha256(b"weights").hexdigest()


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(resources, "_ROOT", tmp_path)
    path = tmp_path / "weights" / "room.safetensors"
    path.parent.mkdir()
    path.write_bytes(b"weights")
    return path


def test_weights_are_found_by_name(shipped: Path) -> None:
    assert shipped_weights("room.safetensors", SHA256) == shipped


def test_missing_weights_say_so_and_what_to_do(shipped: Path) -> None:
    shipped.unlink()
    with pytest.raises(EffectError, match=r"room\.safetensors: weights are missing; install"):
        shipped_weights("room.safetensors", SHA256)


def test_other_weights_than_the_catalogues_are_refused(shipped: Path) -> None:
    shipped.write_bytes(b"weight")
    with pytest.raises(EffectError, match=r"room\.safetensors: not the weights .*install"):
        shipped_weights("room.safetensors", SHA256)
