"""Cells of table rows, which canonical text writes as ``head: cell; head: cell``."""

from __future__ import annotations

import re
from collections.abc import Collection

from aiqa.text.analysis import content_terms
from aiqa.types import Span

_CELL = re.compile(r"(?:^|(?<=; ))(?P<head>[^:;\n]{1,80}): ")


_SHARE = "percent"
_SHARES = frozenset({_SHARE, "pct", "percentag", "proport", "rate", "share"})
"""Stems of the words for a share: a column "unemployed_percent" has the unemployment rate."""


def head_match(asked: Collection[str], line: str, place: Span) -> tuple[float, float]:
    """Return how well the head of the cell at ``place`` of a table row fits a question.

    Args:
        asked: the terms of the question.
        line: a line of canonical text.
        place: the span, in characters of the line.

    Returns:
        The share of the head's terms that are asked for, and its lead over the best head of the
        row's other cells; both 0 where ``line`` is not a table row of several cells.
    """
    cells = list(_CELL.finditer(line))
    if len(cells) < 2:  # noqa: PLR2004
        return 0.0, 0.0
    own = max((n for n, cell in enumerate(cells) if cell.end() <= place.end), default=None)
    if own is None:
        return 0.0, 0.0
    terms = _alike(asked)
    shares = [_share(terms, cell["head"]) for cell in cells]
    return shares[own], shares[own] - max(s for n, s in enumerate(shares) if n != own)


def _share(asked: set[str], head: str) -> float:
    words = _alike(content_terms(head.replace("_", " ").replace("%", f" {_SHARE} ")))
    return len(words & asked) / len(words) if words else 0.0


def _alike(terms: Collection[str]) -> set[str]:
    """Return ``terms`` with one of the words for a share in place of all."""
    return {_SHARE if term in _SHARES else term for term in terms}
