"""The picture of an exploration: where the points lie, and what is written beside them."""

from dataclasses import replace
from xml.etree import ElementTree

from tonewright.dsp.exporting.curve import CURVE_BOTTOM, CURVE_TOP, content_floor, curve_svg
from tonewright.dsp.rendering.exploration import Exploration, Point

SVG = "{http://www.w3.org/2000/svg}"
POINTS = tuple(
    Point(switch, percent, "key", kept, heard, ())
    for switch, percent, kept, heard in (
        ("0", 0.0, 0.75, 0.98), ("auto", 4.0, 0.85, 0.9), ("25", 25.0, 0.95, 0.2)
    )
)  # fmt: skip
FOUND = Exploration(
    source="solo flute", target="solo <cello>", exact=False, inversion="ddim",
    reconstruction_percent=2.0, steps=4, automatic_percent=4.0, names=("flute", "cello"),
    trace=((0.4, 0.6), (0.9, 0.1)), trace_percent=(0.0, 50.0), sample_rate=48_000, points=POINTS,
)  # fmt: skip


def drawn(found: Exploration) -> ElementTree.Element:
    return ElementTree.fromstring(curve_svg(found))


def words_of(picture: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def test_more_of_the_target_is_to_the_right_and_more_of_the_content_above() -> None:
    places = [
        (float(each.attrib["cx"]), float(each.attrib["cy"]))
        for each in drawn(FOUND).iter(f"{SVG}circle")
    ]
    assert [x for x, _ in places] == sorted((x for x, _ in places), reverse=True)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
    assert all(CURVE_TOP <= y <= CURVE_BOTTOM for _, y in places)


def test_the_automatic_choice_is_larger_and_named() -> None:
    picture = drawn(FOUND)
    radii = [float(each.attrib["r"]) for each in picture.iter(f"{SVG}circle")]
    assert radii.index(max(radii)) == 1
    words = words_of(picture)
    assert "auto, 4 %" in words
    assert "solo flute → solo <cello>" in words
    assert "switch" in words
    assert {"flute", "cello"} <= set(words)


def test_what_the_model_cannot_tell_is_left_out() -> None:
    unknown = tuple(replace(each, target_probability=None) for each in POINTS)
    deaf = replace(FOUND, points=unknown, automatic_percent=None, names=(), trace=(), source="")
    words = words_of(drawn(replace(deaf, trace_percent=())))
    assert "switch" not in words
    assert "it → solo <cello>" in words


def test_the_axis_begins_below_all_points() -> None:
    assert content_floor(POINTS) == 0.7
    assert content_floor([replace(POINTS[0], content_kept=0.7)]) == 0.6
    assert content_floor([]) == 0.0
