# SPDX-License-Identifier: MIT
"""The text screen as it lies in memory: 80 × 25 cells of character (code page 437) and attribute."""

COLUMNS, ROWS = 80, 25
ADDRESS, SIZE = 0xB8000, COLUMNS * ROWS * 2


class Cells:
    def __init__(self, memory):
        self.memory = memory

    def __eq__(self, other):
        return isinstance(other, Cells) and self.memory == other.memory

    def at(self, row, column):
        """(character code, attribute)"""
        place = (row * COLUMNS + column) * 2
        return self.memory[place], self.memory[place + 1]

    def codes(self, row):
        return self.memory[row * COLUMNS * 2:(row + 1) * COLUMNS * 2:2]

    def attributes(self, row):
        return self.memory[row * COLUMNS * 2 + 1:(row + 1) * COLUMNS * 2:2]

    def whole_row(self, row):
        """A row's 80 characters; a cell of 0 counts as a blank."""
        return self.codes(row).replace(b"\0", b" ").decode("cp437")

    def row(self, row):
        """A row's text without the blanks at its end."""
        return self.whole_row(row).rstrip()

    def text(self):
        return "\n".join(self.row(row) for row in range(ROWS))

    def shows(self, text):
        """Whether the text stands somewhere; blanks at the end of a line of it count."""
        return text in self.text() or text in "\n".join(self.whole_row(row) for row in range(ROWS))
