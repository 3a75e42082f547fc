import base64
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
import soundfile

from tonewright.dsp.effects.registry import default_registry
from tonewright.dsp.errors import ProjectError
from tonewright.dsp.exchange.dawproject.reader import read_dawproject
from tonewright.dsp.exchange.dawproject.structure import problems
from tonewright.dsp.exchange.dawproject.writer import write_dawproject
from tonewright.dsp.project.document import Fade, FadeCurve, Id, Project
from tonewright.dsp.project.validate import validate
from tonewright.dsp.rendering.inline import InlineQueue
from tonewright.dsp.rendering.renderer import Renderer
from tonewright.dsp.rendering.store import Store

PRESET = b"VST3" + bytes((1, 0, 0, 0)) + b"84E8".ljust(32, b"0") + bytes(40)


def plain(project: Project) -> Project:
    """A project without what an exchange makes anew: identities of clips, sends, media."""
    media = {each.id: each.sha256 for each in project.media}

    def clip(each):
        fresh = replace(each, id=Id(""))
        return replace(fresh, media_id=media[each.media_id]) if hasattr(each, "media_id") else fresh

    tracks = tuple(
        replace(
            each,
            clips=tuple(map(clip, each.clips)),
            channel=replace(
                each.channel, sends=tuple(replace(s, id=Id("")) for s in each.channel.sends)
            ),
        )
        for each in project.tracks
    )
    markers = tuple(replace(each, id=Id("")) for each in project.markers)
    return replace(project, id=Id(""), tracks=tracks, markers=markers, media=())


def test_a_round_trip_loses_nothing_that_both_can_say(full_song, tmp_path):
    left = write_dawproject(full_song, tmp_path / "song.dawproject")
    again = read_dawproject(tmp_path / "song.dawproject", tmp_path / "media")
    validate(again.project)
    assert plain(again.project) == plain(full_song)
    assert not again.left
    assert [each for each in left if "Guitar" in each] == [
        "Guitar: gain is kept as a device that only Tonewright knows",
        "Guitar: other programs play it without Tonewright's part in it",
    ]
    write_dawproject(again.project, tmp_path / "twice.dawproject")
    twice = read_dawproject(tmp_path / "twice.dawproject", tmp_path / "media2").project
    assert plain(twice) == plain(full_song)
    assert [each.sha256 for each in twice.media] == [each.sha256 for each in full_song.media]


def test_the_document_is_as_the_schema_says(full_song, tmp_path):
    write_dawproject(full_song, tmp_path / "song.dawproject")
    with zipfile.ZipFile(tmp_path / "song.dawproject") as archive:
        root = fromstring(archive.read("project.xml"))
        assert {"metadata.xml", "audio/tone.wav", "plugins/e.json"} <= set(archive.namelist())
    assert problems(root) == []
    channel = root.find(".//Channel")
    volume = channel.find("Volume")
    channel.remove(volume)
    channel.insert(0, volume)
    root.find(".//Clip").attrib.pop("time")
    root.find(".//Target").set("parameter", "nowhere")
    assert len(problems(root)) == 3


def test_what_cannot_be_said_is_listed(full_song, tmp_path):
    guitar = full_song.tracks[1]
    first = replace(
        guitar.clips[0],
        fade_in=Fade(0.25, FadeCurve.SMOOTH),
        effects=guitar.channel.effects,
    )
    song = replace(
        full_song,
        tracks=(full_song.tracks[0], replace(guitar, clips=(first,)), full_song.tracks[2]),
    )
    left = "\n".join(write_dawproject(song, tmp_path / "song.dawproject"))
    assert "Guitar: first: the smooth curve of the fade-in" in left
    assert "Guitar: first: effects of a clip: gain" in left


BITWIG = """<Project version="1.0"><Application name="Bitwig Studio" version="5.0"/>
<Transport><Tempo id="id0" unit="bpm" value="120"/></Transport>
<Structure><Track contentType="notes" id="id2" name="Bass" color="#a2eabf"><Channel id="id3"
  role="regular" solo="false"><Devices><Vst3Plugin deviceID="84E8" deviceName="Surge XT"
  deviceRole="instrument" id="id7"><Parameters/><State path="plugins/x.vstpreset"/></Vst3Plugin>
  </Devices><Volume id="id4" unit="linear" value="0.5"/></Channel></Track></Structure>
<Arrangement id="id19"><Lanes timeUnit="beats" id="id20"><Lanes track="id2" id="id21"><Clips
  id="id22"><Clip time="4" duration="8" playStart="0" loopEnd="8"><Notes id="n"><Note time="0"
  duration="0.25" channel="0" key="65" vel="0.79" rel="0.79"/></Notes></Clip></Clips></Lanes>
</Lanes></Arrangement></Project>"""


def test_another_programs_plugin_keeps_its_state(tmp_path):
    path = tmp_path / "theirs.dawproject"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.xml", BITWIG)
        archive.writestr("plugins/x.vstpreset", PRESET)
    imported = read_dawproject(path, tmp_path / "media", {})
    (bass,) = imported.project.tracks
    assert bass.channel.effects == ()
    plugin = bass.instrument.plugin
    assert plugin.type == "vst3_surge_xt"
    assert base64.b64decode(plugin.state) == PRESET
    assert bass.channel.gain_db == pytest.approx(-6.0206)
    assert [(each.pitch, each.start_ticks) for each in bass.clips[0].notes] == [(65, 0)]
    assert "its loop" in "\n".join(imported.left)
    write_dawproject(imported.project, tmp_path / "back.dawproject")
    with zipfile.ZipFile(tmp_path / "back.dawproject") as archive:
        assert archive.read(f"plugins/{plugin.id}.vstpreset") == PRESET
        device = fromstring(archive.read("project.xml")).find(".//Vst3Plugin")
    assert (device.get("deviceID"), device.get("deviceName")) == ("84E8", "Surge XT")
    again = read_dawproject(tmp_path / "back.dawproject", tmp_path / "media", {}).project
    assert again.tracks[0].instrument == bass.instrument


def test_a_plugin_that_is_installed_is_used_with_its_state(tmp_path):
    path = tmp_path / "theirs.dawproject"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.xml", BITWIG)
        archive.writestr("plugins/x.vstpreset", PRESET)
    (bass,) = read_dawproject(path, tmp_path / "media", {"84E8": "vst3_surge"}).project.tracks
    plugin = bass.instrument.plugin
    assert (plugin.type, base64.b64decode(plugin.state)) == ("vst3_surge", PRESET)


@pytest.fixture
def renderer(tmp_path):
    with Renderer(executor=InlineQueue(Store(tmp_path / "store"), default_registry())) as renderer:
        yield renderer


def test_what_others_cannot_play_is_beside_it_rendered(full_song, renderer, tmp_path):
    path = tmp_path / "song.dawproject"
    left = write_dawproject(full_song, path, renderer=renderer)
    assert "Guitar: other programs play it rendered" in left
    with zipfile.ZipFile(path) as archive:
        root = fromstring(archive.read("project.xml"))
        data, rate = soundfile.read(io.BytesIO(archive.read("rendered/01 Guitar.wav")))
        assert "rendered/02 Keys.wav" in archive.namelist()
    assert problems(root) == []
    tracks = {each.get("id"): each for each in root.iter("Track")}
    assert (tracks["t-1"].get("loaded"), tracks["r-1"].get("loaded")) == ("false", "true")
    volumes = [tracks[each].find("Channel/Volume").get("value") for each in ("t-1", "r-1")]
    assert volumes[0] == volumes[1]
    # Behind the effect, half of it 9 dB down at its last automated value, and before the fader.
    at = round(2.2 * rate)
    clip = full_song.tracks[1].clips[0]
    first = clip.source_start_samples + at - round(1.25 * rate)
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(first, first + 1_000) / rate)
    gain = 10 ** (clip.gain_db / 20) * (0.5 + 0.5 * 10 ** (-9 / 20))
    np.testing.assert_allclose(data[at : at + 1_000, 0], gain * tone, atol=1e-3)
    again = read_dawproject(path, tmp_path / "media", {})
    assert plain(again.project) == plain(full_song)
    assert not again.left


@pytest.mark.parametrize(
    "content", [None, "<Project>", "<!DOCTYPE a [<!ENTITY b 'c'>]><Project version='1.0'/>"]
)
def test_a_damaged_file_is_refused(tmp_path, content):
    path: Path = tmp_path / "bad.dawproject"
    path.write_bytes(b"no zip")
    if content is not None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("project.xml", content)
    with pytest.raises(ProjectError, match=r"bad\.dawproject"):
        read_dawproject(path, tmp_path / "media")


def test_no_medium_leaves_its_folder(full_song, tmp_path):
    write_dawproject(full_song, tmp_path / "song.dawproject")
    evil = tmp_path / "evil.dawproject"
    with zipfile.ZipFile(tmp_path / "song.dawproject") as source, zipfile.ZipFile(evil, "w") as out:
        for name in source.namelist():
            data = source.read(name)
            data = (
                data.replace(b"audio/tone.wav", b"../../tone2.wav") if name[-3:] == "xml" else data
            )
            out.writestr(name.replace("audio/tone.wav", "../../tone2.wav"), data)
    (medium,) = read_dawproject(evil, tmp_path / "deep" / "er").project.media
    assert Path(medium.path) == tmp_path / "deep" / "er" / "tone2.wav"
