"""The time left, judged in simulated batches of jobs of very different cost."""

import heapq
import random
from collections.abc import Iterator

import pytest

from tonewright.dsp.batch.pace import Group, Kind, Pace

WAV, MP3 = ("recipe", ".wav"), ("recipe", ".mp3")
Jobs = list[tuple[Kind, int, float]]


def library(count: int) -> Jobs:
    """Return kind, bytes and seconds of jobs: long and short files, MP3 dearer by the byte."""
    chance = random.Random(3)
    jobs = []
    for _ in range(count):
        length_seconds = chance.lognormvariate(4.0, 0.8)
        noise = chance.uniform(0.9, 1.1)
        kind, a_second = (WAV, 176_400) if chance.random() < 0.5 else (MP3, 16_000)
        cost = 0.3 + 0.05 * length_seconds
        jobs.append((kind, round(a_second * length_seconds), cost * noise))
    return jobs


def judged(jobs: Jobs, workers: int) -> Iterator[tuple[int, float, float]]:
    """Yield after each job how many have ended, the time that was thought left, and the true."""
    waiting: dict[Kind, Group] = {}
    for kind, size_bytes, _ in jobs:
        group = waiting.setdefault(kind, Group())
        group.jobs += 1
        group.size_bytes += size_bytes
    pace = Pace(waiting)
    now, ended, queue = 0.0, 0, list(jobs)
    running: list[tuple[float, float, Kind, int]] = []
    said: list[tuple[int, float, float]] = []
    while queue or running:
        while queue and len(running) < workers:
            kind, size_bytes, seconds = queue.pop(0)
            pace.begin(kind, size_bytes)
            heapq.heappush(running, (now + seconds, now, kind, size_bytes))
        now, start, kind, size_bytes = heapq.heappop(running)
        pace.end(kind, size_bytes, now - start)
        ended += 1
        rest = [(each[2], each[3], (now - each[1]) / (each[0] - each[1])) for each in running]
        left = pace.left_seconds(rest, workers)
        assert left is not None
        said.append((ended, now, left))
    yield from ((count, left, now - then) for count, then, left in said)


@pytest.mark.parametrize("workers", [1, 4])
def test_after_the_first_files_the_time_left_is_right_within_a_quarter(workers: int) -> None:
    wrong = [
        (ended, left, true)
        for ended, left, true in judged(library(300), workers)
        if 12 <= ended <= 270 and abs(left - true) > 0.25 * true
    ]
    assert wrong == []


def test_nothing_is_said_before_a_job_has_ended() -> None:
    pace = Pace({WAV: Group(2, 2_000_000)})
    pace.begin(WAV, 1_000_000)
    assert pace.left_seconds([(WAV, 1_000_000, 0.5)], 1) is None
    pace.end(WAV, 1_000_000, 3.0)
    assert pace.left_seconds([], 1) == pytest.approx(3.0)


def test_a_job_that_waits_again_counts_again() -> None:
    pace = Pace({WAV: Group(2, 2_000_000)})
    pace.begin(WAV, 1_000_000)
    pace.end(WAV, 1_000_000, 3.0)
    pace.begin(WAV, 1_000_000)
    pace.put_back(WAV, 1_000_000)
    assert pace.left_seconds([], 4) == pytest.approx(3.0)


def test_a_kind_of_which_none_has_ended_is_judged_by_the_others() -> None:
    pace = Pace({WAV: Group(1, 1_000_000), MP3: Group(4, 4_000_000)})
    pace.begin(WAV, 1_000_000)
    pace.end(WAV, 1_000_000, 2.0)
    assert pace.left_seconds([], 2) == pytest.approx(4.0)
