"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

from markupsafe import Markup

Kind = Literal["kept", "gone", "new"]
Part = tuple[Kind, str]

_MARKS: dict[Kind, tuple[str, str]] = {
    "kept": ("", ""),
    "gone": ("[-", "-]"),
    "new": ("{+", "+}"),
}

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def redline(before: str, after: str) -> Iterator[Part]:
    """Yield the parts of both texts in order: what was kept, what is gone and what is new.

    Blanks and punctuation that two changes have in common between them are no part that was kept.
    """
    gone = new = between = ""
    for kind, old, fresh in _opcodes(before, after):
        if kind == "kept" and (gone or new) and not re.search(r"\w", old):
            between += old
            continue
        if kind == "kept":
            yield from _change(gone, new)
            yield "kept", between + old
            gone = new = between = ""
            continue
        gone += between + old
        new += between + fresh
        between = ""
    yield from _change(gone, new)
    if between:
        yield "kept", between


def marked(kind: Kind, text: str) -> str:
    """Return a part with the marks of wdiff: "[-gone-]" and "{+new+}"."""
    left, right = _MARKS[kind]
    return f"{left}{text}{right}"


def plain_redline(before: str, after: str) -> str:
    """Return the change as text, with the marks of ``marked``."""
    return "".join(marked(kind, text) for kind, text in redline(before, after))


def html_redline(before: str, after: str) -> Markup:
    """Return the change as HTML with ``<del>`` and ``<ins>``; ``Markup`` escapes the texts."""
    marks = {"kept": Markup("{}"), "gone": Markup("<del>{}</del>"), "new": Markup("<ins>{}</ins>")}
    parts = (marks[kind].format(text) for kind, text in redline(before, after))
    return Markup("").join(parts).replace("\n", Markup("<br>"))


def _opcodes(before: str, after: str) -> Iterator[tuple[Literal["kept", "changed"], str, str]]:
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    for kind, a_start, a_end, b_start, b_end in codes:
        old, fresh = "".join(a[a_start:a_end]), "".join(b[b_start:b_end])
        yield "kept" if kind == "equal" else "changed", old, fresh


def _change(gone: str, new: str) -> Iterator[Part]:
    if gone:
        yield "gone", gone
    if new:
        yield "new", new
