from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects import Automation, Chain, EffectType, Layout, Parameter
from tonewright.dsp.effects import registry as registry_module
from tonewright.dsp.effects.declare import effect
from tonewright.dsp.effects.protocol import Family, ParameterKind
from tonewright.dsp.effects.registry import (
    Registry,
    complete_params,
    default_registry,
    load_registry,
    parse_param,
    parse_value,
    resolve,
)
from tonewright.dsp.errors import EffectError
from tonewright.dsp.project.document import EffectSpec, Id, Value

SAMPLE_RATE = 48_000
TYPE = EffectType(
    "shape",
    "Shape",
    f"{__name__}:nothing",
    (
        Parameter("drive_db", 6.0, 0.0, 40.0, unit="dB"),
        Parameter("order", 2, 1, None, ParameterKind.INT),
        Parameter("soft", True, kind=ParameterKind.BOOL),
        Parameter("curve", "tanh", kind=ParameterKind.CHOICE, choices=("tanh", "atan")),
        Parameter("table", "", kind=ParameterKind.FILE),
    ),
)
TUBE = '''
import numpy as np
from tonewright.dsp.effects import Parameter, effect

@effect("tube", Parameter("drive_db", 12.0, 0.0, 40.0, unit="dB", automatable=True))
class Tube:
    """Warms."""
    def __init__(self, drive_db):
        self.drive_db = drive_db
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        return np.tanh(audio * 10 ** (self.drive_db / 20))
    def reset(self):
        pass
'''
LATE = """
import numpy as np
from tonewright.dsp.effects import effect

@effect("late")
class Late:
    def process(self, audio, sample_rate, buffer_size=8192, reset=True):
        before, self.before = self.before, audio
        return np.zeros_like(audio) if before is None else before[:, : audio.shape[1]]
    def reset(self):
        self.before = None
"""


@dataclass(frozen=True)
class Bound:
    """An effect as a render binds it."""

    type: str
    params: tuple[tuple[str, Value], ...] = ()
    mix: float = 1.0
    seed: int = 0
    automation: tuple[tuple[str, Automation], ...] = ()


def spec(effect_id: str, **params: Value) -> EffectSpec:
    return EffectSpec(Id("1"), effect_id, params=tuple(params.items()))


@pytest.fixture
def tube_file(tmp_path: Path) -> Path:
    path = tmp_path / "tube.py"
    path.write_text(TUBE)
    return path


# --- finding ------------------------------------------------------------------------------------


def test_the_effects_that_ship_are_found() -> None:
    registry = default_registry()
    found = {each.id for each in registry}
    assert {"gain", "pitch_shift", "tremolo", "wpe_dereverb", "transpose"} <= found
    assert "reverb" in registry and "no_such" not in registry
    assert registry.files == ()


def test_an_unknown_effect_is_answered_with_close_names() -> None:
    with pytest.raises(EffectError, match="no effect 'reverp'; did you mean reverb"):
        default_registry().get("reverp")
    with pytest.raises(EffectError, match="there are: shape"):
        Registry((TYPE,)).get("xyzzy")


def test_two_effects_of_one_name_are_refused() -> None:
    with pytest.raises(EffectError, match="two effects are called 'shape'"):
        Registry((TYPE, TYPE))


def test_a_package_whose_effects_fail_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("broken", "no.such.package:TYPES", registry_module.ENTRY_POINTS)
    monkeypatch.setattr(registry_module, "entry_points", lambda group: [point])
    with pytest.raises(EffectError, match=r"no\.such\.package:TYPES cannot be loaded"):
        load_registry()


# --- making -------------------------------------------------------------------------------------


def test_a_slot_is_made_from_a_spec() -> None:
    slot = default_registry().create(
        EffectSpec(Id("1"), "gain", params=(("gain_db", -6.0),), mix=0.5, enabled=False)
    )
    assert (slot.effect.gain_db, slot.mix, slot.enabled) == (-6.0, 0.5, False)  # type: ignore[attr-defined]
    assert slot.params == {"gain_db": -6.0}


def test_choices_and_seeds_reach_the_factory() -> None:
    filter_slot = default_registry().create(spec("ladder_filter", mode="HPF24"))
    assert filter_slot.effect.mode.name == "HPF24"  # type: ignore[attr-defined]
    seeded = EffectType("d", "D", "builtins:dict", seeded=True)
    assert Registry((seeded,)).make("d", {}, seed=7) == {"seed": 7}


def test_a_chain_is_built_with_automation_and_sidechains(noise: Callable[..., Audio]) -> None:
    audio = noise(0.5, peak=0.5)
    loud = noise(0.5, peak=1.0)
    fade = Automation(((0, 0.0, 0.0), (24_000, -20.0, 0.0)))
    bound = (Bound("gain", automation=(("gain_db", fade),)), Bound("sidechain_compressor"))
    blocks: Iterator[Audio] = iter([loud[:, :7_777], loud[:, 7_777:]])
    chain = default_registry().build(bound, [None, blocks])
    assert isinstance(chain, Chain)
    heard = chain.process(audio, SAMPLE_RATE)
    assert np.abs(heard[:, 12_000:]).max() < 0.25 * np.abs(audio).max()


def test_effects_on_notes_are_made_but_not_put_into_a_chain() -> None:
    registry = default_registry()
    assert registry.get("transpose").family is Family.MIDI
    assert registry.make("transpose", {"semitones": 3}).semitones == 3
    with pytest.raises(EffectError, match="transpose works on notes"):
        registry.create(spec("transpose"))


def test_what_cannot_be_made_says_why() -> None:
    broken = EffectType("broken", "Broken", "builtins:int", (Parameter("x", 1.0),))
    with pytest.raises(EffectError, match=r"broken cannot be made: .*keyword"):
        Registry((broken,)).make("broken", {})


@pytest.mark.parametrize(
    ("factory", "remedy"),
    [
        ("no_such_package:Effect", "install it"),
        ("tonewright.models.no_such_module:Effect", r"pip install tonewright\[models\]"),
    ],
)
def test_what_is_not_installed_is_told_with_its_remedy(factory: str, remedy: str) -> None:
    registry = Registry([EffectType("far", "Far", factory)])
    with pytest.raises(EffectError, match=f"far cannot be made: No module named .*; {remedy}"):
        registry.make("far", {})


def test_mono_effects_run_once_for_each_channel(noise: Callable[..., Audio]) -> None:
    mono = EffectType("mono", "Mono", "pedalboard:Compressor", layout=Layout.MONO)
    audio = noise(0.2, channels=3) * np.asarray([[1.0], [0.1], [0.5]], np.float32)
    heard = Registry((mono,)).build([Bound("mono")]).process(audio, SAMPLE_RATE)
    for channel in range(3):
        alone = Registry((mono,)).build([Bound("mono")]).process(audio[[channel]], SAMPLE_RATE)
        np.testing.assert_array_equal(heard[[channel]], alone)


# --- parameters ---------------------------------------------------------------------------------


def test_missing_parameters_have_their_defaults() -> None:
    assert complete_params(TYPE, {"order": 3.0, "drive_db": 4}) == {
        "drive_db": 4.0,
        "order": 3,
        "soft": True,
        "curve": "tanh",
        "table": "",
    }


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"drive": 1.0}, "shape has no parameter 'drive'; did you mean drive_db"),
        ({"drive_db": 41.0}, "shape: drive_db must be a number from 0 to 40 dB, not 41.0"),
        ({"drive_db": float("nan")}, "not nan"),
        ({"drive_db": True}, "not True"),
        ({"drive_db": "loud"}, "not 'loud'"),
        ({"order": 1.5}, "order must be a whole number, at least 1, not 1.5"),
        ({"order": 0}, "not 0"),
        ({"soft": 1}, "soft must be true or false, not 1"),
        ({"curve": "sin"}, "curve must be one of tanh, atan, not 'sin'"),
        ({"table": 5}, "table must be the path of a file, not 5"),
    ],
)
def test_wrong_parameters_are_named_with_what_is_allowed(
    params: dict[str, Value], message: str
) -> None:
    with pytest.raises(EffectError, match=message):
        complete_params(TYPE, params)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("room_size=0.5", (None, "room_size", "0.5")),
        ("reverb.room_size = 0.5", ("reverb", "room_size", "0.5")),
        ("table=a=b.wav", (None, "table", "a=b.wav")),
    ],
)
def test_a_parameter_is_read_from_text(text: str, parsed: tuple[str | None, str, str]) -> None:
    assert parse_param(text) == parsed


@pytest.mark.parametrize("text", ["room_size", "=3", ".x=3", "reverb.=3", ""])
def test_text_that_sets_nothing_is_refused(text: str) -> None:
    with pytest.raises(EffectError, match="sets no parameter"):
        parse_param(text)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("drive_db", "3.5", 3.5), ("order", "4", 4), ("soft", "off", False), ("soft", "Yes", True),
     ("curve", "atan", "atan"), ("table", "x.wav", "x.wav")],
)  # fmt: skip
def test_values_are_read_from_text(name: str, text: str, value: Value) -> None:
    read = parse_value(TYPE, name, text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text"), [("drive_db", "x"), ("drive_db", "inf"), ("order", "2.5"), ("soft", "maybe")]
)
def test_text_that_is_no_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(EffectError, match=f"shape: {name} must be"):
        parse_value(TYPE, name, text)


# --- a user's own effects -----------------------------------------------------------------------


def test_ten_lines_make_an_effect(tube_file: Path, noise: Callable[..., Audio]) -> None:
    registry = load_registry([tube_file])
    assert registry.files == (tube_file.resolve(),)
    tube = registry.get("tube")
    assert (tube.name, tube.description) == ("Tube", "Warms")
    assert tube.factory == f"{tube_file.resolve()}:Tube"
    assert len(tube.source_sha256) == 64
    audio = noise()
    heard = registry.build([spec("tube", drive_db=20.0)]).process(audio, SAMPLE_RATE)
    np.testing.assert_allclose(heard, np.tanh(10 * audio), atol=1e-6)
    assert resolve(tube.factory).__name__ == "Tube"


def test_a_changed_file_is_another_effect(tube_file: Path) -> None:
    before = load_registry([tube_file]).get("tube")
    tube_file.write_text(TUBE.replace("np.tanh", "np.arctan"))
    after = load_registry([tube_file]).get("tube")
    assert before.source_sha256 != after.source_sha256
    effect_made = load_registry([tube_file]).make("tube", {"drive_db": 0.0})
    assert effect_made.process(np.ones((1, 1)), SAMPLE_RATE) == pytest.approx(np.pi / 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "holds no effect"),
        ("def broken(:\n", "SyntaxError"),
        ("raise RuntimeError('no GPU')\n", "RuntimeError: no GPU"),
        (LATE, "late declares 0 samples of latency but its output is 480 samples late"),
        (TUBE.replace("return np.tanh(", "return np.sqrt("), "tube returned nan"),
        (TUBE.replace('"tube"', '"Tube Amp"'), "snake case"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_file_that_does_not_do_is_refused_in_one_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(EffectError, match=message) as refused:
        load_registry([path])
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EffectError, match=r"gone\.py: No such file"):
        load_registry([tmp_path / "gone.py"])


def test_a_class_of_a_package_is_declared_in_place() -> None:
    @effect("plain", layout=Layout.STEREO)
    class Plain:
        """One line.

        And more.
        """

    declared: EffectType = Plain.effect_type  # type: ignore[attr-defined]
    assert (declared.id, declared.layout, declared.description) == (
        "plain",
        Layout.STEREO,
        "One line",
    )
