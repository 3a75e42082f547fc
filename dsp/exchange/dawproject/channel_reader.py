"""Reads the channels of a DAWproject, with their devices."""

import base64
import json
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from tonewright.dsp.exchange.dawproject.structure import DEVICES
from tonewright.dsp.exchange.dawproject.values import gain_db_of, pan_of
from tonewright.dsp.exchange.dawproject.words import DEVICE, FOREIGN, OURS, device_file
from tonewright.dsp.project.document import (
    Channel,
    EffectSpec,
    Id,
    Instrument,
    ParameterRef,
    Send,
    TimeRange,
    new_id,
)


class ChannelReader:
    """Reads channels.

    Args:
        archive: The zip.
        installed: The ids of plugins by their class.
        left: Takes what was left out.

    Attributes:
        tracks: The tracks by the ids of their channels, for sends.
        targets: What automation can move, by id: the track (None is the master) and the parameter.
    """

    def __init__(
        self, archive: zipfile.ZipFile, installed: Mapping[str, str], left: list[str]
    ) -> None:
        self._archive = archive
        self._names = frozenset(archive.namelist())
        self._installed = installed
        self._left = left
        self.tracks: dict[str, Id] = {}
        self.targets: dict[str, tuple[Id | None, ParameterRef]] = {}

    def read(
        self, channel: Element, track_id: Id | None, label: str, *, plays_notes: bool
    ) -> tuple[Channel, Instrument | None]:
        """Return a channel, and what its track sounds through.

        Args:
            channel: The element.
            track_id: Its track; None is the master.
            label: What it is called in what is left out.
            plays_notes: Whether the first instrument among the devices is the track's.
        """
        effects: list[EffectSpec] = []
        instrument = None
        for device in channel.findall("Devices/*"):
            if device.get("deviceID") == f"{OURS}instrument":
                instrument = Instrument(**self._json(_state_path(device)))
            elif device.tag in DEVICES:
                effect = self._device(device, track_id, label)
                is_instrument = device.get("deviceRole") == "instrument"
                if is_instrument and plays_notes and instrument is None:
                    instrument = Instrument(plugin=effect)
                else:
                    effects.append(effect)
        mute, pan, volume = channel.find("Mute"), channel.find("Pan"), channel.find("Volume")
        for element, name in ((pan, "pan"), (volume, "gain_db")):
            if element is not None and element.get("id"):
                self.targets[element.get("id", "")] = (track_id, ParameterRef(None, name))
        strip = Channel(
            gain_db_of(volume),
            0.0 if pan is None else pan_of(float(pan.get("value", "0.5"))),
            mute is not None and mute.get("value") == "true",
            channel.get("solo") == "true",
            tuple(effects),
            tuple(self._sends(channel, label)),
        )
        return strip, instrument

    def _sends(self, channel: Element, label: str) -> list[Send]:
        sends = []
        for send in channel.findall("Sends/Send"):
            target = self.tracks.get(send.get("destination", ""))
            if target is None:
                self._left.append(f"{label}: a send to a channel that is not there")
                continue
            pre = send.get("type") == "pre"
            sends.append(Send(new_id(), target, gain_db_of(send.find("Volume")), pre))
        return sends

    def _device(self, device: Element, track_id: Id | None, label: str) -> EffectSpec:
        enabled = device.find("Enabled")
        on = enabled is None or enabled.get("value") == "true"
        identity = device.get("id", "")
        known = identity.startswith(DEVICE)
        effect_id = Id(identity.removeprefix(DEVICE)) if known else new_id()
        for parameter in device.findall("Parameters/*"):
            name, own_id = parameter.get("name", ""), parameter.get("id", "")
            self.targets[own_id] = (track_id, ParameterRef(effect_id, name))
        if known and device_file(effect_id) in self._names:
            return _effect(effect_id, on, self._json(device_file(effect_id)))
        path = _state_path(device)
        state = base64.b64encode(self._archive.read(path) if path in self._names else b"").decode()
        installed = self._installed.get(device.get("deviceID", "").upper())
        if installed is not None:
            return EffectSpec(effect_id, installed, enabled=on, state=state)
        name = device.get("deviceName", device.tag)
        self._left.append(f"{label}: {name} is kept as an effect that is not installed")
        plain = "".join(each if each.isalnum() else "_" for each in name.casefold()).strip("_")
        return EffectSpec(
            effect_id,
            f"{device.tag.removesuffix('Plugin').casefold()}_{plain}",
            enabled=on,
            state=state,
            extra={FOREIGN: {"tag": device.tag, "state": path, **device.attrib}},
        )

    def _json(self, path: str) -> dict[str, Any]:
        return dict(json.loads(self._archive.read(path)))


def _state_path(device: Element) -> str:
    state = device.find("State")
    return "" if state is None else state.get("path", "")


def _effect(effect_id: Id, enabled: bool, spec: dict[str, Any]) -> EffectSpec:
    """Return an effect from what was written beside its device."""
    span = spec["range"]
    return EffectSpec(
        effect_id,
        spec["type"],
        spec["version"],
        tuple(sorted(spec["params"].items())),
        enabled,
        spec["mix"],
        spec["seed"],
        TimeRange(*span) if span else None,
        Id(spec["sidechain"]) if spec["sidechain"] else None,
        spec["state"],
        spec["extra"],
    )
