"""The paragraphs of Rich Text as they are completed, and where each goes in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aiqa.documents.edged_tables import CellForm, EdgedRow, table_rows
from aiqa.documents.text_builder import CanonicalText, one_line

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_MOST_LEVELS = 6
_BODY_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Form:
    """How a paragraph is set: style, outline level (from 0), list level, whether in a table."""

    style: int = 0
    outline: int = _BODY_LEVEL
    list_level: int = 0
    in_table: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """A style of paragraphs: its name, and its outline level."""

    name: str
    outline: int = _BODY_LEVEL


@dataclass(slots=True)
class RtfParagraphs:
    """Adds paragraphs, rows and what is anchored in them to ``text``."""

    text: CanonicalText
    styles: dict[int, Style] = field(default_factory=dict)
    marker: str = ""
    """What stands before the present item of a list."""
    _rows: list[EdgedRow] = field(default_factory=list)
    _row: EdgedRow = field(default_factory=EdgedRow)
    _cell: list[str] = field(default_factory=list)
    _waiting: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, label and words of notes, comments and boxes, until their paragraph is complete."""

    def end_paragraph(self, words: str, form: Form) -> None:
        """Add a paragraph, or a line to the present cell of a table."""
        if form.in_table:
            self._cell.append(self._marked(words))
            return
        self.end_table()
        level = self._level(form)
        if level and one_line(words):
            self.text.heading(level, words, self._number())
        elif self.marker:
            self.text.list_item(words, self._number() or "-", form.list_level + 1)
        else:
            self.text.paragraph(words)
        if one_line(words):
            self.marker = ""
        self._add_waiting()

    def end_cell(self, words: str) -> None:
        """Complete a cell of the present row."""
        self._cell.append(self._marked(words))
        self._row.cells.append(one_line(" ".join(self._cell)))
        self._cell = []

    def begin_row(self) -> None:
        """Forget the forms of the cells of the row before."""
        self._row.forms, self._row.is_head = [], False

    def add_form(self, form: CellForm) -> None:
        """Tell the form of the next cell of the present row."""
        self._row.forms.append(form)

    def mark_head(self) -> None:
        """Tell that the present row holds the heads of the columns."""
        self._row.is_head = True

    def end_row(self) -> None:
        """Complete the present row; the next one has cells of the same forms unless told."""
        self._rows.append(self._row)
        self._row = EdgedRow(forms=list(self._row.forms))

    def end_table(self) -> None:
        """Add the table that the rows so far make, and cells that no row holds as paragraphs."""
        rows, rest = self._rows, [*self._row.cells, *self._cell]
        self._rows, self._row, self._cell = [], EdgedRow(forms=self._row.forms), []
        if rows:
            heads = any(row.is_head for row in rows)
            self.text.table(table_rows(rows), header=True if heads else None)
            self._add_waiting()
        for words in rest:
            self.text.paragraph(words)

    def anchor(self, kind: str, label: str, words: str) -> None:
        """Add a note, a comment or the text of a box after the present paragraph or table."""
        if one_line(words):
            self._waiting.append((kind, label, words))

    def _add_waiting(self) -> None:
        for kind, label, words in self._waiting:
            if kind == "note":
                self.text.block("note", words, label)
            elif kind == "comment":
                self.text.block("comment", words, label)
            else:
                for line in words.split("\n"):
                    self.text.paragraph(line)
        self._waiting.clear()

    def _marked(self, words: str) -> str:
        shown = f"{self._number()} {words}"
        self.marker = "" if one_line(words) else self.marker
        return shown

    def _number(self) -> str:
        """Return the marker if it is a number: a sign, or a letter alone, is a bullet."""
        is_bullet = len(self.marker) == 1 and not self.marker.isdigit()
        return "" if is_bullet or not any(map(str.isalnum, self.marker)) else self.marker

    def _level(self, form: Form) -> int:
        """Return the level of the heading that a paragraph of this form is; 0 for none."""
        style = self.styles.get(form.style, Style(""))
        if found := _HEADING.fullmatch(style.name):
            return min(int(found[1]) or 1, _MOST_LEVELS)
        if style.name.casefold() == "title":
            return 1
        outline = form.outline if form.outline < _BODY_LEVEL else style.outline
        return min(outline + 1, _MOST_LEVELS) if outline < _BODY_LEVEL else 0
