"""Ardour, without a display: a session with the plugin on a track, exported."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

SUPERCLOCKS = 282_240_000  # a second, in Ardour's sessions

pytestmark = pytest.mark.skipif(
    shutil.which("ardour7-export") is None, reason="Ardour 7 is not installed"
)

CREATE = """
local session = create_session("{folder}", "song", 48000)
local mode = ARDOUR.TrackMode.Normal
local last = ARDOUR.PresentationInfo.max_order
local tracks = session:new_audio_track(2, 2, nil, 1, "Take", last, mode, true)
local lv2 = ARDOUR.PluginType.LV2
local plugin = ARDOUR.LuaAPI.new_plugin(session, "urn:tonewright:plugin", lv2, "")
assert(not plugin:isnil())
tracks:front():add_processor_by_index(plugin, 0, nil, true)
session:save_state("")
close_session()
quit()
"""


class Ardour:
    """Makes and exports one session.

    Args:
        folder: Of the session and of Ardour's settings.
        built: Where the plugin is.
    """

    def __init__(self, folder: Path, built: Path) -> None:
        self.session = folder / "song"
        plugins = folder / "lv2"
        plugins.mkdir()
        (plugins / "tonewright.lv2").symlink_to(built / "tonewright.lv2")
        self._environment = os.environ | {"HOME": str(folder), "LV2_PATH": str(plugins)}
        self._environment.pop("XDG_CONFIG_HOME", None)

    def create(self) -> None:
        """Make a session with the plugin on a track."""
        script = self.session.with_name("create.lua")
        script.write_text(CREATE.format(folder=self.session), "utf-8")
        self._run("ardour7-lua", script)

    def put(self, source: Path) -> None:
        """Put a stereo file on the track, from the start on; the session is as long."""
        shutil.copy(source, self.session / "interchange" / "song" / "audiofiles")
        info = soundfile.info(source)
        length = info.frames * (SUPERCLOCKS // info.samplerate)
        file = self.session / "song.ardour"
        document = ElementTree.parse(file)
        root = document.getroot()
        root.set("id-counter", "2000")
        sources, clips = root.find("Sources"), root.find("Playlists/Playlist")
        places = root.find("Locations")
        assert sources is not None and clips is not None and places is not None
        for channel in range(2):
            ElementTree.SubElement(
                sources,
                "Source",
                {
                    "name": source.name,
                    "origin": source.name,
                    "type": "audio",
                    "flags": "",
                    "id": str(1001 + channel),
                    "channel": str(channel),
                },
            )
        region = {
            "name": "take",
            "id": "1003",
            "type": "audio",
            "opaque": "1",
            "start": "a0",
            "length": f"a{length}@a0",
            "sync-position": "a0",
            "default-fade-in": "0",
            "default-fade-out": "0",
            "fade-in-active": "0",
            "fade-out-active": "0",
            "scale-amplitude": "1",
            "first-edit": "nothing",
            "source-0": "1001",
            "source-1": "1002",
            "master-source-0": "1001",
            "master-source-1": "1002",
            "channels": "2",
        }
        ElementTree.SubElement(clips, "Region", region)
        span = {"id": "1010", "name": "session", "start": "a0", "end": f"a{length}"}
        ElementTree.SubElement(places, "Location", span | {"flags": "IsSessionRange"})
        document.write(file, "utf-8", xml_declaration=True)

    def export(self) -> Any:
        """Return what the session sounds like, of shape ``(channels, samples)``."""
        out = self.session.with_name("export.wav")
        self._run("ardour7-export", "-b", "float", "-o", out, self.session, "song")
        return soundfile.read(out, dtype="float32")[0].T

    def _run(self, *command: object) -> None:
        subprocess.run(
            [str(each) for each in command],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=120,
        )


def test_an_export_is_what_apply_writes(
    built: Path, desk: Any, engine: Any, song: Path, tmp_path: Path
) -> None:
    ardour = Ardour(tmp_path, built)
    ardour.create()
    ardour.put(song)
    assert np.array_equal(ardour.export(), desk.apply(song))
