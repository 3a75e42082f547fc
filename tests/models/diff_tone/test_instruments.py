import numpy as np
import pytest

from tonewright.models.diff_tone.instruments import (
    INSTRUMENTS,
    MOST_WORDS,
    NAMES,
    Description,
    draw_prompt,
    exchanged,
    indices_of,
    named_in,
    prompt,
    unknown_words,
)


def test_every_prompt_is_made_of_known_words_and_names_its_instrument() -> None:
    rng = np.random.default_rng(1)
    for name in NAMES:
        for _ in range(20):
            text = draw_prompt(Description(name), rng)
            assert unknown_words(text) == []
            assert named_in(text) == name
            assert len(indices_of(text)) == MOST_WORDS


def test_synonyms_belong_to_one_instrument() -> None:
    words = [word for each in INSTRUMENTS for word in (each.name, *each.synonyms)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("text", "target", "result"),
    [
        ("solo flute playing a slow melody", "cello", "solo cello playing a slow melody"),
        ("Electric Piano", "harp", "harp"),
        ("soft grand piano recording", "electric guitar", "soft electric guitar recording"),
    ],
)
def test_only_the_instrument_is_exchanged(text: str, target: str, result: str) -> None:
    assert exchanged(text, target) == result


def test_a_prompt_without_an_instrument_cannot_be_exchanged() -> None:
    with pytest.raises(ValueError, match="names no instrument"):
        exchanged("a slow melody", "cello")


def test_unknown_words_are_told() -> None:
    assert unknown_words("solo theremin, slow") == ["theremin"]


def test_the_full_prompt_says_all() -> None:
    assert prompt(Description("cello", dynamics="soft")) == (
        "solo cello playing melody, moderate, soft, plain, major key, dry studio recording"
    )
