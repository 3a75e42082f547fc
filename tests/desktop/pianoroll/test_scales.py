from tonewright.desktop.pianoroll.scales import SCALES, in_scale, pitch_name


def test_middle_c_is_c4():
    assert [pitch_name(pitch) for pitch in (60, 61, 59, 0, 127)] == ["C4", "C♯4", "B3", "C-1", "G9"]


def test_a_minor_has_the_keys_of_c_major():
    assert [in_scale(p, 9, "Minor") for p in range(128)] == [
        in_scale(p, 0, "Major") for p in range(128)
    ]


def test_every_scale_has_its_root():
    assert all(0 in scale for scale in SCALES.values())
