"""A plugin's process, seen from Tonewright: requests with a time limit, audio in shared memory.

Whatever the plugin does, the answer is a value or a ``PluginError`` that says what happened: it
crashed (with the signal), did not answer in time, complained, or wrote more to the error output
than anyone will read. After any of these the process is gone.

``feed`` does not wait for what it sends: the plugin works on it while the caller goes on, and what
is ready comes back with a later call, at the latest with ``settle``. Where much is sent at once,
the plugin's side looks out for more for a while: one request is enough for a whole render.
"""

import json
import mmap
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.vst3.ring import (
    CHANNELS,
    LONGEST_NAP_SECONDS,
    MAPPED_BYTES,
    SHORTEST_NAP_SECONDS,
    SLOT_SAMPLES,
    Exchange,
)
from tonewright.dsp.errors import EffectError

FLOOD_BYTES = 1 << 20
"""A plugin that writes more than this to the error output is not well."""

_KEPT_BYTES = 2_000
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a plugin may take: to load, and to answer any other request."""

    load_seconds: float = 60.0
    answer_seconds: float = 20.0


class PluginError(EffectError):
    """A plugin crashed, hung, flooded the error output, or refused a request."""


class PluginProcess:
    """A process that hosts one plugin; it starts at once.

    Attributes:
        label: What the plugin is called in messages.
        limits: Its time limits.
        complaints: The end of what it wrote to the error output.
    """

    def __init__(self, label: str, limits: Limits) -> None:
        self.label = label
        self.limits = limits
        self.complaints = ""
        self._error_bytes = 0
        self._closed = False
        # No SimpleQueue: that of Python 3.11 may wait forever when its timeout has just passed.
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        fast = Path("/dev/shm")
        with tempfile.NamedTemporaryFile(
            prefix="tonewright-plugin-", dir=fast if fast.is_dir() else None, delete=False
        ) as file:
            self._file = Path(file.name)
            file.truncate(MAPPED_BYTES)
            self._memory = mmap.mmap(file.fileno(), MAPPED_BYTES)
        self._exchange = Exchange(self._memory)
        self._runs = 0  # that were asked for
        self._plays = False  # whether the last one was an instrument's, which takes no pieces
        self._due_samples = 0  # that went in and have not come back
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tonewright.dsp.effects.vst3.host", str(self._file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self._threads = [
            threading.Thread(target=self._listen, daemon=True),
            threading.Thread(target=self._drain, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return not self._closed and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def ask(self, verb: str, *, seconds: float | None = None, **content: Any) -> dict[str, Any]:
        """Return the answer to a request.

        Args:
            verb: What is asked.
            seconds: The time limit; ``limits.answer_seconds`` if None.
            content: More of the request.

        Raises:
            PluginError: If there is no answer, or it is an error.
        """
        self._say(verb, content)
        answer = self._answer(self.limits.answer_seconds if seconds is None else seconds, verb)
        self._heed_flood()
        return self._checked(answer, verb)

    def feed(self, audio: Audio) -> Audio:
        """Send a stream's next samples, and return what has come back of the stream meanwhile.

        **Shape**: ``(1 or 2, samples)``.
        """
        self._due_samples += audio.shape[1]
        return self._collected(len(audio), audio)

    def settle(self, channels: int) -> Audio:
        """Return all that is still on its way."""
        return self._collected(channels)

    def forget(self) -> None:
        """Drop what is still on its way: a stream begins anew."""
        if not self.alive:
            raise PluginError(f"{self.label} has failed before; load it again")
        self._collected(CHANNELS)
        self._due_samples = 0

    def play(self, messages: list[tuple[float, list[int]]], samples: int) -> Audio:
        """Return an instrument's next samples; ``messages`` are (seconds, bytes) within them.

        **Shape**: ``(2, samples)``.
        """
        self._due_samples = samples
        self._request_run("play", messages=messages, samples=samples)
        return self._collected(CHANNELS)

    def show_window(self, seconds: float) -> dict[str, Any]:
        """Show the plugin's own window until it is closed, and return its state; see ``ask``."""
        self._exchange.window_wanted = True
        return self.ask("window", seconds=seconds)

    def close_window(self) -> None:
        """Close the window, from any thread; ``show_window`` then returns."""
        if not self._closed:
            self._exchange.window_wanted = False

    @property
    def latency_samples(self) -> int:
        """What the plugin reported when it last processed something."""
        return self._exchange.latency_samples

    def close(self) -> None:
        """End the process and free all that belongs to it; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
        del self._exchange, self._memory  # closed when the last view of it has gone
        self._file.unlink(missing_ok=True)

    def _say(self, verb: str, content: dict[str, Any]) -> None:
        if self._closed:
            raise PluginError(f"{self.label} has failed before; load it again")
        line = json.dumps({"verb": verb, **content}).encode() + b"\n"
        assert self._process.stdin is not None
        self._exchange.requests += 1
        try:
            self._process.stdin.write(line)
        except (BrokenPipeError, ValueError):
            raise self._gone() from None

    def _request_run(self, verb: str, **content: Any) -> None:
        self._say(verb, content)
        self._runs += 1
        self._plays = verb == "play"

    @property
    def _rests(self) -> bool:
        """Whether the plugin's side has ended all runs, and waits for a request."""
        return self._exchange.runs == self._runs

    def _collected(self, channels: int, audio: Audio | None = None) -> Audio:
        """Return what comes back: while ``audio`` is sent, or all if there is none to send.

        Who finds the plugin's side at rest, and a piece before it, asks it for a run.
        """
        sent, length = 0, 0 if audio is None else audio.shape[1]
        out = np.empty((channels, self._due_samples), np.float32)
        heard = 0
        to_plugin, from_plugin = self._exchange.to_plugin, self._exchange.from_plugin
        moved, nap_seconds = time.monotonic(), SHORTEST_NAP_SECONDS
        while True:
            before = sent + heard
            # Looked at before what it has made; it takes a piece away when it has made its own.
            ended = not to_plugin.waiting and (self._rests or not self._plays)
            while audio is not None and sent < length and to_plugin.has_room:
                piece = audio[:, sent : sent + SLOT_SAMPLES]
                to_plugin.put(piece)
                sent += piece.shape[1]
            if to_plugin.waiting and self._rests:
                self._request_run("process", lingers=length >= SLOT_SAMPLES)
            while from_plugin.waiting:
                piece = from_plugin.front()
                out[:, heard : heard + piece.shape[1]] = piece
                heard += piece.shape[1]
                from_plugin.drop()
            if ended if audio is None else sent == length:
                break
            if sent + heard > before:
                moved, nap_seconds = time.monotonic(), SHORTEST_NAP_SECONDS
            else:
                self._nap(nap_seconds, time.monotonic() - moved)
                nap_seconds = min(2 * nap_seconds, LONGEST_NAP_SECONDS)
        self._due_samples -= heard
        self._heed_flood()
        return out[:, :heard]

    def _nap(self, seconds: float, waited_seconds: float) -> None:
        """Wait a moment for the rings to move; the process may have something else to say."""
        if self._answers.empty():
            time.sleep(seconds)
            self._heed_flood()
            if waited_seconds > self.limits.answer_seconds:
                raise self._hung("process", self.limits.answer_seconds)
            return
        try:
            self._checked(self._answers.get(), "process")
        finally:
            self.close()  # a run that has failed leaves the rings as they are

    def _answer(self, seconds: float, verb: str) -> dict[str, Any] | None:
        waited = 0.0
        while waited < seconds:
            step = min(_POLL_SECONDS, seconds - waited)
            try:
                return self._answers.get(timeout=step)
            except queue.Empty:
                waited += step
            self._heed_flood()
        raise self._hung(verb, seconds)

    def _checked(self, answer: dict[str, Any] | None, verb: str) -> dict[str, Any]:
        if answer is None:
            raise self._gone()
        if "error" in answer:
            raise PluginError(f"{self.label} cannot {verb.replace('_', ' ')}: {answer['error']}")
        return answer

    def _heed_flood(self) -> None:
        if self._error_bytes > FLOOD_BYTES:
            self.close()
            raise PluginError(
                f"{self.label} floods the error output ({self._error_bytes / 1e6:.1f} MB: "
                f"{self.complaints[:80]!r}); update or remove the plugin"
            )

    def _hung(self, verb: str, seconds: float) -> PluginError:
        self.close()
        return PluginError(
            f"{self.label} hangs: no answer to {verb!r} within {seconds:g} s; its process was "
            "ended, try again, or update or remove the plugin"
        )

    def _gone(self) -> PluginError:
        code = self._process.wait()
        self.close()
        try:
            cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        except ValueError:
            cause = f"signal {-code}"
        return PluginError(
            f"{self.label} crashed ({cause}); Tonewright itself is not harmed, "
            "update or remove the plugin"
        )

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put(None)

    def _drain(self) -> None:
        assert self._process.stderr is not None
        while data := self._process.stderr.read(65_536):
            self._error_bytes += len(data)
            self.complaints = (self.complaints + data.decode(errors="replace"))[-_KEPT_BYTES:]
