"""The panels around the timeline, as docks."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BELOW = Qt.DockWidgetArea.BottomDockWidgetArea

_PLACES = {
    "effects": ("Effects", RIGHT),
    "jobs": ("Renders", RIGHT),
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
        window.addDockWidget(area, dock)
        if area in first:
            window.tabifyDockWidget(first[area], dock)
        else:
            first[area] = dock
        docks[name] = dock
    docks["effects"].raise_()
    docks["mixer"].raise_()
    window.resizeDocks([docks["effects"]], [_WIDTH_PIXELS], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["mixer"]], [_HEIGHT_PIXELS], Qt.Orientation.Vertical)
    return docks


def is_seen(panel: QWidget) -> bool:
    """Return whether anything of a panel shows.

    To Qt one behind another tab is visible as well: it lies beside the window.
    """
    return not panel.visibleRegion().isEmpty()
