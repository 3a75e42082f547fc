"""Composes and records "Slack Water", the project that ``tonewright demo`` renders.

    python tests/demo/compose.py resources/demo

makes the shipped folder again: all seeds and ids are fixed. ``score`` has the notes, ``players``
the MIDI tracks, ``guitar`` and ``recordings`` the sounds; here they become a project.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import recordings
import score
from desk import PARTS, TEMPO_MAP, effect, hand, lane, seconds_at, send, tick
from guitar import Signal
from players import midi_tracks
from score import A2, END, INTRO, LAST, RETURN, TAG, A, B

from tonewright.dsp.audio.writer import AudioWriter, Encoding
from tonewright.dsp.project.document import (
    AudioClip,
    Channel,
    ClockTime,
    Fade,
    FadeCurve,
    Id,
    Marker,
    Media,
    MusicalTime,
    Project,
    Track,
    TrackKind,
)
from tonewright.dsp.project.folder import save
from tonewright.dsp.project.media import import_media

SAMPLE_RATE = 48_000
_PICKUP = 0.5  # quarters that a guitar clip begins before its part, for a hand that is early


def compose(folder: Path) -> Project:
    """Write the project with its media to a folder and return it."""
    (folder / "media").mkdir(parents=True, exist_ok=True)
    media = record(folder / "media")
    by_id = {medium.id: medium for medium in media}
    guitar, frame_drum, sea = audio_tracks(by_id)
    keys, hall = groups()
    drums, bass, electric_piano, strings, vibraphone, flute = midi_tracks()
    rhythm = (drums, frame_drum, bass)
    # So that saving keeps no copy of the project it replaces.
    (folder / "project.json").unlink(missing_ok=True)
    project = Project(
        id=Id("slack-water"),
        name="Slack Water",
        sample_rate=SAMPLE_RATE,
        tempo_map=TEMPO_MAP,
        markers=markers(),
        tracks=(*rhythm, keys, electric_piano, strings, vibraphone, flute, guitar, sea, hall),
        media=media,
        start_timecode="01:00:00:00",
    )
    return save(project, folder)


def markers() -> tuple[Marker, ...]:
    """Return a marker a part, and two regions."""
    places = [
        Marker(Id(f"part-{name}"), name, MusicalTime(tick(start))) for name, start in PARTS.items()
    ]
    regions = [
        Marker(
            Id(f"region-{name}"),
            name,
            MusicalTime(tick(start)),
            MusicalTime(tick(end - start)),
            color="#c98f4f",
        )
        for name, start, end in (("Theme", A, A2), ("Six eight", B, RETURN))
    ]
    return tuple(sorted([*places, *regions], key=lambda marker: (marker.start, marker.name)))


# --- recordings -----------------------------------------------------------------------------


def record(folder: Path) -> tuple[Media, ...]:
    """Write the audio files and return them as media."""
    media = []
    for name, notes, start in (
        ("guitar A", score.GUITAR_A, A),
        ("guitar A'", score.GUITAR_A2, A2),
        ("guitar B", score.GUITAR_B, B),
        ("guitar end", score.GUITAR_END, RETURN),
    ):
        player = hand(name)
        dry = recordings.guitar_part(
            score.phrased(notes, player), seconds_at, start - _PICKUP, SAMPLE_RATE, player
        )
        room = recordings.in_room(dry, SAMPLE_RATE, hand("room"))
        media.append(_written(folder, name, room, SAMPLE_RATE, Encoding("ogg", quality=0.3)))
    drum = recordings.frame_drum(44_100, 60.0 / 120.0 / 2.0, hand("frame drum"))
    media.append(_written(folder, "frame drum", drum[np.newaxis], 44_100, Encoding("flac", "16")))
    waves = recordings.sea(44_100, 16.0, hand("sea"))
    media.append(_written(folder, "sea", waves, 44_100, Encoding("ogg", quality=0.2)))
    return tuple(media)


def _written(folder: Path, name: str, audio: Signal, sample_rate: int, encoding: Encoding) -> Media:
    file_name = name.replace("'", "2").replace(" ", "-").lower()
    path = folder / f"{file_name}.{encoding.container}"
    peak = 10.0 ** (-3.0 / 20.0) / np.max(np.abs(audio))
    with AudioWriter(path, sample_rate, audio.shape[0], encoding) as writer:
        writer.write((audio * peak).astype(np.float32))
    return replace(import_media(path), id=Id(file_name), name=name)


def audio_tracks(media: dict[Id, Media]) -> tuple[Track, ...]:
    """Return the guitar, the frame drum and the sea."""
    guitar_parts = (
        ("guitar-a", A, 0.0),
        ("guitar-a2", A2, -3.5),
        ("guitar-b", B, -2.5),
        ("guitar-end", RETURN, 2.5),
    )
    guitar = Track(
        Id("guitar"),
        "Guitar",
        TrackKind.AUDIO,
        color="#c9744f",
        channel=Channel(
            gain_db=2.0,
            effects=(
                effect("guitar", "wpe_dereverb", taps=8, delay=2, iterations=2),
                effect("guitar", "highpass_filter", cutoff_frequency_hz=90.0),
                effect(
                    "guitar",
                    "compressor",
                    threshold_db=-28.0,
                    ratio=2.5,
                    attack_ms=3.0,
                    release_ms=180.0,
                ),
                effect("guitar", "stereo_width", width=0.8),
                effect(
                    "guitar",
                    "reverb",
                    room_size=0.72,
                    damping=0.35,
                    wet_level=0.2,
                    dry_level=0.8,
                ),
            ),
        ),
        clips=tuple(
            AudioClip(
                Id(f"clip-{name}"),
                media[Id(name)].name,
                MusicalTime(tick(start - _PICKUP)),
                Id(name),
                0,
                media[Id(name)].length_samples,
                gain_db=gain_db,
                fade_in=Fade(0.02),
                fade_out=Fade(0.4, FadeCurve.SMOOTH),
            )
            for name, start, gain_db in guitar_parts
        ),
    )
    drum = media[Id("frame-drum")]
    frame_drum = Track(
        Id("frame-drum"),
        "Frame drum",
        TrackKind.AUDIO,
        color="#8f6f4f",
        channel=Channel(gain_db=-11.0, pan=0.25, sends=(send("frame-drum", -14.0),)),
        clips=tuple(
            AudioClip(
                Id(f"clip-frame-drum-{number}"),
                f"frame drum {number}",
                MusicalTime(tick(B + 6 * (number - 1))),
                drum.id,
                0,
                drum.length_samples if number < 4 else drum.length_samples // 2,
                fade_out=Fade(0.03),
            )
            for number in range(1, 5)
        ),
    )
    return guitar, frame_drum, _sea(media[Id("sea")])


def _sea(medium: Media) -> Track:
    """Return waves over the intro, two clips crossfaded, and slower, deeper ones at the end."""
    rate = medium.sample_rate
    crossfade = Fade(3.0, FadeCurve.EQUAL_POWER)
    clips = (
        AudioClip(
            Id("clip-sea-1"),
            "sea 1",
            ClockTime(0.0),
            medium.id,
            rate,
            12 * rate,
            fade_in=Fade(1.5, FadeCurve.SMOOTH),
            fade_out=crossfade,
        ),
        AudioClip(
            Id("clip-sea-2"),
            "sea 2",
            ClockTime(9.0),
            medium.id,
            3 * rate,
            13 * rate,
            fade_in=crossfade,
            fade_out=Fade(4.0, FadeCurve.SMOOTH),
        ),
        AudioClip(
            Id("clip-sea-3"),
            "sea, slower",
            MusicalTime(tick(TAG)),
            medium.id,
            0,
            15 * rate,
            speed_ratio=0.8,
            fade_in=Fade(5.0, FadeCurve.SMOOTH),
            fade_out=Fade(5.0, FadeCurve.SMOOTH),
        ),
    )
    return Track(
        Id("sea"),
        "Sea",
        TrackKind.AUDIO,
        color="#4fa3c9",
        channel=Channel(gain_db=-16.0),
        clips=clips,
        automation=(
            lane(
                None,
                "gain_db",
                (INTRO, -10.0, 0.0),
                (A - 2, -13.0, -0.5),
                (A2, -40.0, 0.0),
                (TAG, -22.0, 0.6),
                (LAST, -12.0, 0.0),
            ),
            lane(
                None, "pan", (INTRO, -0.6, 0.5), (A, 0.5, 0.0), (TAG, 0.4, -0.5), (END, -0.3, 0.0)
            ),
        ),
    )


def groups() -> tuple[Track, ...]:
    """Return the group of the keys and the reverb that the sends go to."""
    keys = Track(Id("keys"), "Keys", TrackKind.GROUP, color="#6f4fc9", channel=Channel())
    hall = Track(
        Id("hall"),
        "Hall",
        TrackKind.GROUP,
        color="#808080",
        channel=Channel(
            effects=(
                effect(
                    "hall",
                    "reverb",
                    room_size=0.82,
                    damping=0.45,
                    wet_level=0.4,
                    dry_level=0.0,
                ),
            ),
        ),
    )
    return keys, hall


if __name__ == "__main__":
    compose(Path(sys.argv[1]))
