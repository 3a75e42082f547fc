"""The frame in which notes over a chord are written.

A **frame** makes one numbering of pitches out of twelve roots and any quality: 0 is the root, 4
the third whether it is major, minor or suspended, 7 the fifth, 11 the seventh or the sixth. It is
a permutation of the twelve semitones above the root, so nothing is lost; and a pattern that was
played over one chord is, in its numbers, the same over every other.
"""

from tonewright.dsp.midi.chords import QUALITIES


def frame_of(quality: str) -> tuple[int, ...]:
    """Return the frame's number of each semitone above the root.

    The chord's third, fifth and seventh change places with 4, 7 and 11.
    """
    tones = set(QUALITIES[quality])
    number = list(range(12))
    for home, others in ((4, (3, 5, 2)), (7, (6, 8)), (11, (10, 9))):
        if home not in tones:
            place = next((each for each in others if each in tones), None)
            if place is not None:
                number[home], number[place] = number[place], number[home]
    return tuple(number)
