"""LaTeX: the words that its pages show, as pylatexenc reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content, one_line

_LEVELS = {
    "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
    "subparagraph": 6,
}  # fmt: skip
_LISTS = frozenset(("itemize", "enumerate", "description"))
_TABLES = frozenset(("tabular", "tabular*", "tabularx", "longtable", "array", "tabulary"))
_CODE = frozenset(("verbatim", "lstlisting", "minted", "alltt", "Verbatim"))
_SILENT = frozenset((
    "label", "documentclass", "usepackage", "maketitle", "tableofcontents", "centering", "vspace",
    "hspace", "bibliographystyle", "bibliography", "input", "include", "includegraphics",
    "newpage", "clearpage", "noindent", "setlength", "pagestyle", "newcommand", "renewcommand",
    "title", "author", "date",
))  # fmt: skip
_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
_ABOUT = re.compile(rf"\\(title|author|date)(?:\[[^\]]*\])?{_GROUP}")
_MACRO = re.compile(
    rf"\\(?:(?:re|provide)?newcommand\*?\s*\{{?|def)\s*\\([A-Za-z]+)\}}?(?:\[1\])?{_GROUP}"
)
_BREAK = re.compile(r"\s*\\(?:and\b|\\)")
_THANKS = re.compile(rf"\\thanks{_GROUP}")
_MOST_USES = 10_000
"""Of the file's own macros that are replaced, for they may make a text grow without end."""
_COLUMNS = re.compile(r"\A\s*(?:\[[^\]]*\])?\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}\s*)+")
_RULES = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfoot|cline\{[^}]*\})")
_SPAN = re.compile(r"\\multi(?:column|row)\{[^{}]*\}\{[^{}]*\}\{((?:[^{}]|\{[^{}]*\})*)\}")


def load(data: bytes) -> Content:
    """Return headings, paragraphs, lists, tables, notes and code; no other file is read."""
    source = decode(data)
    text = CanonicalText()
    source = _expanded(source)
    about = {
        found[1]: _plain(_BREAK.sub(", ", _THANKS.sub(r" (\1)", found[2])))
        for found in _ABOUT.finditer(source)
    }
    for name in ("author", "date"):
        text.form_field(name, about.get(name, ""))
    body = _BODY.search(source)
    _Reader(text).add(_nodes(body[1] if body else source))
    return text.content(title=about.get("title"))


def _expanded(source: str) -> str:
    """Return ``source`` with the macros that it defines replaced, those of one argument at most."""
    bodies = {found[1]: found[2] for found in _MACRO.finditer(source)}
    if not bodies:
        return source
    use = re.compile(rf"\\({'|'.join(bodies)})(?![A-Za-z])(?:{_GROUP}|[ ]*)")
    return use.sub(
        lambda found: bodies[found[1]].replace("#1", found[2] or ""),
        _MACRO.sub("", source),
        count=_MOST_USES,
    )


def _nodes(source: str) -> Sequence[Any]:
    from pylatexenc.latexwalker import LatexWalker, get_default_latex_context_db
    from pylatexenc.macrospec import MacroSpec

    known = get_default_latex_context_db()
    known.add_context_category(
        "captions", macros=[MacroSpec("caption", "*[{"), MacroSpec("footnotetext", "[{")]
    )
    walker = LatexWalker(source, latex_context=known, tolerant_parsing=True)
    nodes: Sequence[Any] = walker.get_latex_nodes()[0]
    return nodes


def _plain(source: str) -> str:
    """Return LaTeX as the characters that it shows, formulas as their source says."""
    from pylatexenc.latex2text import LatexNodes2Text

    words: str = LatexNodes2Text(math_mode="text", keep_comments=False).latex_to_text(
        source, tolerant_parsing=True
    )
    return one_line(words)


class _Reader:
    """Adds the nodes of LaTeX to a text."""

    def __init__(self, text: CanonicalText) -> None:
        self._text = text
        self._loose = ""
        self._notes = 0
        self._after: list[tuple[str, str]] = []
        self._level = 0

    def add(self, nodes: Sequence[Any]) -> None:
        """Add ``nodes``: sections, environments, and what stands between them as paragraphs."""
        for node in nodes:
            name = getattr(node, "macroname", None) or getattr(node, "environmentname", None)
            if node is not None and not self._added(node, name):
                self._loose += node.latex_verbatim()
        self._flush()

    def _added(self, node: Any, name: str | None) -> bool:
        """Add what ends a paragraph or is no part of one; False for running text."""
        if name is None or name in _SILENT:
            return name is not None
        if name in _LEVELS and node.nodeargd is not None:
            self._flush()
            self._text.heading(_LEVELS[name], _plain(_argument(node)))
        elif name in ("footnote", "footnotetext", "caption") and node.nodeargd is not None:
            self._aside(name, _plain(_argument(node)))
        elif hasattr(node, "environmentname") and name not in ("equation", "align", "math"):
            self._flush()
            self._environment(node, name)
        else:
            return False
        return True

    def _aside(self, name: str, words: str) -> None:
        if name == "caption":
            self._flush()
            self._text.block("caption", words)
            return
        self._notes += 1
        notes = self._notes
        self._loose += f" [{notes}]"
        self._after.append((f"footnote {notes}", f"[{notes}] {words}"))

    def _environment(self, node: Any, name: str) -> None:
        if name in _CODE:
            inner = node.latex_verbatim().partition("}")[2].rpartition("\\end")[0]
            self._text.code(re.sub(r"\A\[[^\]]*\]", "", inner))
        elif name in _TABLES:
            inner = node.latex_verbatim().partition("}")[2].rpartition("\\end")[0]
            self._table(_COLUMNS.sub("", inner))
        elif name in _LISTS:
            self._list(node.nodelist, name)
        else:
            self.add(node.nodelist)

    def _list(self, nodes: Sequence[Any], name: str) -> None:
        self._level += 1
        number = 0
        marker = ""
        for node in nodes:
            if getattr(node, "macroname", None) == "item":
                self._item(marker)
                number += 1
                term = _argument(node) if node.nodeargd and node.nodeargd.argnlist[0] else ""
                marker = f"{number}." if name == "enumerate" else "-"
                self._loose = f"{term.strip('[]')}: " if term else ""
            elif getattr(node, "environmentname", None):
                self._item(marker)
                marker = ""
                self._environment(node, node.environmentname)
            else:
                self._loose += node.latex_verbatim()
        self._item(marker)
        self._level -= 1

    def _item(self, marker: str) -> None:
        words, self._loose = _plain(self._loose), ""
        self._text.list_item(words, marker, self._level)

    def _table(self, source: str) -> None:
        rows = [
            [_plain(_SPAN.sub(r"\1", cell)) for cell in re.split(r"(?<!\\)&", row)]
            for row in re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", _RULES.sub("", source))
            if row.strip()
        ]
        self._text.table(rows)

    def _flush(self) -> None:
        """Add the paragraphs gathered so far, then the notes to them."""
        loose, self._loose = self._loose, ""
        for part in re.split(r"\n[ \t]*\n", loose):
            self._text.paragraph(_plain(part))
        for label, words in self._after:
            self._text.block("note", words, label)
        self._after.clear()


def _argument(node: Any) -> str:
    """Return the last argument of a macro without its braces."""
    arguments = [argument for argument in node.nodeargd.argnlist if argument is not None]
    source = arguments[-1].latex_verbatim() if arguments else ""
    return source[1:-1] if source[:1] in "{[" else source
