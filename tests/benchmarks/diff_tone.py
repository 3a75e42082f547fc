"""Diff-TONE beside simpler ways and the ceiling, on a SoundFont and phrases nobody trained on.

::

    pip install --no-deps basic-pitch   # its metadata asks for TensorFlow, which is not wanted
    python tests/benchmarks/diff_tone.py run --weights FOLDER --out RESULTS/0.jsonl --cases 100
    python tests/benchmarks/diff_tone.py table RESULTS/*.jsonl --picture diff_tone.png

A **case** is a phrase of 3 s played by one instrument that is to be played by another; the truth is
the same phrase played by that other one. ``run`` makes the edits and measures them, a line of JSON
each; ``--part 1/2`` takes every second batch, so that two processes share the work. The path of a
source is inverted once for all switches, and cases go through the network ``BATCH`` at a time.
"""

import argparse
import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from diff_tone_measures import (
    Mono,
    Transcriber,
    chroma_similarity,
    note_f1,
    onset_f1,
    spectral_distance_db,
    true_peak_db,
)
from diff_tone_table import draw, print_table
from torch import Tensor

from tonewright.models.diff_tone.algorithm import (
    Offline,
    Online,
    Rule,
    Trace,
    edited,
    generated,
    inverted,
)
from tonewright.models.diff_tone.corpus import FONT_FOLDER, FONTS, Player, Split, phrase_for
from tonewright.models.diff_tone.denoiser import WINDOW_FRAMES, Denoiser
from tonewright.models.diff_tone.diffusion import Grid, NoiseStream, cosine_grid
from tonewright.models.diff_tone.embedded import Embedded
from tonewright.models.diff_tone.features import (
    BANDS,
    HOP_SAMPLES,
    SAMPLE_RATE,
    audio_of,
    band_power,
    bands,
    level_of,
    mel_of,
    spectrum_of,
)
from tonewright.models.diff_tone.instruments import INSTRUMENTS, NAMES, indices_of
from tonewright.models.diff_tone.inversion import Estimate, Inversion
from tonewright.models.diff_tone.inversion import Path as States
from tonewright.models.diff_tone.phrases import Phrase, PhraseNote
from tonewright.models.diff_tone.weights import load_denoiser, load_reporting, load_steering

LOGGER = logging.getLogger(__name__)

LENGTH_SAMPLES = (WINDOW_FRAMES - 1) * HOP_SAMPLES
STEPS = 40
GUIDANCE = 2.0
BATCH = 20
SEEDS = 3
SWEEP = (0, 1, 2, 4, 6, 8, 12, 16, 20, 28, STEPS)
FEW = (0, 4, 8, 16, 24, STEPS)
FEW_BATCHES = 2
"""Batches that all inversions are tried on, and the clips that are made here."""

RULES: dict[str, Rule] = {"online, 3 alike": Online(3), "offline": Offline()}


@dataclass(frozen=True, slots=True)
class Case:
    """A phrase that one instrument played and another should.

    Attributes:
        phrase: What is played.
        source: Who plays it.
        target: Who should.
        audio: The source, mono.
        truth: The target, mono; None, as is the phrase, for clips that the model made.
    """

    phrase: Phrase | None
    source: str
    target: str
    audio: Mono
    truth: Mono | None

    @property
    def notes(self) -> list[PhraseNote]:
        """The notes that sound for at least 0.1 s."""
        last = LENGTH_SAMPLES / SAMPLE_RATE - 0.1
        notes = self.phrase.notes if self.phrase else ()
        return [note for note in notes if note.start_seconds < last]

    def measured(self, audio: Mono, transcriber: Transcriber) -> dict[str, object]:
        """Return what is measured of an output beside who is heard."""
        found: dict[str, object] = {
            "texture": self.phrase.description.texture.value if self.phrase else None,
            "source": self.source,
            "target": self.target,
            "chroma": chroma_similarity(audio, self.audio),
            "peak_db": true_peak_db(audio),
        }
        if self.phrase and self.truth is not None:
            found |= {
                "onset_f1": onset_f1(audio, self.notes),
                "note_f1": note_f1(transcriber.notes(audio), self.notes),
                "distance_db": spectral_distance_db(audio, self.truth),
            }
        return found


def played(player: Player, phrase: Phrase, program: int) -> Mono:
    """Return the first 3 s of a phrase."""
    return player.play(phrase, program)[0, :LENGTH_SAMPLES]


def draw_cases(split: Split, count: int) -> list[Case]:
    """Return cases: every instrument a source and a target as often as others."""
    cases = []
    with Player(FONT_FOLDER / FONTS[split][0]) as player:
        for number in range(count):
            rng = np.random.default_rng((2_026, list(Split).index(split), number))
            lap, first = divmod(number, len(INSTRUMENTS))
            source = INSTRUMENTS[first]
            target = INSTRUMENTS[(first + 1 + 7 * lap % 19) % len(INSTRUMENTS)]
            phrase = phrase_for(rng, (source, target)[int(rng.integers(2))])
            cases.append(
                Case(
                    phrase,
                    source.name,
                    target.name,
                    played(player, phrase, int(rng.choice(source.programs))),
                    played(player, phrase, target.programs[0]),
                )
            )
    return cases


class Model:
    """The embedded model for many windows at once, and the classifiers.

    Args:
        folder: Of the weights.
        hold_content: Whether the network is told what the source plays.
    """

    def __init__(self, folder: Path, *, hold_content: bool = True) -> None:
        self.denoiser: Denoiser = load_denoiser(folder / "diff_tone-denoiser.safetensors")
        self.steering = load_steering(folder / "diff_tone-steering.safetensors")
        self.backend = Embedded(self.denoiser, hold_content=hold_content)

    def latents(self, cases: list[Case]) -> Tensor:
        """Return the sources as latents, ``(batch, BANDS, WINDOW_FRAMES)``."""
        return torch.cat([self.backend.encode(case.audio[None]) for case in cases])

    def contents(self, cases: list[Case]) -> Tensor | None:
        """Return what is played, or None if that is not held."""
        told = [self.backend.condition("", LENGTH_SAMPLES, case.audio[None]) for case in cases]
        return torch.cat([each.content for each in told]) if self.backend.hold_content else None

    def estimate(
        self, prompts: list[str], content: Tensor | None, grid: Grid, guidance: float = 1.0
    ) -> Estimate:
        """Return clean estimates, a prompt for each of the batch."""
        words = torch.tensor([indices_of(prompt) for prompt in prompts])

        def estimate(x: Tensor, index: int) -> Tensor:
            time = torch.full((len(x),), grid.times[index])
            asked: Tensor = self.denoiser(x, time, words, content)
            if guidance == 1.0:
                return asked
            null = self.denoiser(x, time, torch.zeros_like(words), content)
            return null + guidance * (asked - null)

        return estimate

    def probabilities(self, clean: Tensor, alpha: float) -> Tensor:
        """Return what the steering classifier hears, ``(batch, len(NAMES))``."""
        return self.steering(clean, torch.full((len(clean),), alpha)).softmax(dim=1)

    def traces(self, path: States) -> list[Trace]:
        """Return what the steering classifier hears along a path, for each of the batch."""
        heard = torch.stack(
            [
                self.probabilities(clean, alpha)
                for clean, alpha in zip(path.cleans, path.grid.alphas, strict=False)
            ],
            dim=1,
        )
        return [Trace(NAMES, tuple(map(tuple, each.tolist()))) for each in heard]


def switched(path: States, target: Estimate, switches: list[int]) -> Tensor:
    """Return the latents of a batch in which everyone has a switch of their own."""
    steps = torch.tensor(switches)[:, None, None]
    x = path.states[min(switches)]
    for index in range(min(switches), path.grid.steps):
        x = path.step(torch.where(steps >= index, path.states[index], x), target(x, index), index)
    return torch.where(steps >= path.grid.steps, path.states[-1], x)


class Measuring:
    """Writes a line for every output.

    Args:
        folder: Of the weights.
        out: The file of lines.
    """

    def __init__(self, folder: Path, out: Path) -> None:
        self._reporting = load_reporting(folder / "diff_tone-reporting.safetensors")
        self._transcriber = Transcriber.shipped()
        self._out = out

    def notes(self, audio: Mono) -> list[PhraseNote]:
        """Return what Basic Pitch hears."""
        return self._transcriber.notes(audio)

    def row(
        self, name: str, cases: list[Case], made: list[Mono], switches: list[int] | None = None
    ) -> None:
        """Measure the outputs of a row."""
        lines = []
        for number, (case, audio) in enumerate(zip(cases, made, strict=True)):
            channels = torch.from_numpy(audio[None])
            mel = mel_of(band_power(spectrum_of(channels)), level_of(channels))
            embedded = self._reporting.embed(mel)
            probable = self._reporting.leave(embedded)[0].softmax(dim=0)
            said = NAMES[int(probable.argmax())]
            heard = {
                "row": name,
                "switch": None if switches is None else switches[number],
                "said": said,
                "probability": float(probable[NAMES.index(case.target)]),
                "embedding": [round(each, 4) for each in embedded[0].tolist()],
            }
            lines.append(heard | case.measured(audio, self._transcriber))
        with self._out.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


# --- the ways -------------------------------------------------------------------------------


def mean_spectra() -> Tensor:
    """Return what every instrument sounds like on average, ``(len(NAMES), BANDS)``, in dB.

    It is the mean power, relative to the level, of four phrases on the font of the training.
    """
    found = torch.zeros(len(NAMES), BANDS)
    with Player(FONT_FOLDER / FONTS[Split.TRAIN][0]) as player:
        for number, instrument in enumerate(INSTRUMENTS):
            rng = np.random.default_rng((8, number))
            for _ in range(4):
                audio = played(player, phrase_for(rng, instrument), instrument.programs[0])
                channels = torch.from_numpy(audio[None])
                power = band_power(spectrum_of(channels)) / level_of(channels).square()
                found[number] += power[0].mean(dim=1) / 4.0
    return 10.0 * torch.log10(found + 1e-8)


def envelope_matched(case: Case, spectra: Tensor) -> Mono:
    """Return the source under a fixed equaliser that gives it the target's mean spectrum."""
    channels = torch.from_numpy(case.audio[None])
    spectrum = spectrum_of(channels)
    power = band_power(spectrum)[0].mean(dim=1) / level_of(channels)[0, 0].square()
    gain_db = spectra[NAMES.index(case.target)] - 10.0 * torch.log10(power + 1e-8)
    spread = bands().T / bands().sum(dim=0)[:, None].clamp(min=1e-9)
    gain = 10.0 ** ((spread @ gain_db.clamp(-30.0, 30.0)) / 20.0)
    made = audio_of(spectrum * gain[None, :, None], LENGTH_SAMPLES)
    return np.asarray((made * (level_of(channels) / level_of(made))[0])[0])


def resynthesised(case: Case, notes: list[PhraseNote], player: Player) -> Mono:
    """Return what was transcribed, played by the target on a font that trained."""
    program = INSTRUMENTS[NAMES.index(case.target)].programs[0]
    return played(player, Phrase(tuple(notes), case.phrase.description), program)


def decoded(model: Model, latents: Tensor, cases: list[Case]) -> list[Mono]:
    """Return latents as sound, with the phases of their sources."""
    return [
        model.backend.decode(latent[None], LENGTH_SAMPLES, case.audio[None])[0]
        for latent, case in zip(latents, cases, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch is edited with.

    Attributes:
        model: The model.
        measuring: Where outputs go.
        cases: The batch.
        content: Of the batch, or None.
        grid: Of the sampler.
        seed: Of the noise.
    """

    model: Model
    measuring: Measuring
    cases: list[Case]
    content: Tensor | None
    grid: Grid
    seed: int

    def prompted(self, names: list[str], guidance: float = 1.0) -> Estimate:
        """Return clean estimates for a solo of each instrument."""
        return self.model.estimate(
            [f"solo {name}" for name in names], self.content, self.grid, guidance
        )

    def edit(self, row: str, path: States, sweep: tuple[int, ...], rules: dict[str, Rule]) -> None:
        """Measure edits along a path: at fixed switches, and where rules put them.

        Args:
            row: Begins the names of the rows.
            path: Of the batch.
            sweep: Fixed switches.
            rules: By name.
        """
        target = self.prompted([case.target for case in self.cases], GUIDANCE)
        made = {}
        for switch in sweep:
            made[switch] = self._sounds(edited(path, target, switch))
            self.measuring.row(
                f"{row}, fixed {switch}", self.cases, made[switch], [switch] * len(self.cases)
            )
        traces = self.model.traces(path)
        for name, rule in rules.items():
            switches = [rule.decide(trace, self.grid.steps) or 0 for trace in traces]
            made_so = self._sounds(switched(path, target, switches))
            self.measuring.row(f"{row}, {name}", self.cases, made_so, switches)

    def _sounds(self, latents: Tensor) -> list[Mono]:
        return decoded(self.model, latents, self.cases)


def run_baselines(work: Work, spectra: Tensor, player: Player) -> None:
    """Measure what there is without the network."""
    cases, measuring = work.cases, work.measuring
    measuring.row("source untouched", cases, [case.audio for case in cases])
    measuring.row("paired truth", cases, [case.truth for case in cases])
    measuring.row("spectral envelope", cases, [envelope_matched(case, spectra) for case in cases])
    again = [resynthesised(case, measuring.notes(case.audio), player) for case in cases]
    measuring.row("transcribed and resynthesised", cases, again)
    rendered = [work.model.backend.encode(case.truth[None]) for case in cases]
    through = decoded(work.model, torch.cat(rendered), cases)
    measuring.row("truth through the render stage", cases, through)


def run_recordings(work: Work, inversion: Inversion, row: str, sweep: tuple[int, ...]) -> None:
    """Measure edits of recordings."""
    latents = work.model.latents(work.cases)
    source = work.prompted([case.source for case in work.cases])
    noise = NoiseStream(work.seed, tuple(latents.shape))
    path = inverted(latents, source, work.grid, noise, inversion=inversion)
    work.edit(row, path, sweep, RULES)


def run_made_here(work: Work, row: str) -> None:
    """Measure edits of clips that the model itself makes of a prompt and noise."""
    source = work.prompted([case.source for case in work.cases], GUIDANCE)
    noise = NoiseStream(work.seed, (len(work.cases), BANDS, WINDOW_FRAMES))
    path = generated(source, work.grid, noise).path
    made = [work.model.backend.decode(latent[None], LENGTH_SAMPLES)[0] for latent in path.end]
    cases = [
        replace(case, phrase=None, truth=None, audio=audio)
        for case, audio in zip(work.cases, made, strict=True)
    ]
    work.measuring.row(f"{row}, untouched", cases, made)
    replace(work, cases=cases).edit(row, path, FEW, RULES)


def run(weights: Path, out: Path, cases: int, part: tuple[int, int]) -> None:
    """Make the edits and measure them.

    Args:
        weights: Folder of the weights.
        out: File of lines; added to.
        cases: How many.
        part: Which batches: the first of so many.
    """
    drawn = draw_cases(Split.TEST, cases)
    held, free = Model(weights, hold_content=True), Model(weights, hold_content=False)
    measuring = Measuring(weights, out)
    spectra = mean_spectra()
    grid = cosine_grid(STEPS)
    batches = [drawn[start : start + BATCH] for start in range(0, cases, BATCH)]
    with Player(FONT_FOLDER / FONTS[Split.TRAIN][0]) as player:
        for number, batch in enumerate(batches):
            if number % part[1] != part[0] - 1:
                continue
            work = Work(held, measuring, batch, held.contents(batch), grid, number % SEEDS)
            without = replace(work, model=free, content=None)
            run_baselines(work, spectra, player)
            run_recordings(work, Inversion.EDIT_FRIENDLY, "edit-friendly", SWEEP)
            if number < FEW_BATCHES:
                run_recordings(work, Inversion.DDIM, "DDIM", FEW)
                run_recordings(work, Inversion.SDEDIT, "SDEdit", FEW)
                run_recordings(without, Inversion.EDIT_FRIENDLY, "notes not told", FEW)
                run_made_here(without, "made here")
            LOGGER.info("batch %d of %d", number + 1, len(batches))


def main() -> None:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(description="Measure the change of instrument.")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="make edits and measure them")
    running.add_argument("--weights", type=Path, required=True)
    running.add_argument("--out", type=Path, required=True, help="lines are added to it")
    running.add_argument("--cases", type=int, default=100)
    running.add_argument("--part", default="1/1", help="which part of the batches, as 2/3")
    showing = commands.add_parser("table", help="print the table")
    showing.add_argument("lines", type=Path, nargs="+")
    showing.add_argument("--picture", type=Path)
    options = parser.parse_args()
    if options.command == "table":
        print_table(options.lines)
        if options.picture:
            draw(options.lines, options.picture)
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    first, _, count = options.part.partition("/")
    run(options.weights, options.out, options.cases, (int(first), int(count)))


if __name__ == "__main__":
    main()
