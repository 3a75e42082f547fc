import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewright.dsp.errors import ProjectError, SchemaTooNewError
from tonewright.dsp.project import document
from tonewright.dsp.project.document import (
    FORMAT,
    AudioClip,
    AutomationLane,
    AutomationPoint,
    Channel,
    ClockTime,
    EffectSpec,
    Id,
    Instrument,
    Marker,
    Media,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    Recipe,
    Send,
    TimeRange,
    Track,
    TrackKind,
)
from tonewright.dsp.project.json_text import dumps, loads
from tonewright.dsp.project.schema import TYPES, Schema, from_json, to_json
from tonewright.dsp.project.validate import validate

GOLDENS = Path(__file__).parents[2] / "goldens" / "project"
SETTINGS = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def one_of_each():
    """The smallest project with an object of every type."""
    effect = EffectSpec(Id("e"), "gain", params=(("gain_db", 1.5),), range=TimeRange(0.0, 1.0))
    lane = AutomationLane(ParameterRef(effect.id, "gain_db"), (AutomationPoint(0, 1.0),))
    medium = Media(Id("m"), "m", "media/m.wav", "0" * 64, 48_000, 1, 9, recipe=Recipe((effect,)))
    audio = AudioClip(Id("a"), "a", ClockTime(0.5), medium.id, 0, 9)
    midi = MidiClip(
        Id("b"), "b", MusicalTime(960), 1, (Note(60, 90, 0, 1),), (MidiEvent(0, b"\xc0\x05"),)
    )
    send = Send(Id("s"), Id("g"))
    return Project(
        Id("p"),
        "p",
        markers=(Marker(Id("k"), "k", MusicalTime(0)),),
        tracks=(
            Track(
                Id("1"),
                "1",
                TrackKind.AUDIO,
                channel=Channel(effects=(replace(effect, id=Id("f")),), sends=(send,)),
                clips=(audio,),
                automation=(replace(lane, target=ParameterRef(Id("f"), "gain_db")),),
            ),
            Track(Id("2"), "2", TrackKind.MIDI, clips=(midi,), instrument=Instrument()),
            Track(Id("g"), "g", TrackKind.GROUP),
        ),
        media=(medium,),
    )


@given(st.from_type(Project))
@SETTINGS
def test_what_is_written_is_read_back_equal(project):
    text = dumps(to_json(project))
    assert from_json(loads(text, Path("p"))) == project
    assert dumps(to_json(from_json(loads(text, Path("p"))))) == text


@pytest.mark.parametrize(
    ("name", "project"),
    [("empty.json", Project(Id("p"), "p")), ("one_of_each.json", one_of_each())],
)
def test_the_format_is_pinned(name, project):
    """A change of these files is a change of the format: raise a version, add an upgrade."""
    pinned = (GOLDENS / name).read_bytes()
    assert dumps(to_json(project)) == pinned
    assert from_json(loads(pinned, GOLDENS / name)) == project


def test_every_type_of_the_document_is_pinned():
    written = (GOLDENS / "one_of_each.json").read_text()
    assert all(f'"{name}.1"' in written for name in TYPES)
    own_form = {"MusicalTime", "ClockTime", "Note", "MidiEvent", "AutomationPoint"}
    classes = {
        name for name, each in vars(document).items() if hasattr(each, "__dataclass_fields__")
    }
    assert classes - own_form == set(TYPES)


@given(st.from_type(Project), st.data())
@SETTINGS
def test_unknown_fields_come_back_where_they_were(project, data):
    written = to_json(project)
    objects = [each for each in _objects(written) if "type" in each]
    data.draw(st.sampled_from(objects))["a/strange ~field"] = {"deep": [1, None]}
    assert to_json(from_json(written)) == written


def _objects(data):
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _objects(each)


def test_an_unknown_field_of_what_was_deleted_is_gone_quietly():
    written = to_json(one_of_each())
    written["tempo_map"]["tempos"][0]["swing"] = 0.5
    project = from_json(written)
    assert project.extra == {"/tempo_map/tempos/0/swing": 0.5}
    bare = replace(project, extra={"/tempo_map/tempos/7/swing": 0.5, "/name/x": 1})
    assert to_json(bare) == to_json(one_of_each())


def test_a_known_field_is_not_overwritten_by_extra():
    assert to_json(Project(Id("p"), "p", extra={"name": "other"}))["name"] == "p"


def test_absent_fields_have_their_defaults():
    assert from_json({"type": "Project.1", "id": "p", "name": "p"}) == Project(Id("p"), "p")


def test_a_small_change_is_a_small_diff():
    before = one_of_each()
    clip = before.tracks[1].clips[0]
    notes = (*clip.notes, Note(61, 90, 2, 1))
    track = replace(before.tracks[1], clips=(replace(clip, notes=notes),))
    after = replace(before, tracks=(before.tracks[0], track, before.tracks[2]))
    lines = [dumps(to_json(each)).splitlines() for each in (before, after)]
    assert len(lines[1]) == len(lines[0]) + 1
    assert len(set(lines[1]) - set(lines[0])) == 2  # the note, and a comma behind the one before


def test_a_newer_format_is_refused_with_the_remedy():
    with pytest.raises(SchemaTooNewError, match=rf"format 99.*up to {FORMAT}: update Tonewright"):
        from_json({"type": "Project.2", "format": 99, "whatever": object})


def test_a_newer_type_is_refused_with_the_place():
    written = to_json(one_of_each())
    written["tracks"][1]["clips"][0]["type"] = "MidiClip.7"
    with pytest.raises(SchemaTooNewError, match=r"tracks\[1\]\.clips\[0\]: MidiClip has version 7"):
        from_json(written)


def test_older_objects_are_upgraded_one_version_at_a_time():
    old = to_json(one_of_each())
    marker = old["markers"][0]
    marker["type"] = "Marker.1"
    marker["colour"] = "#112233"
    del marker["color"], marker["name"]
    steps = []

    def colour_to_color(data):
        steps.append(1)
        data["color"] = data.pop("colour")
        return data

    def name_it(data):
        steps.append(2)
        return data | {"name": f"marker {data['color']}"}

    schema = Schema({"Marker": 3}, {("Marker", 1): colour_to_color, ("Marker", 2): name_it})
    upgraded = schema.from_json(old).markers[0]
    assert (upgraded.color, upgraded.name, upgraded.extra) == ("#112233", "marker #112233", {})
    assert steps == [1, 2]
    assert schema.to_json(one_of_each())["markers"][0]["type"] == "Marker.3"
    with pytest.raises(ProjectError, match=r"markers\[0\]: Marker\.1 is not supported"):
        Schema({"Marker": 3}, {("Marker", 2): name_it}).from_json(old)


def set_at(path, value):
    def change(data):
        for part in path[:-1]:
            data = data[part]
        data[path[-1]] = value

    return change


BAD = [
    (["tracks"], {}, r"tracks: must be a list, not an object"),
    (["tracks", 0], 1, r"tracks\[0\]: must be an object, not a number"),
    (["tracks", 0, "type"], "VideoTrack.1", r"tracks\[0\]: the type must be Track .*VideoTrack"),
    (["tracks", 0, "type"], "Track." + "9" * 5000, r"tracks\[0\]: the type must be Track"),
    (["tracks", 0, "type"], None, r"tracks\[0\]: the type must be Track"),
    (["tracks", 0, "clips", 0, "type"], "VideoClip.1", r"must be AudioClip or MidiClip"),
    (["tracks", 0, "clips", 0, "start"], 5, r"clips\[0\]\.start: a time must be"),
    (["tracks", 0, "clips", 0, "start"], {"ticks": 0.5}, r"start\.ticks: must be a whole number"),
    (["tracks", 0, "clips", 0, "muted"], 1, r"muted: must be true or false, not a number"),
    (["tracks", 0, "clips", 0, "gain_db"], True, r"gain_db: must be a number, not true or false"),
    (["tracks", 0, "clips", 0, "gain_db"], float("nan"), r"gain_db: the number is out of range"),
    (["tracks", 0, "clips", 0, "gain_db"], 1e300, r"gain_db: the number is out of range"),
    (["tracks", 0, "clips", 0, "source_start_samples"], True, r"must be a whole number, not true"),
    (["tracks", 0, "name"], None, r"tracks\[0\]\.name: must be text, not nothing"),
    (["tracks", 0, "kind"], "video", r"kind: must be one of audio, midi, group, not 'video'"),
    (["tracks", 0, "kind"], [], r"kind: must be one of audio, midi, group"),
    (["tracks", 1, "clips", 0, "notes", 0], [1, 2], r"notes\[0\]: must be a list of start_ticks"),
    (["tracks", 1, "clips", 0, "notes", 0, 2], "C4", r"notes\[0\]\.pitch: must be a whole number"),
    (["tracks", 1, "clips", 0, "events", 0, 1], "xx", r"data: must be bytes in hexadecimal"),
    (["tracks", 1, "clips", 0, "events", 0, 1], 5, r"data: must be bytes in hexadecimal"),
    (["tracks", 0, "channel", "effects", 0, "params"], [], r"params: must be an object"),
    (["tracks", 0, "channel", "effects", 0, "params", "x"], [], r"params\.x: must be a value"),
    (["media", 0, "recipe", "weights"], [["a"]], r"weights\[0\]: must have 2 elements"),
    (["tempo_map", "tempos", 0, "bpm"], 0.1, r"tempo_map: a tempo must be 1 to 6000 bpm"),
    (["format"], 0, r"format: there is no format 0"),
    (["format"], "1", r"format: must be a whole number"),
]


@pytest.mark.parametrize(("path", "value", "message"), BAD)
def test_an_error_names_its_place(path, value, message):
    written = to_json(one_of_each())
    set_at(path, value)(written)
    with pytest.raises(ProjectError, match=message) as caught:
        from_json(written)
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named():
    written = to_json(one_of_each())
    del written["tracks"][0]["clips"][0]["media_id"]
    with pytest.raises(ProjectError, match=r"clips\[0\]: AudioClip needs a field 'media_id'"):
        from_json(written)


@pytest.mark.parametrize("data", [None, 3, "x", [], True])
def test_a_project_is_an_object(data):
    with pytest.raises(ProjectError, match="a project must be an object"):
        from_json(data)


def test_deep_nesting_is_refused():
    deep = []
    for _ in range(90):
        deep = [deep]
    with pytest.raises(ProjectError, match="extra_depth: it is nested too deeply"):
        from_json(to_json(one_of_each()) | {"extra_depth": deep})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.data(), JSON)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_whatever_stands_anywhere_gives_a_project_or_a_project_error(data, garbage):
    written = json.loads(dumps(to_json(one_of_each())))
    place = data.draw(st.sampled_from(list(_containers(written))))
    key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
    place[key] = garbage
    try:
        project = from_json(written)
        validate(project)
        assert from_json(to_json(project)) == project
    except ProjectError as error:
        assert "\n" not in str(error)


def _containers(data):
    if isinstance(data, dict | list) and data:
        yield data
        for each in data.values() if isinstance(data, dict) else data:
            yield from _containers(each)


def test_every_field_with_a_default_has_one_when_read():
    """``extra`` is the only field that JSON does not name."""
    written = to_json(one_of_each())
    for each in _objects(written):
        if "type" in each:
            cls = TYPES[each["type"].partition(".")[0]]
            names = {field.name for field in fields(cls)} - {"extra"}
            written_names = set(each) - {"type", "effect_type"}
            assert names - {"type"} == written_names
            assert ("type" in names) == ("effect_type" in each)
