"""What a web page declares about itself: its language, day of publication and own address.

Nothing is guessed from the text: what is not declared, or not well formed, is None. So ``htmldate``
is not used: it also takes days out of addresses, titles, pictures and changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from lxml.etree import _Element

_DATE_NAMES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.date",
    "dc.date",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "date",
)
"""Of ``meta`` elements, most trusted first: Open Graph, schema.org, Scholar, Dublin Core."""

_DAY = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DEEPEST = 20


def language(page: _Element) -> str | None:
    """Return the language of ``page`` as a tag such as "en" or "zh-Hans-CN" (BCP 47)."""
    tags = [page.get("lang"), page.get("xml:lang")]
    tags += [*_meta(page, "content-language"), *_meta(page, "og:locale")]
    return next((tag for tag in map(language_tag, tags) if tag), None)


def published(page: _Element) -> str | None:
    """Return the day on which ``page`` was published, as YYYY-MM-DD (ISO 8601)."""
    days = (day(value) for value in _dates(page))
    return next((value for value in days if value), None)


def url(page: _Element) -> str | None:
    """Return the canonical address of ``page`` (RFC 6596), absolute and of the web."""
    links = (
        link.get("href", "")
        for link in page.iter("link")
        if "canonical" in link.get("rel", "").casefold().split()
    )
    return next((link for link in [*links, *_meta(page, "og:url")] if _is_address(link)), None)


def language_tag(tag: str | None) -> str | None:
    """Return ``tag`` as BCP 47 has it, "zh_cn" as "zh-CN"; None if it names no language.

    Language, script and region are kept; variants and extensions are left out.
    """
    from langcodes import Language

    try:
        parts = Language.get((tag or "").strip())
        language = parts.language
        if language is None or not language.isalpha() or language == "und":
            return None
        return Language.make(language, script=parts.script, territory=parts.territory).to_tag()
    except ValueError:
        return None


def day(value: str) -> str | None:
    """Return the day that a date or time begins with, as YYYY-MM-DD; None if there is none."""
    if parts := _DAY.match(value):
        try:
            return date(*map(int, parts.groups())).isoformat()
        except ValueError:
            return None
    return None


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link.strip())
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def _meta(page: _Element, name: str) -> Iterator[str]:
    for element in page.iter("meta"):
        names = (
            element.get(key, "").casefold()
            for key in ("property", "name", "itemprop", "http-equiv")
        )
        if name in names:
            yield element.get("content", "")


def _dates(page: _Element) -> Iterator[str]:
    for name in _DATE_NAMES:
        yield from _meta(page, name)
    for script in page.iter("script"):
        if script.get("type", "").casefold() == "application/ld+json":
            try:
                yield from _linked(json.loads(script.text or ""), 0)
            except (ValueError, RecursionError):
                continue
    for element in page.iter("time"):
        if element.get("itemprop") == "datePublished" or element.get("pubdate") is not None:
            yield element.get("datetime") or "".join(element.itertext())


def _linked(data: Any, depth: int) -> Iterator[str]:
    """Yield the values of schema.org's ``datePublished`` in JSON-LD, outermost first."""
    if depth > _DEEPEST:
        return
    if isinstance(data, dict):
        if isinstance(data.get("datePublished"), str):
            yield data["datePublished"]
        data = list(data.values())
    for value in data if isinstance(data, list) else ():
        yield from _linked(value, depth + 1)
