from dataclasses import dataclass, replace

import pytest

from tonewright.dsp.errors import ProjectError
from tonewright.dsp.midi.arranging import arranged, material_of, with_arrangement
from tonewright.dsp.midi.sequence import DRUM_CHANNEL, MidiSequence, MidiTrack, track_to_clip
from tonewright.dsp.project.document import (
    Channel,
    Instrument,
    Note,
    Project,
    Send,
    Track,
    TrackKind,
    new_id,
)
from tonewright.dsp.project.edits import delete_tracks, set_channel


def track(name: str, pitch: int, **fields: object) -> Track:
    clip = track_to_clip(MidiTrack(name, (Note(pitch, 90, 0, 480, 0),)))
    return Track(id=new_id(), name=name, kind=TrackKind.MIDI, clips=(clip,), **fields)


@pytest.fixture
def project() -> Project:
    tracks = (
        track("tune", 72, instrument=Instrument(program=73)),
        track("keys", 60, instrument=Instrument(program=4)),
        track("kit", 38, instrument=Instrument(drums=True)),
    )
    return Project(id=new_id(), name="song", tracks=tracks)


@dataclass
class Rearrange:
    """Takes the second track's notes, and adds a track of drums."""

    heard: MidiSequence | None = None

    def process_midi(self, sequence: MidiSequence) -> MidiSequence:
        self.heard = sequence
        first, second, *rest = sequence.tracks
        hits = MidiTrack("new", (Note(36, 90, 0, 10, DRUM_CHANNEL),))
        return replace(sequence, tracks=(first, replace(second, notes=()), *rest, hits))


def test_the_result_comes_beside_what_it_replaces(project: Project) -> None:
    after = arranged(project, Rearrange())
    assert [each.name for each in after.tracks] == ["tune", "keys", "kit", "new"]
    assert [each.channel.muted for each in after.tracks] == [False, True, False, False]
    assert after.tracks[0] is project.tracks[0]
    assert after.tracks[1].clips == project.tracks[1].clips
    assert after.tracks[3].instrument == Instrument(drums=True)


def test_tracks_are_heard_on_channels_of_their_own(project: Project) -> None:
    effect = Rearrange()
    arranged(project, effect)
    assert effect.heard is not None
    assert [each.notes[0].channel for each in effect.heard.tracks] == [0, 1, DRUM_CHANNEL]


def test_what_changes_comes_back_on_a_new_track_with_its_instrument(project: Project) -> None:
    class Higher:
        def process_midi(self, sequence: MidiSequence) -> MidiSequence:
            first, *rest = sequence.tracks
            notes = tuple(replace(note, pitch=note.pitch + 1) for note in first.notes)
            return replace(sequence, tracks=(replace(first, notes=notes), *rest))

    after = arranged(project, Higher())
    assert after.tracks[3].name == "tune"
    assert after.tracks[3].instrument == project.tracks[0].instrument
    assert after.tracks[3].clips[0].notes[0].pitch == 73
    assert after.tracks[0].channel.muted


def test_muted_tracks_are_not_heard(project: Project) -> None:
    effect = Rearrange()
    arranged(set_channel(project, project.tracks[0].id, muted=True), effect)
    assert effect.heard is not None
    assert len(effect.heard.tracks) == 2


def test_a_project_without_notes_is_told() -> None:
    with pytest.raises(ProjectError, match="no MIDI track sounds"):
        arranged(Project(id=new_id(), name="song"), Rearrange())


def test_only_the_tracks_that_are_meant_are_heard(project: Project) -> None:
    material = material_of(project, {project.tracks[1].id, project.tracks[2].id})
    assert material.track_ids == (project.tracks[1].id, project.tracks[2].id)
    assert [each.notes[0].channel for each in material.sequence.tracks] == [0, DRUM_CHANNEL]


def test_of_several_takes_the_first_is_heard(project: Project) -> None:
    material = material_of(project)
    takes = [Rearrange().process_midi(material.sequence) for _ in range(2)]
    after = with_arrangement(project, material, *takes, names=["one", "two"])
    assert [each.name for each in after.tracks[3:]] == ["new one", "new two"]
    assert [each.channel.muted for each in after.tracks] == [False, True, False, False, True]


def test_a_track_that_has_gone_meanwhile_is_left_out(project: Project) -> None:
    material = material_of(project)
    take = Rearrange().process_midi(material.sequence)
    after = with_arrangement(delete_tracks(project, [project.tracks[1].id]), material, take)
    assert [each.name for each in after.tracks] == ["tune", "kit", "new"]
    assert not after.tracks[1].channel.muted


def test_a_new_track_stands_in_the_mix_where_the_replaced_one_did() -> None:
    hall = Track(new_id(), "hall", TrackKind.GROUP)

    def strip(gain_db: float, pan: float) -> Channel:
        return Channel(gain_db=gain_db, pan=pan, sends=(Send(new_id(), hall.id, -6.0),))

    tracks = (
        track("bass", 36, channel=strip(9.0, 0.0), parent_id=hall.id),
        track("keys", 60, channel=strip(5.0, 0.4)),
        track("kit", 38, channel=strip(14.0, 0.1), instrument=Instrument(drums=True)),
        hall,
    )
    project = Project(id=new_id(), name="song", tracks=tracks)

    class Anew:
        def process_midi(self, sequence: MidiSequence) -> MidiSequence:
            silent = [replace(each, notes=()) for each in sequence.tracks]
            new = [
                MidiTrack(name, (Note(pitch, 90, 0, 10, channel),))
                for name, pitch, channel in (
                    ("hits", 36, DRUM_CHANNEL),
                    ("low", 40, 5),
                    ("up", 66, 6),
                )
            ]
            return replace(sequence, tracks=(*silent, *new))

    after = arranged(project, Anew())
    strips = {each.name: each.channel for each in after.tracks[4:]}
    assert {name: (each.gain_db, each.pan) for name, each in strips.items()} == {
        "hits": (14.0, 0.1),
        "low": (9.0, 0.0),
        "up": (5.0, 0.4),
    }
    assert all(each.sends[0].target_id == hall.id for each in strips.values())
    assert not any(each.muted for each in strips.values())
    assert [each.parent_id for each in after.tracks[4:]] == [None, hall.id, None]
