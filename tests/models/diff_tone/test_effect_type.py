import hashlib

from tonewright.dsp.weights import shipped_weights
from tonewright.models.diff_tone.effect import Controls, controls_of
from tonewright.models.diff_tone.effect_type import AUTO, DIFF_TONE, WEIGHTS
from tonewright.models.diff_tone.instruments import NAMES
from tonewright.models.diff_tone.inversion import Inversion


def test_the_networks_that_ship_are_those_that_are_named() -> None:
    for name, checksum in WEIGHTS.items():
        content = shipped_weights(name, checksum).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum


def test_every_choice_is_one_that_is_known() -> None:
    known = (AUTO, *(each.value for each in Inversion))
    assert DIFF_TONE.parameter("inversion").choices == known
    assert DIFF_TONE.parameter("target").choices == NAMES


def test_what_is_not_set_is_as_the_controls_have_it() -> None:
    defaults = {parameter.name: parameter.default for parameter in DIFF_TONE.parameters}
    assert controls_of(defaults, seed=0) == Controls("cello")
