"""The plugin's numbers: late blocks and load of a live chain, alone and beside a render.

Build it first: ``make plugin``. The host is the tests' own, paced by the clock, at real-time
priority as hosts are, where the system allows it. Prints a table.
"""

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "plugin"
RATE = 48_000
CHAIN = "highpass_filter,peak_filter,compressor,chorus,reverb,limiter"
TICKS = os.sysconf("SC_CLK_TCK")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tonewright.dsp", *map(str, arguments), "--quiet"]


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def hurry() -> None:
    """Run before all that is not audio, if it is allowed."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(20))


def host(folder: Path, seconds: float, block: int, *options: object) -> tuple[Any, float]:
    """Play noise through the plugin; return what the host saw, and the processor time it used."""
    source = folder / "in.f32"
    rng = np.random.default_rng(1)
    (0.1 * rng.standard_normal((round(seconds * RATE), 2))).astype(np.float32).tofile(source)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [
            *map(str, (BUILT / "clap_host", BUILT / "tonewright.clap", source)),
            *map(str, (folder / "out.f32", RATE, 2, block, *options)),
        ],
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=hurry,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(ran.stdout), used


def measure(folder: Path, seconds: float) -> list[tuple[str, str, str, str]]:
    rows = []
    blocks = seconds * RATE
    said, used = host(folder, seconds, 512, "--paced")
    rows.append(("no engine: the plugin and its host", "", "", f"{100 * used / seconds:.1f} %"))
    subprocess.run(command("chain", "save", "Six", CHAIN), check=True, stdout=subprocess.DEVNULL)
    engine = subprocess.Popen(command("serve", "--chain", "Six"), stdout=subprocess.PIPE)
    assert engine.stdout is not None
    engine.stdout.readline()
    speech = folder / "speech.wav"
    soundfile.write(speech, np.random.default_rng(2).standard_normal(60 * RATE) * 0.1, RATE)
    try:
        for beside in (False, True):
            for block, choice in ((256, 0), (512, 1), (512, 2), (512, 4)):
                render = None
                if beside:
                    render = subprocess.Popen(
                        command(
                            *("apply", "wpe_dereverb", speech, folder / "dry.wav", "--overwrite"),
                            *("--store", folder / f"store {block} {choice}"),
                        )
                    )
                start = cpu_seconds(engine.pid)
                options = ("--paced", "--set", "Latency", choice, "--set", "When late", 1)
                said, _ = host(folder, seconds, block, *options)
                used = cpu_seconds(engine.pid) - start
                busy = ""
                if render is not None:
                    busy = ", a render beside" if render.poll() is None else ", a render at first"
                    render.terminate()
                    render.wait()
                rows.append(
                    (
                        f"latency {512 << choice}, blocks of {block}{busy}",
                        f"{said['misses']} of {blocks / block:.0f}",
                        f"{said['misses'] * 3600 / seconds:.0f}",
                        f"{100 * used / seconds:.0f} %",
                    )
                )
    finally:
        engine.send_signal(signal.SIGINT)
        engine.wait()
        engine.stdout.close()
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each row")
    seconds = parser.parse_args().seconds
    headers = "/usr/share/dpf/distrho/src"
    source = ROOT / "tests" / "desktop" / "plugin" / "clap_host.cpp"
    compiler = ["g++", "-O1", "-std=gnu++17", f"-I{headers}", "-o", BUILT / "clap_host", source]
    subprocess.run([*map(str, compiler), "-ldl"], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {
            "XDG_DATA_HOME": str(folder / "data"),
            "TONEWRIGHT_CACHE": str(folder / "cache"),
            "TONEWRIGHT_RUNTIME": str(folder / "run"),
        }
        load = os.getloadavg()[0]
        rows = measure(folder, seconds)
    sys.stdout.write(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{time.strftime('%Y-%m-%d')}; load average before: {load:.1f}\n\n"
        "| six effects, stereo, 48 kHz | late blocks | misses an hour | engine CPU, of one core |\n"
        "|---|---|---|---|\n"
    )
    for row in rows:
        sys.stdout.write(f"| {' | '.join(row)} |\n")


if __name__ == "__main__":
    main()
