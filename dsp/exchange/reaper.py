"""A project as a REAPER project file (.rpp): text, with media beside it.

Tracks and folders, items with fades, gain and rate, MIDI items, volume and pan with their
envelopes, sends, markers and regions, and the tempo map are written. Effects are not: REAPER knows
none of Tonewright's, so they are listed as left out.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path

from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import (
    PPQ,
    AudioClip,
    AutomationLane,
    AutomationMode,
    FadeCurve,
    Id,
    MidiClip,
    Project,
    TempoCurve,
    Track,
)
from tonewright.dsp.project.tempo import range_of, shifted, to_seconds
from tonewright.dsp.units import db_to_gain

_FADES = {FadeCurve.LINEAR: 0, FadeCurve.EQUAL_POWER: 1, FadeCurve.SMOOTH: 5}
_PRE_FADER, _POST_FADER = 3, 0
_REGION = 1


def write_rpp(project: Project, path: Path) -> list[str]:
    """Write a project, or leave the file that was there, and return what was left out.

    Raises:
        OSError: If it cannot be written.
    """
    left: list[str] = []
    text = "\n".join(_lines(project, path.parent, left)) + "\n"
    with replacing(path) as file:
        file.write(text.encode())
    return left


def _lines(project: Project, folder: Path, left: list[str]) -> Iterator[str]:
    tempo_map = project.tempo_map
    first, meter = tempo_map.tempos[0], tempo_map.time_signatures[0]
    yield '<REAPER_PROJECT 0.1 "7.0/Tonewright" 0'
    yield f"  SAMPLERATE {project.sample_rate} 0 0"
    yield f"  TEMPO {first.bpm:.12g} {meter.numerator} {meter.denominator}"
    master = project.master
    yield f"  MASTER_VOLUME {db_to_gain(master.gain_db):.12g} {master.pan:.12g} -1 -1 1"
    yield from _tempo_lines(project)
    for number, marker in enumerate(project.markers, 1):
        start = to_seconds(tempo_map, marker.start)
        color = _color(marker.color)
        region = _REGION if marker.length is not None else 0
        yield f"  MARKER {number} {start:.12g} {_quoted(marker.name)} {region} {color} 1 B"
        if marker.length is not None:
            end = to_seconds(tempo_map, shifted(tempo_map, marker.start, marker.length))
            yield f'  MARKER {number} {end:.12g} "" {_REGION}'
    if master.effects:
        left.append(f"Master: {', '.join(each.type for each in master.effects)}")
    ordered = list(_ordered(project, None, 0))
    places = {track.id: place for place, (track, _) in enumerate(ordered)}
    for place, (track, depth) in enumerate(ordered):
        following = ordered[place + 1][1] if place + 1 < len(ordered) else 0
        yield from _track_lines(
            project, track, following - depth, places=places, folder=folder, left=left
        )
    yield ">"


def _ordered(project: Project, parent: Id | None, depth: int) -> Iterator[tuple[Track, int]]:
    """Yield tracks with their depth, a folder before what is in it."""
    for track in project.tracks:
        if track.parent_id == parent:
            yield track, depth
            yield from _ordered(project, track.id, depth + 1)


def _tempo_lines(project: Project) -> Iterator[str]:
    tempo_map = project.tempo_map
    starts = {each.start_ticks for each in tempo_map.tempos}
    starts |= {each.start_ticks for each in tempo_map.time_signatures}
    meters = {each.start_ticks: each for each in tempo_map.time_signatures}
    yield "  <TEMPOENVEX"
    yield "    ACT 1 -1"
    for start in sorted(starts):
        index = max(i for i, each in enumerate(tempo_map.tempos) if each.start_ticks <= start)
        tempo = tempo_map.tempos[index]
        bpm = tempo.bpm
        following = tempo_map.tempos[index + 1] if index + 1 < len(tempo_map.tempos) else None
        linear = tempo.curve is TempoCurve.LINEAR and following is not None
        if linear and following is not None:
            share = (start - tempo.start_ticks) / (following.start_ticks - tempo.start_ticks)
            bpm += share * (following.bpm - bpm)
        line = f"    PT {to_seconds(tempo_map, start):.12g} {bpm:.12g} {0 if linear else 1}"
        meter = meters.get(start)
        yield f"{line} {meter.denominator << 16 | meter.numerator}" if meter else line
    yield "  >"


def _track_lines(
    project: Project,
    track: Track,
    step: int,
    *,
    places: dict[Id, int],
    folder: Path,
    left: list[str],
) -> Iterator[str]:
    channel = track.channel
    yield f"  <TRACK {_guid(track.id)}"
    yield f"    NAME {_quoted(track.name)}"
    yield f"    PEAKCOL {_color(track.color)}"
    yield f"    VOLPAN {db_to_gain(channel.gain_db):.12g} {channel.pan:.12g} -1 -1 1"
    yield f"    MUTESOLO {int(channel.muted)} {int(channel.soloed)} 0"
    # A folder's first line opens it; the last track in folders closes as many as end with it.
    yield f"    ISBUS {1 if step > 0 else 2 if step < 0 else 0} {step}"
    for sender in project.tracks:
        for send in sender.channel.sends:
            if send.target_id == track.id:
                mode = _PRE_FADER if send.pre_fader else _POST_FADER
                gain = db_to_gain(send.gain_db)
                yield f"    AUXRECV {places[sender.id]} {mode} {gain:.12g} 0 0 0 0 0 0 -1:U 0 -1 ''"
    if channel.effects:
        left.append(f"{track.name}: {', '.join(each.type for each in channel.effects)}")
    for lane in track.automation:
        if lane.target.effect_id is None and lane.mode is AutomationMode.READ and lane.points:
            yield from _envelope_lines(project, lane)
        else:
            left.append(f"{track.name}: automation of {lane.target.parameter}")
    for clip in track.clips:
        if clip.effects:
            names = ", ".join(each.type for each in clip.effects)
            left.append(f"{track.name}: {clip.name}: {names}")
        yield from _item_lines(project, clip, folder)
    yield "  >"


def _envelope_lines(project: Project, lane: AutomationLane) -> Iterator[str]:
    is_gain = lane.target.parameter == "gain_db"
    yield "    <VOLENV2" if is_gain else "    <PANENV2"
    yield "      ACT 1 -1"
    for point in lane.points:
        seconds = to_seconds(project.tempo_map, point.ticks)
        value = point.value
        # In an envelope, unlike on a track, REAPER's pan is positive to the left: SWS, its users'
        # extension, calls such a point "L" (BR_Envelope::FormatValue).
        yield f"      PT {seconds:.12g} {db_to_gain(value) if is_gain else -value:.12g} 0"
    yield "    >"


def _item_lines(project: Project, clip: AudioClip | MidiClip, folder: Path) -> Iterator[str]:
    place = range_of(project, clip)
    yield "    <ITEM"
    yield f"      POSITION {place.start_seconds:.12g}"
    yield f"      LENGTH {place.end_seconds - place.start_seconds:.12g}"
    yield "      LOOP 0"
    yield f"      MUTE {int(clip.muted)} 0"
    yield f"      NAME {_quoted(clip.name)}"
    if isinstance(clip, AudioClip):
        medium = project.medium(clip.media_id)
        for name, fade in (("FADEIN", clip.fade_in), ("FADEOUT", clip.fade_out)):
            yield f"      {name} {_FADES[fade.curve]} {fade.length_seconds:.12g} 0"
        yield f"      VOLPAN {db_to_gain(clip.gain_db):.12g} 0 1 -1"
        yield f"      SOFFS {clip.source_start_samples / medium.sample_rate:.12g}"
        yield f"      PLAYRATE {clip.speed_ratio:.12g} 0 0 -1 0 0.0025"
        path = Path(medium.path)
        file = path.relative_to(folder) if path.is_relative_to(folder) else path
        kind = {".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS"}.get(path.suffix.lower(), "WAVE")
        yield f"      <SOURCE {kind}"
        yield f"        FILE {_quoted(str(file))}"
    else:
        yield "      <SOURCE MIDI"
        yield f"        HASDATA 1 {PPQ} QN"
        yield from _midi_lines(clip)
    yield "      >"
    yield "    >"


def _midi_lines(clip: MidiClip) -> Iterator[str]:
    messages: list[tuple[int, int, bytes]] = []
    for note in clip.notes:
        on = bytes((0x90 | note.channel, note.pitch, note.velocity))
        off = bytes((0x80 | note.channel, note.pitch, note.release_velocity))
        messages += [(note.start_ticks, 2, on), (note.start_ticks + note.length_ticks, 0, off)]
    messages += [
        (each.start_ticks, 1, each.data) for each in clip.events if 0x80 <= each.data[0] < 0xF0
    ]
    last = 0
    for ticks, _, data in sorted(messages):
        padded = data + b"\0" * (3 - len(data))
        yield f"        E {ticks - last} {' '.join(f'{each:02x}' for each in padded)}"
        last = ticks
    yield f"        E {max(0, clip.length_ticks - last)} b0 7b 00"


def _color(text: str) -> int:
    red, green, blue = (int(text[place : place + 2], 16) for place in (1, 3, 5))
    return 0x1000000 | red | green << 8 | blue << 16


def _guid(identity: str) -> str:
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_OID, identity)).upper() + "}"


def _quoted(text: str) -> str:
    """Return a string in the quotes that do not occur in it."""
    line = " ".join(text.splitlines())
    for quote in ('"', "'", "`"):
        if quote not in line:
            return f"{quote}{line}{quote}"
    return "`" + line.replace("`", "'") + "`"
