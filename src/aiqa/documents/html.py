"""HTML pages: what a reader sees of them, without menus, banners and scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aiqa.documents import html_blocks, html_metadata
from aiqa.documents.encoding import decode
from aiqa.documents.html_folded import show_folded
from aiqa.documents.html_frames import note_frames
from aiqa.documents.html_navigation import remove_navigation
from aiqa.documents.html_roles import mark_tables
from aiqa.documents.text_builder import CanonicalText, Content

if TYPE_CHECKING:
    from lxml.etree import _Element


def load(data: bytes) -> Content:
    """Return the words of a page with its headings, lists, tables, notes, captions and code."""
    text = CanonicalText()
    page = html_blocks.parse(decode(data))
    if page is None:
        return text.content(title=None)
    note_frames(page, text)
    show_folded(page)
    mark_tables(page)
    if (body := page.find("body")) is not None:
        remove_navigation(body)
    html_blocks.add_body(page, text)
    return replace(
        text.content(title=_title(page)),
        language=html_metadata.language(page),
        published=html_metadata.published(page),
        url=html_metadata.url(page),
    )


def _title(page: _Element) -> str | None:
    """Return the title in the head of ``page``, unless a main heading shows a better one."""
    return None if page.find(".//h1") is not None else page.findtext("head/title")
