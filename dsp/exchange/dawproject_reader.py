"""A DAWproject file as a project; what Tonewright cannot say is left out and listed.

Read are tracks and groups, channels with gain, pan, mute, solo and sends, audio and note clips with
fades, gain, speed, controllers, automation, markers, the tempo map, and devices: Tonewright's own
as they were, others as effects that are not installed and keep their state.
"""

import base64
import json
import zipfile
from dataclasses import dataclass, field, replace
from math import log10
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from tonewright.dsp.errors import MediaError, ProjectError
from tonewright.dsp.exchange.dawproject_structure import DEVICES
from tonewright.dsp.exchange.dawproject_writer import OURS
from tonewright.dsp.project.document import (
    PPQ,
    AudioClip,
    AutomationLane,
    AutomationPoint,
    Channel,
    Clip,
    ClockTime,
    EffectSpec,
    Fade,
    Id,
    Instrument,
    Marker,
    Media,
    MidiClip,
    MidiEvent,
    MusicalTime,
    Note,
    ParameterRef,
    Project,
    Send,
    TempoCurve,
    TempoEvent,
    TempoMap,
    Time,
    TimeRange,
    TimeSignatureEvent,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.media import import_media
from tonewright.dsp.project.tempo import to_seconds, to_ticks

_SILENCE_DB = -100.0
_STATUS = {
    "polyPressure": 0xA0,
    "channelController": 0xB0,
    "programChange": 0xC0,
    "channelPressure": 0xD0,
    "pitchBend": 0xE0,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A project from elsewhere.

    Attributes:
        project: What could be read.
        left: What was left out, for people.
    """

    project: Project
    left: tuple[str, ...] = field(default=())


def read_dawproject(path: Path, media_folder: Path) -> Imported:
    """Return the project of a DAWproject file.

    Args:
        path: The file.
        media_folder: Where its media are unpacked to; made if it is not there.

    Raises:
        ProjectError: If it is no DAWproject, or damaged.
        MediaError: If a medium in it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read("project.xml")
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise ProjectError(f"{path}: holds XML entities; a DAWproject has none")
            return _Reader(fromstring(text), archive, media_folder, path.stem).imported()
    except (OSError, zipfile.BadZipFile, KeyError, ParseError, ValueError) as error:
        raise ProjectError(
            f"{path}: cannot be read as a DAWproject ({error}); export it again"
        ) from error


class _Reader:
    def __init__(
        self, root: Element, archive: zipfile.ZipFile, media_folder: Path, name: str
    ) -> None:
        self._root = root
        self._archive = archive
        self._folder = media_folder
        self._name = name
        self._left: list[str] = []
        self._media: dict[str, Media] = {}
        self._tracks: dict[str, Track] = {}  # by the id of the element
        self._channels: dict[str, Id] = {}  # ids of tracks by that of their channel
        self._targets: dict[str, tuple[Id | None, ParameterRef]] = {}
        self._master: Channel = Channel()
        self._master_track = ""
        self._tempo_map = self._read_tempo_map()

    def imported(self) -> Imported:
        if self._root.tag != "Project":
            raise ProjectError(f"{self._name}: is a {self._root.tag}, not a DAWproject")
        structure = self._root.find("Structure")
        elements = [] if structure is None else structure.findall("Track")
        for element in elements:
            self._name_channels(element)
        for element in elements:
            self._read_track(element, None)
        clips: dict[Id, list[Clip]] = {}
        lanes: dict[Id | None, list[AutomationLane]] = {}
        arrangement = self._root.find("Arrangement")
        outer = None if arrangement is None else arrangement.find("Lanes")
        if outer is not None:
            self._read_lanes(outer, outer.get("timeUnit", "beats"), None, clips, lanes)
        tracks = tuple(
            replace(
                each,
                clips=tuple(sorted(clips.get(each.id, ()), key=self._start)),
                automation=tuple(lanes.get(each.id, ())),
            )
            for each in self._tracks.values()
        )
        if self._root.find("Scenes/Scene") is not None:
            self._left.append("project: scenes and clip launchers")
        rates = [each.sample_rate for each in self._media.values()]
        project = Project(
            new_id(),
            self._title(),
            sample_rate=max(set(rates), key=rates.count) if rates else 48_000,
            tempo_map=self._tempo_map,
            markers=self._read_markers(arrangement),
            tracks=tracks,
            master=self._master,
            master_automation=tuple(lanes.get(None, ())),
            media=tuple(self._media.values()),
        )
        return Imported(project, tuple(self._left))

    def _title(self) -> str:
        if "metadata.xml" in self._archive.namelist():
            title = fromstring(self._archive.read("metadata.xml")).findtext("Title")
            return title or self._name
        return self._name

    def _start(self, clip: Clip) -> float:
        return to_ticks(self._tempo_map, clip.start)

    # --- time ---------------------------------------------------------------------------------

    def _read_tempo_map(self) -> TempoMap:
        tempos: dict[int, TempoEvent] = {}
        signatures: dict[int, TimeSignatureEvent] = {}
        first = self._root.find("Transport/Tempo")
        tempos[0] = TempoEvent(0, 120.0 if first is None else float(first.get("value", "120")))
        meter = self._root.find("Transport/TimeSignature")
        if meter is not None:
            signatures[0] = _signature(meter, 0)
        for point in self._root.iterfind("Arrangement/TempoAutomation/RealPoint"):
            ticks = _ticks(point.get("time", "0"))
            linear = point.get("interpolation") == "linear"
            curve = TempoCurve.LINEAR if linear else TempoCurve.CONSTANT
            tempos[ticks] = TempoEvent(ticks, float(point.get("value", "120")), curve)
        for point in self._root.iterfind("Arrangement/TimeSignatureAutomation/TimeSignaturePoint"):
            ticks = _ticks(point.get("time", "0"))
            signatures[ticks] = _signature(point, ticks)
        signatures.setdefault(0, TimeSignatureEvent(0))
        return TempoMap(
            tuple(each for _, each in sorted(tempos.items())),
            tuple(each for _, each in sorted(signatures.items())),
        )

    def _read_markers(self, arrangement: Element | None) -> tuple[Marker, ...]:
        found = None if arrangement is None else arrangement.find("Markers")
        if found is None:
            return ()
        unit = found.get("timeUnit", "beats")
        markers = [
            Marker(
                new_id(),
                each.get("name", ""),
                _time(float(each.get("time", "0")), unit),
                color=each.get("color", "#808080"),
                comment=each.get("comment", ""),
            )
            for each in found.findall("Marker")
        ]
        return tuple(sorted(markers, key=lambda each: to_ticks(self._tempo_map, each.start)))

    # --- channels -----------------------------------------------------------------------------

    def _name_channels(self, element: Element) -> None:
        """Give each track its identity first: sends and groups may name later ones."""
        channel = element.find("Channel")
        identity = element.get("id", "")
        known = Id(identity.removeprefix("t-")) if identity.startswith("t-") else new_id()
        if channel is not None and channel.get("id"):
            self._channels[channel.get("id", "")] = known
        element.set("_track", known)
        for child in element.findall("Track"):
            self._name_channels(child)

    def _read_track(self, element: Element, parent: Id | None) -> None:
        channel = element.find("Channel")
        track_id = Id(element.get("_track", ""))
        name = element.get("name", "")
        if channel is not None and channel.get("role") == "master":
            self._master_track = element.get("id", "")
            self._master, _ = self._read_channel(channel, None, "Master")
            return
        content = element.get("contentType", "").split()
        role = "" if channel is None else channel.get("role", "")
        if "tracks" in content or element.find("Track") is not None or role in ("submix", "effect"):
            kind = TrackKind.GROUP
        else:
            kind = (
                TrackKind.MIDI if "notes" in content and "audio" not in content else TrackKind.AUDIO
            )
        strip, instrument = (
            (Channel(), None) if channel is None else self._read_channel(channel, track_id, name)
        )
        color = element.get("color", "#4f8cc9")[:7]
        self._tracks[element.get("id", track_id)] = Track(
            track_id, name, kind, color, parent, strip, instrument=instrument
        )
        for child in element.findall("Track"):
            self._read_track(child, track_id)

    def _read_channel(
        self, channel: Element, track_id: Id | None, label: str
    ) -> tuple[Channel, Instrument | None]:
        effects: list[EffectSpec] = []
        instrument = None
        for device in channel.findall("Devices/*"):
            if device.get("deviceID") == f"{OURS}instrument":
                instrument = Instrument(**self._json(device))
            elif device.tag in DEVICES:
                effects.append(self._read_device(device, track_id, label))
        sends = []
        for send in channel.findall("Sends/Send"):
            target = self._channels.get(send.get("destination", ""))
            if target is None:
                self._left.append(f"{label}: a send to a channel that is not there")
                continue
            pre = send.get("type") == "pre"
            sends.append(Send(new_id(), target, _gain_db(send.find("Volume")), pre))
        mute = channel.find("Mute")
        pan = channel.find("Pan")
        volume = channel.find("Volume")
        for element, name in ((pan, "pan"), (volume, "gain_db")):
            if element is not None and element.get("id"):
                self._targets[element.get("id", "")] = (track_id, ParameterRef(None, name))
        strip = Channel(
            _gain_db(volume),
            0.0 if pan is None else _pan(float(pan.get("value", "0.5"))),
            mute is not None and mute.get("value") == "true",
            channel.get("solo") == "true",
            tuple(effects),
            tuple(sends),
        )
        return strip, instrument

    def _read_device(self, device: Element, track_id: Id | None, label: str) -> EffectSpec:
        enabled = device.find("Enabled")
        on = enabled is None or enabled.get("value") == "true"
        identity = device.get("id", "")
        effect_id = Id(identity.removeprefix("d-")) if identity.startswith("d-") else new_id()
        for parameter in device.findall("Parameters/*"):
            name, own_id = parameter.get("name", ""), parameter.get("id", "")
            self._targets[own_id] = (track_id, ParameterRef(effect_id, name))
        if device.get("deviceID", "").startswith(OURS):
            spec = self._json(device)
            span = spec["range"]
            return EffectSpec(
                effect_id,
                spec["type"],
                spec["version"],
                tuple(sorted(spec["params"].items())),
                on,
                spec["mix"],
                spec["seed"],
                TimeRange(*span) if span else None,
                Id(spec["sidechain"]) if spec["sidechain"] else None,
                spec["state"],
            )
        name = device.get("deviceName", device.tag)
        self._left.append(f"{label}: {name} is kept as an effect that is not installed")
        state = device.find("State")
        content = b""
        if state is not None and state.get("path") in self._archive.namelist():
            content = self._archive.read(state.get("path", ""))
        plain = "".join(each if each.isalnum() else "_" for each in name.casefold()).strip("_")
        return EffectSpec(
            effect_id,
            f"{device.tag.removesuffix('Plugin').casefold()}_{plain}",
            enabled=on,
            state=base64.b64encode(content).decode(),
            extra={"/dawproject": {"tag": device.tag, **device.attrib}},
        )

    def _json(self, device: Element) -> dict[str, Any]:
        state = device.find("State")
        return dict(json.loads(self._archive.read("" if state is None else state.get("path", ""))))

    # --- lanes --------------------------------------------------------------------------------

    def _read_lanes(
        self,
        lanes: Element,
        unit: str,
        track: Track | None,
        clips: dict[Id, list[Clip]],
        automation: dict[Id | None, list[AutomationLane]],
    ) -> None:
        named = lanes.get("track", "")
        track = self._tracks.get(named, track)
        for child in lanes:
            child_unit = child.get("timeUnit", unit)
            if child.tag == "Lanes":
                self._read_lanes(child, child_unit, track, clips, automation)
            elif child.tag == "Clips":
                owner = self._tracks.get(child.get("track", ""), track)
                if owner is not None:
                    clips.setdefault(owner.id, []).extend(
                        self._read_clips(child, child_unit, 0.0, owner.name)
                    )
            elif child.tag == "Points":
                self._read_points(child, child_unit, automation)
            else:
                self._left.append(f"{named or 'project'}: {child.tag} on the timeline")

    def _read_points(
        self, points: Element, unit: str, automation: dict[Id | None, list[AutomationLane]]
    ) -> None:
        target = points.find("Target")
        found = self._targets.get("" if target is None else target.get("parameter", ""))
        if found is None:
            self._left.append("automation of a parameter that Tonewright does not have")
            return
        owner, reference = found
        read = []
        for point in points.findall("RealPoint"):
            value = float(point.get("value", "0"))
            if reference.effect_id is None:
                value = _db(value) if reference.parameter == "gain_db" else _pan(value)
            at = _time(float(point.get("time", "0")), unit)
            read.append(AutomationPoint(round(to_ticks(self._tempo_map, at)), value))
        lane = AutomationLane(reference, tuple(sorted(read, key=lambda each: each.ticks)))
        automation.setdefault(owner, []).append(lane)

    def _read_clips(self, clips: Element, unit: str, shift: float, label: str) -> list[Clip]:
        read: list[Clip] = []
        for element in clips.findall("Clip"):
            at = float(element.get("time", "0")) + shift
            name = element.get("name") or label
            inner = element.find("Clips")
            if inner is not None:
                play = float(element.get("playStart", "0"))
                nested = inner.get("timeUnit", element.get("contentTimeUnit", unit))
                if nested == unit:
                    read += self._read_clips(inner, nested, at - play, label)
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
        start = _time(at, unit)
        first = float(element.get("playStart", "0"))
        if element.get("playStop") is not None and element.get("contentTimeUnit", unit) == "beats":
            length = round((float(element.get("playStop", "0")) - first) * PPQ)
        else:
            end = _time(at + float(element.get("duration", "0")), unit)
            length = round(to_ticks(self._tempo_map, end) - to_ticks(self._tempo_map, start))
        skipped = round(first * PPQ)
        read = [
            Note(
                int(each.get("key", "60")),
                max(1, round(float(each.get("vel", "0.8")) * 127)),
                _ticks(each.get("time", "0")) - skipped,
                max(1, _ticks(each.get("duration", "1"))),
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
        start = _time(at, unit)
        end = _time(at + float(element.get("duration", audio.get("duration", "0"))), unit)
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
                gain_db = value if points.get("unit") == "decibel" else _db(value)
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
        if path in self._media:
            return self._media[path]
        if file is not None and file.get("external") == "true":
            medium = self._missing(audio, Path(path), name)
        elif path not in self._archive.namelist():
            medium = self._missing(audio, self._folder / Path(path).name, name)
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            place = self._folder / Path(path).name  # never where the zip says
            place.write_bytes(self._archive.read(path))
            medium = import_media(place)
        self._media[path] = medium
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
        read.append(MidiEvent(max(0, _ticks(point.get("time", "0")) - skipped_ticks), data))
    return read


def _signature(element: Element, ticks: int) -> TimeSignatureEvent:
    return TimeSignatureEvent(
        ticks, int(element.get("numerator", "4")), int(element.get("denominator", "4"))
    )


def _ticks(beats: str) -> int:
    return round(float(beats) * PPQ)


def _time(value: float, unit: str) -> Time:
    return ClockTime(value) if unit == "seconds" else MusicalTime(round(value * PPQ))


def _gain_db(volume: Element | None) -> float:
    if volume is None:
        return 0.0
    value = float(volume.get("value", "1"))
    return value if volume.get("unit") == "decibel" else _db(value)


def _db(gain: float) -> float:
    return round(max(_SILENCE_DB, 20.0 * log10(gain)), 6) + 0.0 if gain > 0.0 else _SILENCE_DB


def _pan(normalized: float) -> float:
    return round(2.0 * normalized - 1.0, 9) + 0.0
