"""Front matter: what stands about a text in YAML or TOML before it.

What a reader may ask for, such as authors, days and versions, becomes a field of the text. What is
set for the program that shows the page, such as its layout and its place in a menu, is markup.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiqa.documents.html_metadata import day, language_tag

_FRONT_MATTER = re.compile(
    r"\ufeff?(?P<fence>---|\+\+\+)[ \t]*\n(?P<values>.*?)^(?:(?P=fence)|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_SETTINGS = frozenset((
    "aliases", "banner", "bibliography", "comments", "cover", "csl", "css", "cssclass",
    "cssclasses", "documentclass", "draft", "edit_url", "editurl", "fontsize", "grand_parent",
    "has_children", "header_includes", "hide", "hide_table_of_contents", "hide_title", "highlight",
    "icon", "id", "image", "jupyter", "kernelspec", "knitr", "layout", "link_title", "linktitle",
    "mathjax", "menu", "menu_order", "nav_exclude", "nav_order", "nav_title", "navigation",
    "output", "pagination_next", "pagination_prev", "parent", "permalink", "published",
    "redirect_from", "redirect_to", "robots", "search_exclude", "sidebar", "sidebar_class_name",
    "sidebar_label", "sidebar_position", "sitemap", "slug", "sort_order", "template", "theme",
    "thumbnail", "toc", "toc_depth", "url", "uuid",
))  # fmt: skip
"""Names of values that say how a page is shown or found, not what it says."""

_SETTINGS_IF = {
    **dict.fromkeys(("order", "position", "rank", "weight"), re.compile(r"-?\d+")),
    **dict.fromkeys(
        ("category", "categories", "group", "section"), re.compile(r"[a-z0-9]*([_/-][a-z0-9]*)+")
    ),
}
"""Those that do where their value is of this form, a place in a list or an address among pages."""

_MOST_VALUES = 1000
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says about itself: its title, day and language, and other values by name."""

    title: str | None = None
    published: str | None = None
    language: str | None = None
    others: tuple[tuple[str, str], ...] = field(default=())


def split(source: str) -> tuple[FrontMatter, str]:
    """Return the front matter of ``source`` and the text below it.

    What stands between the fences but is no mapping is not front matter, and stays in the text.
    """
    found = _FRONT_MATTER.match(source)
    values = _values(found["values"], found["fence"]) if found else None
    if found is None or values is None:
        return FrontMatter(), source
    named = {str(key).lower(): str(value) for key, value in values.items() if _is_plain(value)}
    taken = {"title", "lang", "language"}
    dated = named.get("date") or named.get("published") or ""
    if published := day(dated):
        taken.add("date")
    return FrontMatter(
        title=named.get("title"),
        published=published,
        language=language_tag(named.get("lang") or named.get("language")),
        others=tuple(_others(values, frozenset(taken))),
    ), source[found.end() :]


def _values(source: str, fence: str) -> Mapping[Any, Any] | None:
    """Return the mapping that ``source`` holds; None where it holds none."""
    import yaml

    try:
        # Values stay as they are written: a day is no date object, and "no" is a word.
        values = tomllib.loads(source) if fence == "+++" else yaml.load(source, yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, tomllib.TOMLDecodeError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _others(values: Mapping[Any, Any], taken: frozenset[str]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = str(key)
        known = re.sub(r"[ -]", "_", name.lower())
        if known in taken | _SETTINGS:
            continue
        words = ", ".join(_words(value, [_MOST_VALUES], 0))
        if known in _SETTINGS_IF and _SETTINGS_IF[known].fullmatch(words):
            continue
        if words.lower() not in ("", "true", "false", "null", "~"):
            yield name, words


def _words(value: Any, left: list[int], depth: int) -> Iterator[str]:
    """Yield the words of a value and those within it, as many as ``left`` allows.

    Aliases of YAML make a few lines thousands of values.
    """
    if left[0] <= 0 or depth > _DEEPEST:
        left[0] -= 1  # dead ends are as many as values
        return
    match value:
        case dict():
            for key, inner in value.items():
                words = ", ".join(_words(inner, left, depth + 1))
                if words:
                    yield f"{key}: {words}"
        case list():
            for inner in value:
                yield from _words(inner, left, depth + 1)
        case _:
            left[0] -= 1
            if any(map(str.isalnum, str(value))):
                yield str(value)
