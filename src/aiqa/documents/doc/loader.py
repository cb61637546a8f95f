"""Old Word files to canonical text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

from aiqa.documents.compound_file import BROKEN, open_compound
from aiqa.documents.doc.file import TextPart, WordFile
from aiqa.documents.doc.lists import ListNumbers
from aiqa.documents.doc.notes import Note, notes
from aiqa.documents.doc.pieces import PieceText, whole
from aiqa.documents.doc.properties import Forms, ParagraphForm, left_out
from aiqa.documents.edged_tables import EdgedRow, table_rows
from aiqa.documents.text_builder import CanonicalText, Content, one_line

_Part = TypeVar("_Part")
_Runs = list[tuple[int, int]]

_END = re.compile(r"[\r\x07\x0c\x0e]")
_FIELD_BEGIN, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_SHOWN = {"\x0b": " ", "\t": " ", "\x1e": "-", "\xa0": " ", "\x1f": ""}
_MOST_LEVELS = 6
_STORIES = 6
_SEPARATORS = 6
_HEADERS = (0, 1, 4)
"""Which of the texts of a section stand at the top of its pages."""


def load(data: bytes) -> Content:
    """Headings by their styles, numbered lists, tables, notes and comments; headers at the end.

    Raises:
        DocumentError: the file is encrypted, damaged, or older than Word 97.
    """
    text = CanonicalText()
    with open_compound(data, "Word") as folder:
        _Reader(WordFile(folder), text).read()
        return text.content(title=folder.title)


class _Reader:
    """Adds what ``file`` holds to ``text``."""

    def __init__(self, file: WordFile, text: CanonicalText) -> None:
        self._file, self._text = file, text
        self._pieces = PieceText(file)
        self._forms = Forms(file)
        self._numbers: ListNumbers | None = self._part(
            "The numbers of lists", lambda: ListNumbers(file), None
        )
        no_notes: dict[int, Note] = {}
        self._notes = self._part("Notes and comments", lambda: notes(file), no_notes)
        nowhere: tuple[_Runs, _Runs] = ([], [])
        found = self._part("What was deleted or hidden", lambda: left_out(file), nowhere)
        self._deleted, self._hidden = found
        self._hides_text = False
        self._rows: list[EdgedRow] = []
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._waiting: list[Note] = []

    def read(self) -> None:
        """Add the main text, then boxes, page headers and footers."""
        lengths = self._file.lengths
        self._paragraphs(0, lengths.main)
        before_boxes = (
            lengths.main + lengths.footnotes + lengths.headers + lengths.macros
            + lengths.comments + lengths.endnotes
        )  # fmt: skip
        self._paragraphs(before_boxes, before_boxes + lengths.boxes)
        first = lengths.main + lengths.footnotes
        self._part("Page headers and footers", lambda: self._margins(first), None)
        if self._hides_text:
            self._text.omit("Text that is formatted as hidden was left out.")

    def _part(self, what: str, read: Callable[[], _Part], without: _Part) -> _Part:
        """Return what ``read`` gives, or ``without`` if that part of the file is damaged."""
        try:
            return read()
        except BROKEN as error:
            self._text.omit(f"{what} could not be read: {error or type(error).__name__}.")
            return without

    def _paragraphs(self, start: int, end: int) -> None:
        while start < end:
            found = _END.search(self._pieces.text, start, end)
            mark = found.start() if found else end - 1
            form = self._forms.at(self._pieces.place(mark))
            ends_cell = found is not None and found[0] == "\x07"
            self._paragraph(start, mark + (found is None), form, ends_cell=ends_cell)
            start = mark + 1
        self._end_table()

    def _paragraph(self, start: int, end: int, form: ParagraphForm, *, ends_cell: bool) -> None:
        if form.is_row_end and ends_cell:
            self._rows.append(EdgedRow(self._cells, list(form.cells), form.is_head_row))
            self._cells = []
            return
        words = self._words(start, end)
        marker = self._marker(form) if words else ""
        if form.in_table or ends_cell:
            shown = marker if any(map(str.isalnum, marker)) else ""
            self._cell.append(f"{shown} {words}")
            if ends_cell and not form.is_inner:
                self._cells.append(one_line(" ".join(self._cell)))
                self._cell = []
            return
        self._end_table()
        if form.heading:
            label = marker if any(map(str.isalnum, marker)) else ""
            self._text.heading(min(form.heading, _MOST_LEVELS), words, label)
        elif marker:
            self._text.list_item(words, marker, form.list_level + 1)
        else:
            self._text.paragraph(words)
        self._add_notes()

    def _marker(self, form: ParagraphForm) -> str:
        if not form.list:
            return ""
        return self._numbers.marker(form.list, form.list_level) if self._numbers else "-"

    def _end_table(self) -> None:
        rows, rest = self._rows, [*self._cells, *self._cell]
        self._rows, self._cells, self._cell = [], [], []
        if rows:
            heads = any(row.is_head for row in rows)
            self._text.table(table_rows(rows), header=True if heads else None)
            self._add_notes()
        for words in rest:
            self._text.paragraph(words)

    def _add_notes(self) -> None:
        waiting, self._waiting = self._waiting, []
        for note in waiting:
            self._text.block(note.kind, self._words(note.start, note.end), note.label)

    def _margins(self, first: int) -> None:
        """Add page headers and footers, each text once."""
        edges = self._file.positions(TextPart.HEADERS)
        seen: set[tuple[bool, str]] = set()
        for number, (start, end) in enumerate(pairwise(edges[:-1])):
            is_header = number % _STORIES in _HEADERS
            words = one_line(self._words(first + start, first + end))
            if number < _SEPARATORS or not words or (is_header, words) in seen:
                continue
            seen.add((is_header, words))
            if is_header:
                self._text.block("page header", words)
            else:
                self._text.block("page footer", words)

    def _words(self, start: int, end: int) -> str:
        """Return what is shown of the characters from ``start`` to ``end``."""
        shown: list[str] = []
        fields: list[bool] = []
        """For each field that is open, whether its result has begun."""
        for position in range(start, end):
            character = self._pieces.text[position]
            if character == _FIELD_BEGIN:
                fields.append(False)
            elif character == _FIELD_RESULT and fields:
                fields[-1] = True
            elif character == _FIELD_END and fields:
                fields.pop()
            elif not all(fields) or self._is_left_out(position):
                continue
            elif position in self._notes and character in "\x02\x05":
                note = self._notes[position]
                self._waiting.append(note)
                shown.append(note.mark)
            elif character in _SHOWN:
                shown.append(_SHOWN[character])
            elif character in "\r\x07\x0c\x0e":
                shown.append(" ")
            elif character >= " ":
                shown.append(character)
        return whole("".join(shown))

    def _is_left_out(self, position: int) -> bool:
        place = self._pieces.place(position)
        if _covers(self._deleted, place):
            return True
        if _covers(self._hidden, place):
            self._hides_text = True
            return True
        return False


def _covers(runs: _Runs, place: int) -> bool:
    number = bisect_right(runs, (place, 1 << 62)) - 1
    return number >= 0 and runs[number][0] <= place < runs[number][1]
