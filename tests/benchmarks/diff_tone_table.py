"""The lines that ``diff_tone.py`` writes, as a table and as a picture of the trade."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from diff_tone_measures import kernel_distance

COLUMNS = (
    "target heard",
    "source heard",
    "chroma",
    "harmonic mean",
    "onset F1",
    "note F1",
    "distance, lines",
    "distance, all",
    "KAD",
    "true peak",
    "switch",
    "outputs",
)
TRUTH = "paired truth"


@dataclass(frozen=True, slots=True)
class Row:
    """All outputs of a row.

    Attributes:
        name: Of the row.
        lines: What was measured of each.
    """

    name: str
    lines: list[dict[str, Any]]

    def mean(self, key: str, textures: tuple[str | None, ...] = ()) -> float:
        """Return the mean of a measure, of some textures if any are named; NaN if there is none."""
        found = [
            line[key]
            for line in self.lines
            if key in line and (not textures or line["texture"] in textures)
        ]
        return float(np.mean(found)) if found else float("nan")

    @property
    def accuracy(self) -> float:
        """Share of outputs that are heard as the target."""
        return float(np.mean([line["said"] == line["target"] for line in self.lines]))

    @property
    def as_source(self) -> float:
        """Share of outputs that are still heard as the source."""
        return float(np.mean([line["said"] == line["source"] for line in self.lines]))

    @property
    def harmonic_mean(self) -> float:
        """Of accuracy and chroma similarity."""
        chroma = self.mean("chroma")
        return 2.0 * self.accuracy * chroma / max(self.accuracy + chroma, 1e-9)

    @property
    def embeddings(self) -> np.ndarray:
        """Return what the reporting classifier made of the outputs, ``(outputs, size)``."""
        return np.array([line["embedding"] for line in self.lines])

    def cells(self, truth: np.ndarray) -> list[str]:
        """Return the cells of ``COLUMNS``."""
        switches = [line["switch"] for line in self.lines if line["switch"] is not None]
        peaks = np.quantile([line["peak_db"] for line in self.lines], (0.5, 1.0))
        return [
            f"{self.accuracy:.2f}",
            f"{self.as_source:.2f}",
            f"{self.mean('chroma'):.3f}",
            f"{self.harmonic_mean:.3f}",
            f"{self.mean('onset_f1'):.2f}",
            f"{self.mean('note_f1'):.2f}",
            f"{self.mean('distance_db', ('melody', 'arpeggio')):.2f} dB",
            f"{self.mean('distance_db'):.2f} dB",
            f"{kernel_distance(self.embeddings, truth):.2f}",
            f"{peaks[0]:.1f} / {peaks[1]:.1f} dB",
            f"{np.mean(switches):.1f} ± {np.std(switches):.1f}" if switches else "",
            str(len(self.lines)),
        ]


def read_rows(paths: Iterable[Path]) -> dict[str, Row]:
    """Return the rows of files of lines, in the order in which they first come."""
    rows: dict[str, Row] = {}
    for path in paths:
        for text in path.read_text("utf-8").splitlines():
            line = json.loads(text)
            rows.setdefault(line["row"], Row(line["row"], [])).lines.append(line)
    return rows


def print_table(paths: list[Path]) -> None:
    """Write the table as Markdown to stdout."""
    rows = read_rows(paths)
    truth = rows[TRUTH].embeddings
    text = [f"| | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    text += [f"| {row.name} | {' | '.join(row.cells(truth))} |" for row in rows.values()]
    sys.stdout.write("\n".join(text) + "\n")


def draw(paths: list[Path], picture: Path) -> None:
    """Draw content kept against target heard: fixed switches as lines, what is not fixed apart."""
    rows = read_rows(paths)
    figure, axes = plt.subplots(figsize=(9.0, 6.0), layout="constrained")
    curves: dict[str, list[Row]] = {}
    for row in rows.values():
        kind, _, place = row.name.partition(", fixed ")
        if place:
            curves.setdefault(kind, []).append(row)
    colours = {kind: f"C{number}" for number, kind in enumerate(curves)}
    for kind, line in curves.items():
        places = [(row.mean("chroma"), row.accuracy) for row in line]
        axes.plot(*zip(*places, strict=True), "o-", ms=3, color=colours[kind], label=kind)
        for row, place in zip(line, places, strict=True):
            axes.annotate(row.name.rpartition(" ")[2], place, fontsize=6, xytext=(3, 3),
                          textcoords="offset points")  # fmt: skip
    for row in rows.values():
        if ", fixed " in row.name:
            continue
        kind, _, rule = row.name.partition(", ")
        place = (row.mean("chroma"), row.accuracy)
        axes.plot(*place, "*" if rule else "s", ms=11, color=colours.get(kind, "black"))
        axes.annotate(rule or kind, place, fontsize=7, xytext=(5, -9), textcoords="offset points")
    axes.set_xlabel("content kept: chroma similarity to the source")
    axes.set_ylabel("heard as the target by the second classifier")
    axes.set_ylim(-0.03, 1.03)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    figure.savefig(picture, dpi=130)
