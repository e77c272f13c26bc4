"""Splits LEF and DEF text into words with their lines, bounded, and says where a file breaks off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from chipscale.errors import InputError, Problem

MAX_BYTES = 400_000_000
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[();]|[^\s();"]+|"')
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


class Tokens:
    """The words of a LEF or DEF file, one after the other; `line` is the line of the last one. Use in `with`."""

    def __init__(self, path: Path, what: str) -> None:
        self.file = str(path)
        self.what = what  # "LEF" or "DEF"
        self.line = 0
        self.last = ""  # the word that ended the last `until`
        try:
            if path.stat().st_size > MAX_BYTES:
                limit = f"{MAX_BYTES / 1e6:g} MB"
                raise InputError(
                    [
                        Problem(
                            "file.too_large",
                            "the file is too large",
                            self.file,
                            limit=limit,
                            remedy=f"write a {what} with the pad cells only",
                        )
                    ]
                )
            self._handle = path.open(encoding="utf-8")
        except OSError as error:
            why = (
                "there is no such file" if isinstance(error, FileNotFoundError) else f"can't be read: {error.strerror}"
            )
            raise InputError(
                [Problem("file.missing", why, self.file, remedy="check the name and the folder")]
            ) from error

        self._words = self._read(self._handle)

    def __enter__(self) -> Tokens:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()

    def _read(self, handle: Iterable[str]) -> Iterator[str]:
        try:
            for number, line in enumerate(handle, 1):
                self.line = number
                if "#" in line:
                    line = re.sub(r"(^|\s)#.*", "", line)
                if '"' in line:
                    yield from _WORD.findall(line)
                else:
                    yield from line.replace("(", " ( ").replace(")", " ) ").replace(";", " ; ").split()
        except UnicodeDecodeError:
            self.fail(
                "lefdef.not_text", f"this is not a {self.what} file: it is not UTF-8 text", "is it the right file?"
            )

    def __iter__(self) -> Iterator[str]:
        return self._words

    def next(self) -> str:
        """Return the next word; InputError when the file ends here."""
        for word in self._words:
            return word
        self._cut_off()

    def _cut_off(self) -> NoReturn:
        self.fail("lefdef.truncated", f"the {self.what} ends in the middle", "write it again; the file is cut off")

    def statement(self) -> list[str]:
        """Return the words up to the next ';'."""
        return self.until(";")

    def until(self, *ends: str) -> list[str]:
        """Return the words up to the next one of `ends`, which is consumed."""
        words: list[str] = []
        for word in self._words:
            if word in ends:
                self.last = word
                return words
            words.append(word)
        self._cut_off()

    def skip_to_end(self, name: str) -> None:
        """Skip all words through `END name`."""
        before = ""
        while True:
            word = self.next()
            if before == "END" and word == name:
                return
            before = word

    def number(self, word: str) -> float:
        """Return a word as a number; InputError with the line when it is none."""
        if not _NUMBER.fullmatch(word) or len(word) > 40:
            self.fail("lefdef.number", f"'{word[:40]}' is not a number", f"a {self.what} has a number here")
        return float(word)

    def numbers(self, words: list[str]) -> list[float]:
        """Return the numbers among words, without the brackets around points."""
        return [self.number(word) for word in words if word not in ("(", ")")]

    def fail(self, code: str, what: str, remedy: str) -> NoReturn:
        """Raise InputError at the present line."""
        raise InputError([Problem(code, what, self.file, self.line or 1, remedy=remedy)])
