"""A project is looked at as it was last."""

import pytest

from tonewright.desktop.timeline import view_file
from tonewright.desktop.timeline.snap import Grid
from tonewright.desktop.timeline.view_state import ViewState
from tonewright.dsp.errors import ProjectError


def test_zoom_scroll_playhead_and_grid_come_back(view, tmp_path):
    view.zoom(2.0, 0.0)
    view.scroll_to(3.0)
    view.set_row_height(60)
    view.seek(4.5)
    view.set_tool(grid=Grid.FRAME, snap_on=False, follow=False)
    view_file.keep(view, tmp_path)
    again = ViewState()
    view_file.restore(again, tmp_path)
    assert again.to_json() == view.to_json()


def test_without_a_file_nothing_changes(view, tmp_path):
    before = view.to_json()
    view_file.restore(view, tmp_path)
    assert view.to_json() == before


@pytest.mark.parametrize("text", ["{", "[1]", '{"scroll_seconds": "x"}'])
def test_a_damaged_file_is_named_and_the_view_stays(view, tmp_path, text):
    before = view.to_json()
    (tmp_path / view_file.VIEW_FILE).write_text(text)
    with pytest.raises(ProjectError, match=r"view\.json: the view is damaged"):
        view_file.restore(view, tmp_path)
    assert view.to_json() == before
