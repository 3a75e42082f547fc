"""What is true of every project, checked in one place.

Types are trusted here (the schema checks them); these are ranges, references and order. Loading
and saving check the whole; an edit checks what it changed. Every failure is a ``ProjectError``
that names the place and says what would be right.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.project.document import (
    AudioClip,
    AutomationLane,
    Channel,
    Clip,
    EffectSpec,
    Id,
    Marker,
    Media,
    MediaKind,
    MidiClip,
    MusicalTime,
    Project,
    Time,
    Track,
    TrackKind,
)
from tonewright.dsp.project.tempo import to_seconds

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIMECODE = re.compile(r"\d\d:[0-5]\d:[0-5]\d[:;]\d\d\d?")
_LONGEST_SECONDS = 1e7  # 115 days: beyond it a position is a mistake
_LONGEST_TICKS = 2**40


def validate(project: Project) -> None:
    """Check a whole project.

    Raises:
        ProjectError: Naming the first place that is wrong and what would be right.
    """
    _check_settings(project)
    for kind, ids in _identities(project):
        for repeated, count in Counter(ids).items():
            _require(count == 1, f"{kind} {repeated}", "each id must be used once")
    media = {medium.id: medium for medium in project.media}
    for medium in project.media:
        check_medium(medium)
    for marker in project.markers:
        check_marker(marker)
    check_channel(project.master, "master")
    check_lanes(project.master_automation, project.master, "master")
    _check_soundfont(project.soundfont_id, media, "project")
    for track in project.tracks:
        check_track(track, media)
        for clip in track.clips:
            played = media.get(clip.media_id) if isinstance(clip, AudioClip) else None
            check_clip(clip, track, played)
        starts = [to_seconds(project.tempo_map, clip.start) for clip in track.clips]
        _require(_rising(starts), f"track {track.name!r}", "clips must be sorted by start")
    check_routing(project)


def check_track(track: Track, media: Mapping[Id, Media]) -> None:
    """Check a track without its clips; ``media`` holds the SoundFonts.

    Raises:
        ProjectError: Naming the track and what would be right.
    """
    place = f"track {track.name!r}"
    _require(bool(_COLOR.fullmatch(track.color)), place, f"no color: {track.color}")
    check_channel(track.channel, place)
    check_lanes(track.automation, track.channel, place)
    if track.instrument is not None:
        _check_range(track.instrument.bank or 0, 0, 127, f"{place}: bank")
        _check_range(track.instrument.program or 0, 0, 127, f"{place}: program")
        _check_soundfont(track.instrument.soundfont_id, media, place)


def check_clip(clip: Clip, track: Track, medium: Media | None) -> None:
    """Check one clip of a track; ``medium`` is the one that an audio clip plays, if there is one.

    Raises:
        ProjectError: Naming the clip and what would be right.
    """
    place = f"track {track.name!r}, clip {clip.name!r}"
    kind = TrackKind.AUDIO if isinstance(clip, AudioClip) else TrackKind.MIDI
    _require(
        track.kind is kind,
        place,
        f"{kind} clips cannot be on the {track.kind} track: choose one of their kind",
    )
    _check_time(clip.start, f"{place}: start")
    _check_effects(clip.effects, place)
    if isinstance(clip, MidiClip):
        _check_midi(clip, place)
        return
    if medium is None:
        raise ProjectError(f"{place}: there is no medium with the id {clip.media_id}: add it first")
    _require(medium.kind is MediaKind.AUDIO, place, f"{medium.name!r} is not audio")
    end_samples = clip.source_start_samples + clip.source_length_samples
    _require(
        0 <= clip.source_start_samples < end_samples <= medium.length_samples,
        place,
        f"it plays samples {clip.source_start_samples} to {end_samples} of "
        f"{medium.name!r}, which has {medium.length_samples}: trim it",
    )
    _check_range(clip.speed_ratio, 0.01, 100.0, f"{place}: speed_ratio")
    _check_finite(clip.gain_db, f"{place}: gain_db")
    length_seconds = clip.source_length_samples / (medium.sample_rate * clip.speed_ratio)
    for fade in (clip.fade_in, clip.fade_out):
        _check_range(fade.length_seconds, 0.0, length_seconds, f"{place}: fade length_seconds")


def check_channel(channel: Channel, place: str) -> None:
    """Check the numbers of a channel and of its effects.

    Raises:
        ProjectError: Naming ``place`` and what would be right.
    """
    _check_finite(channel.gain_db, f"{place}: gain_db")
    _check_range(channel.pan, -1.0, 1.0, f"{place}: pan")
    for send in channel.sends:
        _check_finite(send.gain_db, f"{place}: send gain_db")
    _check_effects(channel.effects, place)


def check_lanes(lanes: tuple[AutomationLane, ...], channel: Channel, place: str) -> None:
    """Check the automation of a channel: a lane a parameter, points in order.

    Raises:
        ProjectError: Naming ``place`` and what would be right.
    """
    effects = {effect.id for effect in channel.effects}
    targets = [lane.target for lane in lanes]
    _require(len(set(targets)) == len(targets), place, "a parameter can have one automation lane")
    for lane in lanes:
        where = f"{place}: automation of {lane.target.parameter}"
        if lane.target.effect_id is None:
            known = lane.target.parameter in ("gain_db", "pan")
            _require(known, where, "a channel automates gain_db and pan")
        else:
            known = lane.target.effect_id in effects
            _require(known, where, f"the channel has no effect {lane.target.effect_id}")
        _require(bool(lane.points), where, "a lane needs a point: remove the lane instead")
        _require(_rising([point.ticks for point in lane.points]), where, "points must be sorted")
        for point in lane.points:
            _check_range(point.ticks, 0, _LONGEST_TICKS, f"{where}: ticks")
            _check_finite(point.value, f"{where}: value")
            _check_range(point.bend, -1.0, 1.0, f"{where}: bend")


def check_marker(marker: Marker) -> None:
    """Check a marker or region.

    Raises:
        ProjectError: Naming it and what would be right.
    """
    place = f"marker {marker.name!r}"
    _require(bool(_COLOR.fullmatch(marker.color)), place, f"no color: {marker.color}")
    _check_time(marker.start, f"{place}: start")
    if marker.length is not None:
        _require(
            type(marker.length) is type(marker.start),
            place,
            "start and length must both be in ticks or both in seconds",
        )
        _check_time(marker.length, f"{place}: length")
        _require(marker.length != type(marker.length)(0), place, "a region must be longer than 0")


def check_medium(medium: Media) -> None:
    """Check the numbers of a medium.

    Raises:
        ProjectError: Naming it and what would be right.
    """
    place = f"medium {medium.name!r}"
    _require(bool(_SHA256.fullmatch(medium.sha256)), place, "sha256 must be 64 hexadecimal digits")
    _check_range(medium.size_bytes, 0, 2**60, f"{place}: size_bytes")
    if medium.kind is MediaKind.AUDIO:
        _check_range(medium.sample_rate, 1, 1_000_000, f"{place}: sample_rate")
        _check_range(medium.channels, 1, 64, f"{place}: channels")
        _check_range(medium.length_samples, 0, 2**48, f"{place}: length_samples")


def check_routing(project: Project) -> None:
    """Check where sound goes: groups, sends and sidechains exist and make no circle.

    Raises:
        ProjectError: Naming the tracks concerned.
    """
    _check_references(project)
    goes_to: dict[Id, set[Id]] = {track.id: set() for track in project.tracks}
    for track in project.tracks:
        if track.parent_id is not None:
            goes_to[track.id].add(track.parent_id)
        goes_to[track.id].update(send.target_id for send in track.channel.sends)
        for effect in _effects_of(track):
            if effect.sidechain_id is not None:
                goes_to[effect.sidechain_id].add(track.id)
    # What nothing leads to, or what leads nowhere, is in no circle; when no such track remains,
    # what is left is.
    while goes_to:
        reached = {target for targets in goes_to.values() for target in targets}
        circle = {
            track_id: targets & goes_to.keys()
            for track_id, targets in goes_to.items()
            if track_id in reached and targets & goes_to.keys()
        }
        if len(circle) == len(goes_to):
            names = ", ".join(f"{project.track(each).name!r}" for each in list(circle)[:4])
            raise ProjectError(
                f"sound would go in a circle through {names}: "
                "change a group, send or sidechain of one"
            )
        goes_to = circle


def _check_settings(project: Project) -> None:
    _check_range(project.sample_rate, 8_000, 192_000, "project: sample_rate")
    _require(
        bool(_TIMECODE.fullmatch(project.start_timecode)),
        "project",
        f"start_timecode must be HH:MM:SS:FF, not {project.start_timecode!r}",
    )
    try:
        rate = Fraction(project.frame_rate)
    except (ValueError, ZeroDivisionError) as error:
        raise ProjectError(
            f"project: frame_rate must be a fraction like 30000/1001, not {project.frame_rate!r}"
        ) from error
    _check_range(float(rate), 1.0, 1000.0, "project: frame_rate")
    last = project.tempo_map.tempos[-1].start_ticks
    _check_range(last, 0, _LONGEST_TICKS, "project: tempo start_ticks")


def _check_references(project: Project) -> None:
    kinds = {track.id: track.kind for track in project.tracks}
    for track in project.tracks:
        place = f"track {track.name!r}"
        targets = [send.target_id for send in track.channel.sends]
        if track.parent_id is not None:
            targets.append(track.parent_id)
        for target in targets:
            known = kinds.get(target) is TrackKind.GROUP
            _require(known, place, f"there is no group {target} to send to: choose a group")
        _check_sidechains(_effects_of(track), kinds, place)
    _check_sidechains(project.master.effects, kinds, "master")
    _require(not project.master.sends, "master", "the master cannot send: remove its sends")


def _check_sidechains(
    effects: Iterable[EffectSpec], kinds: Mapping[Id, TrackKind], place: str
) -> None:
    for effect in effects:
        known = effect.sidechain_id is None or effect.sidechain_id in kinds
        _require(known, f"{place}: {effect.type}", f"there is no track {effect.sidechain_id}")


def _check_midi(clip: MidiClip, place: str) -> None:
    _check_range(clip.length_ticks, 1, _LONGEST_TICKS, f"{place}: length_ticks")
    for note in clip.notes:
        if not (
            0 <= note.pitch <= 127
            and 1 <= note.velocity <= 127
            and 0 <= note.release_velocity <= 127
            and 0 <= note.channel <= 15
            and 0 <= note.start_ticks <= _LONGEST_TICKS
            and 0 <= note.length_ticks <= _LONGEST_TICKS
        ):
            raise ProjectError(f"{place}: no MIDI note: {note}")
    for event in clip.events:
        if not 0 <= event.start_ticks <= _LONGEST_TICKS or not _is_message(event.data):
            raise ProjectError(f"{place}: no MIDI event: {event}")
    sorted_notes = _rising([note.start_ticks for note in clip.notes])
    sorted_events = _rising([event.start_ticks for event in clip.events])
    _require(sorted_notes and sorted_events, place, "notes and events must be sorted by start")


def _is_message(data: bytes) -> bool:
    """Tell whether bytes are a message that is no note: of a channel, SysEx, escape or meta."""
    status = data[0] if data else 0
    if status >= 0xF0:
        return status in (0xF0, 0xF7) or (status == 0xFF and len(data) >= 2 and data[1] != 0x2F)
    lengths = {0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}
    return len(data) == lengths.get(status & 0xF0) and max(data[1:]) < 0x80


def _check_effects(effects: tuple[EffectSpec, ...], place: str) -> None:
    for effect in effects:
        where = f"{place}: {effect.type}"
        _check_range(effect.mix, 0.0, 1.0, f"{where}: mix")
        names = [name for name, _ in effect.params]
        in_order = all(a < b for a, b in pairwise(names))
        _require(in_order, where, "parameters must be sorted by name, each named once")
        for name, value in effect.params:
            if isinstance(value, float):
                _check_finite(value, f"{where}: {name}")
        if effect.range is not None:
            start_seconds, end_seconds = effect.range.start_seconds, effect.range.end_seconds
            _require(
                0.0 <= start_seconds < end_seconds <= _LONGEST_SECONDS,
                where,
                f"the range must be longer than 0, not {start_seconds} to {end_seconds} seconds",
            )


def _check_soundfont(medium_id: Id | None, media: Mapping[Id, Media], place: str) -> None:
    if medium_id is not None:
        medium = media.get(medium_id)
        known = medium is not None and medium.kind is MediaKind.SOUNDFONT
        _require(known, place, f"there is no SoundFont {medium_id}: add it or choose the default")


def _check_time(time: Time, place: str) -> None:
    if isinstance(time, MusicalTime):
        _check_range(time.ticks, 0, _LONGEST_TICKS, f"{place} in ticks")
    else:
        _check_range(time.seconds, 0.0, _LONGEST_SECONDS, f"{place} in seconds")


def _check_range(value: float, lowest: float, highest: float, place: str) -> None:
    if not lowest <= value <= highest:  # so that NaN fails
        raise ProjectError(f"{place} must be {lowest} to {highest}, not {value}")


def _check_finite(value: float, place: str) -> None:
    if not math.isfinite(value):
        raise ProjectError(f"{place} must be a finite number, not {value}")


def _require(true: bool, place: str, message: str) -> None:
    if not true:
        raise ProjectError(f"{place}: {message}")


def _rising(values: list[Any]) -> bool:
    return all(a <= b for a, b in pairwise(values))


def _effects_of(track: Track) -> Iterator[EffectSpec]:
    yield from track.channel.effects
    for clip in track.clips:
        yield from clip.effects


def _identities(project: Project) -> Iterator[tuple[str, Iterable[Id]]]:
    channels = [project.master, *(track.channel for track in project.tracks)]
    effects = [effect for track in project.tracks for effect in _effects_of(track)]
    yield "track", (track.id for track in project.tracks)
    yield "clip", (clip.id for _, clip in project.clips())
    yield "medium", (medium.id for medium in project.media)
    yield "marker", (marker.id for marker in project.markers)
    yield "effect", (effect.id for effect in (*project.master.effects, *effects))
    yield "send", (send.id for channel in channels for send in channel.sends)
