"""A plugin's process, seen from Tonewright: requests with a time limit, audio in shared memory.

Whatever the plugin does, the answer is a value or a ``PluginError`` that says what happened: it
crashed (with the signal), did not answer in time, complained, or wrote more to the error output
than anyone will read. After any of these the process is gone.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tonewright.dsp.audio.signal import Audio
from tonewright.dsp.effects.vst3.host import CHANNELS, EXCHANGE_SAMPLES, MAPPED_BYTES
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
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        fast = Path("/dev/shm")
        with tempfile.NamedTemporaryFile(
            prefix="tonewright-plugin-", dir=fast if fast.is_dir() else None, delete=False
        ) as file:
            self._file = Path(file.name)
            file.truncate(MAPPED_BYTES)
            self._memory = mmap.mmap(file.fileno(), MAPPED_BYTES)
        self._audio = np.frombuffer(self._memory, np.float32).reshape(2, CHANNELS, EXCHANGE_SAMPLES)
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
        if self._closed:
            raise PluginError(f"{self.label} has failed before; load it again")
        line = json.dumps({"verb": verb, **content}).encode() + b"\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
        except (BrokenPipeError, ValueError):
            raise self._gone() from None
        answer = self._answer(self.limits.answer_seconds if seconds is None else seconds, verb)
        if answer is None:
            raise self._gone()
        if self._error_bytes > FLOOD_BYTES:
            self.close()
            raise PluginError(
                f"{self.label} floods the error output ({self._error_bytes / 1e6:.1f} MB: "
                f"{self.complaints[:80]!r}); update or remove the plugin"
            )
        if "error" in answer:
            raise PluginError(f"{self.label} cannot {verb.replace('_', ' ')}: {answer['error']}")
        return answer

    def process(self, audio: Audio) -> tuple[Audio, int]:
        """Return what the plugin makes of a stream's next samples, and the latency it reports.

        **Shape**: ``(1 or 2, at most EXCHANGE_SAMPLES)``.
        """
        channels, samples = audio.shape
        if self._closed:
            raise PluginError(f"{self.label} has failed before; load it again")
        self._audio[0, :channels, :samples] = audio
        answer = self.ask("process", channels=channels, samples=samples)
        return self._audio[1, :channels, : answer["samples"]].copy(), answer["latency"]

    def play(self, messages: list[tuple[float, list[int]]], samples: int) -> Audio:
        """Return an instrument's next samples; ``messages`` are (seconds, bytes) within them.

        **Shape**: ``(2, samples)``.
        """
        answer = self.ask("play", messages=messages, samples=samples)
        return self._audio[1, :, : answer["samples"]].copy()

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
        del self._audio  # a view of the memory, which cannot be closed under it
        self._memory.close()
        self._file.unlink(missing_ok=True)

    def _answer(self, seconds: float, verb: str) -> dict[str, Any] | None:
        waited = 0.0
        while True:
            step = min(_POLL_SECONDS, seconds - waited)
            try:
                return self._answers.get(timeout=max(step, 0.001))
            except queue.Empty:
                waited += step
            if waited >= seconds or self._error_bytes > FLOOD_BYTES:
                break
        if self._error_bytes > FLOOD_BYTES:
            return {}
        self.close()
        raise PluginError(
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
