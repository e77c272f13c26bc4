"""How balls are named: letters one way, numbers the other, with or without the letters JEDEC leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ALPHABETS = {
    "jedec": "ABCDEFGHJKLMNPRTUVWY",  # JEDEC JEP95 (design guide 4.x): I, O, Q, S, X, Z are not used
    "full": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}

_NAME = re.compile(r"([A-Z]+)([1-9][0-9]*)")


def letter_label(index: int, alphabet: str = "jedec") -> str:
    """Return the letter label of a 0-based index; after the last letter comes AA.

    >>> [letter_label(i) for i in (0, 8, 19, 20, 40)]
    ['A', 'J', 'Y', 'AA', 'BA']
    """
    letters = ALPHABETS[alphabet]
    label = ""
    index += 1
    while index > 0:
        index, digit = divmod(index - 1, len(letters))
        label = letters[digit] + label
    return label


def letter_index(label: str, alphabet: str = "jedec") -> int | None:
    """Return the 0-based index of a letter label, or None when a letter is not in the alphabet.

    >>> letter_index("AA"), letter_index("I"), letter_index("I", "full")
    (20, None, 8)
    """
    letters = ALPHABETS[alphabet]
    index = 0
    for letter in label:
        place = letters.find(letter)
        if place < 0:
            return None
        index = index * len(letters) + place + 1
    return index - 1 if label else None


@dataclass(frozen=True, slots=True)
class Naming:
    """A naming convention: whether rows or columns carry the letters, and which alphabet."""

    letters: Literal["rows", "columns"] = "rows"
    alphabet: Literal["jedec", "full"] = "jedec"

    def row_label(self, row: int) -> str:
        """Return the label of a 0-based row counted from the A1 corner."""
        return letter_label(row, self.alphabet) if self.letters == "rows" else str(row + 1)

    def col_label(self, col: int) -> str:
        """Return the label of a 0-based column counted from the A1 corner."""
        return str(col + 1) if self.letters == "rows" else letter_label(col, self.alphabet)

    def row_index(self, label: str | int) -> int | None:
        """Return the 0-based row of a label, or None when it is not one."""
        return self._letter(label) if self.letters == "rows" else _number(label)

    def col_index(self, label: str | int) -> int | None:
        """Return the 0-based column of a label, or None when it is not one."""
        return _number(label) if self.letters == "rows" else self._letter(label)

    def name(self, row: int, col: int) -> str:
        """Return the ball name: letters, then number.

        >>> Naming("columns").name(9, 0)
        'A10'
        """
        if self.letters == "rows":
            return self.row_label(row) + self.col_label(col)
        return self.col_label(col) + self.row_label(row)

    def place(self, name: str) -> tuple[int, int] | None:
        """Return the 0-based (row, column) a name stands for, or None when it follows another convention."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        letter, number = letter_index(match[1], self.alphabet), int(match[2]) - 1
        if letter is None:
            return None
        return (letter, number) if self.letters == "rows" else (number, letter)

    def _letter(self, label: str | int) -> int | None:
        return letter_index(label, self.alphabet) if isinstance(label, str) else None


def _number(label: str | int) -> int | None:
    text = str(label)
    return int(text) - 1 if text.isascii() and text.isdecimal() and int(text) > 0 else None
