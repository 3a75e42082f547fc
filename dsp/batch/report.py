"""The report of a batch: what happened to each input, as JSON, CSV and one HTML page.

Failed jobs come first. All three are written row by row, and replaced whole.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tonewright.dsp.batch.page import page
from tonewright.dsp.batch.rows import JobRow, JobState
from tonewright.dsp.batch.state import State
from tonewright.dsp.project.atomic import replacing

REPORT = "report"

_MEASURED = (
    "length_seconds",
    "sample_rate",
    "channels",
    "integrated_lufs",
    "true_peak_dbtp",
    "sample_peak_dbfs",
    "size_bytes",
    "sha256",
)
_COLUMNS = ("output", "file", "input", "status", "reason", "seconds", "tries", "notes", *_MEASURED)


def status_of(row: JobRow) -> str:
    """Return a job's state in one word; what was done before and is unchanged is ``skipped``."""
    if row.state is JobState.DONE:
        return "done" if row.worked else "skipped"
    return row.state.value if row.state in (JobState.FAILED, JobState.LEFT) else "unfinished"


def write_report(state: State) -> tuple[Path, Path, Path]:
    """Write the report beside the outputs; return its JSON, CSV and HTML file.

    Raises:
        TonewrightError: If the disk refuses.
    """
    json_path, csv_path, html_path = (
        state.out / f"{REPORT}.{each}" for each in ("json", "csv", "html")
    )
    with replacing(json_path) as file:
        for text in _json(state):
            file.write(text.encode())
    with replacing(csv_path) as file:
        for text in _csv(state):
            file.write(text.encode())
    with replacing(html_path) as file:
        for text in page(state.out.name, asdict(state.counts()), _entries(state)):
            file.write(text.encode())
    state.outputs.deliver((json_path, csv_path, html_path))
    return json_path, csv_path, html_path


def _json(state: State) -> Iterator[str]:
    yield '{"counts": ' + json.dumps(asdict(state.counts())) + ',\n"jobs": [\n'
    comma = ""
    for row in state.rows():
        document = asdict(row) | {"status": status_of(row)}
        document["state"] = row.state.value
        yield comma + json.dumps(document, ensure_ascii=False)
        comma = ",\n"
    yield "\n]}\n"


def _csv(state: State) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.DictWriter(line, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in state.rows():
        for entry in _files(row):
            writer.writerow(entry)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _entries(state: State) -> Iterator[dict[str, Any]]:
    for row in state.rows():
        for entry in _files(row):
            entry["picture"] = state.picture(row.output, entry["file"]) if entry["file"] else None
            yield entry


def _files(row: JobRow) -> Iterator[dict[str, Any]]:
    """Yield a job once for each of its files, or once if it has none."""
    job = {
        "output": row.output,
        "file": "",
        "input": row.source,
        "status": status_of(row),
        "reason": row.reason,
        "seconds": None if row.seconds is None else round(row.seconds, 3),
        "tries": row.tries,
        "notes": "; ".join(row.notes),
    }
    for each in row.files or ({},):
        yield job | {"file": each.get("path", "")} | {n: each.get(n) for n in _MEASURED}
