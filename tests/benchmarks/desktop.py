"""Numbers of the desktop: how fast it opens and paints, and how long its event loop is held up.

The probe is a timer of 5 ms on the main thread: a gap is the time between two of its ticks, and
``busy`` the most that the main thread itself computed in one, which a shared machine does not
change. Of the longest gap it is told how long the thread computed, how long it was ready and
waited for a core; for the rest another thread of the program had the interpreter, or it slept.
What runs meanwhile is what users do: a model renders, an hour is imported, stems are exported, a
fader is dragged, many files are dropped. ``--quick`` shortens everything to see that it runs.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import soundfile
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tonewright.desktop.app import settle
from tonewright.desktop.dialogs.export import ExportDialog
from tonewright.desktop.session import Session
from tonewright.desktop.settings import Settings
from tonewright.desktop.tasks import Tasks
from tonewright.desktop.theme import DARK, apply_theme
from tonewright.desktop.window import Window
from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import PlaybackError
from tonewright.dsp.presets import Presets
from tonewright.dsp.project import edits
from tonewright.dsp.project.document import (
    AudioClip,
    ClockTime,
    EffectSpec,
    Project,
    TimeRange,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.folder import save
from tonewright.dsp.project.media import import_media
from tonewright.dsp.rendering.queue import RenderQueue
from tonewright.dsp.rendering.store import Store

RATE = 44_100
TICK_MS = 5
SCHEDULED = Path("/proc/thread-self/schedstat")


class Gap(NamedTuple):
    """A time between two ticks, all of it in milliseconds.

    Attributes:
        ms: How long it was.
        busy_ms: How long the thread computed in it.
        waiting_ms: How long the thread was ready and had no core.
    """

    ms: float
    busy_ms: float
    waiting_ms: float


class Probe:
    """Measures the gaps between turns of the event loop, and what they cost the main thread."""

    def __init__(self) -> None:
        self.restart()
        self._timer = QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def restart(self) -> None:
        """Forget what was measured."""
        self.gaps: list[Gap] = []
        self._last = self._now()

    def __str__(self) -> str:
        self._tick()
        p99 = np.percentile([each.ms for each in self.gaps], 99)
        longest = max(self.gaps, key=lambda each: each.ms)
        busiest = max(each.busy_ms for each in self.gaps)
        return (
            f"p99 {p99:.0f} ms, longest {longest.ms:.0f} ms (busy {longest.busy_ms:.0f},"
            f" waiting for a core {longest.waiting_ms:.0f}), busy at most {busiest:.0f} ms"
        )

    @staticmethod
    def _now() -> "Gap":
        waited_ns = 0
        if SCHEDULED.exists():  # on Linux
            waited_ns = int(SCHEDULED.read_text().split()[1])
        return Gap(time.perf_counter() * 1e3, time.thread_time() * 1e3, waited_ns / 1e6)

    def _tick(self) -> None:
        now, last = self._now(), self._last
        self.gaps.append(
            Gap(now.ms - last.ms, now.busy_ms - last.busy_ms, now.waiting_ms - last.waiting_ms)
        )
        self._last = now


class Painted(QObject):
    """Becomes true when a widget is painted the next time."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._painted = False
        widget.installEventFilter(self)

    def eventFilter(self, widget: QObject, event: QEvent) -> bool:  # noqa: N802
        self._painted = self._painted or event.type() is QEvent.Type.Paint
        return False

    def __call__(self) -> bool:
        return self._painted


def until(condition: Callable[[], object], seconds: float = 600.0) -> float:
    """Turn the event loop until something is so; return the seconds that took."""
    start = time.perf_counter()
    while not condition():
        if time.perf_counter() - start > seconds:
            raise TimeoutError(f"it did not come within {seconds:g} s")
        QApplication.processEvents()
        time.sleep(0.0005)
    return time.perf_counter() - start


def turn(seconds: float) -> None:
    """Turn the event loop for a while."""
    end = time.perf_counter() + seconds
    until(lambda: time.perf_counter() >= end)


def noise(path: Path, seconds: float) -> Path:
    """Write stereo noise, a minute again and again."""
    minute = 0.1 * np.random.default_rng(1).standard_normal((60 * RATE, 2), np.float32)
    left = round(seconds * RATE)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        while left > 0:
            file.write(minute[:left])
            left -= len(minute)
    return path


def song(medium_path: Path, tracks: int, clips: int, clip_seconds: float) -> Project:
    """Return a project of so many tracks with so many clips each, side by side."""
    medium = import_media(medium_path)
    length = round(clip_seconds * RATE)
    project = edits.add_media(replace(Project(new_id(), "Bench"), sample_rate=RATE), medium)
    for number in range(tracks):
        placed = tuple(
            AudioClip(
                new_id(), f"{at}", ClockTime(at * clip_seconds), medium.id, at * length, length
            )
            for at in range(clips)
        )
        track = Track(new_id(), f"Track {number + 1}", TrackKind.AUDIO, clips=placed)
        project = edits.add_track(project, track)
    return project


class Bench:
    """A window, a probe, and the rows of the table."""

    def __init__(self, folder: Path, quick: bool) -> None:
        self.folder = folder
        self.scale = 0.05 if quick else 1.0
        self.rows: list[tuple[str, str, str]] = []
        self.window = Window(
            Session(),
            Tasks(),
            Settings(folder / "settings.ini"),
            RenderQueue(Store(folder / "store"), default_registry()),
            self._no_device,
            data_folder=folder / "data",
            cache_folder=folder / "cache",
        )
        self.window.resize(1600, 1000)
        self.window.show()
        turn(0.5)
        self.probe = Probe()

    @staticmethod
    def _no_device(sample_rate: int) -> None:
        raise PlaybackError("no device")

    def say(self, what: str, measured: str, goal: str) -> None:
        self.rows.append((what, measured, goal))
        sys.stdout.write(f"{what}: {measured} ({goal})\n")
        sys.stdout.flush()

    def gaps(self, what: str, work: Callable[[], object]) -> None:
        self.probe.restart()
        work()
        self.say(f"event loop: {what}", str(self.probe), "no gap > 50 ms")

    # --- the measurements -----------------------------------------------------------------------

    def open_16_tracks(self) -> None:
        """Open a project until its waveforms are painted."""
        medium = noise(self.folder / "five minutes.wav", 300 * self.scale)
        place = self.folder / "project"
        save(song(medium, 16, 10, 30 * self.scale), place)
        window = self.window
        self.probe.restart()
        start = time.perf_counter()
        window.storage.open(place)
        until(lambda: len(window.session.project.tracks) == 16)
        until(Painted(window.timeline.canvas))
        first = time.perf_counter() - start
        peaks = window._waveforms
        medium = window.session.project.media[0]
        until(lambda: peaks.peaks(medium) is not None)
        until(Painted(window.timeline.canvas))
        drawn = time.perf_counter() - start
        self.say("open 16 tracks, 160 clips", f"{first:.2f} s, waveforms {drawn:.2f} s", "< 2 s")
        self.say("event loop: while it opens", str(self.probe), "no gap > 50 ms")

    def paint_200_clips(self) -> None:
        """Paint 200 visible clips with waveforms: a step of a drag, and of the wheel."""
        project = song(self.folder / "five minutes.wav", 20, 10, 30 * self.scale)
        window, canvas = self.window, self.window.timeline.canvas
        window.session.open(project)
        window.view.set_row_height(36)
        window.view.show_range(TimeRange(0.0, 300.0 * self.scale), canvas.width())
        window.resize(1600, 1400)
        window.docks["mixer"].hide()
        window.docks["notes"].hide()
        turn(1.0)
        until(lambda: canvas.painted_whole)
        rows = min(20, canvas.height() // window.view.row_height)
        clip = project.tracks[0].clips[0].id

        def painted_ms(step: Callable[[], object]) -> float:
            times = []
            for _ in range(30):
                step()
                start = time.thread_time()
                canvas.repaint()
                times.append((time.thread_time() - start) * 1e3)
            return float(np.median(times))

        dragged_ms = painted_ms(
            lambda: window.session.apply(
                "Move", lambda each: edits.move_clips(each, {clip}, delta=ClockTime(0.01))
            )
        )
        scrolled_ms = painted_ms(
            lambda: window.view.scroll_to(
                window.view.scroll_seconds + 100.0 / window.view.pixels_per_second
            )
        )
        measured = f"{dragged_ms:.1f} ms while one is dragged, {scrolled_ms:.1f} ms scrolled"
        self.say(f"paint {rows * 10} clips", measured, "< 8 ms")
        window.docks["mixer"].show()

    def play_and_drag(self) -> None:
        """Play 16 tracks while a fader is dragged."""
        window = self.window
        window.session.open(song(self.folder / "five minutes.wav", 16, 10, 30 * self.scale))
        until(lambda: window.playing.bridge.ready)
        until(lambda: window.timeline.canvas.painted_whole)
        turn(1.0)  # opening is measured elsewhere
        window.playing.toggle()
        until(lambda: window.playing.player.playing)

        def drag() -> None:
            track_id = window.session.project.tracks[0].id
            for step in range(int(100 * max(self.scale, 0.2))):
                gain_db = -float(step % 12)
                window.session.apply(
                    "Gain",
                    lambda project, gain_db=gain_db: edits.set_channel(
                        project, track_id, gain_db=gain_db
                    ),
                    merge_key="drag:1",
                )
                turn(0.03)

        self.gaps("16 tracks play, a fader is dragged", drag)
        window.playing.toggle()
        until(lambda: not window.playing.player.playing)

    def render_a_model(self) -> None:
        """An effect that runs in the worker process."""
        window = self.window
        project = song(self.folder / "five minutes.wav", 1, 2, 30 * self.scale)
        window.session.open(project)
        effect = EffectSpec(new_id(), "wpe_dereverb")
        track_id = project.tracks[0].id
        turn(0.5)

        def work() -> None:
            window.session.apply("Add", lambda each: edits.add_effect(each, track_id, effect))
            until(lambda: window.playing.bridge.jobs)
            until(lambda: not window.playing.bridge.jobs)

        self.gaps("a model renders in its process", work)

    def import_an_hour(self) -> None:
        """Read an hour of stereo, and draw it."""
        hour = noise(self.folder / "hour.wav", 3_600 * self.scale)
        window = self.window
        window.session.open(Project(new_id(), "New"))

        def work() -> None:
            window.files.take([hour])
            until(lambda: window.session.project.tracks)
            medium = window.session.project.media[0]
            until(lambda: window._waveforms.peaks(medium) is not None)

        self.gaps("an hour of stereo is imported and drawn", work)

    def drop_10000_files(self) -> None:
        """Drop a library on the timeline until all of it is listed."""
        library = self.folder / "library"
        library.mkdir()
        paths = [library / f"{number:05}.wav" for number in range(10_000)]
        for path in paths:
            path.touch()
        window = self.window
        self.probe.restart()
        start = time.perf_counter()
        window.files.take(paths)
        until(lambda: window.batch_panel.files.rowCount() == len(paths))
        window.batch_panel.grab()
        taken = time.perf_counter() - start
        self.say("10,000 files dropped, until they are listed", f"{taken:.2f} s", "< 2 s")
        self.say("event loop: meanwhile", str(self.probe), "no gap > 50 ms")

    def export_stems(self) -> None:
        """Export 16 stems."""
        window = self.window
        window.session.open(song(self.folder / "five minutes.wav", 16, 10, 30 * self.scale / 5))
        dialog = ExportDialog(
            window.session,
            window,
            presets=Presets(self.folder / "presets.json"),
            folder=self.folder / "stems",
        )
        dialog.form.stems.setChecked(True)
        dialog.show()
        turn(1.0)

        def work() -> None:
            dialog.start()
            until(lambda: dialog.report)

        self.gaps("16 stems of a minute are exported", work)
        dialog.close()


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    sys.setswitchinterval(0.0001)  # as the program does
    app = QApplication(sys.argv[:1])
    apply_theme(app, DARK)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TONEWRIGHT_CACHE"] = f"{folder}/renders"
        bench = Bench(Path(folder), quick)
        settle()
        bench.open_16_tracks()
        bench.paint_200_clips()
        bench.play_and_drag()
        bench.render_a_model()
        bench.import_an_hour()
        bench.drop_10000_files()
        bench.export_stems()
        bench.say("torch in the window's process", str("torch" in sys.modules), "False")
        bench.window.close_now()
    sys.stdout.write("\n| what | measured | goal |\n|---|---|---|\n")
    sys.stdout.writelines(f"| {' | '.join(row)} |\n" for row in bench.rows)


if __name__ == "__main__":
    main()
