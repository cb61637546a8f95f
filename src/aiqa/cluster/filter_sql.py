"""Filters as conditions that the search tables evaluate."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiqa.cluster.chunk_rows import PLACE
from aiqa.types import Filters

_ANY = r"[^\x00]"
_REST = f"{_ANY}*"
"""What stands for one character of a part of ``places``, and for any number of them."""

_WILD = re.compile(r"[*?\[]")


def search_condition(filters: Filters | None) -> str | None:
    """Return the SQL condition on a search table that ``filters`` stand for; None if there is none.

    Conditions that an index answers come first; one that it cannot answer alone is made exact by
    an expression over ``places``.
    """
    if filters is None or filters == Filters():
        return None
    parts = []
    if filters.formats:
        parts.append(f"format IN ({_list(filters.formats)})")
    if filters.title is not None:
        parts.append(f"contains(title, {_text(filters.title.casefold())})")
    if filters.collections:
        parts.append(f"array_has_any(collections, [{_list(filters.collections)}])")
    if filters.since is not None:
        parts.append(f"(newest != '' AND newest >= {_text(filters.since)})")
    if filters.until is not None:
        parts.append(f"(oldest != '' AND oldest <= {_text(filters.until)})")
    folders = [_folder(pattern) for pattern in filters.sources]
    if folders and all(folders):
        parts.append(f"array_has_any(folders, [{_list(dict.fromkeys(folders))}])")
    if _needs_places(filters):
        parts.append(f"regexp_like(places, {_text(_places(filters))})")
    return " AND ".join(parts) or None


def _needs_places(filters: Filters) -> bool:
    """Tell whether one source must meet several conditions, or a pattern is more than a folder."""
    days = [filters.since is not None, filters.until is not None]
    several = sum([bool(filters.sources), bool(filters.collections), *days]) > 1
    return several or any(pattern != f"{_folder(pattern)}*" for pattern in filters.sources)


def _places(filters: Filters) -> str:
    """Return the regular expression for a source that meets all conditions on sources."""
    collections = "|".join(map(_escaped, filters.collections)) if filters.collections else _REST
    since = _REST if filters.since is None else _from(filters.since)
    until = _REST if filters.until is None else _to(filters.until)
    sources = "|".join(map(_glob, filters.sources)) if filters.sources else _REST
    parts = zip(PLACE, (collections, since, until, sources), strict=True)
    return "".join(rf"\x00{mark}(?:{part})" for mark, part in parts) + r"\x00"


def _folder(pattern: str) -> str:
    """Return the folder, with a slash at the end, that all matches of a pattern are in, or ""."""
    literal = _WILD.split(pattern, maxsplit=1)[0]
    return literal[: literal.rfind("/") + 1]


def _from(day: str) -> str:
    """Return the expression for texts that are not empty, from ``day`` on."""
    longer = [f"{_escaped(day)}{_ANY}*"] if day else [f"{_ANY}+"]
    return "|".join(
        longer
        + [
            rf"{_escaped(day[:at])}[{_point(ord(one) + 1)}-\x{{10FFFF}}]{_ANY}*"
            for at, one in enumerate(day)
        ]
    )


def _to(day: str) -> str:
    """Return the expression for texts that are not empty, up to ``day``."""
    shorter = [_escaped(day[:end]) for end in range(1, len(day) + 1)]
    lower = [
        rf"{_escaped(day[:at])}[\x01-{_point(ord(one) - 1)}]{_ANY}*"
        for at, one in enumerate(day)
        if ord(one) > 1
    ]
    # No expression may be empty: that would match a day that is not known.
    return "|".join(shorter + lower) or r"[^\s\S]"


def _glob(pattern: str) -> str:
    """Return the expression for what SQLite's GLOB ``pattern`` matches."""
    made, at = [], 0
    while at < len(pattern):
        one = pattern[at]
        at += 1
        if one == "*":
            made.append(_REST)
        elif one == "?":
            made.append(_ANY)
        elif one == "[":
            among, at = _set(pattern, at)
            made.append(among)
        else:
            made.append(_escaped(one))
    return "".join(made)


def _set(pattern: str, at: int) -> tuple[str, int]:
    """Return the expression for a set of characters that begins at ``at``, and where it ends.

    As in SQLite, a set that is not closed matches nothing.
    """
    inverted = pattern[at : at + 1] == "^"
    at += inverted
    members = list[str]()
    before: str | None = None
    if pattern[at : at + 1] == "]":
        members.append(_point(ord("]")))
        at += 1
    while at < len(pattern) and pattern[at] != "]":
        one = pattern[at]
        upper = pattern[at + 1 : at + 2]
        if one == "-" and upper not in {"", "]"} and before is not None:
            if before <= upper:
                members.append(f"{_point(ord(before))}-{_point(ord(upper))}")
            before = None
            at += 2
        else:
            members.append(_point(ord(one)))
            before = one
            at += 1
    if at >= len(pattern):
        return r"[^\s\S]", at
    made = f"[{'^' if inverted else ''}{''.join(members)}]"
    return (f"[{_ANY}&&{made}]" if inverted else made), at + 1


def _escaped(text: str) -> str:
    """Return the expression for exactly ``text``."""
    return "".join(one if one.isalnum() else _point(ord(one)) for one in text)


def _point(code: int) -> str:
    return rf"\x{{{code:X}}}"


def _list(values: Iterable[str]) -> str:
    return ", ".join(map(_text, values))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
