"""Both themes can be read, and icons are drawn in their colours."""

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QWidget

from tonewright.desktop.theme import DARK, LIGHT, THEMES, icon, theme_of


def luminance(color):
    """Relative luminance, as WCAG 2.1 defines it."""
    parts = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in QColor(color).getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_stands_out_from_every_ground(theme):
    """WCAG 2.1 asks 4.5 of text and 3 of what only has to be made out."""
    for ground in (theme.window, theme.panel, theme.raised):
        assert contrast(theme.text, ground) >= 4.5
        assert contrast(theme.dim, ground) >= 3.0
        assert contrast(theme.accent, ground) >= 3.0
    assert contrast(theme.window, theme.accent) >= 4.5  # text on what is chosen


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_all_colours_are_colours(theme):
    names = [each.name for each in fields(theme) if each.name != "name"]
    assert all(QColor(getattr(theme, name)).isValid() for name in names)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_a_widget_knows_its_theme(qtbot, theme):
    widget = QWidget()
    qtbot.addWidget(widget)
    palette = QPalette(widget.palette())
    palette.setColor(QPalette.ColorRole.Base, QColor(theme.window))
    widget.setPalette(palette)
    assert theme_of(widget) is theme


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_an_icon_stands_out_from_a_button_also_from_a_checked_one(qapp, theme):
    made = icon("play", theme)
    for state, color in ((QIcon.State.Off, theme.text), (QIcon.State.On, theme.window)):
        image = made.pixmap(32, 32, QIcon.Mode.Normal, state).toImage()
        seen = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert seen == {color}
    with pytest.raises(FileNotFoundError):
        icon("no such icon", theme)
