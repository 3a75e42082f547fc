"""The report's page in a real browser: it sorts, shows its pictures and plays its outputs."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tonewright.dsp.audio.file import AudioReader
from tonewright.dsp.batch.page import page
from tonewright.dsp.batch.work import thumbnail

CHROMIUM = shutil.which("chromium")

ASK = """<pre id="answer"></pre><script>
const rows = () =>
  [...document.querySelectorAll("#jobs tbody tr")].map(row => row.cells[1].textContent);
const sorted = {"": rows()};
for (const name of ["output", "LUFS"]) {
  const button = [...document.querySelectorAll("th button")].find(b => b.textContent === name);
  button.click(); sorted[name] = rows();
  button.click(); sorted[name + " back"] = rows();
}
const player = document.querySelector("audio");
const image = document.querySelector("img");
const say = () => { document.querySelector("#answer").textContent = JSON.stringify(
  {sorted, width: image.naturalWidth, seconds: player.duration, wrong: player.error?.message}); };
player.addEventListener("loadedmetadata", say);
player.addEventListener("error", say);
player.preload = "metadata"; player.load();
</script>"""


def entry(name: str, **more: Any) -> dict[str, Any]:
    bare = {"status": "done", "output": name, "file": name, "input": f"/in/{name}"}
    return bare | {"reason": "", "notes": "", "seconds": 1.0} | more


@pytest.mark.skipif(CHROMIUM is None, reason="needs the browser of Debian's package chromium")
def test_the_page_sorts_draws_and_plays(tmp_path: Path) -> None:
    sound = tmp_path / "b #1 & ü.wav"
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(12_000) / 8_000)
    soundfile.write(sound, tone, 8_000, subtype="PCM_16")
    with AudioReader(sound) as reader:
        picture = thumbnail(reader, 12_000)
    entries = [
        entry("c.wav", status="failed", file="", reason="<script>no</script> sound"),
        entry(sound.name, integrated_lufs=-9.5, picture=picture, length_seconds=1.5),
        entry("a.mid", integrated_lufs=-21.0),
    ]
    document = tmp_path / "report.html"
    text = "".join(page("out", {"done": 2, "failed": 1}, entries))
    document.write_text(text.replace("</body>", f"{ASK}</body>"), "utf-8")
    seen = subprocess.run(
        [
            *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000"),
            *("--dump-dom", document.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    found = re.search(r'<pre id="answer">(.*?)</pre>', seen, re.DOTALL)
    assert found is not None and found[1], seen[-2000:]
    answer = json.loads(unescape(found[1]))
    c, b, a = "c.wav<script>no</script> sound", sound.name, "a.mid"
    assert answer["sorted"] == {
        "": [c, b, a],
        "output": [a, b, c],
        "output back": [c, b, a],
        "LUFS": [a, b, c],  # what has no value stands last, either way
        "LUFS back": [b, a, c],
    }
    assert answer["width"] == 160
    assert answer["seconds"] == pytest.approx(1.5, abs=0.01), answer
