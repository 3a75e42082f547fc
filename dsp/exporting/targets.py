"""Loudness targets of broadcasters and streaming services, from a data file with its sources."""

import json
from dataclasses import dataclass
from functools import cache

from tonewright import resources
from tonewright.dsp.errors import ExportError


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """What a delivery has to measure.

    Attributes:
        id: Its name in settings: ``"ebu-r128"``.
        name: Its name for people.
        integrated_lufs: Programme loudness after ITU-R BS.1770.
        tolerance_lu: Allowed deviation either way; None where the service turns everything to
            its target, and any loudness is accepted.
        true_peak_dbtp: Highest allowed true peak.
        dialogue_gated: Whether it is stated for dialogue alone, which is not measured here: the
            whole programme stands in for it, and the check says so.
        source: Document and section.
    """

    id: str
    name: str
    integrated_lufs: float
    tolerance_lu: float | None
    true_peak_dbtp: float
    dialogue_gated: bool
    source: str


@cache
def loudness_targets() -> tuple[LoudnessTarget, ...]:
    """Return every target that ships, in the order of the file."""
    text = resources.path("loudness", "targets.json").read_text("utf-8")
    return tuple(LoudnessTarget(**entry) for entry in json.loads(text)["targets"])


def loudness_target(wanted: str) -> LoudnessTarget:
    """Return a target by id.

    Raises:
        ExportError: If there is none, naming those there are.
    """
    for target in loudness_targets():
        if target.id == wanted:
            return target
    known = ", ".join(target.id for target in loudness_targets())
    raise ExportError(f"there is no loudness target {wanted!r}; use one of {known}")


@dataclass(frozen=True, slots=True)
class DeliveryCheck:
    """Whether a file meets a target; ``problems`` says by how much it does not."""

    target_id: str
    passed: bool
    problems: tuple[str, ...]
    note: str


def check_delivery(
    target: LoudnessTarget, *, integrated_lufs: float, true_peak_dbtp: float
) -> DeliveryCheck:
    """Return whether a measured file meets a target.

    Values are compared as they are stated, to a tenth of a decibel, as the documents round.
    """
    problems = []
    deviation_lu = round(integrated_lufs - target.integrated_lufs, 1)
    if target.tolerance_lu is not None and not abs(deviation_lu) <= target.tolerance_lu:
        problems.append(
            f"{integrated_lufs:.1f} LUFS, not {target.integrated_lufs:g} "
            f"± {target.tolerance_lu:g} LU"
        )
    if round(true_peak_dbtp, 1) > target.true_peak_dbtp:
        problems.append(f"{true_peak_dbtp:.1f} dBTP, above {target.true_peak_dbtp:g}")
    notes = []
    if target.dialogue_gated:
        notes.append("stated for dialogue; measured on the whole programme")
    if target.tolerance_lu is None and abs(deviation_lu) > 0.1:
        notes.append(f"played back {-deviation_lu:+.1f} dB")
    return DeliveryCheck(target.id, not problems, tuple(problems), "; ".join(notes))
