"""The panels around the timeline, as docks."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QTabBar, QWidget

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
_SCROLLED = {"explorer", "batch"}  # taller than what is below needs to be
_WIDTH_PIXELS = 360
_LOW_PIXELS, _HIGH_PIXELS = 216, 318  # of what is below
_SHARE = 0.33  # of the window that it takes


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
        dock.setWidget(_scrolled(panels[name]) if name in _SCROLLED else panels[name])
        if area in first:
            window.tabifyDockWidget(first[area], dock)
        else:
            window.addDockWidget(area, dock)
            first[area] = dock
        docks[name] = dock
    docks["effects"].raise_()
    docks["mixer"].raise_()
    layout = window.layout()
    assert layout is not None
    layout.activate()  # the docks lay side by side before they were tabs
    return docks


def size_docks(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Give the docks the size that leaves most of a window of its size to the timeline."""
    height = min(max(round(window.height() * _SHARE), _LOW_PIXELS), _HIGH_PIXELS)
    window.resizeDocks([docks["effects"]], [_WIDTH_PIXELS], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["mixer"]], [height], Qt.Orientation.Vertical)


def bring(dock: QDockWidget) -> None:
    """Show a dock, before the others of its place."""
    dock.show()
    dock.raise_()


def _scrolled(panel: QWidget) -> QScrollArea:
    """Return a panel that is scrolled where its dock is too low for it."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setAccessibleName(f"{panel.accessibleName()}, scrolled")
    area.setWidget(panel)
    area.setMinimumWidth(panel.minimumSizeHint().width())
    return area


class Side(QObject):
    """The docks of one side of a window, which can be folded away together.

    Signals:
        shown_changed (bool): Whether any of them shows now.
    """

    shown_changed = Signal(bool)

    def __init__(
        self, window: QMainWindow, docks: Iterable[QDockWidget], area: Qt.DockWidgetArea
    ) -> None:
        super().__init__(window)
        self._window = window
        self._docks = tuple(docks)
        self._area = area
        self._folded: tuple[QDockWidget, ...] = ()
        self._front: QDockWidget | None = None
        for dock in self._docks:
            dock.visibilityChanged.connect(self.tell)

    @property
    def shown(self) -> bool:
        """Whether any of the docks on this side shows."""
        return any(not dock.isHidden() for dock in self._here())

    def tell(self) -> None:
        """Say whether any shows; a layout that comes back does not say so itself."""
        self.shown_changed.emit(self.shown)

    def show(self, shown: bool) -> None:
        """Fold the docks away, or bring back those that were there, the same one in front."""
        if shown == self.shown:
            return
        if not shown:
            self._folded = tuple(dock for dock in self._here() if not dock.isHidden())
            self._front = next((dock for dock in self._folded if is_seen(dock.widget())), None)
        for dock in self._folded or self._here():
            dock.setVisible(shown)
        if shown and self._front is not None:
            self._front.raise_()

    def _here(self) -> list[QDockWidget]:
        return [
            dock
            for dock in self._docks
            if self._window.dockWidgetArea(dock) is self._area and not dock.isFloating()
        ]


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


def sides_of(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> dict[str, Side]:
    """Return the sides of a window, by the command that folds them away."""
    return {
        "panels-below": Side(window, docks.values(), BELOW),
        "panels-right": Side(window, docks.values(), RIGHT),
    }
