"""The players that sound through the SoundFont: a MIDI track each, a clip for each part."""

from collections.abc import Iterable, Sequence

import numpy as np
import score
from desk import PARTS, effect, hand, lane, send, tick
from score import A2, END, INTRO, LAST, RETURN, TAG, A, B, Played

from tonewright.dsp.project.document import (
    AutomationLane,
    Channel,
    Id,
    Instrument,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    Track,
    TrackKind,
)


def midi_tracks() -> tuple[Track, ...]:
    """Return the players that sound through the SoundFont."""
    return (
        _midi_track(
            "drums",
            "Drums",
            score.drums(hand("drums")),
            Instrument(program=0, drums=True),
            Channel(
                gain_db=14.0,
                effects=(
                    effect(
                        "drums",
                        "compressor",
                        threshold_db=-30.0,
                        ratio=4.0,
                        attack_ms=1.0,
                        release_ms=90.0,
                    ),
                ),
                sends=(send("drums", -22.0),),
            ),
        ),
        _midi_track(
            "bass",
            "Bass",
            score.bass(hand("bass")),
            Instrument(program=33),
            Channel(
                gain_db=9.0,
                effects=(effect("bass", "compressor", threshold_db=-24.0, ratio=3.0),),
            ),
        ),
        _midi_track(
            "electric-piano",
            "Electric piano",
            score.electric_piano(hand("electric piano")),
            Instrument(program=4),
            Channel(
                gain_db=5.0,
                pan=-0.2,
                effects=(
                    effect("electric-piano", "tremolo", rate_hz=4.6, depth=0.2),
                    effect("electric-piano", "chorus", rate_hz=0.6, depth=0.15, mix=0.3),
                ),
                sends=(send("electric-piano", -16.0),),
            ),
            parent="keys",
            automation=(
                lane(
                    "electric-piano-tremolo",
                    "depth",
                    (INTRO, 0.45, 0.0),
                    (A, 0.12, 0.3),
                    (B, 0.5, 0.0),
                    (RETURN, 0.12, 0.0),
                    (LAST, 0.5, 0.0),
                ),
            ),
        ),
        _midi_track(
            "strings",
            "Strings",
            score.strings(hand("strings")),
            Instrument(program=49),
            Channel(
                gain_db=11.0,
                pan=0.2,
                effects=(
                    effect(
                        "strings",
                        "sidechain_compressor",
                        sidechain=Id("drums"),
                        threshold_db=-30.0,
                        ratio=3.0,
                    ),
                    effect("strings", "lowpass_filter", cutoff_frequency_hz=1800.0),
                ),
                sends=(send("strings", -10.0),),
            ),
            events=_swells(),
            parent="keys",
            automation=(
                lane(
                    "strings-lowpass_filter",
                    "cutoff_frequency_hz",
                    (A + 16, 900.0, 0.4),
                    (A2, 2600.0, 0.0),
                    (B, 1600.0, 0.3),
                    (RETURN, 4500.0, 0.0),
                    (LAST, 6000.0, -0.4),
                    (END, 1200.0, 0.0),
                ),
            ),
        ),
        _midi_track(
            "vibraphone",
            "Vibraphone",
            score.vibraphone(hand("vibraphone")),
            Instrument(program=11),
            Channel(
                gain_db=5.0,
                pan=0.35,
                effects=(
                    effect("vibraphone", "delay", delay_seconds=0.433, feedback=0.3, mix=0.22),
                ),
                sends=(send("vibraphone", -12.0),),
            ),
        ),
        _midi_track(
            "flute",
            "Flute",
            score.phrased(score.FLUTE, hand("flute")),
            Instrument(program=73),
            Channel(gain_db=8.0, pan=-0.1, sends=(send("flute", -9.0),)),
            events=_breath(score.FLUTE),
        ),
    )


def _midi_track(
    track_id: str,
    name: str,
    notes: Sequence[Played],
    instrument: Instrument,
    channel: Channel,
    *,
    events: Iterable[tuple[float, bytes]] = (),
    parent: str | None = None,
    automation: tuple[AutomationLane, ...] = (),
) -> Track:
    """Return a track with a clip for each part in which it plays."""
    bounds = [*PARTS.values(), END]
    clips = []
    for part, start, end in zip(PARTS, bounds[:-1], bounds[1:], strict=True):
        # A player who is early by a little belongs to the part that begins.
        inside = [note for note in notes if start <= note.start + 0.1 < end]
        if not inside:
            continue
        clips.append(
            MidiClip(
                Id(f"clip-{track_id}-{part}"),
                f"{name} {part}",
                MusicalTime(tick(start)),
                tick(end - start),
                tuple(
                    sorted(
                        (
                            Note(
                                note.pitch,
                                note.velocity,
                                max(tick(note.start - start), 0),
                                tick(note.length),
                            )
                            for note in inside
                        ),
                        key=lambda note: (note.start_ticks, note.pitch),
                    )
                ),
                tuple(
                    MidiEvent(tick(place - start), data)
                    for place, data in events
                    if start <= place < end
                ),
            )
        )
    return Track(
        Id(track_id),
        name,
        TrackKind.MIDI,
        parent_id=Id(parent) if parent else None,
        channel=channel,
        clips=tuple(clips),
        automation=automation,
        instrument=instrument,
    )


def _swells() -> list[tuple[float, bytes]]:
    """Return the expression of the strings, an eighth apart."""
    places = (A + 16, A2, A2 + 16, B, B + 12, RETURN, TAG, LAST, LAST + 3, END)
    levels = (35, 80, 96, 70, 92, 84, 92, 108, 100, 0)
    grid = np.arange(A + 16, END, 0.5)
    return [
        (float(place), bytes((0xB0, 11, round(level))))
        for place, level in zip(grid, np.interp(grid, places, levels), strict=True)
    ]


def _breath(notes: Iterable[Played]) -> list[tuple[float, bytes]]:
    """Return the expression of a wind player: long notes grow, then fade."""
    events = []
    for note in notes:
        shape = (
            ((0.0, 100),) if note.length < 1.0 else ((0.0, 88), (0.2, 104), (0.45, 118), (0.8, 92))
        )
        events += [
            (note.start + share * note.length, bytes((0xB0, 11, level))) for share, level in shape
        ]
    return events
