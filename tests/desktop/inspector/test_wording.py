import shlex
from dataclasses import replace

from tonewright.desktop.inspector.wording import command_line, label_of, made_by
from tonewright.dsp.effects.protocol import Parameter
from tonewright.dsp.effects.registry import default_registry, parse_value
from tonewright.dsp.project.document import EffectSpec, Id, TimeRange

REVERB = default_registry().get("reverb")
EFFECT = EffectSpec(
    Id("e"), "reverb", params=(("room_size", 0.123456789),), mix=0.5, range=TimeRange(1.5, 2.25)
)


def test_units_are_no_part_of_a_label():
    names = ("threshold_db", "attack_ms", "q", "cutoff_hz", "db", "room_size")
    labels = [label_of(Parameter(name, 0.0)) for name in names]
    assert labels == ["Threshold", "Attack", "Q", "Cutoff", "Db", "Room size"]


def test_the_command_line_holds_every_value_exactly():
    words = shlex.split(command_line(EFFECT, REVERB))
    assert words[:5] == ["tonewright", "apply", "reverb", "in.wav", "out.wav"]
    name, value = words[words.index("-p") + 1].split("=")
    assert parse_value(REVERB, name, value) == 0.123456789
    assert words[words.index("--mix") + 1] == "0.5"
    assert words[words.index("--range") + 1] == "1.5:2.25"
    assert "--seed" not in words


def test_notes_keep_their_seed_and_truth_values_are_what_the_command_takes():
    humanize = default_registry().get("humanize")
    words = shlex.split(command_line(EffectSpec(Id("h"), "humanize", seed=9), humanize))
    assert words[3] == "in.mid"
    assert words[words.index("--seed") + 1] == "9"
    transpose = default_registry().get("transpose")
    effect = EffectSpec(Id("t"), "transpose", params=(("keep_drums", False),))
    assert "keep_drums=false" in command_line(effect, transpose)


def test_what_made_it_names_type_version_parameters_and_range():
    text = made_by(replace(EFFECT, version=0), REVERB)
    assert "reverb" in text
    assert "version 0" in text
    assert f"installed is version {REVERB.version}" in text
    assert "Room size: 0.1235" in text
    assert "Mix: 50 %" in text
    assert "From 1.5 to 2.25 s" in text
