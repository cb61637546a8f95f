"""Markdown as markdown-it-py renders it to HTML: CommonMark, GitHub's additions and footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from aiqa.documents import front_matter, html_blocks
from aiqa.documents.encoding import decode
from aiqa.documents.markdown_extensions import extensions_plugin, tabs_as_admonitions
from aiqa.documents.text_builder import CanonicalText, Content

_ALERT = re.compile(r"^((?:[ \t]*>)+[ \t]*)\[!(\w+)\][-+]?[ \t]*$", re.MULTILINE)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")
_ATTRIBUTES = re.compile(r"\{:[ \t]*[#.\w][^{}\n]*\}")
_AT_END = re.compile(rf"[ \t]*(?:{_ATTRIBUTES.pattern}|\{{[#.][^{{}}\n]*\}})[ \t]*$")
_BREAKS = ("softbreak", "hardbreak")


def load(data: bytes) -> Content:
    """Return the text that a reader of the rendered page sees, raw HTML included.

    Front matter gives the title and the day of publication; its other values are fields.
    """
    about, source = front_matter.split(decode(data))
    text = CanonicalText()
    for name, value in about.others:
        text.form_field(name, value)
    add_markdown(source, text)
    content = text.content(title=about.title)
    return replace(content, published=about.published, language=about.language)


def add_markdown(source: str, text: CanonicalText) -> None:
    """Add the text that Markdown without front matter shows."""
    page = html_blocks.parse(f"<body>{_html(source)}</body>")
    if page is not None:
        html_blocks.add_body(page, text)


def _html(source: str) -> str:
    parser = _parser()
    tokens = parser.parse(tabs_as_admonitions(_ALERT.sub(_alert, source)))
    for token in tokens:
        _show_placeholders(token, token.children or ())
    return str(parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for plugin in (footnote_plugin, tasklists_plugin, deflist_plugin, admon_plugin):
        parser.use(plugin)
    return parser.use(extensions_plugin)


def _alert(found: re.Match[str]) -> str:
    """Return the name of one of GitHub's alerts as a paragraph of its own."""
    return f"{found[1]}**{found[2].capitalize()}**\n{found[1]}"


def _show_placeholders(token: Token, children: Iterable[Token]) -> None:
    """Make words of what is written like a tag but is none, such as ``<file>``."""
    if token.type == "html_block" and not _is_html(token.content):
        token.content = f"<p>{escape(token.content)}</p>"
    if token.type == "inline" and token.children:
        _leave_out_attributes(token.children)
    for child in children:
        if child.type == "html_inline" and not _is_html(child.content):
            child.type = "text"


def _leave_out_attributes(children: Sequence[Token]) -> None:
    """Leave out what sets classes and names: at the end, on a line of its own, after a span."""
    before = "softbreak"
    for child in children:
        if child.type == "text":
            if child is children[-1]:
                child.content = _AT_END.sub("", child.content)
            found = _ATTRIBUTES.match(child.content)
            if found and (before not in _BREAKS or found.end() == len(child.content)):
                child.content = child.content[found.end() :]
        before = child.type


def _is_html(source: str) -> bool:
    """Whether the first tag of ``source`` is one of HTML, or it is a comment or the like."""
    from lxml.html import defs

    found = _TAG.match(source.lstrip())
    return found is None or found[1].lower() in defs.tags | _NEW_TAGS or "-" in found[1]


_NEW_TAGS = frozenset((
    "article", "aside", "audio", "bdi", "canvas", "data", "details", "dialog", "figcaption",
    "figure", "footer", "header", "hgroup", "main", "mark", "math", "meter", "nav", "output",
    "picture", "progress", "rp", "rt", "ruby", "search", "section", "source", "summary", "svg",
    "template", "time", "track", "video", "wbr",
))  # fmt: skip
"""Tags of HTML that lxml's list lacks."""
