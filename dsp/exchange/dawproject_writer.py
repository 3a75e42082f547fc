"""A project as a DAWproject 1.0 file: a zip with ``project.xml``, ``metadata.xml`` and the media.

Positions in ticks are written in beats (quarter notes), positions on the clock in seconds, so each
clip keeps what it follows. An effect of Tonewright is a ``Device`` that other programs do not know;
its ``State`` is a JSON file from which Tonewright makes it again. What DAWproject cannot say is
left out and listed.
"""

import base64
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exchange.dawproject_structure import problems
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import (
    PPQ,
    AudioClip,
    AutomationLane,
    AutomationMode,
    Channel,
    Clip,
    ClockTime,
    EffectSpec,
    FadeCurve,
    Id,
    Media,
    MediaKind,
    MidiClip,
    MusicalTime,
    Project,
    TempoCurve,
    Track,
    TrackKind,
)
from tonewright.dsp.project.media_files import is_missing
from tonewright.dsp.project.tempo import range_of, to_ticks
from tonewright.dsp.units import db_to_gain

OURS = "tonewright:"
"""Begins the ``deviceID`` of Tonewright's own effects."""

MASTER = "master"
_CONTENT = {TrackKind.AUDIO: "audio", TrackKind.MIDI: "notes", TrackKind.GROUP: "tracks"}
_EXPRESSIONS = {
    0xA0: "polyPressure",
    0xB0: "channelController",
    0xC0: "programChange",
    0xD0: "channelPressure",
    0xE0: "pitchBend",
}


def write_dawproject(project: Project, path: Path) -> list[str]:
    """Write a project, or leave the file that was there, and return what was left out.

    Args:
        project: Its media are put into the file; one that is missing is only named.
        path: The file, ``.dawproject``.

    Raises:
        ExportError: If it cannot be written.
    """
    writer = _Writer(project)
    root = writer.document()
    wrong = problems(root)
    if wrong:
        raise ExportError(f"{path}: would not be a DAWproject: {wrong[0]}; please report it")
    metadata = Element("MetaData")
    SubElement(metadata, "Title").text = project.name
    try:
        with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("project.xml", _text(root))
            archive.writestr("metadata.xml", _text(metadata))
            for name, content in writer.files.items():
                archive.writestr(name, content)
            for name, source in writer.media_files.items():
                archive.write(source, name, zipfile.ZIP_STORED)
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be written: {error.strerror}; choose another place"
        ) from error
    return writer.left


class _Writer:
    """Makes the document of one project.

    Attributes:
        files: What else goes into the zip, by name.
        media_files: The media that go into it, by name.
        left: What was left out, for people.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.files: dict[str, str | bytes] = {}
        self.media_files: dict[str, Path] = {}
        self.left: list[str] = []
        self._parameters: set[str] = set()
        self._names = self._named_media(project.media)

    def document(self) -> Element:
        root = Element("Project", version="1.0")
        SubElement(root, "Application", name="Tonewright", version=version("tonewright"))
        self._transport(root)
        structure = SubElement(root, "Structure")
        for track in self._children(None):
            self._track(structure, track)
        master = SubElement(
            structure, "Track", id="t-master", name="Master", contentType="audio notes"
        )
        self._channel(master, self.project.master, MASTER, "Master", role="master", to="")
        self._arrangement(root)
        for lost, what in (
            (self.project.start_timecode != "00:00:00:00", "the start timecode"),
            (any(each.kind is MediaKind.SOUNDFONT for each in self.project.media), "SoundFonts"),
            (True, f"the sample rate, {self.project.sample_rate} Hz, and the frame rate"),
        ):
            if lost:
                self.left.append(f"project: {what}")
        return root

    def _children(self, parent: Id | None) -> list[Track]:
        return [each for each in self.project.tracks if each.parent_id == parent]

    def _transport(self, root: Element) -> None:
        tempo_map = self.project.tempo_map
        transport = SubElement(root, "Transport")
        bpm = _number(tempo_map.tempos[0].bpm)
        SubElement(
            transport, "Tempo", id="tempo", name="Tempo", unit="bpm", min="1", max="6000", value=bpm
        )
        first = tempo_map.time_signatures[0]
        SubElement(
            transport,
            "TimeSignature",
            id="signature",
            numerator=str(first.numerator),
            denominator=str(first.denominator),
        )

    # --- channels -----------------------------------------------------------------------------

    def _track(self, parent: Element, track: Track) -> None:
        element = SubElement(
            parent,
            "Track",
            id=f"t-{track.id}",
            name=track.name,
            color=track.color,
            contentType=_CONTENT[track.kind],
            loaded="true",
        )
        role = "submix" if track.kind is TrackKind.GROUP else "regular"
        channel = self._channel(
            element,
            track.channel,
            track.id,
            track.name,
            role=role,
            to=track.parent_id or MASTER,
        )
        if track.instrument is not None:
            device = Element(
                "Device",
                deviceID=f"{OURS}instrument",
                deviceName="SoundFont",
                deviceRole="instrument",
            )
            sound = track.instrument
            state = {"bank": sound.bank, "program": sound.program, "drums": sound.drums}
            self._state(device, f"instrument-{track.id}.json", json.dumps(state))
            channel[0].insert(0, device)
        for child in self._children(track.id):
            self._track(element, child)

    def _channel(
        self, parent: Element, channel: Channel, owner: str, label: str, *, role: str, to: str
    ) -> Element:
        element = SubElement(
            parent,
            "Channel",
            id=f"c-{owner}",
            role=role,
            audioChannels="2",
            solo=_bool(channel.soloed),
        )
        if to:
            element.set("destination", f"c-{to}")
        devices = SubElement(element, "Devices")
        for effect in channel.effects:
            self._device(devices, effect, label)
        SubElement(element, "Mute", id=f"mute-{owner}", value=_bool(channel.muted))
        self._parameters.update((f"pan-{owner}", f"gain_db-{owner}"))
        pan = _number((channel.pan + 1) / 2)
        SubElement(
            element, "Pan", id=f"pan-{owner}", unit="normalized", min="0", max="1", value=pan
        )
        if channel.sends:
            sends = SubElement(element, "Sends")
            for send in channel.sends:
                each = SubElement(
                    sends,
                    "Send",
                    id=f"s-{send.id}",
                    destination=f"c-{send.target_id}",
                    type="pre" if send.pre_fader else "post",
                )
                level = _number(db_to_gain(send.gain_db))
                SubElement(each, "Volume", unit="linear", min="0", max="2", value=level)
        level = _number(db_to_gain(channel.gain_db))
        SubElement(
            element, "Volume", id=f"gain_db-{owner}", unit="linear", min="0", max="2", value=level
        )
        return element

    def _device(self, devices: Element, effect: EffectSpec, label: str) -> None:
        external = effect.type.startswith("vst3_")
        device = SubElement(
            devices,
            "Vst3Plugin" if external else "Device",
            id=f"d-{effect.id}",
            name=effect.type,
            deviceID=f"{OURS}{effect.type}",
            deviceName=effect.type,
            deviceRole="audioFX",
            loaded="true",
        )
        parameters = SubElement(device, "Parameters")
        for name, value in effect.params:
            parameter_id = f"p-{effect.id}-{name}"
            if isinstance(value, bool):
                SubElement(
                    parameters, "BoolParameter", id=parameter_id, name=name, value=_bool(value)
                )
            elif isinstance(value, int | float):
                SubElement(
                    parameters,
                    "RealParameter",
                    id=parameter_id,
                    name=name,
                    unit="linear",
                    value=_number(value),
                )
                self._parameters.add(parameter_id)
        SubElement(device, "Enabled", value=_bool(effect.enabled))
        spec = {
            "type": effect.type,
            "version": effect.version,
            "params": dict(effect.params),
            "mix": effect.mix,
            "seed": effect.seed,
            "range": effect.range and [effect.range.start_seconds, effect.range.end_seconds],
            "sidechain": effect.sidechain_id,
            "state": effect.state,
        }
        preset = base64.b64decode(effect.state) if effect.state else b""
        if preset[:4] == b"VST3":
            self.files[f"plugins/{effect.id}.vstpreset"] = preset
        self._state(device, f"{effect.id}.json", json.dumps(spec))
        self.left.append(
            f"{label}: {effect.type} is kept as a device that only Tonewright knows; "
            "other programs play the track without it"
        )

    def _state(self, device: Element, name: str, text: str) -> None:
        SubElement(device, "State", path=f"plugins/{name}")
        self.files[f"plugins/{name}"] = text

    # --- time ---------------------------------------------------------------------------------

    def _arrangement(self, root: Element) -> None:
        arrangement = SubElement(root, "Arrangement", id="arrangement")
        lanes = SubElement(arrangement, "Lanes", id="lanes", timeUnit="beats")
        for track in self.project.tracks:
            own = SubElement(lanes, "Lanes", id=f"l-{track.id}", track=f"t-{track.id}")
            self._clips(own, track)
            self._automation(own, track.automation, track.id, track.name)
        if self.project.master_automation:
            own = SubElement(lanes, "Lanes", id="l-master", track="t-master")
            self._automation(own, self.project.master_automation, MASTER, "Master")
        self._markers(arrangement)
        tempo_map = self.project.tempo_map
        tempos = SubElement(arrangement, "TempoAutomation", timeUnit="beats", unit="bpm")
        SubElement(tempos, "Target", parameter="tempo")
        for tempo in tempo_map.tempos:
            linear = tempo.curve is TempoCurve.LINEAR
            SubElement(
                tempos,
                "RealPoint",
                time=_beats(tempo.start_ticks),
                value=_number(tempo.bpm),
                interpolation="linear" if linear else "hold",
            )
        signatures = SubElement(arrangement, "TimeSignatureAutomation", timeUnit="beats")
        SubElement(signatures, "Target", parameter="signature")
        for signature in tempo_map.time_signatures:
            SubElement(
                signatures,
                "TimeSignaturePoint",
                time=_beats(signature.start_ticks),
                numerator=str(signature.numerator),
                denominator=str(signature.denominator),
            )

    def _markers(self, arrangement: Element) -> None:
        if not self.project.markers:
            return
        markers = SubElement(arrangement, "Markers", timeUnit="beats")
        for marker in self.project.markers:
            ticks = to_ticks(self.project.tempo_map, marker.start)
            each = SubElement(
                markers, "Marker", time=_beats(ticks), name=marker.name, color=marker.color
            )
            if marker.comment:
                each.set("comment", marker.comment)
            if marker.length is not None:
                self.left.append(f"marker {marker.name}: the length of the region")
            if isinstance(marker.start, ClockTime):
                self.left.append(f"marker {marker.name}: that it follows the clock, not the tempo")

    def _clips(self, lanes: Element, track: Track) -> None:
        for unit, kind in (("beats", MusicalTime), ("seconds", ClockTime)):
            clips = [each for each in track.clips if isinstance(each.start, kind)]
            if clips:
                element = SubElement(lanes, "Clips", id=f"{unit}-{track.id}", timeUnit=unit)
                for clip in clips:
                    self._clip(element, clip, unit, f"{track.name}: {clip.name}")

    def _clip(self, clips: Element, clip: Clip, unit: str, label: str) -> None:
        tempo_map = self.project.tempo_map
        place = range_of(self.project, clip)
        start, end = place.start_seconds, place.end_seconds
        if unit == "beats":
            start = to_ticks(tempo_map, clip.start) / PPQ
            end = to_ticks(tempo_map, end) / PPQ
        element = SubElement(
            clips, "Clip", time=_number(start), duration=_number(end - start), name=clip.name
        )
        element.set("enable", _bool(not clip.muted))
        if clip.effects:
            self.left.append(
                f"{label}: effects of a clip: {', '.join(each.type for each in clip.effects)}"
            )
        if isinstance(clip, AudioClip):
            self._audio(element, clip, label)
        else:
            self._notes(element, clip, label)

    def _audio(self, element: Element, clip: AudioClip, label: str) -> None:
        medium = self.project.medium(clip.media_id)
        first = clip.source_start_samples / medium.sample_rate
        length = clip.source_length_samples / medium.sample_rate
        speed = clip.speed_ratio
        element.set("contentTimeUnit", "seconds")
        element.set("playStart", _number(first / speed))
        element.set("playStop", _number((first + length) / speed))
        if clip.fade_in.length_seconds or clip.fade_out.length_seconds:
            element.set("fadeTimeUnit", "seconds")
            element.set("fadeInTime", _number(clip.fade_in.length_seconds))
            element.set("fadeOutTime", _number(clip.fade_out.length_seconds))
        for name, fade in (("in", clip.fade_in), ("out", clip.fade_out)):
            if fade.length_seconds and fade.curve is not FadeCurve.LINEAR:
                self.left.append(f"{label}: the {fade.curve} curve of the fade-{name}")
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
            duration=_number(seconds),
        )
        self._file(audio, medium)
        if speed != 1.0:
            SubElement(content, "Warp", time="0", contentTime="0")
            SubElement(content, "Warp", time=_number(seconds / speed), contentTime=_number(seconds))
        if clip.gain_db:
            points = SubElement(holder, "Points", unit="decibel")
            SubElement(points, "Target", expression="gain")
            SubElement(
                points, "RealPoint", time="0", value=_number(clip.gain_db), interpolation="hold"
            )

    def _file(self, audio: Element, medium: Media) -> None:
        if is_missing(medium):
            SubElement(audio, "File", path=medium.path, external="true")
            self.left.append(f"{medium.name}: the file is missing, {medium.path}")
            return
        name = self._names[medium.id]
        SubElement(audio, "File", path=name)
        self.media_files[name] = Path(medium.path)

    def _notes(self, element: Element, clip: MidiClip, label: str) -> None:
        element.set("contentTimeUnit", "beats")
        element.set("playStart", "0")
        element.set("playStop", _beats(clip.length_ticks))
        curves: dict[tuple[tuple[str, str], ...], list[tuple[int, float]]] = {}
        others = 0
        for event in clip.events:
            target = _expression(event.data)
            if target is None:
                others += 1
            else:
                curves.setdefault(target[0], []).append((event.start_ticks, target[1]))
        if others:
            self.left.append(f"{label}: {others} MIDI messages that are neither notes nor curves")
        lanes = SubElement(element, "Lanes") if curves else element
        notes = SubElement(lanes, "Notes")
        for note in clip.notes:
            SubElement(
                notes,
                "Note",
                time=_beats(note.start_ticks),
                duration=_beats(note.length_ticks),
                channel=str(note.channel),
                key=str(note.pitch),
                vel=_number(note.velocity / 127),
                rel=_number(note.release_velocity / 127),
            )
        for attributes, values in curves.items():
            points = SubElement(lanes, "Points", unit="normalized")
            SubElement(points, "Target", dict(attributes))
            for ticks, value in values:
                SubElement(
                    points,
                    "RealPoint",
                    time=_beats(ticks),
                    value=_number(value),
                    interpolation="hold",
                )

    def _automation(
        self, lanes: Element, automation: Sequence[AutomationLane], owner: str, label: str
    ) -> None:
        for lane in automation:
            name = lane.target.parameter
            effect = lane.target.effect_id
            target = f"{name}-{owner}" if effect is None else f"p-{effect}-{name}"
            if target not in self._parameters or lane.mode is AutomationMode.OFF or not lane.points:
                self.left.append(f"{label}: automation of {name} (switched off, or of a default)")
                continue
            if any(each.bend for each in lane.points):
                self.left.append(f"{label}: the bends of the automation of {name}")
            unit = "normalized" if effect is None and name == "pan" else "linear"
            points = SubElement(lanes, "Points", unit=unit, timeUnit="beats")
            SubElement(points, "Target", parameter=target)
            for point in lane.points:
                value = point.value
                if effect is None:
                    value = db_to_gain(value) if name == "gain_db" else (value + 1) / 2
                SubElement(
                    points,
                    "RealPoint",
                    time=_beats(point.ticks),
                    value=_number(value),
                    interpolation="linear",
                )

    def _named_media(self, media: Iterable[Media]) -> dict[Id, str]:
        names: dict[Id, str] = {}
        taken: Counter[str] = Counter()
        for medium in media:
            path = Path(medium.path)
            taken[path.name.casefold()] += 1
            number = taken[path.name.casefold()]
            stem = path.stem if number == 1 else f"{path.stem} ({number})"
            names[medium.id] = f"audio/{stem}{path.suffix}"
        return names


def _expression(data: bytes) -> tuple[tuple[tuple[str, str], ...], float] | None:
    """Return (attributes of the target, value 0 to 1) of a channel message, None for others."""
    kind = data[0] & 0xF0
    name = _EXPRESSIONS.get(kind)
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


def _beats(ticks: float) -> str:
    return _number(ticks / PPQ)


def _number(value: float) -> str:
    return repr(round(float(value), 12)).removesuffix(".0")


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _text(root: Element) -> bytes:
    indent(root)
    return tostring(root, encoding="UTF-8", xml_declaration=True)
