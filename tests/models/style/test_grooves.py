from pathlib import Path
from random import Random

import pytest

from tonewright.dsp.errors import TonewrightError
from tonewright.models.style import grooves as module
from tonewright.models.style.charts import sample_chart
from tonewright.models.style.grooves import HELD_OUT, Groove, grooves, render

LIBRARY = {
    "stdlib/samba.mma": "Time 4\nTimeSig 4 4\nDefGroove Samba\nDefGroove SambaFill\n"
    "DefGroove SambaIntro\nDefGroove SambaSus\n",
    "stdlib/strut.mma": "Time 4\nDefGroove Strut\nDefGroove StrutEnd\n",
    "stdlib/waltz.mma": "Time 3\nDefGroove Waltz\n",
    "stdlib/march.mma": "Time 2\nDefGroove March\n",
    "casio/five.mma": "Time 4\nTimeSig 5 4\nDefGroove Five\n",
}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name, text in LIBRARY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_grooves_of_three_and_four_quarters_are_found(library: Path) -> None:
    found = {groove.key: groove for groove in grooves(library)}
    assert set(found) == {
        "stdlib/samba:Samba",
        "stdlib/samba:SambaSus",
        "stdlib/strut:Strut",
        "stdlib/waltz:Waltz",
    }
    assert found["stdlib/samba:Samba"].fill == "SambaFill"
    assert found["stdlib/waltz:Waltz"].beats == 3


def test_families_and_what_is_held_out_go_by_file(library: Path) -> None:
    found = {groove.name: groove for groove in grooves(library)}
    assert found["Samba"].family == "samba"
    assert found["Strut"].held_out
    assert not found["Waltz"].held_out
    assert len(HELD_OUT) >= 30


def test_a_missing_library_is_told(tmp_path: Path) -> None:
    with pytest.raises(TonewrightError, match="install mma"):
        grooves(tmp_path / "nothing")


def test_a_missing_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TonewrightError, match="mma is not installed"):
        render(sample_chart(Random(1), 4), Groove("stdlib/samba", "Samba", 4), tmp_path, 1)


def test_a_fill_ends_each_section() -> None:
    chart = sample_chart(Random(1), 4, sections=2)
    script = module.script(chart, Groove("stdlib/samba", "Samba", 4, "SambaFill"), 3)
    lines = script.splitlines()
    assert lines[:3] == ["RndSeed 3", f"Tempo {chart.tempo_bpm}", "TimeSig 4 4"]
    fills = [i for i, line in enumerate(lines) if line.endswith(":SambaFill")]
    assert [lines[index + 1].split()[0] for index in fills] == ["8", "16"]
