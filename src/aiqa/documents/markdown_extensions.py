"""What note and documentation programs add to Markdown: tabs, fenced boxes, links by title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

_TAB = re.compile(r'^([ \t]*)===[!+]? +"([^"\n]*)"[ \t]*$', re.MULTILINE)
_WIKI_LINK = re.compile(r"(!?)\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")
_KIND = re.compile(r"\{[^{}]*\}|[\w-]+")


def tabs_as_admonitions(source: str) -> str:
    """Return ``source`` with each tab (``=== "Title"``) written as an admonition of that title."""
    return _TAB.sub(r'\1!!! tab "\2"', source)


def extensions_plugin(parser: MarkdownIt) -> None:
    """Let ``parser`` read boxes between colons (``::: tip Title``) and ``[[Page|label]]``."""
    container_plugin(parser, "box", validate=lambda *_: True, render=_box)
    parser.inline.ruler.before("link", "wiki_link", _wiki_link)


def _box(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Render the beginning of a box, with its title as a paragraph, or its end."""
    if tokens[index].nesting < 0:
        return "</div>\n"
    about = tokens[index].info.strip()
    kind = _KIND.match(about)
    title = about[kind.end() if kind else 0 :].strip("[] \t")
    return f"<div><p>{escape(title)}</p>\n" if title else "<div>\n"


def _wiki_link(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's protocol
    found = _WIKI_LINK.match(state.src, state.pos)
    if not found:
        return False
    if not silent and not found[1]:  # an embedded file is not part of this one
        state.push("text", "", 0).content = found[3] or found[2].replace("#", " > ")
    state.pos = found.end()
    return True
