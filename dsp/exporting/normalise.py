"""How much gain brings files to a level without their true peaks passing a ceiling."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tonewright.dsp.exporting.settings import ExportSettings, Normalise, Scope


@dataclass(frozen=True, slots=True)
class Level:
    """What was measured of a file before normalising; ``-inf`` is silence."""

    integrated_lufs: float
    sample_peak_dbfs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True)
class NormalisingGain:
    """The gain of a file, and why it misses the level, if it does."""

    gain_db: float = 0.0
    note: str = ""


def normalising_gains(
    settings: ExportSettings, mix: Level, files: Sequence[Level]
) -> list[NormalisingGain]:
    """Return the gain of each file of one range.

    Args:
        settings: What is brought where.
        mix: The mix of the range, written or not. Together, loudness is that of the mix: stems
            play as loud as in a mix at that level, and still sum to it.
        files: The files of the range; together, the highest peak of any of them counts.
    """
    if settings.normalise is Normalise.NONE:
        return [NormalisingGain() for _ in files]
    if settings.scope is Scope.EACH:
        return [_gain(settings, each, [each]) for each in files]
    return [_gain(settings, mix, files)] * len(files)


def _gain(settings: ExportSettings, reference: Level, files: Sequence[Level]) -> NormalisingGain:
    if settings.normalise is Normalise.LUFS:
        measured, unit = reference.integrated_lufs, "LUFS"
    else:
        measured, unit = max(each.sample_peak_dbfs for each in files), "dBFS"
    if measured == -math.inf:
        return NormalisingGain(note="silent, or too short to measure: its level was left as it is")
    wanted_db = settings.goal - measured
    allowed_db = settings.ceiling - max(each.true_peak_dbtp for each in files)
    if wanted_db <= allowed_db:
        return NormalisingGain(wanted_db)
    return NormalisingGain(
        allowed_db,
        f"reaches {measured + allowed_db:.1f} {unit} instead of {settings.goal:g}: "
        f"more gain would lift true peaks above {settings.ceiling:g} dBTP",
    )
