"""What a file says of itself: where it belongs on the clock, and what it went through."""

from collections.abc import Iterable
from importlib.metadata import version

from tonewright.dsp.audio.bwf import Broadcast
from tonewright.dsp.exporting.files import PlannedFile, line
from tonewright.dsp.exporting.plan import ExportPlan
from tonewright.dsp.project.document import EffectSpec, Project

ORIGINATOR = "Tonewright"


def broadcast(plan: ExportPlan, file: PlannedFile, effects: Iterable[EffectSpec]) -> Broadcast:
    """Return the bext chunk of a WAV file.

    Args:
        plan: The export.
        file: The file.
        effects: All that sound in the export; those that the file passes are named.
    """
    assert file.encoding is not None
    bits = file.encoding.depth.removesuffix("f")
    heard = _effect_ids(plan, file)
    steps = [f"{ORIGINATOR} {version('tonewright')}"]
    steps += [_step(effect) for effect in effects if effect.id in heard]
    parts = (plan.project.name, file.region, file.contents.name)
    return Broadcast(
        description=" / ".join(part for part in parts if part)[:256],
        originator=ORIGINATOR,
        originator_reference=plan.project.id[:32],
        origination_date=f"{plan.now:%Y-%m-%d}",
        origination_time=f"{plan.now:%H:%M:%S}",
        time_reference_samples=file.start.samples(file.sample_rate),
        # The fields of a line of history are divided by commas.
        coding_history=f"A=PCM,F={file.sample_rate},W={bits},M=stereo,T={'; '.join(steps)}",
    )


def effect_places(project: Project) -> dict[str, str]:
    """Return, for the id of each effect, the track (and clip) that it is on."""
    places = {effect.id: "Master" for effect in project.master.effects}
    for track in project.tracks:
        places |= {effect.id: track.name for effect in track.channel.effects}
        for clip in track.clips:
            places |= {effect.id: f"{track.name}: {clip.name}" for effect in clip.effects}
    return {str(effect_id): place for effect_id, place in places.items()}


def _step(effect: EffectSpec) -> str:
    seed = f" seed {effect.seed}" if effect.seed else ""
    return f"{effect.type} v{effect.version}{seed}"


def _effect_ids(plan: ExportPlan, file: PlannedFile) -> set[str]:
    project, stem = plan.project, file.contents.track_ids
    found: set[str] = set()
    if plan.settings.through_master:
        found |= {effect.id for effect in project.master.effects}
    for track in project.tracks:
        if not stem or stem[0] in line(project, track):
            found |= {effect.id for effect in track.channel.effects}
            found |= {effect.id for clip in track.clips for effect in clip.effects}
    return found
