"""A panel behind another tab costs nothing until it comes to the front."""

from tonewright.desktop.app import start
from tonewright.desktop.docks import is_seen


def test_a_panel_behind_another_tab_is_not_seen(open_window, qtbot):
    window = open_window()
    assert is_seen(window.mixer)
    assert not is_seen(window.spectrograms)
    assert window.spectrograms.isVisible()  # Qt says so
    window.docks["spectrum"].raise_()
    qtbot.waitUntil(lambda: is_seen(window.spectrograms))
    qtbot.waitUntil(lambda: not is_seen(window.mixer))


def test_what_a_panel_missed_is_caught_up_in_front(open_window, qtbot):
    window = open_window()
    start(window, [], demo=True)
    qtbot.waitUntil(lambda: window.playing.bridge.ready)
    clip = next(clip for _, clip in window.session.project.clips() if clip.name)
    window.view.select([clip.id], focus=clip.id)
    assert window.spectrograms.pair is None
    assert window.explorer.passage.text() != clip.name
    window.docks["spectrum"].raise_()
    qtbot.waitUntil(lambda: window.spectrograms.pair is not None)
    assert window.spectrograms.owner_id == clip.id
