from pathlib import Path

from tonewright.desktop.timeline.waveforms import Waveforms
from tonewright.dsp.project.edits import set_medium


def test_peaks_are_built_once_and_kept(session, tasks, tmp_path, qtbot, take):
    medium = session.project.media[0]
    first = Waveforms(session, tasks, session, cache_folder=tmp_path / "cache")
    with qtbot.waitSignal(first.changed):
        assert first.peaks(medium) is None
    peaks = first.peaks(medium)
    assert peaks.length_samples == medium.length_samples
    take.unlink()
    again = Waveforms(session, tasks, session, cache_folder=tmp_path / "cache")
    with qtbot.waitSignal(again.changed):
        again.peaks(medium)
    qtbot.waitUntil(lambda: again.peaks(medium) is not None)
    assert (again.peaks(medium).window(0, 80_000, 10) == peaks.window(0, 80_000, 10)).all()


def test_missing_media_are_seen_and_seen_again_when_relinked(session, tasks, tmp_path, qtbot, take):
    medium = session.project.media[0]
    moved = take.rename(tmp_path / "elsewhere.wav")
    waveforms = Waveforms(session, tasks, session, cache_folder=tmp_path / "cache")
    with qtbot.waitSignal(waveforms.notice) as told:
        qtbot.waitUntil(lambda: waveforms.missing == {medium.id})
    assert told.args[0].startswith("1 file is missing")
    session.apply("Relink", lambda project: set_medium(project, medium.id, path=str(moved)))
    qtbot.waitUntil(lambda: waveforms.missing == set())
    waveforms.peaks(session.project.media[0])
    qtbot.waitUntil(lambda: waveforms.peaks(session.project.media[0]) is not None)


def test_a_cache_that_cannot_be_written_does_not_stop_drawing(session, tasks, tmp_path, qtbot):
    blocked = tmp_path / "file"
    blocked.touch()
    waveforms = Waveforms(session, tasks, session, cache_folder=Path(blocked))
    medium = session.project.media[0]
    waveforms.peaks(medium)
    qtbot.waitUntil(lambda: waveforms.peaks(medium) is not None)
