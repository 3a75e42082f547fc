"""Colours and the style sheet: one dark theme and one light, both calm.

A widget that paints itself asks ``theme_of`` for the colours; others follow the palette.
"""

from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from tonewright import resources


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of the program, as ``#rrggbb``.

    Attributes:
        window: Behind everything.
        panel: Bars, headers and docks.
        raised: Buttons and fields.
        line: Borders and bar lines.
        faint: Beat lines.
        text: What is read.
        dim: What is read second.
        accent: Selection and what is on.
        danger: What is missing or failed.
        playhead: The playhead.
    """

    name: str
    window: str
    panel: str
    raised: str
    line: str
    faint: str
    text: str
    dim: str
    accent: str
    danger: str
    playhead: str


DARK = Theme(
    name="dark",
    window="#1b1d21",
    panel="#24272c",
    raised="#31353c",
    line="#3a3f47",
    faint="#282b31",
    text="#dde1e7",
    dim="#9299a5",
    accent="#5aa9e6",
    danger="#e5655e",
    playhead="#f2c14e",
)
LIGHT = Theme(
    name="light",
    window="#f2f3f5",
    panel="#e6e8eb",
    raised="#ffffff",
    line="#bfc4cc",
    faint="#e0e3e7",
    text="#22262c",
    dim="#666d78",
    accent="#1f6fae",
    danger="#c03a32",
    playhead="#b07400",
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the whole program."""
    app.setStyle("Fusion")
    palette = QPalette()
    role = QPalette.ColorRole
    for roles, color in (
        ((role.Window, role.Button), theme.panel),
        ((role.Base, role.ToolTipBase), theme.window),
        ((role.AlternateBase, role.Light), theme.raised),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), theme.text),
        ((role.PlaceholderText,), theme.dim),
        ((role.Highlight, role.Link), theme.accent),
        ((role.HighlightedText,), theme.window),
        ((role.Mid, role.Dark, role.Shadow), theme.line),
    ):
        for each in roles:
            palette.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.dim))
    app.setPalette(palette)
    colors = {name: getattr(theme, name) for name in Theme.__slots__}
    # A style sheet that restyles the place of a sign must bring the sign; arrows are a grey that
    # suits both themes.
    signs = {"down": "down", "up": "up", "check": f"check-{theme.name}"}
    files = {sign: resources.path("icons", f"{n}.svg").as_posix() for sign, n in signs.items()}
    app.setStyleSheet(_STYLE.format(**colors, **files))


def theme_of(widget: QWidget) -> Theme:
    """Return the theme that a widget is dressed in."""
    return DARK if widget.palette().color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


def faded(color: QColor | str, alpha: int) -> QColor:
    """Return a colour with an opacity of 0 to 255."""
    result = QColor(color)
    result.setAlpha(alpha)
    return result


def icon(name: str, theme: Theme) -> QIcon:
    """Return an icon of ``resources/icons`` in the colours of buttons: off, and checked.

    Raises:
        FileNotFoundError: If there is no such icon.
    """
    svg = resources.path("icons", f"{name}.svg").read_text("utf-8")
    made = QIcon()
    for state, color in ((QIcon.State.Off, theme.text), (QIcon.State.On, theme.window)):
        renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", color).encode()))
        for size in (16, 32, 64):
            image = QImage(QSize(size, size), QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
            painter = QPainter(image)
            renderer.render(painter)
            painter.end()
            made.addPixmap(QPixmap.fromImage(image), QIcon.Mode.Normal, state)
    return made


_STYLE = """
* {{ font-size: 12px; }}
QMainWindow::separator {{ background: {window}; width: 4px; height: 4px; }}
QToolBar {{ background: {panel}; border: none; border-bottom: 1px solid {line}; spacing: 2px;
    padding: 4px 6px; }}
QToolBar::separator {{ background: {line}; width: 1px; margin: 4px 6px; }}
QToolButton {{ border: none; border-radius: 4px; padding: 4px; }}
QToolButton[popupMode="2"] {{ padding-right: 15px; }}
QToolButton::menu-indicator {{ subcontrol-origin: padding; subcontrol-position: right center;
    right: 2px; }}
QToolButton:hover {{ background: {raised}; }}
QToolButton:checked {{ background: {accent}; color: {window}; }}
QPushButton {{ background: {raised}; border: 1px solid {line}; border-radius: 4px;
    padding: 5px 14px; }}
QPushButton:hover, QPushButton:focus {{ border-color: {accent}; }}
QPushButton:default {{ background: {accent}; color: {window}; }}
QPushButton:disabled {{ color: {dim}; background: {panel}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QComboBox {{ background: {window};
    border: 1px solid {line}; border-radius: 4px; padding: 3px 6px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border-color: {accent}; }}
QComboBox::drop-down {{ border: none; width: 18px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button {{ border: none; width: 14px; }}
QComboBox::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("{up}"); width: 9px; height: 9px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url("{down}"); width: 9px;
    height: 9px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QCheckBox::indicator:unchecked {{ width: 12px; height: 12px; border: 1px solid {dim};
    border-radius: 3px; background: {window}; }}
QCheckBox::indicator:unchecked:disabled {{ border-color: {line}; }}
QMenuBar {{ background: {panel}; padding: 2px 4px; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {raised}; }}
QMenu {{ background: {panel}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: 4px; }}
QMenu::item:selected {{ background: {accent}; color: {window}; }}
QMenu::item:disabled {{ color: {dim}; }}
QMenu::icon:checked {{ background: {accent}; border-radius: 3px; }}
QMenu::indicator {{ left: 5px; width: 12px; height: 12px; border-radius: 3px; }}
QMenu::indicator:checked {{ background: {accent}; image: url("{check}"); }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 8px; }}
QDockWidget::title {{ background: {panel}; padding: 6px 8px; border-bottom: 1px solid {line}; }}
QTabBar::tab {{ background: {window}; color: {dim}; padding: 5px 12px; border: none; }}
QTabBar::tab:selected {{ background: {panel}; color: {text};
    border-bottom: 2px solid {accent}; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {line}; color: {dim}; }}
QStatusBar::item {{ border: none; }}
QScrollBar {{ background: {window}; border: none; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar::handle {{ background: {line}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:hover {{ background: {dim}; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QSlider::groove:horizontal {{ height: 4px; background: {line}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 10px; height: 10px; margin: -3px 0; border-radius: 5px;
    background: {text}; }}
QCheckBox::indicator, QGroupBox::indicator, QListView::indicator {{ width: 13px; height: 13px;
    border: 1px solid {dim}; border-radius: 3px; background: {window}; }}
QCheckBox::indicator:checked, QGroupBox::indicator:checked, QListView::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{check}"); }}
QCheckBox::indicator:disabled, QGroupBox::indicator:disabled {{ border-color: {line}; }}
QCheckBox::indicator:checked:disabled {{ background: {line}; }}
QCheckBox::indicator:focus {{ border-color: {accent}; }}
QListView::indicator:selected {{ border-color: {window}; }}
TrackHeader QLineEdit {{ background: transparent; border: none; padding: 0; }}
TrackHeader QComboBox {{ padding: 0 4px; }}
TrackHeader QToolButton {{ padding: 0; font-weight: bold; }}
QToolButton#mute, QToolButton#solo {{ background: {raised}; padding: 4px 2px; }}
QToolButton#mute:checked {{ background: #e5655e; color: #1b1d21; }}
QToolButton#solo:checked {{ background: #f2c14e; color: #1b1d21; }}
QToolButton#send {{ padding: 4px 2px; }}
QToolButton#send::menu-indicator {{ image: none; }}
QLabel[role="second"] {{ color: {dim}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 3px; }}
QTableView, QListView, QTreeView, QUndoView {{ background: {window}; border: none; }}
QUndoView::item {{ padding: 4px 8px; }}
QHeaderView::section {{ background: {panel}; border: none; border-bottom: 1px solid {line};
    padding: 4px; color: {dim}; }}
"""
