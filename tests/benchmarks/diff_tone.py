"""Diff-TONE beside simpler ways and the ceiling, on a SoundFont and phrases nobody trained on.

::

    pip install --no-deps basic-pitch   # its metadata asks for TensorFlow, which is not wanted
    python tests/benchmarks/diff_tone.py run --out RESULTS --cases 100
    python tests/benchmarks/diff_tone.py table RESULTS --picture diff_tone.png

A **case** is a phrase of 3 s played by one instrument that is to be played by another; the truth is
the same phrase played by that other one. All controls are as the effect has them. ``run`` makes the
edits and measures them, a line of JSON each; a batch of a part of the work is a file, and what is
there is not made again, so a run may be killed. ``--share 1/2`` takes every second batch, so that
two processes share the work. The path of a source is inverted once for all switches.
"""

import argparse
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from diff_tone_cases import LENGTH_SAMPLES, Case, draw_cases
from diff_tone_measures import Mono, Transcriber
from diff_tone_simple import envelope_matched, gained, resynthesised, without_phase
from diff_tone_table import draw, print_tables
from torch import Tensor

from tonewright.dsp.project.atomic import replacing
from tonewright.models.diff_tone.algorithm import (
    Offline,
    Online,
    Rule,
    Trace,
    generated,
    inverted,
)
from tonewright.models.diff_tone.backend import Listener
from tonewright.models.diff_tone.classifier import Reporting, Steering
from tonewright.models.diff_tone.corpus import FONT_FOLDER, FONTS, Player, Split
from tonewright.models.diff_tone.denoiser import WINDOW_FRAMES
from tonewright.models.diff_tone.diffusion import Grid, NoiseStream
from tonewright.models.diff_tone.effect_type import DIFF_TONE, EMBEDDED
from tonewright.models.diff_tone.embedded import Embedded
from tonewright.models.diff_tone.features import BANDS, SAMPLE_RATE
from tonewright.models.diff_tone.instruments import NAMES
from tonewright.models.diff_tone.inversion import Estimate, Inversion, guidance_after
from tonewright.models.diff_tone.inversion import Path as States
from tonewright.models.diff_tone.measures import mel_of_audio
from tonewright.models.diff_tone.opening import open_model, open_reporting
from tonewright.models.diff_tone.sections import enveloped, levelled
from tonewright.models.diff_tone.takes import first_heard, takes_of

LOGGER = logging.getLogger(__name__)

SHIPPED = {parameter.name: parameter.default for parameter in DIFF_TONE.parameters}
STEPS = int(SHIPPED["steps"])
GUIDANCE = float(SHIPPED["guidance"])
TAKES = int(SHIPPED["takes"])
GENTLE = 3.0
"""Guidance of rows between a gentle take and what is asked for."""

MADE_GUIDANCE = 5.0
"""Of clips that are made here, as ``tonewright generate`` has it."""

MADE_STEPS = 20
"""Of clips that are made here, half of what ``tonewright generate`` takes."""

BATCH = 20
SWEEP = (2, 4, 8)
FEW = (0, 2)
RULES: dict[str, Rule | int] = {"online 3": Online(3), "offline": Offline()}
SEEDS = (0, 1, 2)
SOME = 2
"""Batches whose truth is rendered."""


@dataclass(frozen=True, slots=True)
class Work:
    """A batch, and what it is edited with.

    Attributes:
        backend: The model.
        steering: The classifier that steers.
        listener: The same, as the effect asks it.
        cases: The batch.
        lines: What was measured so far.
        grid: Of the sampler.
        reporting: The classifier that reports.
        transcriber: Hears notes.
    """

    backend: Embedded
    steering: Steering
    listener: Listener
    cases: list[Case]
    grid: Grid
    reporting: Reporting
    transcriber: Transcriber
    lines: list[dict[str, object]] = field(default_factory=list)

    def row(self, name: str, made: list[Mono], switches: list[int] | None = None) -> None:
        """Measure the outputs of a row."""
        for number, (case, audio) in enumerate(zip(self.cases, made, strict=True)):
            embedded = self.reporting.embed(mel_of_audio(audio[None]))
            probable = self.reporting.leave(embedded)[0].softmax(dim=0)
            heard = {
                "row": name,
                "switch": None if switches is None else switches[number],
                "said": NAMES[int(probable.argmax())],
                "probability": float(probable[NAMES.index(case.target)]),
                "embedding": [round(each, 4) for each in embedded[0].tolist()],
            }
            self.lines.append(heard | case.measured(audio, self.transcriber))

    def prompted(self, names: list[str], guidance: float, *, told: bool) -> Estimate:
        """Return clean estimates for a solo of each instrument, told what is played or not."""
        conditions = [
            self.backend.condition(
                f"solo {name}", LENGTH_SAMPLES, case.audio[None] if told else None
            )
            for name, case in zip(names, self.cases, strict=True)
        ]
        words = torch.cat([each.words for each in conditions])
        content = torch.cat([each.content for each in conditions]) if told else None

        def estimate(x: Tensor, index: int) -> Tensor:
            def asked(x: Tensor, content: Tensor | None) -> Tensor:
                return self.backend.guided(x, self.grid.times[index], words, content, guidance)

            return self.backend.cycle_spun(x, content, self.grid, index, asked)

        return estimate

    def traces(self, path: States) -> list[Trace]:
        """Return what the steering classifier hears along a path, for each of the batch."""
        heard = torch.stack(
            [
                self.steering(clean, torch.full((len(clean),), alpha)).softmax(dim=1)
                for clean, alpha in zip(path.cleans, path.grid.alphas, strict=False)
            ],
            dim=1,
        )
        return [Trace(NAMES, tuple(map(tuple, each.tolist()))) for each in heard]

    def edit(
        self,
        row: str,
        path: States,
        rules: dict[str, Rule | int],
        *,
        told: bool,
        guidance: float = GUIDANCE,
    ) -> None:
        """Measure edits along a path, each switched where a rule puts it, or at a fixed step."""
        targets = [case.target for case in self.cases]
        estimate = self.prompted(targets, guidance_after(path.inversion, guidance), told=told)
        traces = self.traces(path)
        for name, rule in rules.items():
            switches = [
                rule if isinstance(rule, int) else rule.decide(trace, path.grid.steps) or 0
                for trace in traces
            ]
            made = self.sounds(switched(path, estimate, switches))
            self.row(f"{row}, {name}", made, switches)

    def sounds(self, latents: Tensor) -> list[Mono]:
        """Return edited latents as the effect makes sound of them."""
        made = []
        for latent, case in zip(latents, self.cases, strict=True):
            source = case.audio[None]
            audio = levelled(self.backend.decode(latent[None], LENGTH_SAMPLES, source), source)
            share = float(SHIPPED["keep_envelope"]) / 100.0
            made.append(np.float32(enveloped(audio, source, share, SAMPLE_RATE))[0])
        return made


def switched(path: States, target: Estimate, switches: list[int]) -> Tensor:
    """Return the latents of a batch in which everyone has a switch of their own."""
    steps = torch.tensor(switches)[:, None, None]
    x = path.states[min(switches)]
    for index in range(min(switches), path.grid.steps):
        x = path.step(torch.where(steps >= index, path.states[index], x), target(x, index), index)
    return torch.where(steps >= path.grid.steps, path.states[-1], x)


def fixed(switches: tuple[int, ...]) -> dict[str, Rule | int]:
    """Return fixed switches by name."""
    return {f"fixed {switch}": switch for switch in switches}


# --- the parts of the work --------------------------------------------------------------------


def simple_ways(work: Work, number: int) -> None:
    """Measure what there is without the network, and the render stage."""
    cases, backend = work.cases, work.backend
    work.row("source untouched", [case.audio for case in cases])
    work.row("paired truth", [case.truth for case in cases])
    work.row("spectral envelope", [envelope_matched(case) for case in cases])
    with Player(FONT_FOLDER / FONTS[Split.TRAIN][0]) as player:
        again = [resynthesised(case, work.transcriber.notes(case.audio), player) for case in cases]
    work.row("transcribed and resynthesised", again)
    if number < SOME:
        rendered = [
            backend.decode(backend.encode(case.truth[None]), LENGTH_SAMPLES, case.audio[None])[0]
            for case in cases
        ]
        work.row("truth through the render stage", rendered)
        work.row("truth by Griffin-Lim", [without_phase(case, backend) for case in cases])
        work.row("truth as gains on the source", [gained(case) for case in cases])


def automatic(seed: int) -> Callable[[Work, int], None]:
    """Return a part: recordings as the effect edits them, by takes."""

    def part(work: Work, number: int) -> None:
        del number
        targets = [case.target for case in work.cases]
        takes = []
        for take in takes_of(TAKES, GUIDANCE):
            path = path_of(work, take.inversion, seed)
            guidance = guidance_after(take.inversion, take.guidance)
            estimate = work.prompted(targets, guidance, told=True)
            takes.append(switched(path, estimate, [0] * len(targets)))
        best = []
        for case, *mades in zip(work.cases, *takes, strict=True):
            source = case.audio[None]
            latent = work.backend.encode(source)
            each = (made[None] for made in mades)
            best.append(first_heard(work.listener, source, latent, each, case.target)[0])
        work.row("recordings, automatic", work.sounds(torch.stack(best)), [0] * len(best))

    return part


def sweep_of(
    name: str,
    inversion: Inversion,
    rules: dict[str, Rule | int],
    *,
    told: bool = True,
    guidance: float = GUIDANCE,
    seed: int = 0,
) -> Callable[[Work, int], None]:
    """Return a part: recordings under several rules.

    Args:
        name: Of the rows.
        inversion: Of the recordings.
        rules: And fixed switches.
        told: Whether the network is told what is played.
        guidance: To the target.
        seed: Of the noise.
    """

    def part(work: Work, number: int) -> None:
        del number
        path = path_of(work, inversion, seed, told=told)
        work.edit(name, path, rules, told=told, guidance=guidance)

    return part


def path_of(work: Work, inversion: Inversion, seed: int, *, told: bool = True) -> States:
    """Return the path of a batch of recordings."""
    latents = torch.cat([work.backend.encode(case.audio[None]) for case in work.cases])
    source = work.prompted([case.source for case in work.cases], 1.0, told=told)
    noise = NoiseStream(seed, tuple(latents.shape))
    return inverted(latents, source, work.grid, noise, inversion=inversion)


def made_here(seed: int, *, told: bool = True) -> Callable[[Work, int], None]:
    """Return a part: clips that the model itself makes of a prompt and noise.

    Args:
        seed: Of the noise.
        told: Whether the network is told, in the edit, what is played.
    """

    def part(work: Work, number: int) -> None:
        work = replace(work, grid=work.backend.grid(MADE_STEPS))
        sources = [case.source for case in work.cases]
        source = work.prompted(sources, MADE_GUIDANCE, told=False)
        noise = NoiseStream(100 + number + 1000 * seed, (len(sources), BANDS, WINDOW_FRAMES))
        path = generated(source, work.grid, noise).path
        made = [work.backend.decode(latent[None], LENGTH_SAMPLES)[0] for latent in path.end]
        cases = [
            replace(case, phrase=None, truth=None, audio=audio)
            for case, audio in zip(work.cases, made, strict=True)
        ]
        clips = replace(work, cases=cases)
        confident = Online(int(SHIPPED["repeats"]), float(SHIPPED["confidence"]) / 100.0)
        rules: dict[str, Rule | int] = {"online": confident, "offline": Offline()}
        if told:
            clips.row("made here, untouched", made)
            clips.edit("made here", path, fixed(FEW) | rules, told=True)
        else:
            switches = fixed((0, *SWEEP))
            clips.edit("made here, notes not told", path, switches | rules, told=False)

    return part


PARTS: dict[str, Callable[[Work, int], None]] = {
    "simple": simple_ways,
    # What comes near the best of all has three seeds.
    **{f"automatic-{seed}": automatic(seed) for seed in SEEDS},
    **{
        f"{name}-{seed}": sweep_of(row, inversion, fixed(switches), seed=seed)
        for seed in SEEDS
        for name, row, inversion, switches in (
            ("sdedit", "SDEdit", Inversion.SDEDIT, FEW),
            ("ddim", "DDIM", Inversion.DDIM, FEW),
            ("edit-friendly", "edit-friendly", Inversion.EDIT_FRIENDLY, (0,)),
        )
    },
    "sweep": sweep_of("edit-friendly", Inversion.EDIT_FRIENDLY, fixed(SWEEP) | RULES),
    "gentle-ddim": sweep_of("DDIM, gentle", Inversion.DDIM, fixed(FEW), guidance=GENTLE),
    "gentle": sweep_of(
        "edit-friendly, gentle", Inversion.EDIT_FRIENDLY, fixed(FEW), guidance=GENTLE
    ),
    "untold": sweep_of(
        "edit-friendly, notes not told", Inversion.EDIT_FRIENDLY, fixed(FEW), told=False
    ),
    "made-untold": made_here(0, told=False),
    **{f"made-{seed}": made_here(seed) for seed in SEEDS},
}


def run(weights: str, out: Path, cases: int, share: tuple[int, int]) -> None:
    """Make the edits and measure them.

    Args:
        weights: A model, as the effect takes it.
        out: Folder of the lines.
        cases: How many.
        share: Which batches: the first of so many.
    """
    model, reporting, transcriber = (
        open_model(weights), open_reporting(weights), Transcriber.shipped()
    )  # fmt: skip
    assert isinstance(model.backend, Embedded)
    assert model.steering is not None
    assert model.listener is not None
    drawn = draw_cases(Split.TEST, cases)
    out.mkdir(parents=True, exist_ok=True)
    for place, (name, part) in enumerate(PARTS.items()):
        for number in range(share[0] - 1, -(-cases // BATCH), share[1]):
            path = out / f"{place:02}-{name}-{number:02}.jsonl"
            if path.is_file():
                continue
            batch = drawn[number * BATCH : (number + 1) * BATCH]
            work = Work(
                model.backend, model.steering, model.listener, batch,
                model.backend.grid(STEPS), reporting, transcriber,
            )  # fmt: skip
            part(work, number)
            with replacing(path) as file:
                file.write("".join(json.dumps(line) + "\n" for line in work.lines).encode())
            LOGGER.info("%s: %d outputs", path.name, len(work.lines))


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(description="Measure the change of instrument.")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="make edits and measure them")
    running.add_argument("--weights", default=EMBEDDED, help="a folder of networks")
    running.add_argument("--out", type=Path, required=True, help="folder of the lines")
    running.add_argument("--cases", type=int, default=100)
    running.add_argument("--share", default="1/1", help="which share of the batches, as 2/3")
    showing = commands.add_parser("table", help="print the tables")
    showing.add_argument("lines", type=Path, help="folder of the lines")
    showing.add_argument("--picture", type=Path)
    options = parser.parse_args()
    if options.command == "table":
        print_tables(options.lines)
        if options.picture:
            draw(options.lines, options.picture)
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_grad_enabled(False)
    first, _, count = options.share.partition("/")
    run(options.weights, options.out, options.cases, (int(first), int(count)))


if __name__ == "__main__":
    main()
