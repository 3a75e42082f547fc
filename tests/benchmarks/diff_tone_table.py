"""The lines that ``diff_tone.py`` writes, as tables and as a picture of the trade."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from diff_tone_measures import kernel_distance

TEXTURES = {"lines": ("melody", "arpeggio"), "chords": ("chords",)}
FIXED = ", fixed "
COLUMNS = (
    "target heard",
    "source heard",
    "chroma",
    "harmonic mean",
    "onset F1",
    "note F1",
    "distance",
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

    def mean(self, key: str) -> float:
        """Return the mean of a measure; NaN if there is none."""
        found = [line[key] for line in self.lines if key in line]
        return float(np.mean(found)) if found else float("nan")

    def of(self, textures: tuple[str, ...]) -> "Row":
        """Return the outputs of some textures."""
        return Row(self.name, [line for line in self.lines if line["texture"] in textures])

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
            f"{self.mean('distance_db'):.2f} dB",
            f"{kernel_distance(self.embeddings, truth):.2f}",
            f"{peaks[0]:.1f} / {peaks[1]:.1f} dB",
            f"{np.mean(switches):.1f} ± {np.std(switches):.1f}" if switches else "",
            str(len(self.lines)),
        ]


def read_rows(folder: Path) -> dict[str, Row]:
    """Return the rows of a folder of lines."""
    rows: dict[str, Row] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for text in path.read_text("utf-8").splitlines():
            line = json.loads(text)
            rows.setdefault(line["row"], Row(line["row"], [])).lines.append(line)
    return rows


def print_tables(folder: Path) -> None:
    """Write the tables as Markdown to stdout: all rows, and lines beside chords."""
    rows = read_rows(folder)
    truth = rows[TRUTH].embeddings
    text = [f"| | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for row in rows.values():
        # A clip that was made here has no truth.
        cells = ["" if "nan" in cell else cell for cell in row.cells(truth)]
        text.append(f"| {row.name} | {' | '.join(cells)} |")
    measures = ("target heard", "chroma", "note F1", "distance")
    heads = [f"{measure}, {name}" for measure in measures for name in TEXTURES]
    text += ["", f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for row in rows.values():
        if FIXED in row.name or not row.of(TEXTURES["chords"]).lines:
            continue
        parts = [row.of(textures) for textures in TEXTURES.values()]
        cells = [f"{part.accuracy:.2f}" for part in parts]
        cells += [f"{part.mean('chroma'):.3f}" for part in parts]
        cells += [f"{part.mean('note_f1'):.2f}" for part in parts]
        cells += [f"{part.mean('distance_db'):.2f} dB" for part in parts]
        text.append(f"| {row.name} | {' | '.join(cells)} |")
    sys.stdout.write("\n".join(text) + "\n")


def draw(folder: Path, picture: Path) -> None:
    """Draw content kept against target heard: fixed switches as lines, what is not fixed apart."""
    rows = read_rows(folder)
    figure, axes = plt.subplots(figsize=(9.0, 6.0), layout="constrained")
    curves: dict[str, list[Row]] = {}
    for row in rows.values():
        kind, _, place = row.name.partition(FIXED)
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
        if FIXED in row.name:
            continue
        kind, _, rule = row.name.rpartition(", ")
        place = (row.mean("chroma"), row.accuracy)
        axes.plot(*place, "*" if kind else "s", ms=11, color=colours.get(kind, "black"))
        axes.annotate(rule, place, fontsize=7, xytext=(5, -9), textcoords="offset points")
    axes.set_xlabel("content kept: chroma similarity to the source")
    axes.set_ylabel("heard as the target by the second classifier")
    axes.set_ylim(-0.03, 1.03)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    figure.savefig(picture, dpi=130)
