"""How good the dereverberation is, beside the wet signal and WPE, on what nobody trained on.

::

    python tests/benchmarks/dereverb.py --data FOLDER --results FILE [--pairs 20] [--minutes 30]

Speakers, languages, instruments and rooms are those of the split ``test`` (its rooms are image
sources to the end, another method than the training's). Of speech in rooms of RT60 0.3 to 0.9 s at
1 to 4 m, by thirds of RT60: SI-SDR to the direct sound, ESTOI, wide-band PESQ, the log-spectral
distance (LSD) to the dry signal, the ratio of slow to fast modulation (SRMR, which needs no dry
signal), the change of colour (the mean difference of long-term spectra in third octaves) and of
level. Of instruments (phrases whose notes are let go, and samples that ring out): the tail ratio,
which is the power 50 to 300 ms after notes have ended against that of the notes. Of dry signals:
SI-SDR to the input, and the speed.

Methods are the wet signal, WPE, and both effects that ship; ``--also weak=FILE`` adds weights of
another training. Each pair and method becomes a line of JSON in FILE. What is there is not done
again, so the process may be killed, or stopped by ``--minutes``, and called again; without
``--data`` it only prints. Written to stdout as Markdown: medians, with quartiles in brackets.

``--rooms``: how far RT60 and DRR, as ``dsp.audio.room`` hears them, are from those of the
response. ``--hour``: the most memory that an hour of stereo takes, and the time. Wants the extras
``training`` and ``benchmark``.
"""

import argparse
import itertools
import json
import math
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from dereverb_measures import INSTRUMENT, SPEECH, Measure, level_db, ratio_db

from tonewright.dsp.audio.room import RoomMeter
from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.builtin.wpe import WpeDereverb
from tonewright.dsp.effects.protocol import Effect
from tonewright.dsp.effects.registry import default_registry
from tonewright.models.dereverb.analyser import labels_of
from tonewright.models.dereverb.effect import Dereverb
from tonewright.models.dereverb.network import load_network
from tonewright.models.training.corpus import SAMPLE_RATE, Kind, Split, open_store
from tonewright.models.training.mixtures import draw_pairs
from tonewright.models.training.rooms import open_responses

ROOMS = 80
SECONDS = 6.0
RT60_BANDS = ((0.3, 0.45), (0.45, 0.65), (0.65, 0.9))
DISTANCE_M = (1.0, 4.0)
LEVEL = 0.05
"""RMS that the wet signal is brought to."""

Method = Callable[[Audio], Audio]


def spread(values: list[float]) -> str:
    """Return the median and the quartiles; nothing where nothing was measured."""
    if not np.isfinite(values).any():
        return ""
    low, middle, high = np.nanquantile(values, (0.25, 0.5, 0.75))
    return f"{middle:.3g} [{low:.3g}, {high:.3g}]"


@dataclass(frozen=True, slots=True)
class Table:
    """Pairs of one kind, and what is measured of them.

    Attributes:
        dry: Whether methods get the dry signal, which they are to leave alone.
    """

    title: str
    kind: Kind
    rt60_seconds: tuple[float, float]
    measures: dict[str, Measure]
    dry: bool = False

    def pair(self, data: Path, number: int) -> tuple[Audio, Audio]:
        """Return (what a method hears, dry) of one pair, each of shape ``(1, samples)``."""
        wet, dry, _ = draw_pairs(
            open_store(data, Split.TEST),
            open_responses(data, Split.TEST, ROOMS).within(self.rt60_seconds, DISTANCE_M),
            np.random.default_rng((7, number)),
            pairs=1,
            length_samples=round(SECONDS * SAMPLE_RATE),
            augment=False,
            kind=self.kind,
        )
        level = LEVEL / float(wet.square().mean()) ** 0.5
        heard, meant = wet.numpy() * level, dry.numpy() * level
        return (meant if self.dry else heard), meant


WHOLE = (RT60_BANDS[0][0], RT60_BANDS[-1][1])
SPEECH_TABLES = tuple(
    Table(f"Speech, RT60 {low} to {high} s", Kind.SPEECH, (low, high), SPEECH)
    for low, high in RT60_BANDS
)
TABLES = (
    *SPEECH_TABLES,
    Table("Phrases of instruments", Kind.PHRASE, WHOLE, INSTRUMENT),
    Table("Samples of instruments", Kind.INSTRUMENT, WHOLE, INSTRUMENT),
    Table("Dry speech", Kind.SPEECH, WHOLE, {"SI-SDR": ratio_db, "level": level_db}, dry=True),
)


def read(results: Path) -> dict[tuple[str, str, int], dict[str, float]]:
    """Return what has been measured, by table, method and pair; a torn last line is left out."""
    found = {}
    if results.exists():
        for line in results.read_text("utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            found[row["table"], row["method"], row["pair"]] = row["measures"]
    return found


def measure(
    results: Path,
    methods: dict[str, Method],
    data: Path,
    *,
    tables: tuple[Table, ...],
    pairs: int,
    seconds: float,
) -> None:
    """Measure what is missing, by pairs, until all is there or the time is over."""
    end = time.monotonic() + seconds
    done = read(results)
    with results.open("a", encoding="utf-8") as file:
        file.write("\n" if done else "")
        for number, table in itertools.product(range(pairs), tables):
            missing = [each for each in methods if (table.title, each, number) not in done]
            if not missing:
                continue
            heard, dry = table.pair(data, number)
            for name in missing:
                if time.monotonic() > end:
                    return
                begun = time.process_time()
                found = methods[name](heard)
                speed = SECONDS / max(time.process_time() - begun, 1e-9)
                measures = {key: each(found, dry) for key, each in table.measures.items()}
                row = {"table": table.title, "method": name, "pair": number,
                       "measures": measures | {"speed": speed}}  # fmt: skip
                file.write(json.dumps(row) + "\n")
                file.flush()


def print_speech(results: Path) -> None:
    """Print what all speech in rooms gains over the wet signals, whatever the room."""
    done = read(results)
    titles = {table.title for table in SPEECH_TABLES}
    rows = [
        f"\nAll speech, RT60 {WHOLE[0]} to {WHOLE[1]} s, gain over the wet signal\n",
        f"| | {' | '.join(SPEECH)} |",
        "|---" * (len(SPEECH) + 1) + "|",
    ]
    for name in dict.fromkeys(method for title, method, _ in done if title in titles):
        pairs = [
            (done[key], done[key[0], "wet", key[2]])
            for key in done
            if key[0] in titles and key[1] == name and (key[0], "wet", key[2]) in done
        ]
        if name != "wet" and pairs:
            gains = [spread([found[each] - wet[each] for found, wet in pairs]) for each in SPEECH]
            rows.append(f"| {name} ({len(pairs)}) | {' | '.join(gains)} |")
    sys.stdout.write("\n".join(rows) + "\n")


def print_tables(results: Path) -> None:
    """Print what has been measured."""
    print_speech(results)
    done = read(results)
    for table in TABLES:
        columns = [*table.measures, "speed"]
        rows = []
        for name in dict.fromkeys(method for title, method, _ in done if title == table.title):
            found = [done[key] for key in done if key[:2] == (table.title, name)]
            cells = [spread([each[column] for each in found]) for column in columns]
            rows.append(f"| {name} ({len(found)}) | {' | '.join(cells)} |")
        if rows:
            head = [f"\n{table.title}\n", f"| | {' | '.join(columns)} |",
                    "|---" * (len(columns) + 1) + "|"]  # fmt: skip
            sys.stdout.write("\n".join(head + rows) + "\n")


def room_table(data: Path, pairs: int) -> None:
    """Print how far estimates of rooms are off."""
    rows = [
        "| | RT60: mean error | correlation | DRR: mean error | correlation |",
        "|---" * 5 + "|",
    ]
    responses = open_responses(data, Split.TEST, ROOMS)
    for kind in Kind:
        wet, _, rooms = draw_pairs(
            open_store(data, Split.TEST), responses, np.random.default_rng(9),
            pairs=pairs, length_samples=round(SECONDS * SAMPLE_RATE), augment=False, kind=kind,
        )  # fmt: skip
        known = labels_of(responses, rooms)
        heard = []
        for each in wet:
            meter = RoomMeter(SAMPLE_RATE, 1)
            meter.add(each[None].numpy())
            heard.append(meter.result())
        columns = []
        for name, labels, unit in (
            ("rt60_seconds", known.rt60_seconds, "s"),
            ("drr_db", known.drr_db, "dB"),
        ):
            found = np.array([getattr(each, name) for each in heard])
            error = np.abs(found - labels.numpy()).mean()
            columns += [f"{error:.3g} {unit}", f"{np.corrcoef(found, labels)[0, 1]:.2f}"]
        rows.append(f"| {kind} ({pairs}) | {' | '.join(columns)} |")
    sys.stdout.write("\n".join(rows) + "\n")
    sys.stdout.flush()


def hour(effect: Effect) -> tuple[float, float]:
    """Return the most MB this process has held after an hour of stereo noise, and the CPU s."""
    rng = np.random.default_rng(9)
    block = rng.normal(0.0, 0.05, (2, 10 * SAMPLE_RATE)).astype(np.float32)
    effect.reset()
    begun = time.process_time()
    for _ in range(360):
        effect.process(block, SAMPLE_RATE, reset=False)
    if finish := getattr(effect, "finish", None):
        finish()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, time.process_time() - begun


def method(effect: Effect) -> Method:
    """Return an effect as a method, its latency taken off.

    Only what is late gets silence behind the signal: WPE weighs frames by the inverse of their
    power, so silence would take all of its filters' freedom and it would do nothing.
    """

    def processed(audio: Audio) -> Audio:
        if not hasattr(effect, "latency_samples"):
            return effect.process(audio, SAMPLE_RATE)
        effect.reset()
        done = effect.process(audio, SAMPLE_RATE, reset=False)
        late = int(effect.latency_samples)
        rest = effect.process(np.zeros((1, late), np.float32), SAMPLE_RATE, reset=False)
        return np.concatenate([done, rest], axis=1)[:, late:]

    return processed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the dereverberation.")
    parser.add_argument("--data", type=Path, help="of the training; without it nothing is measured")
    parser.add_argument("--results", type=Path, required=True, help="lines of JSON")
    parser.add_argument("--pairs", type=int, default=20, help="for each table")
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--only", nargs="+", help="names of methods")
    parser.add_argument("--also", nargs="+", default=[], metavar="NAME=FILE", help="other weights")
    parser.add_argument("--speech", action="store_true", help="speech in rooms only")
    parser.add_argument("--rooms", action="store_true", help="estimates of rooms, too")
    parser.add_argument("--hour", choices=("dereverb", "dereverb_streaming"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    registry = default_registry()
    if options.hour:
        megabytes, seconds = hour(registry.make(options.hour, {}))
        sys.stdout.write(
            f"An hour of stereo through {options.hour}: {megabytes:.0f} MB, {seconds:.0f} s.\n"
        )
    if options.data and options.rooms:
        room_table(options.data, 3 * options.pairs)
    if options.data:
        wpe = WpeDereverb(taps=10, delay=3, iterations=3)
        methods: dict[str, Method] = {"wet": lambda audio: audio, "WPE": method(wpe)}
        for name in ("dereverb", "dereverb_streaming"):
            methods[name] = method(registry.make(name, {}))
        for each in options.also:
            name, _, path = each.partition("=")
            methods[name] = method(Dereverb(load_network(Path(path))))
        if options.only:
            methods = {name: methods[name] for name in options.only}
        measure(
            options.results,
            methods,
            options.data,
            tables=SPEECH_TABLES if options.speech else TABLES,
            pairs=options.pairs,
            seconds=60.0 * options.minutes,
        )
    print_tables(options.results)


if __name__ == "__main__":
    main()
