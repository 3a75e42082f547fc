"""What is done for one job, inside a worker: render, write, listen to what was written.

Nothing here touches the place where the output will be. Files are made in a folder of their own;
each is decoded again from beginning to end and measured before the receipt declares it complete.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from tonewright.dsp.audio.file import AudioReader, Encoding
from tonewright.dsp.audio.loudness import LoudnessMeter
from tonewright.dsp.audio.picture import panels
from tonewright.dsp.audio.spectrogram import spectrogram
from tonewright.dsp.batch.jobs import Kind, Recipe
from tonewright.dsp.batch.made import Made, MadeFile, Stamp, write_receipt
from tonewright.dsp.batch.task import ChangedError, Task
from tonewright.dsp.effects.chunked import shorter_chunks
from tonewright.dsp.errors import ExportError, MediaError
from tonewright.dsp.exporting.mixdown import export
from tonewright.dsp.exporting.settings import AUTO_TAIL, Normalise
from tonewright.dsp.exporting.single import (
    apply_to_audio,
    apply_to_midi,
    encoding_like,
    normalise_audio,
)
from tonewright.dsp.exporting.table import finite
from tonewright.dsp.exporting.targets import check_delivery
from tonewright.dsp.midi.smf import read_smf
from tonewright.dsp.project.folder import PROJECT_FILE, load
from tonewright.dsp.project.media_files import sha256_of
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.job import Progress, Report, share
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

_COLUMNS, _ROWS = 160, 40
_FRAME_SECONDS = 0.06
_LOW_HZ = 60.0
_SHARE_RENDERED = 0.9


def work(task: Task, renderer: Renderer, report: Report) -> Made:
    """Do a job, and write its receipt if files were made.

    Raises:
        ChangedError: If the input changed meanwhile.
        TonewrightError: If it cannot be read, rendered or written.
    """
    report(Progress(0.0, "reading"))
    document = task.source / PROJECT_FILE if task.recipe.kind is Kind.PROJECT else task.source
    before = Stamp.of(document)
    sha256 = sha256_of(document)
    if sha256 == task.made_sha256:
        return Made(before, sha256)
    try:
        task.folder.mkdir()
    except OSError as error:
        raise ExportError(f"{task.folder}: cannot be made ({error.strerror})") from error
    target = task.folder / PurePosixPath(task.output)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{target.parent}: cannot be made ({error.strerror})") from error
    rendered = share(report, 0.0, _SHARE_RENDERED)
    try:
        notes = _rendered(task, target, renderer, rendered)
    except MediaError as error:
        # Half of an old file and half of a new one are no reason to call a file bad.
        if Stamp.of(document) != before:
            raise _changed(task) from error
        raise
    if Stamp.of(document) != before:
        raise _changed(task)
    report(Progress(_SHARE_RENDERED, "checking"))
    paths = sorted(path for path in task.folder.rglob("*") if path.is_file())
    files = tuple(_examined(path, task) for path in paths)
    made = Made(before, sha256, files, (*notes, *_deliveries(files, task.recipe)))
    write_receipt(task.folder, task.output, task.recipe.key, made)
    return made


def _changed(task: Task) -> ChangedError:
    return ChangedError(f"{task.source}: was changed while it was read; run the batch again")


# --- rendering ------------------------------------------------------------------------------


def _rendered(task: Task, target: Path, renderer: Renderer, report: Report) -> tuple[str, ...]:
    render = _RENDERED[task.recipe.kind]
    if task.chunk_divisor == 1:
        return render(task, target, renderer, report)
    # What short chunks give must not be found under the key of what whole ones give.
    folder = task.folder / ".store"
    own = Renderer(executor=InlineQueue(Store(folder), renderer.executor.registry))
    try:
        with shorter_chunks(task.chunk_divisor):
            notes = render(task, target, own, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = f"memory was short: effects took chunks of 1/{task.chunk_divisor} of their usual length"
    return (*notes, said)


def _audio(task: Task, target: Path, renderer: Renderer, report: Report) -> tuple[str, ...]:
    settings = task.recipe.settings
    container = settings.container.value
    if task.recipe.keeps_depth:
        encoding = encoding_like(task.source, container, settings.quality)
    else:
        encoding = Encoding(container, settings.depth.value, settings.quality)
    normalises = settings.normalise is not Normalise.NONE
    # What will be turned down may peak above full scale until then.
    scratch = target.with_name(f"{target.name}.scratch.wav") if normalises else target
    written = apply_to_audio(
        task.source,
        scratch,
        task.recipe.effects,
        renderer=renderer,
        encoding=Encoding("wav", "32f") if normalises else encoding,
        sample_rate=settings.sample_rate,
        tail=settings.tail in (None, AUTO_TAIL),
        seed=settings.dither_seed,
        report=report,
    )
    notes = list(written.notes)
    if normalises:
        report(Progress(1.0, "normalising"))
        written, gain = normalise_audio(scratch, target, settings, encoding)
        scratch.unlink()
        notes += [gain.note] * bool(gain.note)
    if written.clipped_samples:
        notes.append(f"{written.clipped_samples} values were above full scale and limited")
    return tuple(notes)


def _midi(task: Task, target: Path, renderer: Renderer, report: Report) -> tuple[str, ...]:
    apply_to_midi(task.source, target, task.recipe.effects, renderer.executor.registry)
    return ()


def _project(task: Task, target: Path, renderer: Renderer, report: Report) -> tuple[str, ...]:
    project = load(task.source)
    made = export(project, task.recipe.settings, target, renderer=renderer, report=report)
    return tuple(made.warnings)


_RENDERED = {Kind.AUDIO: _audio, Kind.MIDI: _midi, Kind.PROJECT: _project}


# --- listening to what was written ----------------------------------------------------------


def _examined(path: Path, task: Task) -> MadeFile:
    place = path.relative_to(task.folder).as_posix()
    said = {"path": place, "size_bytes": path.stat().st_size, "sha256": sha256_of(path)}
    picture = None
    match path.suffix:
        case ".mid":
            sequence = read_smf(path)
            said |= {"notes": sum(len(each.notes) for each in sequence.tracks)}
        case ".wav" | ".aiff" | ".flac" | ".ogg":
            with AudioReader(path) as reader:
                meter = LoudnessMeter(reader.sample_rate, reader.channels)
                length_samples = 0
                for block in reader.blocks():
                    meter.add(block)
                    length_samples += block.shape[1]
                loudness = meter.result()
                said |= {
                    "sample_rate": reader.sample_rate,
                    "channels": reader.channels,
                    "length_seconds": length_samples / reader.sample_rate,
                    "integrated_lufs": finite(loudness.integrated_lufs),
                    "range_lu": finite(loudness.range_lu),
                    "true_peak_dbtp": finite(loudness.true_peak_dbtp),
                    "sample_peak_dbfs": finite(loudness.sample_peak_dbfs),
                }
                picture = thumbnail(reader, length_samples)
    return MadeFile(place, json.dumps(said), picture)


def thumbnail(reader: AudioReader, length_samples: int) -> bytes:
    """Return a small spectrogram of a file as PNG; only what its columns hear is read.

    Args:
        reader: Of the file, anywhere in it.
        length_samples: Of the file, at least 1.
    """
    frame = max(2, round(_FRAME_SECONDS * reader.sample_rate))
    heard = np.zeros((1, _COLUMNS * frame), np.float32)
    # The middles of the frames, side by side, are the middles of the columns of this short sound.
    for column in range(_COLUMNS):
        start = int((column + 0.5) * length_samples / _COLUMNS) - frame // 2
        skipped = max(0, -start)
        reader.seek(max(0, start))
        piece = reader.read(frame - skipped).mean(axis=0)
        heard[0, column * frame + skipped :][: len(piece)] = piece
    levels = spectrogram(
        heard,
        reader.sample_rate,
        columns=_COLUMNS,
        rows=_ROWS,
        low_hz=_LOW_HZ,
        high_hz=min(12_000.0, reader.sample_rate / 2),
        frame_seconds=_FRAME_SECONDS,
    )
    return panels([levels], quiet_db=-90.0, loud_db=-20.0)


def _deliveries(files: tuple[MadeFile, ...], recipe: Recipe) -> Iterator[str]:
    """Yield what keeps the output of a file from its loudness target."""
    target = recipe.settings.loudness
    if target is None or recipe.kind is Kind.PROJECT:  # an export checks its mix itself
        return
    for each in files:
        said = json.loads(each.document)
        if said.get("integrated_lufs") is not None:
            check = check_delivery(
                target,
                integrated_lufs=said["integrated_lufs"],
                true_peak_dbtp=said["true_peak_dbtp"],
            )
            yield from (f"{target.id}: {problem}" for problem in check.problems)
