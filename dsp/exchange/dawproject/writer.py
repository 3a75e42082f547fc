"""Writes a project as a DAWproject file."""

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tonewright.dsp.errors import ExportError
from tonewright.dsp.exchange.dawproject.channel_writer import ChannelWriter
from tonewright.dsp.exchange.dawproject.clip_writer import ClipWriter
from tonewright.dsp.exchange.dawproject.container import Container
from tonewright.dsp.exchange.dawproject.rendered import (
    RenderedTrack,
    needs_rendering,
    render_tracks,
)
from tonewright.dsp.exchange.dawproject.structure import problems
from tonewright.dsp.exchange.dawproject.words import (
    MASTER,
    RENDERED,
    TRACK,
    beats,
    is_external,
    number,
)
from tonewright.dsp.project.atomic import replacing
from tonewright.dsp.project.document import (
    AutomationLane,
    AutomationMode,
    ClockTime,
    Id,
    MediaKind,
    MusicalTime,
    Project,
    TempoCurve,
    Track,
    TrackKind,
)
from tonewright.dsp.project.tempo import to_ticks
from tonewright.dsp.rendering.job import CancelToken, Report, ignore
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.units import db_to_gain

_CONTENT = {TrackKind.AUDIO: "audio", TrackKind.MIDI: "notes", TrackKind.GROUP: "tracks"}


def write_dawproject(
    project: Project,
    path: Path,
    *,
    renderer: Renderer | None = None,
    report: Report = ignore,
    cancel: CancelToken | None = None,
) -> list[str]:
    """Write a project, or leave the file that was there, and return what was left out.

    Args:
        project: Its media are put into the file; one that is missing is only named.
        path: The file, ``.dawproject``.
        renderer: Renders the tracks that other programs cannot, and asks plugins for their state;
            without it neither is in the file.
        report: Told how far the work is.
        cancel: Stops it.

    Raises:
        CancelledError: If ``cancel`` was set.
        ExportError: If it cannot be written.
        TonewrightError: If a track cannot be rendered.
    """
    with tempfile.TemporaryDirectory(prefix="tonewright-") as folder:
        rendered: Mapping[Id, RenderedTrack] = {}
        notes: Sequence[str] = ()
        if renderer is not None:
            rendered, notes = render_tracks(
                project, Path(folder), renderer=renderer, report=report, cancel=cancel
            )
        container = Container(left=list(notes))
        root = _Writer(project, container, renderer, rendered).document()
        wrong = problems(root)
        if wrong:
            raise ExportError(f"{path}: would not be a DAWproject: {wrong[0]}; please report it")
        metadata = Element("MetaData")
        SubElement(metadata, "Title").text = project.name
        try:
            with (
                replacing(path) as file,
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            ):
                archive.writestr("project.xml", _text(root))
                archive.writestr("metadata.xml", _text(metadata))
                for name, content in container.files.items():
                    archive.writestr(name, content)
                for name, source in container.media.items():
                    archive.write(source, name, zipfile.ZIP_STORED)
        except OSError as error:
            raise ExportError(
                f"{path}: cannot be written: {error.strerror}; choose another place"
            ) from error
    return container.left


class _Writer:
    """Makes the document of one project."""

    def __init__(
        self,
        project: Project,
        container: Container,
        renderer: Renderer | None,
        rendered: Mapping[Id, RenderedTrack],
    ) -> None:
        self._project = project
        self._container = container
        self._rendered = rendered
        registry = renderer.executor.registry if renderer is not None else None
        self._channels = ChannelWriter(container, registry)
        self._clips = ClipWriter(project, container)

    def document(self) -> Element:
        root = Element("Project", version="1.0")
        SubElement(root, "Application", name="Tonewright", version=version("tonewright"))
        self._transport(root)
        structure = SubElement(root, "Structure")
        for track in self._children(None):
            self._track(structure, track)
        master = SubElement(
            structure, "Track", id=f"{TRACK}master", name="Master", contentType="audio notes"
        )
        self._channels.write(
            master,
            self._project.master,
            None,
            "Master",
            role="master",
            to="",
            automation=self._project.master_automation,
        )
        self._arrangement(root)
        self._say_what_is_left()
        return root

    def _say_what_is_left(self) -> None:
        project, left = self._project, self._container.left
        for lost, what in (
            (project.start_timecode != "00:00:00:00", "the start timecode"),
            (any(each.kind is MediaKind.SOUNDFONT for each in project.media), "SoundFonts"),
            (True, f"the sample rate, {project.sample_rate} Hz, and the frame rate"),
            (_holds_extra(project), "what other programs keep in it"),
        ):
            if lost:
                left.append(f"project: {what}")
        for track in project.tracks:
            if track.id in self._rendered:
                left.append(f"{track.name}: other programs play it rendered")
            elif needs_rendering(track):
                left.append(f"{track.name}: other programs play it without Tonewright's part in it")
        groups = ((t.name, t.channel) for t in project.tracks if t.kind is TrackKind.GROUP)
        for name, channel in (*groups, ("Master", project.master)):
            own = [each.type for each in channel.effects if each.enabled and not is_external(each)]
            if own:
                left.append(f"{name}: other programs play it without {', '.join(own)}")

    def _children(self, parent: Id | None) -> list[Track]:
        return [each for each in self._project.tracks if each.parent_id == parent]

    def _transport(self, root: Element) -> None:
        tempo_map = self._project.tempo_map
        transport = SubElement(root, "Transport")
        bpm = number(tempo_map.tempos[0].bpm)
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

    # --- tracks -----------------------------------------------------------------------------

    def _track(self, parent: Element, track: Track) -> None:
        rendered = track.id in self._rendered
        element = SubElement(
            parent,
            "Track",
            id=f"{TRACK}{track.id}",
            name=track.name,
            color=track.color,
            contentType=_CONTENT[track.kind],
            loaded="false" if rendered else "true",
        )
        to = track.parent_id or MASTER
        self._channels.write(
            element,
            track.channel,
            track.id,
            track.name,
            role="submix" if track.kind is TrackKind.GROUP else "regular",
            to=to,
            automation=track.automation,
            instrument=track.instrument,
        )
        if rendered:
            self._rendered_track(parent, track, to)
        for child in self._children(track.id):
            self._track(element, child)

    def _rendered_track(self, parent: Element, track: Track, to: str) -> None:
        name = f"{track.name} (rendered)"
        element = SubElement(
            parent,
            "Track",
            id=f"{RENDERED}{track.id}",
            name=name,
            color=track.color,
            contentType="audio",
            loaded="true",
        )
        self._channels.write(
            element,
            replace(track.channel, effects=()),
            track.id,
            name,
            role="regular",
            to=to,
            name=f"{RENDERED}{track.id}",
        )

    # --- time ---------------------------------------------------------------------------------

    def _arrangement(self, root: Element) -> None:
        arrangement = SubElement(root, "Arrangement", id="arrangement")
        lanes = SubElement(arrangement, "Lanes", id="lanes", timeUnit="beats")
        for track in self._project.tracks:
            own = SubElement(lanes, "Lanes", id=f"l-{track.id}", track=f"{TRACK}{track.id}")
            self._track_clips(own, track)
            self._automation(own, track.automation, track.id, track.name)
            if track.id in self._rendered:
                self._rendered_lanes(lanes, track)
        if self._project.master_automation:
            own = SubElement(lanes, "Lanes", id="l-master", track=f"{TRACK}master")
            self._automation(own, self._project.master_automation, MASTER, "Master")
        self._markers(arrangement)
        tempo_map = self._project.tempo_map
        tempos = SubElement(arrangement, "TempoAutomation", timeUnit="beats", unit="bpm")
        SubElement(tempos, "Target", parameter="tempo")
        for tempo in tempo_map.tempos:
            linear = tempo.curve is TempoCurve.LINEAR
            SubElement(
                tempos,
                "RealPoint",
                time=beats(tempo.start_ticks),
                value=number(tempo.bpm),
                interpolation="linear" if linear else "hold",
            )
        signatures = SubElement(arrangement, "TimeSignatureAutomation", timeUnit="beats")
        SubElement(signatures, "Target", parameter="signature")
        for signature in tempo_map.time_signatures:
            SubElement(
                signatures,
                "TimeSignaturePoint",
                time=beats(signature.start_ticks),
                numerator=str(signature.numerator),
                denominator=str(signature.denominator),
            )

    def _rendered_lanes(self, lanes: Element, track: Track) -> None:
        name = f"{RENDERED}{track.id}"
        own = SubElement(lanes, "Lanes", id=f"l-{name}", track=name)
        clips = SubElement(own, "Clips", id=f"seconds-{name}", timeUnit="seconds")
        self._clips.write_rendered(clips, self._rendered[track.id], track.name)
        faders = [each for each in track.automation if each.target.effect_id is None]
        self._automation(own, faders, name, "")

    def _markers(self, arrangement: Element) -> None:
        if not self._project.markers:
            return
        markers = SubElement(arrangement, "Markers", timeUnit="beats")
        for marker in self._project.markers:
            ticks = to_ticks(self._project.tempo_map, marker.start)
            each = SubElement(
                markers, "Marker", time=beats(ticks), name=marker.name, color=marker.color
            )
            if marker.comment:
                each.set("comment", marker.comment)
            if marker.length is not None:
                self._left(f"marker {marker.name}", "the length of the region")
            if isinstance(marker.start, ClockTime):
                self._left(f"marker {marker.name}", "that it follows the clock, not the tempo")

    def _track_clips(self, lanes: Element, track: Track) -> None:
        for unit, kind in (("beats", MusicalTime), ("seconds", ClockTime)):
            clips = [each for each in track.clips if isinstance(each.start, kind)]
            if clips:
                element = SubElement(lanes, "Clips", id=f"{unit}-{track.id}", timeUnit=unit)
                for clip in clips:
                    self._clips.write(element, clip, unit, f"{track.name}: {clip.name}")

    def _automation(
        self, lanes: Element, automation: Sequence[AutomationLane], owner: str, label: str
    ) -> None:
        for lane in automation:
            name = lane.target.parameter
            effect = lane.target.effect_id
            target = self._container.parameters.get((owner, lane.target))
            if target is None or lane.mode is AutomationMode.OFF or not lane.points:
                self._left(
                    label, f"automation of {name} (switched off, or of nothing that is there)"
                )
                continue
            if any(each.bend for each in lane.points):
                self._left(label, f"the bends of the automation of {name}")
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
                    time=beats(point.ticks),
                    value=number(value),
                    interpolation="linear",
                )

    def _left(self, label: str, what: str) -> None:
        """Say what was left out of what has a name; nothing is said of what is there twice."""
        if label:
            self._container.left.append(f"{label}: {what}")


def _text(root: Element) -> bytes:
    indent(root)
    return tostring(root, encoding="UTF-8", xml_declaration=True)


def _holds_extra(project: Project) -> bool:
    """Return whether there is data of other programs, but in effects, whose data is kept."""
    tracks = project.tracks
    return (
        bool(project.extra or project.master.extra)
        or any(each.extra for each in project.markers)
        or any(each.extra or each.channel.extra for each in tracks)
        or any(clip.extra for each in tracks for clip in each.clips)
    )
