import json

import pytest

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exporting.settings import (
    Container,
    Depth,
    ExportSettings,
    Midi,
    Normalise,
    Scope,
)
from tonewright.dsp.project.document import Id, TimeRange

FULL = ExportSettings(
    mix=False,
    stems=True,
    tracks=(Id("a"), Id("b")),
    through_master=False,
    dry=True,
    range=TimeRange(1.0, 2.5),
    tail=3.0,
    container=Container.FLAC,
    depth=Depth.INT16,
    sample_rate=44_100,
    quality=0.25,
    dither_seed=7,
    normalise=Normalise.LUFS,
    level=-20.0,
    ceiling_dbtp=-2.0,
    scope=Scope.EACH,
    target="ebu-r128",
    pattern="{track}",
    broadcast=False,
    midi=Midi.ONE,
    skip_missing=True,
)


@pytest.mark.parametrize(
    "settings",
    [
        ExportSettings(),
        FULL,
        ExportSettings(regions=("Verse", "Chorus"), tail="auto"),
        ExportSettings(regions=True, loop=True),
    ],
)
def test_json_round_trip(settings):
    assert ExportSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"mixx": True}, "no export setting 'mixx'"),
        ({"mix": 1}, "'mix' cannot be 1; it is true or false"),
        ({"container": "mp3"}, "'container' cannot be 'mp3'; it can be wav, aiff, flac, ogg"),
        ({"range": {"start_seconds": 0}}, "'range' cannot be"),
        ({"range": [0, 1]}, "'range' cannot be"),
        ({"tracks": "abc"}, "'tracks' cannot be 'abc'"),
        ({"sample_rate": 48_000.5}, "'sample_rate' cannot be"),
        ({"tail": "long"}, 'tail must be "auto"'),
        ({"tail": -1}, "tail must be at least 0"),
        ({"mix": False}, "nothing to export"),
        ({"stems": True, "tracks": []}, "no track"),
        ({"range": {"start_seconds": 2, "end_seconds": 1}}, "range 2 to 1 s"),
        ({"range": {"start_seconds": 0, "end_seconds": 1}, "regions": True}, "not both"),
        ({"container": "flac", "depth": "32f"}, "FLAC"),
        ({"sample_rate": 1000}, "rate must be"),
        ({"quality": 2.0}, "quality"),
        ({"normalise": "lufs"}, "needs a level"),
        ({"normalise": "peak", "level": 3}, "level must be"),
        ({"target": "loud"}, "no loudness target"),
        ({"pattern": "{x}"}, "naming pattern"),
        ({"loop": True, "tail": 1.0}, "loop"),
        ({"dither_seed": -1}, "dither"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(values, said):
    with pytest.raises(ExportError, match=said):
        ExportSettings.from_json(values)


def test_goal_and_ceiling_come_from_the_target_unless_they_are_set():
    r128 = ExportSettings(normalise=Normalise.LUFS, target="ebu-r128")
    assert (r128.goal, r128.ceiling) == (-23.0, -1.0)
    own = ExportSettings(
        normalise=Normalise.LUFS, target="atsc-a85", level=-20.0, ceiling_dbtp=-3.0
    )
    assert (own.goal, own.ceiling) == (-20.0, -3.0)
    assert ExportSettings(normalise=Normalise.PEAK, target="atsc-a85").goal == -1.0
