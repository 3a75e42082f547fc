from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableWidgetItem

from tonewright.desktop.tables import listing


def test_it_is_named_read_only_and_one_column_takes_the_room(qtbot):
    table = listing("Files", ["Name", "Size"], wide=1)
    qtbot.addWidget(table)
    table.resize(500, 200)
    table.setRowCount(1)
    table.setItem(0, 0, QTableWidgetItem("riff.wav"))
    table.setItem(0, 1, QTableWidgetItem("1 MB"))
    table.show()
    assert table.accessibleName() == "Files"
    assert table.horizontalHeaderItem(1).text() == "Size"
    assert table.columnWidth(1) > 300 > table.columnWidth(0)
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, Qt.Key.Key_F2)
    assert table.state() is not table.State.EditingState
    assert [each.text() for each in table.selectedItems()] == ["riff.wav", "1 MB"]
