"""reStructuredText as docutils reads it; of Sphinx's additions to it, their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from textwrap import dedent
from typing import Any

from docutils import nodes
from docutils.transforms.references import Footnotes
from docutils.utils import Reporter

from aiqa.documents.encoding import decode
from aiqa.documents.rst_parser import parse_rst
from aiqa.documents.tables import TableCell
from aiqa.documents.text_builder import CanonicalText, Content, one_line
from aiqa.errors import DocumentError
from aiqa.types import BlockKind

_DIRECTIVE = re.compile(r"\.\. +([\w:+.-]+?) ?::(?:[ \t]+(.*))?$", re.MULTILINE)
_OPTION = re.compile(r"\s+:([^:`\s][^:`]*):(?:\s|$)")
_TITLE = re.compile(r"(?:([^\w\s])\1*\n)?\s*(?P<words>\S.*)\n([^\w\s])\3*")
_SILENT = frozenset((
    "class", "currentmodule", "default-role", "highlight", "include", "index", "literalinclude",
    "meta", "module", "raw", "role",
))  # fmt: skip
"""Directives that show a reader nothing, or nothing that stands in the file itself."""

_PARSED_BY = frozenset(("delim", "escape", "header", "header-rows", "quote"))
"""Options of tables without which they are read differently."""

_TODAY = re.compile(r"\.\.\s+\|[^|]+\|\s+date::")
_MOST_SUBSTITUTED = 10_000_000
"""Characters: a file whose substitutions make more is not a text but a bomb."""


def load(data: bytes) -> Content:
    """Headings, paragraphs, lists, tables and code as a reader of the rendered page sees them.

    Nothing is included or executed, and markup that docutils does not know gives its words. A
    date field in the first field list is when the text was published.

    Raises:
        DocumentError: the file nests too deeply or its substitutions are a bomb.
    """
    document = parse_rst(decode(data))
    text = CanonicalText()
    try:
        _Reader(text).document(document, level=0)
    except RecursionError as error:
        raise DocumentError("This file nests too deeply.") from error
    content = text.content(title=None)
    return replace(content, published=_date(document))


def _date(document: nodes.document) -> str | None:
    """The date in the first field list, if it is one by ISO 8601."""
    fields = next(document.findall(nodes.field_list), None)
    for name, body in (field.children for field in fields.children) if fields else ():
        if name.astext().lower() == "date":
            try:
                return datetime.fromisoformat(body.astext().strip()).date().isoformat()
            except ValueError:
                return None
    return None


class _Reader:
    """Adds the nodes of document trees to a text."""

    def __init__(self, text: CanonicalText) -> None:
        self._text = text
        self._substitutions: dict[str, str] = {}
        self._substituted = 0
        self._depth = 0

    def document(self, document: nodes.document, level: int) -> None:
        """Add a whole tree, its sections being below ``level``."""
        self._substitutions |= {
            name.lower(): self._words(definition)
            for name, definition in document.substitution_defs.items()
            if not _TODAY.match(definition.rawsource)  # the text must not depend on the day
        }
        Footnotes(document).apply()  # gives numbers to those that have only names
        self._blocks(document.children, level)

    def _blocks(self, children: Sequence[nodes.Node], level: int) -> None:
        for child in children:
            self._block(child, level)

    def _block(self, node: nodes.Node, level: int) -> None:
        match node:
            case nodes.Invisible() | nodes.raw():
                pass
            case nodes.section():
                self._blocks(node.children, level + 1)
            case nodes.title() if isinstance(node.parent, nodes.section):
                self._text.heading(min(level, 6), self._words(node))
            case nodes.FixedTextElement():
                self._text.code(self._words(node))
            case nodes.TextElement():
                self._running(node)
            case nodes.line_block():
                self._text.verbatim("paragraph", "\n".join(self._lines(node)))
            case nodes.table():
                self._table(node)
            case nodes.system_message():
                self._rejected(node, level)
            case nodes.Element():
                self._item(node, level)

    def _running(self, node: nodes.TextElement) -> None:
        kind: BlockKind = "caption" if isinstance(node, nodes.caption) else "paragraph"
        self._text.block(kind, self._words(node))

    def _item(self, node: nodes.Element, level: int) -> None:
        """Add a list or a part of one; of anything else, the blocks in it."""
        match node:
            case nodes.bullet_list() | nodes.enumerated_list():
                self._list(node, level)
            case nodes.definition_list_item():
                *terms, definition = node.children
                head = ", ".join(map(self._words, terms))
                self._entry(f"{head}: ", definition.children, level)
            case nodes.field() | nodes.option_list_item():
                name, body = node.children
                self._entry(f"{self._words(name)}: ", body.children, level)
            case nodes.Labeled() if node.children and isinstance(node.children[0], nodes.label):
                self._note(node, level)
            case nodes.image():
                self._text.block("caption", node.get("alt", ""))
            case nodes.topic() if "contents" in node["classes"]:
                pass  # would list the headings
            case _:
                self._blocks(node.children, level)

    def _list(self, node: nodes.Element, level: int) -> None:
        """Add a list, nested lists included, as consecutive lines."""
        first_letter = {"loweralpha": "a", "upperalpha": "A"}.get(node.get("enumtype", ""))
        self._depth += 1
        for number, item in enumerate(node.children, node.get("start", 1)):
            numeral = chr(ord(first_letter) + number - 1) if first_letter else str(number)
            bullet = isinstance(node, nodes.bullet_list)
            self._entry("", item.children, level, "-" if bullet else f"{numeral}.")
        self._depth -= 1

    def _entry(self, head: str, blocks: Sequence[nodes.Node], level: int, marker: str = "") -> None:
        """Add an item that begins with ``marker`` and ``head``; its paragraphs are lines of it."""
        depth = max(self._depth, 1)
        for block in blocks:
            if isinstance(block, nodes.paragraph):
                self._text.list_item(head + self._words(block), marker, depth)
                head = marker = ""
            elif not isinstance(block, nodes.Invisible | nodes.system_message):
                self._text.list_item(head, marker, depth)
                head = marker = ""
                self._block(block, level)
            else:
                self._block(block, level)
        self._text.list_item(head, marker, depth)

    def _note(self, node: nodes.Element, level: int) -> None:
        """Add a footnote or a citation with its label."""
        label, *blocks = node.children
        name = self._words(label)
        head = f"[{name}] "
        for block in blocks:
            if isinstance(block, nodes.paragraph):
                self._text.block("note", head + self._words(block), f"footnote {name}")
                head = ""
            else:
                self._block(block, level)

    def _lines(self, block: nodes.Element) -> list[str]:
        """Lines of a line block, those of blocks within it among them."""
        return [
            line
            for child in block.children
            for line in (
                self._lines(child) if isinstance(child, nodes.line_block) else [self._words(child)]
            )
        ]

    def _table(self, node: nodes.table) -> None:
        for title in node.findall(nodes.title):
            self._text.block("caption", self._words(title))
        head = [row for part in node.findall(nodes.thead) for row in part.children]
        body = [row for part in node.findall(nodes.tbody) for row in part.children]
        rows = [self._row(row, is_head=True) for row in head]
        rows += [self._row(row, is_head=False) for row in body]
        self._text.table(rows, header=None if head else False)

    def _row(self, row: Any, *, is_head: bool) -> list[TableCell]:
        return [
            TableCell(
                one_line(self._words(entry)),
                entry.get("morecols", 0) + 1,
                entry.get("morerows", 0) + 1,
                is_head,
            )
            for entry in row.children
        ]

    def _rejected(self, message: nodes.system_message, level: int) -> None:
        """Add the words of the source that docutils gives along with a complaint."""
        for block in message.findall(nodes.literal_block):
            source = block.astext()
            if directive := _DIRECTIVE.match(source):
                self._directive(directive, level)
            elif source.startswith(".. |") or _DIRECTIVE.match(f".. {source}"):
                pass  # of a substitution, which shows where it is used
            elif message["level"] < Reporter.ERROR_LEVEL:
                pass  # docutils only warns of what it did read
            elif title := _TITLE.fullmatch(source):
                self._text.heading(min(level + 1, 6), title["words"])
            else:
                self._text.code(source)

    def _directive(self, directive: re.Match[str], level: int) -> None:
        """Add a directive without the options that may be wrong; if there are none, its content."""
        name, argument = directive[1], directive[2] or ""
        if name in _SILENT:
            return
        lines = directive.string.split("\n")
        head = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
        options = {n: found[1] for n in range(1, head) if (found := _OPTION.match(lines[n]))}
        if unwanted := [n for n in options if options[n] not in _PARSED_BY] or list(options):
            kept = [line for n, line in enumerate(lines) if n not in unwanted]
            self.document(parse_rst("\n".join(kept)), level)
        else:
            if "`" in argument:
                self.document(parse_rst(argument), level)
            else:  # a signature, say, in which a star is no markup
                self._text.paragraph(argument)
            self.document(parse_rst(dedent("\n".join(lines[1:]))), level)

    def _words(self, node: nodes.Node) -> str:
        """Text of all inline parts, substitutions made."""
        match node:
            case nodes.Text() | nodes.option_argument():
                return node.astext()
            case nodes.image() | nodes.raw() | nodes.comment() | nodes.system_message():
                return ""
            case nodes.footnote_reference() | nodes.citation_reference():
                return f"[{node.astext()}]" if node.astext() else ""
            case nodes.substitution_reference():
                return self._substitution(node)
            case nodes.Element():
                return node.child_text_separator.join(map(self._words, node.children))
        return ""

    def _substitution(self, node: nodes.substitution_reference) -> str:
        words = self._substitutions.get(str(node["refname"]).lower(), node.astext())
        self._substituted += len(words)
        if self._substituted > _MOST_SUBSTITUTED:
            raise DocumentError("The substitutions of this file make more than 10 MB of text.")
        return words
