"""The choice of what is asked: folders, collections, types, dates and single documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from aiqa.assistant import Assistant
from aiqa.server.format_names import format_name
from aiqa.server.rendering import render
from aiqa.types import Holding

if TYPE_CHECKING:
    from aiqa.server.schemas import ScopeRequest

_MOST_LISTED = 100
"""Most documents, and most folders, in a list of check boxes."""


def choices_html(assistant: Assistant, request: ScopeRequest) -> str:
    """Return check boxes for what can be chosen, documents only if they have a part of a name."""
    holdings = assistant.holdings() if assistant.store.has_index else []
    part = request.text.strip().casefold()
    named = {
        source: name
        for source, name in sorted(_names(holdings).items(), key=lambda item: item[1].casefold())
        if part in f"{name}\n{source}".casefold()
    }
    days = sorted(one.day for one in holdings if one.day)
    return render(
        "scope.html",
        collections=_counted(one.collection for one in holdings),
        folders=_folders(holdings),
        formats={name: (format_name(name), count) for name, count in _by_format(holdings)},
        earliest=days[0] if days else "",
        latest=days[-1] if days else "",
        sources=dict(islice(named.items(), _MOST_LISTED)),
        more=max(len(named) - _MOST_LISTED, 0),
        text=request.text,
    )


def _names(holdings: Sequence[Holding]) -> dict[str, str]:
    """Return titles by source; documents with the same title are told apart by their paths."""
    titles = Counter(one.title for one in holdings)
    return {
        one.source: one.title
        if one.title and titles[one.title] == 1
        else f"{one.title} ({one.source})".strip()
        for one in holdings
    }


def _folders(holdings: Sequence[Holding]) -> Mapping[str, int]:
    """Return how many documents are in each folder and below it, but not where all of them are."""
    counts = Counter(
        folder.as_posix() for one in holdings for folder in PurePosixPath(one.source).parents
    )
    some = {name: count for name, count in sorted(counts.items()) if count < len(holdings)}
    return dict(islice(some.items(), _MOST_LISTED))


def _counted(names: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(names).items()))


def _by_format(holdings: Sequence[Holding]) -> list[tuple[str, int]]:
    counts = Counter(str(one.format) for one in holdings)
    return sorted(counts.items(), key=lambda item: format_name(item[0]).casefold())
