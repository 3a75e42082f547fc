"""What a synthesizer is sent, and when: tracks in ticks become messages at samples.

A **schedule** is a sequence of (sample, message), sorted by sample, messages as on the wire.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from tonewright.dsp.midi.exchange import with_instrument
from tonewright.dsp.midi.sequence import (
    CONTROL,
    META,
    NOTE_OFF,
    NOTE_ON,
    MidiTrack,
    clip_to_track,
    merged,
    messages,
)
from tonewright.dsp.project.document import Instrument, MidiClip, MidiEvent, TempoMap, Track
from tonewright.dsp.project.tempo import to_samples

Schedule = tuple[tuple[int, bytes], ...]

_PEDALS = (64, 66, 69)  # sustain, sostenuto, hold 2


def track_events(track: Track, tempo_map: TempoMap, sample_rate: int) -> Schedule:
    """Return the schedule of a project's MIDI track.

    Clips that are muted are left out. A pedal that a clip leaves down is released at the clip's
    end, unless another clip begins there: it may be the rest of one that was cut.
    """
    clips = [clip for clip in track.clips if isinstance(clip, MidiClip) and not clip.muted]
    parts = [clip_to_track(clip, tempo_map) for clip in clips]
    starts = {
        part.length_ticks - clip.length_ticks for part, clip in zip(parts, clips, strict=True)
    }
    released = tuple(
        MidiEvent(part.length_ticks, message)
        for part in parts
        if part.length_ticks not in starts
        for message in _pedals_up(part)
    )
    whole = merged((MidiTrack(events=released), *parts), track.name)
    return schedule(
        with_instrument(whole, track.instrument or Instrument()), tempo_map, sample_rate
    )


def schedule(track: MidiTrack, tempo_map: TempoMap, sample_rate: int) -> Schedule:
    """Return the schedule of a track in project ticks; meta events have no place in it.

    A key that several notes hold is released when the last of them ends.
    """
    result: list[tuple[int, bytes]] = []
    held: Counter[tuple[int, int]] = Counter()
    for ticks, data in messages(track):
        kind, key = data[0] & 0xF0, (data[0] & 0x0F, data[1] if len(data) > 1 else 0)
        if data[0] == META:
            continue
        if kind == NOTE_ON:
            held[key] += 1
        elif kind == NOTE_OFF:
            held[key] -= 1
            if held[key]:
                continue
        result.append((to_samples(tempo_map, ticks, sample_rate), data))
    return tuple(result)


def events_from(events: Sequence[tuple[int, bytes]], start_samples: int) -> Schedule:
    """Return the rest of a schedule, counted from a sample inside it.

    All that was set before, and the notes that are held there, come at its start.
    """
    if not start_samples:
        return tuple(events)
    settings: list[tuple[int, bytes]] = []
    held: dict[tuple[int, int], tuple[int, bytes]] = {}
    rest = []
    for sample, message in events:
        kind, key = message[0] & 0xF0, (message[0] & 0x0F, message[1] if len(message) > 1 else 0)
        if sample >= start_samples:
            rest.append((sample - start_samples, message))
        elif kind == NOTE_ON:
            held[key] = (0, message)
        elif kind == NOTE_OFF:
            held.pop(key, None)
        else:
            settings.append((0, message))
    return (*settings, *held.values(), *rest)


def _pedals_up(track: MidiTrack) -> Iterator[bytes]:
    """Yield the messages that release the pedals that a track leaves down."""
    values = {
        event.data[:2]: event.data[2]
        for event in track.events
        if event.data[0] & 0xF0 == CONTROL and event.data[1] in _PEDALS
    }
    for pedal, value in values.items():
        if value >= 64:
            yield pedal + b"\0"
