"""What an export has made, measured from the finished files themselves.

Every number of an audio file comes from decoding it again after encoding. The null test alone is
of what was heard before resampling, normalising and quantising, see ``null_test``.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewright.dsp.audio.file import AudioReader
from tonewright.dsp.audio.loudness import Loudness, LoudnessMeter
from tonewright.dsp.exporting.files import FileKind, PlannedFile
from tonewright.dsp.exporting.history import effect_places
from tonewright.dsp.exporting.normalise import NormalisingGain
from tonewright.dsp.exporting.null_test import NullTest
from tonewright.dsp.exporting.plan import ExportPlan
from tonewright.dsp.exporting.settings import Normalise
from tonewright.dsp.exporting.staging import export_error
from tonewright.dsp.exporting.table import decibels, duration, finite, megabytes, table
from tonewright.dsp.exporting.targets import DeliveryCheck, check_delivery
from tonewright.dsp.exporting.writing import WrittenFile
from tonewright.dsp.project.document import EffectSpec
from tonewright.dsp.rendering.job import CancelToken

NULL_LIMIT_DBFS = -90.0
"""Stems whose sum differs less than this from the mix sum to it."""


@dataclass(frozen=True, slots=True)
class MeasuredAudio:
    """An audio file as it was found.

    Attributes:
        subtype: Its codec: ``"PCM_24"``, ``"FLOAT"``, ``"VORBIS"``.
        clipped_samples: Values that were limited when it was written.
        gain: What normalising did.
        delivery: Whether it meets the loudness target, if there is one for it.
    """

    sample_rate: int
    channels: int
    length_samples: int
    subtype: str
    loudness: Loudness
    clipped_samples: int
    gain: NormalisingGain
    delivery: DeliveryCheck | None


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A finished file; ``audio`` is None for MIDI."""

    file: PlannedFile
    size_bytes: int
    sha256: str
    audio: MeasuredAudio | None = None


def examine_audio(
    plan: ExportPlan, written: WrittenFile, path: Path, cancel: CancelToken
) -> ExportedFile:
    """Return what is in a file that has been written to ``path``."""
    with AudioReader(path) as reader:
        meter = LoudnessMeter(reader.sample_rate, reader.channels)
        length_samples = 0
        for block in reader.blocks():
            cancel.check()
            meter.add(block)
            length_samples += block.shape[1]
    loudness = meter.result()
    target = plan.settings.loudness
    delivery = None
    if target is not None and written.file.contents.kind is FileKind.MIX:
        delivery = check_delivery(
            target,
            integrated_lufs=loudness.integrated_lufs,
            true_peak_dbtp=loudness.true_peak_dbtp,
        )
    return ExportedFile(
        written.file,
        *_size_and_sha256(path),
        MeasuredAudio(
            reader.sample_rate,
            reader.channels,
            length_samples,
            reader.subtype,
            loudness,
            written.clipped_samples,
            written.gain,
            delivery,
        ),
    )


def examine_midi(file: PlannedFile, path: Path) -> ExportedFile:
    """Return what is known of a MIDI file that has been written to ``path``."""
    return ExportedFile(file, *_size_and_sha256(path))


def _size_and_sha256(path: Path) -> tuple[int, str]:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError as error:
        raise export_error(path, error) from error


@dataclass(frozen=True, slots=True)
class NullResult:
    """The outcome of the null test.

    Attributes:
        residual_dbfs: Peak of the sum of the stems minus the mix.
        complete: Whether the stems are all that is in the mix, each once.
        reason: Why it does not null, where it does not.
    """

    residual_dbfs: float
    mix_peak_dbfs: float
    complete: bool
    reason: str

    @property
    def passed(self) -> bool:
        """Whether the stems sum to the mix."""
        return self.residual_dbfs < NULL_LIMIT_DBFS


def null_result(plan: ExportPlan, test: NullTest) -> NullResult:
    """Return the outcome of a null test, with the likely reason where it fails."""
    reason = ""
    if not test.residual_dbfs < NULL_LIMIT_DBFS:
        master = plan.project.master
        names = ", ".join(each.type for each in master.effects if each.enabled)
        if not plan.complete:
            reason = "the selected stems are not all of the mix"
        elif plan.settings.through_master and names:
            reason = (
                f"each stem passed the master's effects ({names}) on its own, which sums to the "
                "mix only if they are linear; export without the master"
            )
        else:
            reason = "an effect does not give the same sound twice"
    return NullResult(test.residual_dbfs, test.mix_peak_dbfs, plan.complete, reason)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """All that is to be said of an export.

    Attributes:
        plan: What was carried out.
        files: What came of it, in the order of the plan.
        effects: Every effect that sounds, with its parameters and seed.
        null: The null test; None without stems.
        notes: What the renderer had to say.
    """

    plan: ExportPlan
    files: tuple[ExportedFile, ...]
    effects: tuple[EffectSpec, ...]
    null: NullResult | None
    notes: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should look at, one line each."""
        return (*self.plan.warnings, *self.notes, *self._findings())

    def _findings(self) -> Iterator[str]:
        settings = self.plan.settings
        for each in self.files:
            audio, name = each.audio, each.file.path.name
            if audio is None:
                continue
            if audio.gain.note:
                yield f"{name}: {audio.gain.note}"
            if audio.clipped_samples:
                yield (
                    f"{name}: {audio.clipped_samples} values were above full scale and limited; "
                    "lower the fader, normalise, or export 32f"
                )
            elif audio.loudness.sample_peak_dbfs > 0.0:
                yield (
                    f"{name}: peaks at {audio.loudness.sample_peak_dbfs:+.1f} dBFS, which clips "
                    "when it is played"
                )
            if settings.normalise is not Normalise.NONE and (
                round(audio.loudness.true_peak_dbtp, 1) > settings.ceiling
            ):
                yield (
                    f"{name}: encoding lifted the true peak to "
                    f"{audio.loudness.true_peak_dbtp:.1f} dBTP, above {settings.ceiling:g}"
                )
            if audio.delivery is not None:
                for problem in audio.delivery.problems:
                    yield f"{name}: fails {audio.delivery.target_id}: {problem}"
        if self.null is not None and self.null.reason:
            yield (
                f"null test: the stems differ from the mix by {self.null.residual_dbfs:.1f} dBFS: "
                f"{self.null.reason}"
            )

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values; silence is null."""
        project = self.plan.project
        places = effect_places(project)
        return {
            "project": project.name,
            "date": self.plan.now.isoformat(timespec="seconds"),
            "settings": self.plan.settings.to_json(),
            "files": [_file_json(each, self.plan.report.parent) for each in self.files],
            "effects": [_effect_json(each, places.get(each.id, "")) for each in self.effects],
            "recipes": [
                {
                    "media": medium.name,
                    "sha256": medium.sha256,
                    "inputs": list(medium.recipe.inputs),
                    "output": medium.recipe.output,
                    "weights": dict(medium.recipe.weights),
                    "effects": [_effect_json(each, medium.name) for each in medium.recipe.effects],
                }
                for medium in project.media
                if medium.recipe is not None
            ],
            "null_test": None if self.null is None else _null_json(self.null),
            "warnings": list(self.warnings),
        }

    def to_text(self) -> str:
        """Return the report as tables for people."""
        audio = [each for each in self.files if each.audio is not None]
        midi = [each for each in self.files if each.audio is None]
        lines = [f"{self.plan.project.name}, exported {self.plan.now:%Y-%m-%d %H:%M}", ""]
        if audio:
            lines += [table(_AUDIO_HEADER, [_audio_row(each) for each in audio]), ""]
        if midi:
            sizes = [
                (each.file.path.name, f"{each.size_bytes} bytes", each.sha256[:16]) for each in midi
            ]
            lines += [table(("file", "size", "sha256"), sizes), ""]
        for each in audio:
            if each.audio is not None and each.audio.delivery is not None:
                check = each.audio.delivery
                said = "; ".join((*check.problems, check.note)).strip("; ")
                verdict = "passes" if check.passed else "FAILS"
                lines.append(
                    f"{each.file.path.name} {verdict} {check.target_id}{': ' if said else ''}{said}"
                )
        if self.null is not None:
            lines.append(
                f"null test: sum of the stems minus the mix peaks at "
                f"{decibels(self.null.residual_dbfs)} dBFS "
                f"(before resampling, normalising and quantising); "
                f"{'they sum to the mix' if self.null.passed else 'they do NOT sum to the mix'}"
            )
        if self.effects:
            places = effect_places(self.plan.project)
            rows = [
                (places.get(each.id, ""), each.type, f"v{each.version}", f"seed {each.seed}")
                for each in self.effects
            ]
            lines += ["", table(("where", "effect", "version", "seed"), rows)]
        lines += [f"warning: {each}" for each in self.warnings]
        return "\n".join(lines) + "\n"

    def write(self, json_path: Path, text_path: Path) -> None:
        """Write both forms; OSError if the disk refuses."""
        text = json.dumps(self.to_json(), indent=1, ensure_ascii=False)
        json_path.write_text(text + "\n", "utf-8")
        text_path.write_text(self.to_text(), "utf-8")


_AUDIO_HEADER = (
    "file",
    "kind",
    "length",
    "samples",
    "rate",
    "depth",
    "size",
    "LUFS-I",
    "LRA",
    "dBTP",
    "peak",
    "clipped",
    "sha256",
)


def _audio_row(each: ExportedFile) -> tuple[str, ...]:
    audio = each.audio
    assert audio is not None
    return (
        each.file.path.name,
        str(each.file.contents.kind),
        duration(audio.length_samples / audio.sample_rate),
        str(audio.length_samples),
        str(audio.sample_rate),
        audio.subtype,
        megabytes(each.size_bytes),
        decibels(audio.loudness.integrated_lufs),
        decibels(audio.loudness.range_lu),
        decibels(audio.loudness.true_peak_dbtp),
        decibels(audio.loudness.sample_peak_dbfs),
        str(audio.clipped_samples),
        each.sha256[:16],
    )


def _file_json(each: ExportedFile, folder: Path) -> dict[str, Any]:
    path = each.file.path
    said: dict[str, Any] = {
        "path": path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path),
        "kind": str(each.file.contents.kind),
        "track": each.file.contents.name,
        "region": each.file.region,
        "size_bytes": each.size_bytes,
        "sha256": each.sha256,
    }
    audio = each.audio
    if audio is None:
        return said
    said |= {
        "timecode": each.file.start.timecode,
        "sample_rate": audio.sample_rate,
        "channels": audio.channels,
        "length_samples": audio.length_samples,
        "length_seconds": audio.length_samples / audio.sample_rate,
        "depth": audio.subtype,
        "integrated_lufs": finite(audio.loudness.integrated_lufs),
        "range_lu": finite(audio.loudness.range_lu),
        "max_momentary_lufs": finite(audio.loudness.max_momentary_lufs),
        "max_short_term_lufs": finite(audio.loudness.max_short_term_lufs),
        "true_peak_dbtp": finite(audio.loudness.true_peak_dbtp),
        "sample_peak_dbfs": finite(audio.loudness.sample_peak_dbfs),
        "clipped_samples": audio.clipped_samples,
        "gain_db": finite(audio.gain.gain_db),
        "gain_note": audio.gain.note,
    }
    if audio.delivery is not None:
        said["delivery"] = {
            "target": audio.delivery.target_id,
            "passed": audio.delivery.passed,
            "problems": list(audio.delivery.problems),
            "note": audio.delivery.note,
        }
    return said


def _effect_json(effect: EffectSpec, where: str) -> dict[str, Any]:
    return {
        "where": where,
        "type": effect.type,
        "version": effect.version,
        "params": dict(effect.params),
        "mix": effect.mix,
        "seed": effect.seed,
    }


def _null_json(null: NullResult) -> dict[str, Any]:
    return {
        "residual_dbfs": finite(null.residual_dbfs),
        "mix_peak_dbfs": finite(null.mix_peak_dbfs),
        "limit_dbfs": NULL_LIMIT_DBFS,
        "passed": null.passed,
        "complete": null.complete,
        "measured": "before resampling, normalising and quantising",
        "reason": null.reason,
    }
