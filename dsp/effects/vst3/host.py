"""The process that a plugin lives in: ``python -m`` this module, one JSON object a line.

Every request ``{"verb": ..., ...}`` on standard input is answered by one line on what was standard
output; the plugin itself sees the error output there, since some write to both. Audio does not go
through the pipe but through the rings of ``ring.py``, and requests that move audio are answered
there, unless they fail.

A plugin always gets blocks of ``BLOCK_SAMPLES`` (the last of a stream may be shorter), whatever a
slot of the ring holds, so its sound does not depend on how the audio was cut.
"""

import base64
import ctypes
import json
import mmap
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.vst3.preset import SUFFIX, class_id, is_preset
from tonewright.dsp.effects.vst3.ring import (
    BLOCK_SAMPLES,
    CHANNELS,
    LONGEST_NAP_SECONDS,
    MAPPED_BYTES,
    SHORTEST_NAP_SECONDS,
    SLOT_SAMPLES,
    Exchange,
    Ring,
)

CONTROLLER = re.compile(r"MIDI Ch\. \d+ CC \d+")
"""What hosts of JUCE call the MIDI controllers of an instrument; they are no parameters."""

PROBE_RATE = 48_000
LINGER_SECONDS = 0.01
"""So long a render may pause before it takes another request to go on with it."""

_ORPHAN_SECONDS = 1.0
_WINDOW_SECONDS = 0.1


class Host:
    """A plugin and the requests that it answers."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._exchange = Exchange(memory)
        self._requests = 0  # that were read
        self._plugin: Any = None
        self._parameters: dict[str, Any] = {}
        self._first_state = b""
        self._sample_rate = float(PROBE_RATE)
        self._channels = CHANNELS

    def answer(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a request; None if it was answered through the rings."""
        self._requests += 1
        match request["verb"]:
            case "process":
                self._process(request["lingers"])
                return None
            case "play":
                self._play(request["messages"], request["samples"])
                return None
            case "set":
                self._set(request["params"])
                return {}
            case "prepare":
                return self._prepare(request["sample_rate"], request["channels"])
            case "reset":
                self._plugin.reset()
                return {}
            case "load":
                self._load(request["path"], request["name"])
                return {}
            case "restore":
                return self._restore(request["state"], request["params"])
            case "preset":
                self._state()
                return {"preset": base64.b64encode(self._plugin.preset_data).decode()}
            case "window":
                self._show_window()
                return self._state()
            case "state":
                return self._state()
            case "names":
                return {"names": plugin_names(request["path"])}
            case "describe":
                return self._describe(request["path"], request["name"])
        raise ValueError(f"no such verb: {request['verb']}")

    def _load(self, path: str, name: str) -> None:
        import pedalboard
        from pedalboard._pedalboard import PARAMETER_NAME_REGEXES_TO_IGNORE

        # Loading reads a thousand texts of each, which takes a minute for 16 channels of 130.
        PARAMETER_NAME_REGEXES_TO_IGNORE.add(CONTROLLER)
        self._plugin = pedalboard.VST3Plugin(path, plugin_name=name or None)
        self._first_state = self._plugin.raw_state
        self._parameters = parameters_of(self._plugin)

    def _restore(self, state: str, params: dict[str, Any]) -> dict[str, Any]:
        content = base64.b64decode(state) or self._first_state
        if is_preset(content):
            with tempfile.NamedTemporaryFile(suffix=SUFFIX) as preset:
                preset.write(content)
                preset.flush()
                self._plugin.load_preset(preset.name)
        else:
            self._plugin.raw_state = content
        self._set(params)
        self._plugin.reset()
        return {"params": self._params()}

    def _params(self) -> dict[str, Any]:
        return {name: _value(each) for name, each in self._parameters.items()}

    def _set(self, params: dict[str, Any]) -> None:
        # pedalboard would set an attribute of its own, silently, for a name that is wrong.
        for name, value in params.items():
            if name not in self._parameters:
                raise ValueError(f"it has no parameter {name!r}; scan the plugins again")
            parameter = self._parameters[name]
            if _value(parameter) != value:
                parameter.raw_value = parameter.get_raw_value_for(value)

    def _state(self) -> dict[str, Any]:
        # What was set reaches the plugin's state with the next block.
        self._prepare(self._sample_rate, self._channels)
        state = base64.b64encode(self._plugin.raw_state).decode()
        return {"state": state, "params": self._params()}

    def _show_window(self) -> None:
        """Show the plugin's window until it is closed, here or from the other side."""
        # Some plugins crash where there is none instead of saying so.
        if sys.platform == "linux" and not os.environ.get("DISPLAY"):
            raise RuntimeError("there is no display to show its window on; set DISPLAY")
        _outlive_x_errors()
        closed = threading.Event()

        def watch() -> None:
            while self._exchange.window_wanted and not closed.wait(_WINDOW_SECONDS):
                pass
            closed.set()

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            self._plugin.show_editor(closed)
        finally:
            closed.set()
            watching.join()

    def _prepare(self, sample_rate: float, channels: int) -> dict[str, Any]:
        """Tell the plugin rate and block size with a block of silence, and ask for its latency."""
        self._sample_rate = sample_rate
        self._channels = channels
        if self._plugin.is_instrument:
            self._plugin([], BLOCK_SAMPLES / sample_rate, sample_rate, CHANNELS, BLOCK_SAMPLES)
        else:
            zeros = np.zeros((channels, BLOCK_SAMPLES), np.float32)
            self._plugin.process(zeros, sample_rate, BLOCK_SAMPLES, False)
        self._plugin.reset()
        latency = int(self._plugin.reported_latency_samples)
        self._exchange.latency_samples = latency
        return {"latency": latency}

    def _process(self, lingers: bool) -> None:
        source = self._exchange.to_plugin
        while source.waiting or (lingers and self._comes_soon()):
            out = self._plugin.process(source.front(), self._sample_rate, BLOCK_SAMPLES, False)
            self._exchange.latency_samples = int(self._plugin.reported_latency_samples)
            _put(self._exchange.from_plugin, out)
            source.drop()
        self._exchange.runs += 1

    def _comes_soon(self) -> bool:
        """Wait a little for a piece, or for another request, which ends the wait."""
        source, end = self._exchange.to_plugin, time.monotonic() + LINGER_SECONDS

        def over() -> bool:
            asked = self._exchange.requests != self._requests
            return source.waiting or asked or time.monotonic() > end

        _wait(over)
        return source.waiting

    def _play(self, messages: list[tuple[float, list[int]]], samples: int) -> None:
        seconds = samples / self._sample_rate
        notes = [(bytes(data), at) for at, data in messages]
        out = self._plugin(notes, seconds, self._sample_rate, CHANNELS, BLOCK_SAMPLES, False)
        self._exchange.latency_samples = int(self._plugin.reported_latency_samples)
        _put(self._exchange.from_plugin, out)
        self._exchange.runs += 1

    def _describe(self, path: str, name: str) -> dict[str, Any]:
        started = time.perf_counter()
        self._load(path, name)
        plugin = self._plugin
        described: dict[str, Any] = {
            "name": plugin.name,
            "identifier": plugin.identifier,
            "version": plugin.version,
            "maker": plugin.manufacturer_name,
            "category": plugin.category,
            "class_id": class_id(plugin.preset_data),
            "instrument": plugin.is_instrument,
            "load_seconds": round(time.perf_counter() - started, 3),
            "parameters": [_described(*each) for each in self._parameters.items()],
        }
        if not plugin.is_instrument:
            described |= self._probe()
        self._plugin = None
        return described

    def _probe(self) -> dict[str, Any]:
        """Return layout, latency said and measured, and speed."""
        from tonewright.dsp.effects.verify import chirp, late_samples

        stereo = self._takes(2)
        if not stereo and not self._takes(1):
            raise ValueError("it takes neither two channels nor one")
        channels = 2 if stereo else 1
        latency = self._prepare(PROBE_RATE, channels)["latency"]
        played = chirp(channels=channels)
        tail = np.zeros((channels, latency + PROBE_RATE // 4), np.float32)  # what looks ahead ends
        fed = np.concatenate([played, tail], axis=1)
        started = time.perf_counter()
        heard: Audio = self._plugin.process(fed, PROBE_RATE, BLOCK_SAMPLES, False)
        seconds = max(time.perf_counter() - started, 1e-6)
        return {
            "stereo": stereo,
            "latency_samples": latency,
            "late_samples": late_samples(played, heard),
            "speed": round(fed.shape[1] / PROBE_RATE / seconds, 1),
        }

    def _takes(self, channels: int) -> bool:
        try:
            self._prepare(PROBE_RATE, channels)
        except ValueError:
            return False
        return True


@cache
def _outlive_x_errors() -> None:
    """Keep Xlib from ending the process: asking for a window that has gone is no reason to.

    JUCE, which pedalboard hosts plugins with, asks for the properties of window 0 while the window
    of a plugin is put into its own.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        library = ctypes.CDLL("libX11.so.6")
    except OSError:
        return  # without X there is no window either, and pedalboard says so
    library.XSetErrorHandler(_IGNORE)


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def _IGNORE(display: Any, event: Any) -> int:  # noqa: N802 - a constant that C calls
    return 0


def _wait(until: Callable[[], bool]) -> None:
    nap_seconds = SHORTEST_NAP_SECONDS
    while not until():
        time.sleep(nap_seconds)
        nap_seconds = min(2 * nap_seconds, LONGEST_NAP_SECONDS)


def _put(ring: Ring, audio: Audio) -> None:
    for start in range(0, audio.shape[1], SLOT_SAMPLES):
        _wait(lambda: ring.has_room)
        ring.put(audio[:, start : start + SLOT_SAMPLES])


def plugin_names(path: str) -> list[str]:
    """Return the plugins in a file; ``[""]`` stands for the only one."""
    import pedalboard

    names = pedalboard.VST3Plugin.get_plugin_names_for_file(path)
    return [""] if len(names) < 2 else list(names)


def parameters_of(plugin: Any) -> dict[str, Any]:
    """Return pedalboard's wrappers of the parameters that a user can set, by their names there."""
    return {
        name: each
        for name, each in plugin.parameters.items()
        if plugin._get_parameter(each.name).is_automatable
    }


def _described(name: str, parameter: Any) -> dict[str, Any]:
    value = _value(parameter)
    described = {"name": name, "title": parameter.name, "unit": parameter.units or ""}
    if isinstance(value, bool):
        return {**described, "kind": "bool", "default": value}
    if isinstance(value, str):
        choices = list(dict.fromkeys(str(each) for each in parameter.valid_values))
        return {**described, "kind": "choice", "default": value, "choices": choices}
    low, high = float(parameter.min_value), float(parameter.max_value)
    # The ends are read from the plugin's display text, and may be rounded to inside the default.
    return {
        **described,
        "kind": "float",
        "default": value,
        "minimum": min(low, value),
        "maximum": max(high, value),
    }


def _value(parameter: Any) -> float | bool | str:
    from pedalboard._pedalboard import strip_common_float_suffixes

    if parameter.type is bool:
        return bool(parameter.raw_value >= 0.5)
    text = str(parameter.string_value)
    return float(strip_common_float_suffixes(text)) if parameter.type is float else text


def _watch(parent: int) -> None:
    """End the process when the program that started it has gone."""
    while os.getppid() == parent:
        time.sleep(_ORPHAN_SECONDS)
    os._exit(1)


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    with Path(sys.argv[1]).open("r+b") as file:
        memory = mmap.mmap(file.fileno(), MAPPED_BYTES)
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    host = Host(memory)
    for line in sys.stdin.buffer:
        try:
            answer = host.answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the other side must hear of every one
            answer = {"error": " ".join(str(error).split()) or type(error).__name__}
        if answer is not None:
            answers.write(json.dumps(answer).encode() + b"\n")
    os._exit(0)  # destructors of plugins are a common place to crash


if __name__ == "__main__":
    main()
