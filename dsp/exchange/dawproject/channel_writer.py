"""Channels with their devices, as elements of a DAWproject."""

import base64
import json
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from tonewright.dsp.effects.registry import Registry
from tonewright.dsp.effects.vst3.asking import preset_of
from tonewright.dsp.effects.vst3.preset import class_id, is_preset
from tonewright.dsp.errors import TonewrightError
from tonewright.dsp.exchange.dawproject.container import Container
from tonewright.dsp.exchange.dawproject.words import (
    DEVICE,
    FOREIGN,
    MASTER,
    OURS,
    boolean,
    device_file,
    is_external,
    number,
)
from tonewright.dsp.project.document import (
    AutomationLane,
    Channel,
    EffectSpec,
    Id,
    Instrument,
    ParameterRef,
    Value,
)
from tonewright.dsp.units import db_to_gain


class ChannelWriter:
    """Writes channels.

    Args:
        container: Takes the state of the devices.
        registry: Loads plugins and asks them for their state; without it a plugin that is not
            kept as a preset is written like an effect of Tonewright.
    """

    def __init__(self, container: Container, registry: Registry | None) -> None:
        self._container = container
        self._registry = registry

    def write(
        self,
        parent: Element,
        channel: Channel,
        owner_id: Id | None,
        label: str,
        *,
        role: str,
        to: str,
        name: str = "",
        automation: Sequence[AutomationLane] = (),
        instrument: Instrument | None = None,
    ) -> None:
        """Write a channel into a ``Track``.

        Args:
            parent: The track.
            channel: What is written.
            owner_id: The track in the project; None for the master.
            label: What it is called in what is left out.
            role: ``"regular"``, ``"submix"`` or ``"master"``.
            to: The name of the channel that it goes to; empty for none.
            name: Its own name in ids; that of its owner if empty.
            automation: Of the owner; what it moves gets a parameter.
            instrument: What the track sounds through.
        """
        name = name or owner_id or MASTER
        element = SubElement(
            parent,
            "Channel",
            id=f"c-{name}",
            role=role,
            audioChannels="2",
            solo=boolean(channel.soloed),
        )
        if to:
            element.set("destination", f"c-{to}")
        devices = SubElement(element, "Devices")
        if instrument is not None:
            self._instrument(devices, instrument, name, label)
        for effect in channel.effects:
            moved = {
                each.target.parameter: each.points[0].value
                for each in automation
                if each.target.effect_id == effect.id and each.points
            }
            self._effect(devices, effect, name, label, moved)
        SubElement(element, "Mute", id=f"mute-{name}", value=boolean(channel.muted))
        for parameter in ("pan", "gain_db"):
            target = name, ParameterRef(None, parameter)
            self._container.parameters[target] = f"{parameter}-{name}"
        SubElement(
            element,
            "Pan",
            id=f"pan-{name}",
            unit="normalized",
            min="0",
            max="1",
            value=number((channel.pan + 1) / 2),
        )
        if channel.sends:
            sends = SubElement(element, "Sends")
            for send in channel.sends:
                prefix = "" if name in (owner_id, MASTER) else f"{name}-"
                each = SubElement(
                    sends,
                    "Send",
                    id=f"s-{prefix}{send.id}",
                    destination=f"c-{send.target_id}",
                    type="pre" if send.pre_fader else "post",
                )
                level = number(db_to_gain(send.gain_db))
                SubElement(each, "Volume", unit="linear", min="0", max="2", value=level)
        SubElement(
            element,
            "Volume",
            id=f"gain_db-{name}",
            unit="linear",
            min="0",
            max="2",
            value=number(db_to_gain(channel.gain_db)),
        )

    # --- devices ----------------------------------------------------------------------------

    def _instrument(self, devices: Element, instrument: Instrument, owner: str, label: str) -> None:
        if instrument.plugin is not None:
            self._device(devices, instrument.plugin, label, "instrument")
            return
        device = SubElement(
            devices,
            "Device",
            deviceID=f"{OURS}instrument",
            deviceName="SoundFont",
            deviceRole="instrument",
        )
        state = {
            "bank": instrument.bank,
            "program": instrument.program,
            "drums": instrument.drums,
        }
        self._state(device, f"plugins/instrument-{owner}.json", json.dumps(state).encode())
        if instrument.soundfont_id is not None:
            self._container.left.append(f"{label}: which SoundFont it sounds through")

    def _effect(
        self,
        devices: Element,
        effect: EffectSpec,
        owner: str,
        label: str,
        moved: dict[str, float],
    ) -> None:
        device, parameters = self._device(devices, effect, label, "audioFX")
        for name, value in {**moved, **dict(effect.params)}.items():
            identity = f"p-{effect.id}-{name}"
            if self._parameter(parameters, identity, name, value):
                self._container.parameters[owner, ParameterRef(effect.id, name)] = identity
        enabled = Element("Enabled", value=boolean(effect.enabled))
        device.insert(1, enabled)

    def _parameter(self, parameters: Element, identity: str, name: str, value: Value) -> bool:
        """Write a parameter, and return whether automation can move it."""
        common = {"id": identity, "name": name}
        if isinstance(value, bool):
            SubElement(parameters, "BoolParameter", common, value=boolean(value))
        elif isinstance(value, int | float):
            SubElement(parameters, "RealParameter", common, unit="linear", value=number(value))
            return True
        return False

    def _device(
        self, devices: Element, effect: EffectSpec, label: str, role: str
    ) -> tuple[Element, Element]:
        """Write a device with its state, and return it and the place for its parameters."""
        preset = self._preset(effect, label) if is_external(effect) else b""
        foreign = dict(effect.extra.get(FOREIGN, {}))
        tag, file = foreign.pop("tag", ""), foreign.pop("state", "")
        if is_preset(preset):
            tag, file = "Vst3Plugin", f"plugins/{effect.id}.vstpreset"
            foreign = {"deviceID": class_id(preset), "deviceName": self._name(effect), **foreign}
        known = bool(tag and preset)
        attributes = {"deviceID": f"{OURS}{effect.type}", "deviceName": effect.type} | foreign
        device = SubElement(
            devices,
            tag if known else "Device",
            {
                **attributes,
                "id": f"{DEVICE}{effect.id}",
                "name": foreign.get("name", effect.type),
                "deviceRole": role,
                "loaded": "true",
            },
        )
        parameters = SubElement(device, "Parameters")
        spec = json.dumps(_document(effect)).encode()
        if known:
            self._container.files[device_file(effect.id)] = spec
            self._state(device, file, preset)
        else:
            self._state(device, device_file(effect.id), spec)
            self._container.left.append(
                f"{label}: {effect.type} is kept as a device that only Tonewright knows"
            )
        return device, parameters

    def _name(self, effect: EffectSpec) -> str:
        known = self._registry is not None and effect.type in self._registry
        return self._registry.get(effect.type).name if known and self._registry else effect.type

    def _preset(self, effect: EffectSpec, label: str) -> bytes:
        """Return the state of a plugin as other programs keep it; empty if it is not known."""
        kept = base64.b64decode(effect.state)
        if self._registry is None or effect.type not in self._registry:
            return kept if is_preset(kept) or FOREIGN in effect.extra else b""
        try:
            return preset_of(effect, self._registry)
        except TonewrightError as error:
            self._container.left.append(f"{label}: {effect.type}: its state for others: {error}")
            return kept if is_preset(kept) else b""

    def _state(self, device: Element, name: str, content: bytes) -> None:
        SubElement(device, "State", path=name)
        self._container.files[name] = content


def _document(effect: EffectSpec) -> dict[str, object]:
    return {
        "type": effect.type,
        "version": effect.version,
        "params": dict(effect.params),
        "mix": effect.mix,
        "seed": effect.seed,
        "range": effect.range and [effect.range.start_seconds, effect.range.end_seconds],
        "sidechain": effect.sidechain_id,
        "state": effect.state,
        "extra": dict(effect.extra),
    }
