import pytest
from PySide6.QtCore import Qt

from tonewright.desktop.batch.files import BatchFiles, media_in
from tonewright.dsp.batch.runner import Told


@pytest.fixture
def files(qapp, qtmodeltester, tmp_path):
    model = BatchFiles()
    model.add([tmp_path / "a.wav", tmp_path / "b.wav", tmp_path / "a.wav"])
    qtmodeltester.check(model)
    return model


def shown(model):
    return [
        tuple(model.index(row, column).data() for column in range(3))
        for row in range(model.rowCount())
    ]


def test_every_file_is_there_once_with_what_became_of_it(files, tmp_path):
    files.add([tmp_path / "b.wav"])
    files.hear(
        [
            Told("done", "a.wav", str(tmp_path / "a.wav"), 1.0),
            Told("failed", "b.wav", str(tmp_path / "b.wav"), 1.0, "holds no sound"),
            Told("done", "z.wav", "/elsewhere/z.wav", 1.0),
        ]
    )
    assert shown(files) == [("a.wav", "done", ""), ("b.wav", "failed", "holds no sound")]
    tip = files.index(1, 2).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "holds no sound"
    files.remove({0})
    assert shown(files) == [("b.wav", "failed", "holds no sound")]
    files.forget_states()
    files.add([tmp_path / "a.wav"])
    assert shown(files) == [("b.wav", "", ""), ("a.wav", "", "")]
    files.clear()
    assert files.rowCount() == 0


def test_folders_are_searched_for_audio_and_notes(tmp_path):
    for name in ("x/b.WAV", "x/y/a.mid", "x/notes.txt", "c.flac", "d.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = media_in([tmp_path / "x", tmp_path / "c.flac", tmp_path / "d.pdf", tmp_path / "gone"])
    assert [each.name for each in found] == ["b.WAV", "a.mid", "c.flac"]


def test_a_project_is_its_folder_and_not_the_media_in_it(tmp_path):
    for name in ("x/song/project.json", "x/song/media/a.wav", "x/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    song = tmp_path / "x" / "song"
    assert media_in([tmp_path / "x"]) == [song, tmp_path / "x" / "b.wav"]
    assert media_in([song]) == media_in([song / "project.json"]) == [song]


def test_ten_thousand_files_are_added_and_told_of_at_once(qapp, tmp_path):
    model = BatchFiles()
    paths = [tmp_path / f"{number}.wav" for number in range(10_000)]
    changes = []
    model.dataChanged.connect(lambda *_: changes.append(1))
    model.add(paths)
    assert model.rowCount() == 10_000
    model.hear(Told("done", path.name, str(path), 0.1) for path in paths)
    assert model.index(9_999, 1).data() == "done"
    assert len(changes) == 1
