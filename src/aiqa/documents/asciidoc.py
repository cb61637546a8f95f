"""AsciiDoc as the page that it renders to, block by block."""

from __future__ import annotations

import re
from html import escape

from aiqa.documents import html_blocks
from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content

_TITLE = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?")
_ATTRIBUTE = re.compile(r":(!?[\w-]+!?):(?:[ \t]+(.*))?")
_FENCE = re.compile(r"(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|/{4,}|--|```\w*|[|,:!]===)[ \t]*")
_CODE_FENCES = ("----", "....", "```", "++++")
_ITEM = re.compile(r"[ \t]*([*\-•]{1,5}|\.{1,5}|\d+\.|[a-z]\.)[ \t]+(?:\[([ x*])\][ \t]+)?(\S.*)")
_TERM = re.compile(r"[ \t]*(\S.*?)(?::{2,4}|;;)(?:[ \t]+(.*))?")
_SILENT = re.compile(r"//(?!/).*|\[[^\]]*\][ \t]*|'''|<<<|(?:include|toc|ifdef|ifndef|endif)::.*")
_ADMONITION = re.compile(r"(NOTE|TIP|IMPORTANT|WARNING|CAUTION):[ \t]+(.*)", re.DOTALL)
_PICTURE = re.compile(r"image::?[^\[\s]*\[\"?([^\],\"]*)[^\]]*\]")
_INLINE = (
    (re.compile(r"footnote(?:ref)?:\w*\[([^\]]*)\]"), r" (\1)"),
    (re.compile(r"(?:link:|mailto:|xref:)[^\[\s]*\[([^\]]*?)(?:,[^\]]*|\^)?\]"), r"\1"),
    (re.compile(r"https?://[^\[\s]+\[([^\]^]+)\^?\]"), r"\1"),
    (re.compile(r"&lt;&lt;[^,&]*,[ ]*(.*?)&gt;&gt;"), r"\1"),
    (re.compile(r"&lt;&lt;#?([^,&]*)&gt;&gt;"), r"\1"),
    (re.compile(r"\[\[[^\]]*\]\]|\[#[^\]]*\](?=[*_#`])|\(\(\(.*?\)\)\)"), ""),
    (re.compile(r"(?:kbd|btn|menu|pass|stem):[^\[\s]*\[([^\]]*)\]"), r"\1"),
    (re.compile(r"(?<!\w)(\*\*?|__?|``?|##?)(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"\^(\S+?)\^"), r"<sup>\1</sup>"),
    (re.compile(r"(?<!~)~(\S+?)~(?!~)"), r"<sub>\1</sub>"),
    (re.compile(r" \+(?=\n|\Z)"), "<br>"),
)  # fmt: skip


def load(data: bytes) -> Content:
    """Return the words of the rendered page; nothing is included from other files."""
    text = CanonicalText()
    page = html_blocks.parse(f"<body>{_Page().html(decode(data))}</body>")
    if page is not None:
        html_blocks.add_body(page, text)
    return text.content(title=None)


class _Page:
    """Makes HTML of the lines of one file; knows the attributes that it defines."""

    def __init__(self) -> None:
        self._attributes: dict[str, str] = {}
        self._out: list[str] = []
        self._paragraph: list[str] = []
        self._list = ("", "")
        self._counts: dict[str, int] = {}

    def html(self, source: str) -> str:
        """Return ``source`` as HTML."""
        lines = source.split("\n")
        number = 0
        while number < len(lines):
            number = self._line(lines, number)
        self._close()
        return "".join(self._out)

    def _line(self, lines: list[str], number: int) -> int:
        """Read the line ``number`` and all that belongs to it; return the number of the next."""
        line = lines[number].rstrip()
        if fence := _FENCE.fullmatch(line):
            return self._fenced(lines, number, fence[1])
        if attribute := _ATTRIBUTE.fullmatch(line):
            self._attributes[attribute[1]] = attribute[2] or ""
        elif not line or line == "+" or _SILENT.fullmatch(line):
            self._close()
        elif not self._opened(line):
            self._paragraph.append(line)
        return number + 1

    def _opened(self, line: str) -> bool:
        """Add a title, an item or a picture that ``line`` is; False if it is none of them."""
        if title := _TITLE.fullmatch(line):
            self._add(f"h{len(title[1])}", title[2])
        elif item := _ITEM.fullmatch(line):
            box = "" if item[2] is None else ("☐ " if item[2] == " " else "☒ ")
            self._close()
            self._paragraph = [f"<li>{box}", item[3]]
            self._list = self._place(item[1])
        elif line.startswith(".") and line[1:2].isalnum():
            self._add("figcaption", line[1:])
        elif picture := _PICTURE.fullmatch(line):
            self._add("figcaption", picture[1])
        elif (term := _TERM.fullmatch(line)) and "://" not in term[1]:
            self._close()
            self._out.append(f"<dl><dt>{self._inline(term[1])}</dt>")
            self._paragraph = ["<dd>", term[2] or ""]
        else:
            return False
        return True

    def _place(self, marker: str) -> tuple[str, str]:
        """Return the tags around an item with ``marker``, which tells its depth and number."""
        depth = len(marker) if not marker[0].isalnum() else 1
        if marker not in self._counts and depth == 1:
            self._counts = {}
        self._counts = {other: n for other, n in self._counts.items() if len(other) <= len(marker)}
        self._counts[marker] = self._counts.get(marker, 0) + 1
        if marker[0] in "*-•":
            return "<ul>" * depth, "</ul>" * depth
        number = marker[:-1] if marker[0].isdigit() else self._counts[marker]
        outer = depth - 1
        return f"{'<ul>' * outer}<ol start='{number}'>", "</ol>" + "</ul>" * outer

    def _fenced(self, lines: list[str], number: int, fence: str) -> int:
        """Add a block between fences: code, a table, or more blocks."""
        self._close()
        closing = fence[:3] if fence.startswith("```") else fence
        end = next(
            (at for at in range(number + 1, len(lines)) if lines[at].rstrip() == closing),
            len(lines),
        )
        inner = lines[number + 1 : end]
        if fence[0] in "|,:!":
            self._table(inner, fence[0])
        elif fence.startswith(_CODE_FENCES):
            self._out.append(f"<pre>{escape(chr(10).join(inner))}</pre>")
        elif not fence.startswith("////"):
            return number + 1  # what it encloses is read on its own
        return end + 1

    def _table(self, lines: list[str], sign: str) -> None:
        """Add a table; its first line holds a row if it has several cells."""
        rows = [line for line in lines if line.strip()]
        cells = [
            cell.strip()
            for line in rows
            for cell in (line.split(sign)[1:] if sign in "|!" else line.split(sign))
        ]
        first = rows[0] if rows else ""
        width = max(first.count(sign) + (sign not in "|!"), 1)
        grid = [cells[at : at + width] for at in range(0, len(cells), width)]
        shown = ("".join(f"<td>{self._inline(cell)}</td>" for cell in row) for row in grid)
        self._out.append("<table>" + "".join(f"<tr>{row}</tr>" for row in shown) + "</table>")

    def _add(self, tag: str, words: str) -> None:
        self._close()
        self._out.append(f"<{tag}>{self._inline(words)}</{tag}>")

    def _close(self) -> None:
        """End the paragraph or item that lines were added to."""
        words = self._paragraph
        self._paragraph = []
        if not words:
            return
        if words[0].startswith(("<li>", "<dd>")):
            head, *rest = words
            before, after = self._list if head.startswith("<li>") else ("", "</dl>")
            self._out.append(f"{before}{head}{self._inline(chr(10).join(rest))}{after}")
            return
        self._counts = {}
        body = "\n".join(words)
        if admonition := _ADMONITION.fullmatch(body):
            self._out.append(f"<p>{admonition[1].capitalize()}</p>")
            body = admonition[2]
        self._out.append(f"<p>{self._inline(body)}</p>")

    def _inline(self, words: str) -> str:
        """Return words as HTML: attributes put in, links and emphasis as their words."""
        for name, value in self._attributes.items():
            words = words.replace(f"{{{name}}}", value)
        shown = escape(words, quote=False)
        for pattern, replacement in _INLINE:
            shown = pattern.sub(replacement, shown)
        return _PICTURE.sub(r"\1", shown)
