"""Reads a DAWproject file as a project; what Tonewright cannot say is left out and listed.

Read are tracks and groups, channels with gain, pan, mute, solo and sends, audio and note clips with
fades, gain, speed, controllers, automation, markers, the tempo map, and devices: Tonewright's own
as they were, plugins that are installed with their state, others as effects that are not installed
and keep theirs.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from tonewright.dsp.effects.vst3.catalog import types_by_class
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.exchange.dawproject.channel_reader import ChannelReader
from tonewright.dsp.exchange.dawproject.clip_reader import ClipReader
from tonewright.dsp.exchange.dawproject.values import (
    decibels,
    pan_of,
    signature,
    ticks_of,
    time_of,
)
from tonewright.dsp.exchange.dawproject.words import RENDERED, TRACK
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationPoint,
    Channel,
    Clip,
    Id,
    Marker,
    Project,
    TempoCurve,
    TempoEvent,
    TempoMap,
    TimeSignatureEvent,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.tempo import to_ticks


@dataclass(frozen=True, slots=True)
class Imported:
    """A project from elsewhere.

    Attributes:
        project: What could be read.
        left: What was left out, for people.
    """

    project: Project
    left: tuple[str, ...] = field(default=())


def read_dawproject(
    path: Path, media_folder: Path, installed: Mapping[str, str] | None = None
) -> Imported:
    """Return the project of a DAWproject file.

    Args:
        path: The file.
        media_folder: Where its media are unpacked to; made if it is not there.
        installed: The ids of plugins by their class; those that the user has scanned if None.

    Raises:
        ProjectError: If it is no DAWproject, or damaged.
        MediaError: If a medium in it cannot be read.
        EffectError: If the user's list of plugins is damaged.
    """
    if installed is None:
        installed = types_by_class()
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read("project.xml")
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise ProjectError(f"{path}: holds XML entities; a DAWproject has none")
            root = fromstring(text)
            return _Reader(root, archive, media_folder, path.stem, installed).imported()
    except (OSError, zipfile.BadZipFile, KeyError, ParseError, ValueError) as error:
        raise ProjectError(
            f"{path}: cannot be read as a DAWproject ({error}); export it again"
        ) from error


class _Reader:
    def __init__(
        self,
        root: Element,
        archive: zipfile.ZipFile,
        media_folder: Path,
        name: str,
        installed: Mapping[str, str],
    ) -> None:
        self._root = root
        self._archive = archive
        self._name = name
        self._left: list[str] = []
        self._tracks: dict[str, Track] = {}  # by the id of the element
        self._skipped: set[str] = set()  # ids of elements that say again what others say
        self._master: Channel = Channel()
        self._tempo_map = self._read_tempo_map()
        self._channels = ChannelReader(archive, installed, self._left)
        self._clips = ClipReader(archive, media_folder, self._tempo_map, self._left)

    def imported(self) -> Imported:
        if self._root.tag != "Project":
            raise ProjectError(f"{self._name}: is a {self._root.tag}, not a DAWproject")
        structure = self._root.find("Structure")
        elements = [] if structure is None else structure.findall("Track")
        for element in elements:
            self._name_channels(element)
        named = {each.get("id", "") for each in self._root.iterfind("Structure//Track")}
        self._skipped = {
            each
            for each in named
            if each.startswith(RENDERED) and TRACK + each.removeprefix(RENDERED) in named
        }
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
        rates = [each.sample_rate for each in self._clips.media.values()]
        project = Project(
            new_id(),
            self._title(),
            sample_rate=max(set(rates), key=rates.count) if rates else 48_000,
            tempo_map=self._tempo_map,
            markers=self._read_markers(arrangement),
            tracks=tracks,
            master=self._master,
            master_automation=tuple(lanes.get(None, ())),
            media=tuple(self._clips.media.values()),
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
            signatures[0] = signature(meter, 0)
        for point in self._root.iterfind("Arrangement/TempoAutomation/RealPoint"):
            ticks = ticks_of(point.get("time", "0"))
            linear = point.get("interpolation") == "linear"
            curve = TempoCurve.LINEAR if linear else TempoCurve.CONSTANT
            tempos[ticks] = TempoEvent(ticks, float(point.get("value", "120")), curve)
        for point in self._root.iterfind("Arrangement/TimeSignatureAutomation/TimeSignaturePoint"):
            ticks = ticks_of(point.get("time", "0"))
            signatures[ticks] = signature(point, ticks)
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
                time_of(float(each.get("time", "0")), unit),
                color=each.get("color", "#808080"),
                comment=each.get("comment", ""),
            )
            for each in found.findall("Marker")
        ]
        return tuple(sorted(markers, key=lambda each: to_ticks(self._tempo_map, each.start)))

    # --- tracks -------------------------------------------------------------------------------

    def _name_channels(self, element: Element) -> None:
        """Give each track its identity first: sends and groups may name later ones."""
        channel = element.find("Channel")
        identity = element.get("id", "")
        known = Id(identity.removeprefix(TRACK)) if identity.startswith(TRACK) else new_id()
        if channel is not None and channel.get("id"):
            self._channels.tracks[channel.get("id", "")] = known
        element.set("_track", known)
        for child in element.findall("Track"):
            self._name_channels(child)

    def _read_track(self, element: Element, parent: Id | None) -> None:
        if element.get("id") in self._skipped:
            return
        channel = element.find("Channel")
        track_id = Id(element.get("_track", ""))
        name = element.get("name", "")
        if channel is not None and channel.get("role") == "master":
            self._master, _ = self._channels.read(channel, None, "Master", plays_notes=False)
            return
        content = element.get("contentType", "").split()
        role = "" if channel is None else channel.get("role", "")
        if "tracks" in content or element.find("Track") is not None or role in ("submix", "effect"):
            kind = TrackKind.GROUP
        else:
            kind = (
                TrackKind.MIDI if "notes" in content and "audio" not in content else TrackKind.AUDIO
            )
        strip, instrument = Channel(), None
        if channel is not None:
            notes = kind is TrackKind.MIDI
            strip, instrument = self._channels.read(channel, track_id, name, plays_notes=notes)
        color = element.get("color", "#4f8cc9")[:7]
        self._tracks[element.get("id", track_id)] = Track(
            track_id, name, kind, color, parent, strip, instrument=instrument
        )
        for child in element.findall("Track"):
            self._read_track(child, track_id)

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
        if named in self._skipped:
            return
        track = self._tracks.get(named, track)
        for child in lanes:
            child_unit = child.get("timeUnit", unit)
            if child.tag == "Lanes":
                self._read_lanes(child, child_unit, track, clips, automation)
            elif child.tag == "Clips":
                owner = self._tracks.get(child.get("track", ""), track)
                if owner is not None:
                    clips.setdefault(owner.id, []).extend(
                        self._clips.read(child, child_unit, 0.0, owner.name)
                    )
            elif child.tag == "Points":
                self._read_points(child, child_unit, automation)
            else:
                self._left.append(f"{named or 'project'}: {child.tag} on the timeline")

    def _read_points(
        self, points: Element, unit: str, automation: dict[Id | None, list[AutomationLane]]
    ) -> None:
        target = points.find("Target")
        found = self._channels.targets.get("" if target is None else target.get("parameter", ""))
        if found is None:
            self._left.append("automation of a parameter that Tonewright does not have")
            return
        owner, reference = found
        read = []
        for point in points.findall("RealPoint"):
            value = float(point.get("value", "0"))
            if reference.effect_id is None:
                value = decibels(value) if reference.parameter == "gain_db" else pan_of(value)
            at = time_of(float(point.get("time", "0")), unit)
            read.append(AutomationPoint(round(to_ticks(self._tempo_map, at)), value))
        lane = AutomationLane(reference, tuple(sorted(read, key=lambda each: each.ticks)))
        automation.setdefault(owner, []).append(lane)
