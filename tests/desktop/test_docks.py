"""A panel behind another tab costs nothing until it comes to the front."""

from PySide6.QtWidgets import QApplication, QTabBar

from tonewright.desktop.app import start
from tonewright.desktop.docks import is_seen, size_docks
from tonewright.desktop.theme import DARK, apply_theme


def test_a_panel_behind_another_tab_is_not_seen(open_window, qtbot):
    window = open_window()
    assert is_seen(window.mixer)
    assert not is_seen(window.spectrograms)
    assert window.spectrograms.isVisible()  # Qt says so
    window.docks["spectrum"].raise_()
    qtbot.waitUntil(lambda: is_seen(window.spectrograms))
    qtbot.waitUntil(lambda: not is_seen(window.mixer))


def tabs_that_show(window):
    bars = [each for each in window.findChildren(QTabBar) if each.isVisible()]
    return sorted([bar.tabText(index) for index in range(bar.count())] for bar in bars)


def test_each_side_has_one_tab_bar_also_when_a_layout_comes_back(open_window, qapp, qtbot):
    apply_theme(qapp, DARK)  # without it they do not stay behind
    window = open_window()
    sides = [
        ["Effects", "Jobs", "History"],
        ["Piano roll", "Mixer", "Spectrum", "Instrument", "Batch"],
    ]
    assert tabs_that_show(window) == sides
    window.docks["spectrum"].raise_()
    window.close()
    again = open_window()
    assert tabs_that_show(again) == sides
    QApplication.processEvents()
    assert tabs_that_show(again) == sides
    (bar,) = [each for each in again.findChildren(QTabBar) if each.isVisible() and each.count() > 3]
    assert is_seen(again.spectrograms)
    bar.setCurrentIndex(1)  # it is the one that works
    qtbot.waitUntil(lambda: is_seen(again.mixer))
    assert bar.geometry().top() > again.docks["mixer"].geometry().center().y()


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


def test_the_panels_below_are_folded_away_and_come_back_as_they_were(open_window, qtbot):
    window = open_window()
    window.docks["spectrum"].close()
    window.docks["batch"].raise_()
    qtbot.waitUntil(lambda: is_seen(window.batch_panel))
    before = window.timeline.height()
    action = window.actions_by_id["panels-below"]
    action.trigger()
    qtbot.waitUntil(lambda: window.timeline.height() > before + 100)
    assert window.docks["mixer"].isHidden()
    assert not window.docks["effects"].isHidden()
    action.trigger()
    qtbot.waitUntil(lambda: is_seen(window.batch_panel))
    assert window.docks["spectrum"].isHidden()
    assert not window.docks["mixer"].isHidden()


def test_panels_that_were_folded_away_are_it_in_the_next_run_too(open_window, qtbot):
    window = open_window()
    window.actions_by_id["panels-right"].trigger()
    window.close()
    again = open_window()
    action = again.actions_by_id["panels-right"]
    assert again.docks["effects"].isHidden()
    assert not action.isChecked()
    action.trigger()
    assert action.isChecked()
    assert not again.docks["effects"].isHidden()


def test_a_panel_that_is_asked_for_while_all_are_folded_away_comes(open_window):
    window = open_window()
    action = window.actions_by_id["panels-below"]
    action.trigger()
    assert not action.isChecked()
    window.show_batch()
    assert action.isChecked()
    assert window.docks["mixer"].isHidden()


def test_in_a_low_window_most_is_for_the_timeline(open_window, qtbot):
    window = open_window()
    window.resize(1280, 720)
    size_docks(window, window.docks)
    qtbot.waitUntil(lambda: window.docks["mixer"].height() <= 230)
    assert window.timeline.height() > window.height() / 2
