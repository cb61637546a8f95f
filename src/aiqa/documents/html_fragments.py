"""HTML that other formats keep as text, such as the body of an article in JSON or in a feed."""

from __future__ import annotations

import re

from aiqa.documents import html_blocks
from aiqa.documents.html_elements import BLOCKS
from aiqa.documents.html_tables import cell_text

_INLINE = ("a", "b", "code", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u")
_MARKUP = re.compile(rf"</(?:{'|'.join([*sorted(BLOCKS), *_INLINE])})\s*>|<br\s*/?>", re.IGNORECASE)


def words_of_markup(source: str) -> str:
    """Return the words that a browser shows of ``source`` as one line; "" if it is no HTML."""
    if not _MARKUP.search(source):
        return ""
    page = html_blocks.parse(source)
    body = None if page is None else page.find("body")
    return "" if body is None else cell_text(body)
