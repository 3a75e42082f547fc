"""The report as one HTML page: a table to sort, errors first, a picture and a player per file.

The page needs nothing but itself, except the audio that its players play, which lies beside it.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from tonewright.dsp.exporting.table import duration

_PLAYED = (".wav", ".flac", ".ogg")

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #1c1c1e; background: #fff; }}
h1 {{ font-size: 1.4rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #ddd;
  vertical-align: middle; }}
th button {{ font: inherit; font-weight: 600; border: 0; background: none; padding: 0;
  cursor: pointer; }}
th[aria-sort=ascending] button::after {{ content: " ▲"; }}
th[aria-sort=descending] button::after {{ content: " ▼"; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
tr.failed td {{ background: #fdecea; }}
img {{ display: block; border-radius: 3px; }}
audio {{ width: 15rem; height: 2rem; }}
small {{ color: #666; }}
</style></head><body>
<h1>{title}</h1>
<p id="counts">{counts}</p>
<table id="jobs"><thead><tr>{header}</tr></thead><tbody>
"""

_TAIL = """</tbody></table>
<script>
const body = document.querySelector("#jobs tbody");
const heads = [...document.querySelectorAll("#jobs th")];
heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => {
  const rises = head.getAttribute("aria-sort") !== "ascending";
  heads.forEach(each => each.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", rises ? "ascending" : "descending");
  const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent;
  const rows = [...body.rows].sort((a, b) => {
    const x = key(a), y = key(b);
    if (x === "" || y === "") return (x === "") - (y === "");
    const order = isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y;
    return rises ? order : -order;
  });
  body.append(...rows);
}));
</script></body></html>
"""

_COLUMNS = (
    "status",
    "output",
    "input",
    "length",
    "LUFS",
    "dBTP",
    "peak dBFS",
    "seconds",
    "",
    "",
)


def page(
    title: str, counts: Mapping[str, int], entries: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the page in pieces.

    Args:
        title: Its heading.
        counts: How many jobs are done, failed and so on.
        entries: A mapping for each file, or each job without one: ``status``, ``output``,
            ``file``, ``input``, ``reason``, ``notes``, ``seconds``, ``picture`` and what was
            measured.
    """
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    buttons = (
        f'<button type="button">{escape(each)}</button>' if each else "" for each in _COLUMNS
    )
    header = "".join(f"<th>{each}</th>" for each in buttons)
    yield _HEAD.format(title=escape(title), counts=escape(said), header=header)
    for entry in entries:
        yield _row(entry)
    yield _TAIL


def _row(entry: Mapping[str, Any]) -> str:
    file = str(entry["file"])
    name = escape(file or str(entry["output"]))
    more = " ".join(filter(None, (entry["reason"], entry["notes"])))
    length = entry.get("length_seconds")
    cells = (
        f"<td>{escape(entry['status'])}</td>",
        f'<td data-key="{name}">{name}{f"<br><small>{escape(more)}</small>" if more else ""}</td>',
        f'<td><span title="{escape(entry["input"])}">'
        f"{escape(PurePosixPath(entry['input']).name)}</span></td>",
        _number(length, "" if length is None else duration(length)),
        _level(entry.get("integrated_lufs")),
        _level(entry.get("true_peak_dbtp")),
        _level(entry.get("sample_peak_dbfs")),
        _number(entry["seconds"], "" if entry["seconds"] is None else f"{entry['seconds']:.1f}"),
        f"<td>{_picture(entry.get('picture'))}</td>",
        f"<td>{_player(file)}</td>",
    )
    return f'<tr class="{escape(entry["status"])}">{"".join(cells)}</tr>\n'


def _level(value: float | None) -> str:
    return _number(value, "" if value is None else f"{value:.1f}")


def _number(value: float | None, text: str) -> str:
    key = "" if value is None else f"{value:.6f}"
    return f'<td class="number" data-key="{key}">{text}</td>'


def _picture(png: bytes | None) -> str:
    if not png:
        return ""
    data = base64.b64encode(png).decode()
    return f'<img alt="spectrogram" width="160" height="40" src="data:image/png;base64,{data}">'


def _player(file: str) -> str:
    if not file.endswith(_PLAYED):
        return ""
    return f'<audio controls preload="none" src="{quote(file)}"></audio>'
