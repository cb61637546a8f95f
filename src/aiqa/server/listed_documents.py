"""Documents as they are listed: a page of those with a text in path or title."""

from __future__ import annotations

from itertools import islice

from aiqa.assistant import Assistant
from aiqa.types import Holding

MOST_SKIPPED = 10_000_000
"""The greatest ``start`` that may be asked for."""


def listed_documents(
    assistant: Assistant, text: str, start: int, size: int
) -> tuple[int, list[Holding]]:
    """Return how many documents have ``text`` in path or title, and ``size`` from ``start`` on.

    All are looked through for ``text``, but no more than those returned are in memory.
    """
    store = assistant.store
    if not store.has_index:
        return 0, []
    catalog = store.index.catalog
    with catalog.reading():
        if not text:
            count, _ = catalog.counts()
            return count, list(islice(catalog.holdings(), start, start + size))
        part, count, page = text.casefold(), 0, list[Holding]()
        for held in catalog.holdings():
            if part in held.source.casefold() or part in held.title.casefold():
                if start <= count < start + size:
                    page.append(held)
                count += 1
        return count, page
