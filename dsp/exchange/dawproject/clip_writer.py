"""Clips of audio and of notes, as elements of a DAWproject."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from tonewright.dsp.exchange.dawproject.container import Container
from tonewright.dsp.exchange.dawproject.rendered import RenderedTrack
from tonewright.dsp.exchange.dawproject.words import EXPRESSIONS, beats, boolean, number
from tonewright.dsp.project.document import (
    PPQ,
    AudioClip,
    Clip,
    FadeCurve,
    Id,
    Media,
    MidiClip,
    Project,
)
from tonewright.dsp.project.media_files import is_missing
from tonewright.dsp.project.tempo import range_of, to_ticks


class ClipWriter:
    """Writes clips.

    Args:
        project: Whose clips they are.
        container: Takes the media.
    """

    def __init__(self, project: Project, container: Container) -> None:
        self._project = project
        self._container = container
        self._names = _named(project.media)

    def write(self, clips: Element, clip: Clip, unit: str, label: str) -> None:
        """Write a clip into ``Clips`` whose ``timeUnit`` is ``unit``."""
        tempo_map = self._project.tempo_map
        place = range_of(self._project, clip)
        start, end = place.start_seconds, place.end_seconds
        if unit == "beats":
            start = to_ticks(tempo_map, clip.start) / PPQ
            end = to_ticks(tempo_map, end) / PPQ
        element = SubElement(
            clips, "Clip", time=number(start), duration=number(end - start), name=clip.name
        )
        element.set("enable", boolean(not clip.muted))
        if clip.effects:
            self._container.left.append(
                f"{label}: effects of a clip: {', '.join(each.type for each in clip.effects)}"
            )
        if isinstance(clip, AudioClip):
            self._audio(element, clip, label)
        else:
            self._notes(element, clip, label)

    def _audio(self, element: Element, clip: AudioClip, label: str) -> None:
        medium = self._project.medium(clip.media_id)
        first = clip.source_start_samples / medium.sample_rate
        length = clip.source_length_samples / medium.sample_rate
        speed = clip.speed_ratio
        element.set("contentTimeUnit", "seconds")
        element.set("playStart", number(first / speed))
        element.set("playStop", number((first + length) / speed))
        if clip.fade_in.length_seconds or clip.fade_out.length_seconds:
            element.set("fadeTimeUnit", "seconds")
            element.set("fadeInTime", number(clip.fade_in.length_seconds))
            element.set("fadeOutTime", number(clip.fade_out.length_seconds))
        for name, fade in (("in", clip.fade_in), ("out", clip.fade_out)):
            if fade.length_seconds and fade.curve is not FadeCurve.LINEAR:
                self._container.left.append(f"{label}: the {fade.curve} curve of the fade-{name}")
        holder = element
        if clip.gain_db:
            holder = SubElement(element, "Lanes")
        seconds = medium.length_samples / medium.sample_rate
        content = holder
        if speed != 1.0:
            content = SubElement(holder, "Warps", timeUnit="seconds", contentTimeUnit="seconds")
        audio = SubElement(
            content,
            "Audio",
            algorithm="raw" if speed == 1.0 else "repitch",
            channels=str(medium.channels),
            sampleRate=str(medium.sample_rate),
            duration=number(seconds),
        )
        self._file(audio, medium)
        if speed != 1.0:
            SubElement(content, "Warp", time="0", contentTime="0")
            SubElement(content, "Warp", time=number(seconds / speed), contentTime=number(seconds))
        if clip.gain_db:
            points = SubElement(holder, "Points", unit="decibel")
            SubElement(points, "Target", expression="gain")
            SubElement(
                points, "RealPoint", time="0", value=number(clip.gain_db), interpolation="hold"
            )

    def _file(self, audio: Element, medium: Media) -> None:
        if is_missing(medium):
            SubElement(audio, "File", path=medium.path, external="true")
            self._container.left.append(f"{medium.name}: the file is missing, {medium.path}")
            return
        name = self._names[medium.id]
        SubElement(audio, "File", path=name)
        self._container.media[name] = Path(medium.path)

    def _notes(self, element: Element, clip: MidiClip, label: str) -> None:
        element.set("contentTimeUnit", "beats")
        element.set("playStart", "0")
        element.set("playStop", beats(clip.length_ticks))
        curves: dict[tuple[tuple[str, str], ...], list[tuple[int, float]]] = {}
        others = 0
        for event in clip.events:
            target = _expression(event.data)
            if target is None:
                others += 1
            else:
                curves.setdefault(target[0], []).append((event.start_ticks, target[1]))
        if others:
            self._container.left.append(
                f"{label}: {others} MIDI messages that are neither notes nor curves"
            )
        lanes = SubElement(element, "Lanes") if curves else element
        notes = SubElement(lanes, "Notes")
        for note in clip.notes:
            SubElement(
                notes,
                "Note",
                time=beats(note.start_ticks),
                duration=beats(note.length_ticks),
                channel=str(note.channel),
                key=str(note.pitch),
                vel=number(note.velocity / 127),
                rel=number(note.release_velocity / 127),
            )
        for attributes, values in curves.items():
            points = SubElement(lanes, "Points", unit="normalized")
            SubElement(points, "Target", dict(attributes))
            for ticks, value in values:
                SubElement(
                    points,
                    "RealPoint",
                    time=beats(ticks),
                    value=number(value),
                    interpolation="hold",
                )

    def write_rendered(self, clips: Element, track: RenderedTrack, name: str) -> None:
        """Write the rendered sound of a track as one clip, from the start on."""
        seconds = number(track.length_samples / track.sample_rate)
        element = SubElement(clips, "Clip", time="0", duration=seconds, name=name)
        element.set("contentTimeUnit", "seconds")
        element.set("playStart", "0")
        audio = SubElement(
            element,
            "Audio",
            algorithm="raw",
            channels="2",
            sampleRate=str(track.sample_rate),
            duration=seconds,
        )
        SubElement(audio, "File", path=track.name)
        self._container.media[track.name] = track.path


def _named(media: Iterable[Media]) -> dict[Id, str]:
    names: dict[Id, str] = {}
    taken: Counter[str] = Counter()
    for medium in media:
        path = Path(medium.path)
        taken[path.name.casefold()] += 1
        count = taken[path.name.casefold()]
        stem = path.stem if count == 1 else f"{path.stem} ({count})"
        names[medium.id] = f"audio/{stem}{path.suffix}"
    return names


def _expression(data: bytes) -> tuple[tuple[tuple[str, str], ...], float] | None:
    """Return (attributes of the target, value 0 to 1) of a channel message, None for others."""
    kind = data[0] & 0xF0
    name = EXPRESSIONS.get(kind)
    if name is None:
        return None
    common = (("expression", name), ("channel", str(data[0] & 0x0F)))
    match kind:
        case 0xB0:
            return (*common, ("controller", str(data[1]))), data[2] / 127
        case 0xA0:
            return (*common, ("key", str(data[1]))), data[2] / 127
        case 0xE0:
            return common, (data[1] | data[2] << 7) / 16_383
    return common, data[1] / 127
