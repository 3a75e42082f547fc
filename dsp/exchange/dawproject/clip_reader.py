"""Reads the clips of a DAWproject, and its media."""

import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element

from tonewright.dsp.errors import MediaError
from tonewright.dsp.exchange.dawproject.values import decibels, ticks_of, time_of
from tonewright.dsp.exchange.dawproject.words import EXPRESSIONS
from tonewright.dsp.project.document import (
    PPQ,
    AudioClip,
    Clip,
    Fade,
    Media,
    MidiClip,
    MidiEvent,
    Note,
    TempoMap,
    new_id,
)
from tonewright.dsp.project.media import import_media
from tonewright.dsp.project.tempo import to_seconds, to_ticks

_STATUS = {name: status for status, name in EXPRESSIONS.items()}


class ClipReader:
    """Reads clips.

    Args:
        archive: The zip.
        folder: Where media are unpacked to.
        tempo_map: Of the project.
        left: Takes what was left out.

    Attributes:
        media: What the clips that were read play, by path.
    """

    def __init__(
        self, archive: zipfile.ZipFile, folder: Path, tempo_map: TempoMap, left: list[str]
    ) -> None:
        self._archive = archive
        self._folder = folder
        self._tempo_map = tempo_map
        self._left = left
        self.media: dict[str, Media] = {}

    def read(self, clips: Element, unit: str, shift: float, label: str) -> list[Clip]:
        """Return the clips of ``Clips``.

        Args:
            clips: The element.
            unit: Of its times.
            shift: Added to them.
            label: What a clip without a name is called.

        Raises:
            MediaError: If a medium in the zip cannot be read.
        """
        read: list[Clip] = []
        for element in clips.findall("Clip"):
            at = float(element.get("time", "0")) + shift
            name = element.get("name") or label
            inner = element.find("Clips")
            if inner is not None:
                play = float(element.get("playStart", "0"))
                nested = inner.get("timeUnit", element.get("contentTimeUnit", unit))
                if nested == unit:
                    read += self.read(inner, nested, at - play, label)
                else:
                    self._left.append(f"{name}: clips inside a clip in another unit of time")
                continue
            if element.get("loopEnd") is not None:
                self._left.append(f"{name}: its loop; it plays once")
            notes = next(element.iter("Notes"), None)
            audio = next(element.iter("Audio"), None)
            if notes is not None:
                read.append(self._midi_clip(element, notes, at, unit, name))
            elif audio is not None:
                read.append(self._audio_clip(element, audio, at, unit, name))
            else:
                self._left.append(f"{name}: a clip that holds neither notes nor audio")
        return read

    def _midi_clip(
        self, element: Element, notes: Element, at: float, unit: str, name: str
    ) -> MidiClip:
        start = time_of(at, unit)
        first = float(element.get("playStart", "0"))
        if element.get("playStop") is not None and element.get("contentTimeUnit", unit) == "beats":
            length = round((float(element.get("playStop", "0")) - first) * PPQ)
        else:
            end = time_of(at + float(element.get("duration", "0")), unit)
            length = round(to_ticks(self._tempo_map, end) - to_ticks(self._tempo_map, start))
        skipped = round(first * PPQ)
        read = [
            Note(
                int(each.get("key", "60")),
                max(1, round(float(each.get("vel", "0.8")) * 127)),
                ticks_of(each.get("time", "0")) - skipped,
                max(1, ticks_of(each.get("duration", "1"))),
                int(each.get("channel", "0")) & 15,
                round(float(each.get("rel", "0.5")) * 127),
            )
            for each in notes.findall("Note")
        ]
        heard = [each for each in read if 0 <= each.start_ticks < max(1, length)]
        if len(heard) < len(read):
            self._left.append(f"{name}: {len(read) - len(heard)} notes outside the clip")
        events = [each for points in element.iter("Points") for each in _events(points, skipped)]
        return MidiClip(
            new_id(),
            name,
            start,
            max(1, length),
            tuple(sorted(heard, key=lambda each: (each.start_ticks, each.pitch))),
            tuple(sorted(events, key=lambda each: each.start_ticks)),
            muted=element.get("enable") == "false",
        )

    def _audio_clip(
        self, element: Element, audio: Element, at: float, unit: str, name: str
    ) -> AudioClip:
        medium = self._medium(audio, name)
        start = time_of(at, unit)
        end = time_of(at + float(element.get("duration", audio.get("duration", "0"))), unit)
        place = to_seconds(self._tempo_map, start)
        length = to_seconds(self._tempo_map, end) - place
        speed = self._speed(element, name)
        content = element.get("contentTimeUnit", unit)

        def seconds(value: float) -> float:
            return value if content == "seconds" else to_seconds(self._tempo_map, value * PPQ)

        first = seconds(float(element.get("playStart", "0"))) * speed
        stop = element.get("playStop")
        if stop is not None:
            length = seconds(float(stop)) - first / speed
        rate = medium.sample_rate
        from_samples = min(round(first * rate), max(0, medium.length_samples - 1))
        samples = min(round(length * speed * rate), medium.length_samples - from_samples)
        gain_db = 0.0
        for points in element.iter("Points"):
            target, point = points.find("Target"), points.find("RealPoint")
            if target is not None and target.get("expression") == "gain" and point is not None:
                value = float(point.get("value", "1"))
                gain_db = value if points.get("unit") == "decibel" else decibels(value)
        fades: list[Fade] = []
        for side in ("fadeInTime", "fadeOutTime"):
            fade = float(element.get(side, "0"))
            if element.get("fadeTimeUnit", unit) == "beats":
                fade = to_seconds(self._tempo_map, fade * PPQ)
            fades.append(Fade(fade))
        return AudioClip(
            new_id(),
            name,
            start,
            medium.id,
            from_samples,
            max(1, samples),
            speed,
            gain_db,
            fade_in=fades[0],
            fade_out=fades[1],
            muted=element.get("enable") == "false",
        )

    def _speed(self, element: Element, name: str) -> float:
        warps = next(element.iter("Warps"), None)
        points = [] if warps is None else warps.findall("Warp")
        if warps is None or len(points) < 2:
            return 1.0
        if len(points) > 2:
            self._left.append(f"{name}: {len(points) - 2} warp markers; one speed is kept")
        length = float(points[-1].get("time", "1")) - float(points[0].get("time", "0"))
        if warps.get("timeUnit", "beats") == "beats":
            length = to_seconds(self._tempo_map, length * PPQ)
        content = float(points[-1].get("contentTime", "1")) - float(
            points[0].get("contentTime", "0")
        )
        return round(content / length, 9) if length > 0 and content > 0 else 1.0

    def _medium(self, audio: Element, name: str) -> Media:
        file = audio.find("File")
        path = "" if file is None else file.get("path", "")
        if path in self.media:
            return self.media[path]
        if file is not None and file.get("external") == "true":
            medium = self._missing(audio, Path(path), name)
        elif path not in self._archive.namelist():
            medium = self._missing(audio, self._folder / Path(path).name, name)
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            place = self._folder / Path(path).name  # never where the zip says
            place.write_bytes(self._archive.read(path))
            medium = import_media(place)
        self.media[path] = medium
        return medium

    def _missing(self, audio: Element, path: Path, name: str) -> Media:
        try:
            return import_media(path)
        except MediaError:
            self._left.append(f"{name}: {path} is missing; relink it")
        rate = int(audio.get("sampleRate", "48000"))
        return Media(
            new_id(),
            path.stem,
            str(path.absolute()),
            "0" * 64,
            rate,
            int(audio.get("channels", "2")),
            round(float(audio.get("duration", "0")) * rate),
        )


def _events(points: Element, skipped_ticks: int) -> list[MidiEvent]:
    target = points.find("Target")
    status = None if target is None else _STATUS.get(target.get("expression", ""))
    if target is None or status is None:
        return []
    first = status | (int(target.get("channel", "0")) & 15)
    number = int(target.get("controller", target.get("key", "0"))) & 127
    read = []
    for point in points.findall("RealPoint"):
        value = min(1.0, max(0.0, float(point.get("value", "0"))))
        match status:
            case 0xA0 | 0xB0:
                data = bytes((first, number, round(value * 127)))
            case 0xE0:
                bend = round(value * 16_383)
                data = bytes((first, bend & 127, bend >> 7))
            case _:
                data = bytes((first, round(value * 127)))
        read.append(MidiEvent(max(0, ticks_of(point.get("time", "0")) - skipped_ticks), data))
    return read
