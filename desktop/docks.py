"""The panels around the timeline, as docks."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BELOW = Qt.DockWidgetArea.BottomDockWidgetArea

_PLACES = {
    "effects": ("Effects", RIGHT),
    "jobs": ("Jobs", RIGHT),
    "history": ("History", RIGHT),
    "notes": ("Piano roll", BELOW),
    "mixer": ("Mixer", BELOW),
    "spectrum": ("Spectrum", BELOW),
    "explorer": ("Instrument", BELOW),
    "batch": ("Batch", BELOW),
}
_WIDTH_PIXELS = 360
_HEIGHT_PIXELS = 286


def add_docks(window: QMainWindow, panels: Mapping[str, QWidget]) -> dict[str, QDockWidget]:
    """Return a dock for each panel, by its name; those of one side are tabs of it.

    Effects and mixer are in front.
    """
    docks: dict[str, QDockWidget] = {}
    first: dict[Qt.DockWidgetArea, QDockWidget] = {}
    for name, (title, area) in _PLACES.items():
        dock = QDockWidget(title, window)
        dock.setObjectName(name)
        dock.setAccessibleName(title)
        dock.setWidget(panels[name])
        if area in first:
            window.tabifyDockWidget(first[area], dock)
        else:
            window.addDockWidget(area, dock)
            first[area] = dock
        docks[name] = dock
    docks["effects"].raise_()
    docks["mixer"].raise_()
    window.resizeDocks([docks["effects"]], [_WIDTH_PIXELS], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["mixer"]], [_HEIGHT_PIXELS], Qt.Orientation.Vertical)
    return docks


def hide_stray_tab_bars(window: QMainWindow) -> None:
    """Hide tab bars that show and work no more.

    While docks become tabs one after another, and when a layout is restored, Qt leaves bars behind
    where they were, and they shine through what does not fill its ground. The newest one of all
    tabs of a place is the one that works.
    """
    places = {
        frozenset(each.windowTitle() for each in (dock, *window.tabifiedDockWidgets(dock)))
        for dock in window.findChildren(QDockWidget)
    }
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    for bar in reversed(bars):
        tabs = frozenset(bar.tabText(index) for index in range(bar.count()))
        if tabs in places:
            places.remove(tabs)
        else:
            bar.hide()


def is_seen(panel: QWidget) -> bool:
    """Return whether anything of a panel shows.

    To Qt one behind another tab is visible as well: it lies beside the window.
    """
    return not panel.visibleRegion().isEmpty()


def when_seen(dock: QDockWidget, refresh: Callable[[], object]) -> None:
    """Have a panel catch up whenever its dock is shown, or comes before the other tabs."""

    def told(seen: bool) -> None:
        if seen:
            QTimer.singleShot(0, dock, refresh)  # it is not in its place yet

    dock.visibilityChanged.connect(told)
