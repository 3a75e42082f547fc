"""The engine's numbers, side by side in one run: ``make bench`` writes ``engine.md``.

Every comparison alternates its sides and quotes medians and the median of the ratios, so that a
machine that changes its speed changes both. ``--quick`` shortens everything to see that it runs.
"""

import argparse
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pedalboard
import soundfile
from engine_chain import chain_rows
from timing import RATE, alternate, music, ratio, seconds, speed

from tonewright.dsp.audio.file import AudioReader
from tonewright.dsp.audio.peaks import build
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.audio.writer import AudioWriter, Encoding
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.settings import ExportSettings
from tonewright.dsp.project.document import EffectSpec, Project, new_id
from tonewright.dsp.project.edits import add_effect
from tonewright.dsp.project.folder import save
from tonewright.dsp.project.media import add_files, import_media
from tonewright.dsp.rendering.outputs import Mix, Stem
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

TRACKS = 16
TABLE = Path(__file__).with_suffix(".md")

LIMITS = """
To read them by:

* **Chain.** Its own work is 2 ms of the 320 that six effects take for a minute: samples are read
  twice to see that none is NaN or infinity. Earlier tables had 1.04 to 1.06: three sides were
  measured in a row, and what ran behind the automated chain found its memory ready. Two equal
  pedalboards in those places differ by 1.035.
* **Automation.** A cut costs one call into pedalboard for all native effects side by side. A bare
  Python loop of such calls for every 512 samples measures 1.08 to 1.10 on this chain. A filter's
  frequency rests for 1,024 where it moves slowly. Effects that cost more hide it, lanes that do
  not move cost nothing.
* **Stems.** Rendering them adds nothing but their files: 1.8 GB of samples for sixteen times five
  minutes. A delivery adds dither and a second reading for loudness, true peak and checksum of every
  file, each at 400 to 600 times real time on a core; on this noise, the slowest signal for a true
  peak meter, that is more than rendering four native effects at 200 times. With slower effects
  the ratio falls towards 1.
"""


# --- the mix --------------------------------------------------------------------------------

MIX_EFFECTS = {
    "highpass_filter": {"cutoff_frequency_hz": 80.0},
    "compressor": {"threshold_db": -18.0, "ratio": 3.0, "attack_ms": 5.0, "release_ms": 100.0},
    "delay": {"delay_seconds": 0.25, "feedback": 0.0, "mix": 0.3},
    "reverb": {"room_size": 0.5},
}


def write_tracks(folder: Path, length_seconds: int) -> list[Path]:
    """Write the tracks of the mix as 24-bit WAV files."""
    paths = []
    for number in range(TRACKS):
        path = folder / f"track {number + 1:02}.wav"
        soundfile.write(path, music(RATE * length_seconds, number).T, RATE, "PCM_24")
        paths.append(path)
    return paths


def straight_loop(paths: Sequence[Path], target: Path) -> None:
    """Do what a script with pedalboard does: read a file, run the board, add, write."""
    total: Audio | None = None
    for path in paths:
        audio = soundfile.read(path, dtype="float32")[0].T
        board = pedalboard.Pedalboard(
            [
                pedalboard.HighpassFilter(80.0),
                pedalboard.Compressor(-18.0, 3.0, 5.0, 100.0),
                pedalboard.Delay(0.25, 0.0, 0.3),
                pedalboard.Reverb(),
            ]
        )
        wet = board(np.ascontiguousarray(audio), RATE)
        total = wet if total is None else total + wet
    assert total is not None
    soundfile.write(target, total.T, RATE, "FLOAT")


def dawdreamer_mix(paths: Sequence[Path], target: Path) -> None:
    """Do the same as one DawDreamer graph."""
    import dawdreamer

    engine = dawdreamer.RenderEngine(RATE, 512)
    graph, ends = [], []
    length = 0
    for number, path in enumerate(paths):
        audio = soundfile.read(path, dtype="float32")[0].T
        length = audio.shape[1]
        names = [f"{kind}{number}" for kind in ("play", "high", "comp", "delay", "reverb")]
        graph += [
            (engine.make_playback_processor(names[0], np.ascontiguousarray(audio)), []),
            (engine.make_filter_processor(names[1], "high", 80.0, 0.7, 1.0), [names[0]]),
            (engine.make_compressor_processor(names[2], -18.0, 3.0, 5.0, 100.0), [names[1]]),
            (engine.make_delay_processor(names[3], "linear", 250.0, 0.3), [names[2]]),
            (engine.make_reverb_processor(names[4], 0.5, 0.5, 0.33, 0.4, 1.0), [names[3]]),
        ]
        ends.append(names[4])
    graph.append((engine.make_add_processor("sum", [1.0] * len(ends)), ends))
    engine.load_graph(graph)
    engine.render(length / RATE)
    soundfile.write(target, engine.get_audio().T, RATE, "FLOAT")


def mix_project(paths: Sequence[Path]) -> Project:
    """Return a project of the tracks with the four effects on each."""
    project = add_files(Project(new_id(), "mix", sample_rate=RATE), paths).project
    for track in project.tracks:
        for name, params in MIX_EFFECTS.items():
            spec = EffectSpec(new_id(), name, params=tuple(sorted(params.items())))
            project = add_effect(project, track.id, spec)
    return project


def render_files(
    project: Project, folder: Path, *, stems: bool = False, threads: int | None = None
) -> None:
    """Render a project from an empty store to float WAV files in one pass, as the others do."""
    outputs = [Mix(), *(Stem(track.id) for track in project.tracks if stems)]
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        Renderer(
            executor=RenderQueue(Store(Path(place)), default_registry(), threads=threads)
        ) as renderer,
        ExitStack() as files,
    ):
        writers = [
            files.enter_context(
                AudioWriter(Path(place) / f"{index}.wav", RATE, 2, Encoding(depth="32f"))
            )
            for index in range(len(outputs))
        ]
        for blocks in renderer.prepare(project, outputs).stream():
            for writer, block in zip(writers, blocks, strict=True):
                writer.write(block)


def export_fresh(project: Project, folder: Path, *, stems: bool) -> None:
    """Export a project from an empty store: files, loudness, null test and report."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        Renderer(Store(Path(place) / "store")) as renderer,
    ):
        settings = ExportSettings(stems=stems)
        export(project, settings, Path(place) / "out", renderer=renderer)


def on_one_core(work: Callable[[], object]) -> None:
    """Do some work on one of the cores."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        work()
    finally:
        os.sched_setaffinity(0, cores)


def mix_rows(folder: Path, length_seconds: int, runs: int) -> list[list[str]]:
    """Return our mix against a loop and against DawDreamer, and stems against the mix."""
    paths = write_tracks(folder, length_seconds)
    project = mix_project(paths)
    target = folder / "theirs.wav"
    loop, daw, ours, single, all_files, mix, stems = alternate(
        [
            lambda: straight_loop(paths, target),
            lambda: dawdreamer_mix(paths, target),
            lambda: render_files(project, folder),
            lambda: on_one_core(lambda: render_files(project, folder, threads=1)),
            lambda: render_files(project, folder, stems=True),
            lambda: export_fresh(project, folder, stems=False),
            lambda: export_fresh(project, folder, stems=True),
        ],
        runs,
    )
    title = f"{TRACKS} tracks x {len(MIX_EFFECTS)} effects x {length_seconds // 60} min"
    return [
        [f"{title}: straight pedalboard loop", speed(length_seconds, loop), "", ""],
        [f"{title}: DawDreamer", speed(length_seconds, daw), "", ""],
        [
            f"{title}: render, to the loop",
            speed(length_seconds, ours),
            f"{ratio(ours, loop):.2f}",
            "< 1",
        ],
        ["the same, to DawDreamer", "", f"{ratio(ours, daw):.2f}", "< 1"],
        [
            "the same on one core, to the loop",
            speed(length_seconds, single),
            f"{ratio(single, loop):.2f}",
            ">= 8x",
        ],
        [
            f"render of {TRACKS} stems and the mix, to the mix",
            speed(length_seconds, all_files),
            f"{ratio(all_files, ours):.2f}",
            "<= 1.2",
        ],
        [
            "export of the mix: 24 bits, dithered, measured again after",
            speed(length_seconds, mix),
            "",
            "",
        ],
        [
            f"the same of {TRACKS} stems and the mix, to the mix",
            speed(length_seconds, stems),
            f"{ratio(stems, mix):.2f}",
            "",
        ],
    ]


# --- files, memory, start-up ----------------------------------------------------------------


def long_file(path: Path, length_seconds: int) -> None:
    """Write a stereo file of a minute of noise over and over."""
    minute = music(RATE * 60, 1)
    with AudioWriter(path, RATE, 2, Encoding(depth="16")) as out:
        for _ in range(length_seconds // 60):
            out.write(minute)


def peak_megabytes(*command: str) -> float:
    """Return the largest resident memory of a process, in MB."""
    # A process counts the memory of the one that started it, so a small one starts it.
    launch = (
        "import os, subprocess, sys; process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr);"
        "_, status, usage = os.wait4(process.pid, 0); print(usage.ru_maxrss); sys.exit(status)"
    )
    launcher = [sys.executable, "-c", launch, *command]
    done = subprocess.run(launcher, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return int(done.stdout) / 1024


def long_file_rows(folder: Path, length_seconds: int) -> list[list[str]]:
    """Return the memory that a long file takes, and the time that its import takes."""
    path = folder / "long.wav"
    long_file(path, length_seconds)
    project = add_files(Project(new_id(), "long", sample_rate=RATE), [path]).project
    reverb = EffectSpec(new_id(), "reverb")
    save(add_effect(project, project.tracks[0].id, reverb), folder / "long", collect=False)
    tonewright = str(Path(sys.executable).with_name("tonewright"))
    empty = peak_megabytes(sys.executable, "-c", "pass")
    start = time.perf_counter()
    used = peak_megabytes(
        tonewright,
        *("--store", str(folder / "store")),
        *("render", str(folder / "long"), "--mix", str(folder / "out.wav")),
    )
    taken = time.perf_counter() - start
    path.unlink()

    hour = folder / "hour.wav"
    long_file(hour, length_seconds // 3)
    import_seconds = seconds(lambda: import_media(hour))

    def peaks() -> None:
        with AudioReader(hour) as reader:
            build(reader.blocks(), reader.channels).save(folder / "peaks")

    peak_seconds = seconds(peaks)
    per_hour = (folder / "peaks").stat().st_size / 1e6 * 3600 / (length_seconds / 3)
    hours = length_seconds / 3600
    return [
        [
            f"{hours:g}-hour stereo file with a reverb, render: memory above an empty process",
            f"{used - empty:.0f} MB",
            f"{length_seconds / taken:.0f}x",
            "< 500 MB",
        ],
        [f"import of {hours / 3:g} h stereo WAV", f"{import_seconds:.1f} s", "", ""],
        [f"peaks of {hours / 3:g} h", f"{peak_seconds:.1f} s", "", "sum < 10 s an hour"],
        ["peak pyramid, an hour of stereo", f"{per_hour:.1f} MB", "", "<= 20 MB"],
    ]


def start_rows(folder: Path, runs: int) -> list[list[str]]:
    """Return how long the command line takes to answer."""
    save(Project(new_id(), "empty"), folder / "empty")
    tonewright = str(Path(sys.executable).with_name("tonewright"))
    rows = []
    for arguments, goal in ((["--help"], "< 0.3 s"), (["info", str(folder / "empty")], "")):
        command = [tonewright, *arguments]
        (times,) = alternate(
            [lambda command=command: subprocess.run(command, capture_output=True, check=True)],
            3 * runs,
        )
        rows.append([f"tonewright {arguments[0]}", f"{statistics.median(times):.2f} s", "", goal])
    return rows


def main() -> None:
    """Measure everything and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short, and writes no table")
    quick = parser.parse_args().quick
    runs = 1 if quick else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [
            *chain_rows(5 if quick else 60, 2 * runs),
            *mix_rows(folder, 20 if quick else 300, max(1, runs - 2)),
            *long_file_rows(folder, 180 if quick else 3 * 3600),
            *start_rows(folder, runs),
        ]
    text = "\n".join(
        [
            "# The engine's numbers",
            "",
            "Made by `make bench`; medians, comparisons in turn within one run. `x` is multiples",
            "of real time, a ratio is that of the times, below 1 is faster.",
            "",
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}, "
            + ", ".join(
                f"{each} {importlib.metadata.version(each)}"
                for each in ("pedalboard", "dawdreamer", "numpy")
            ),
            "",
            "| what | measured | ratio | goal |",
            "|---|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in rows),
            LIMITS,
        ]
    )
    sys.stdout.write(text)
    if not quick:
        TABLE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
