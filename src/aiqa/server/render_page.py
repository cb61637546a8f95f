"""What stands around questions and answers, to HTML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from aiqa.server.document_view import literal
from aiqa.types import IndexStatus

_MOST_LISTED = 100


def header(state: IndexStatus) -> str:
    """Name, purpose, and what is indexed."""
    return (
        '<header><h1>aiqa</h1><p class="motto">Answers in your documents’ own words</p>'
        f'<p class="holdings">{state.documents} documents · {state.chunks} passages · '
        "nothing leaves this machine</p></header>"
    )


def welcome(openers: Sequence[str]) -> str:
    """What stands where no question was asked yet."""
    offers = "".join(
        f'<li><button type="button" class="offer" data-question="{literal(question)}">'
        f"<bdi>{literal(question)}</bdi></button></li>"
        for question in openers
    )
    return (
        "<p>Ask a question. The answer is a passage from the documents, with the place where it "
        "stands. If the documents don’t say, you are told so.</p>"
    ) + f'<ul class="offers">{offers}</ul>' * bool(offers)


def choices(state: IndexStatus, sources: Collection[str], text: str) -> str:
    """Boxes to tick for what is asked: collections, formats, and ``sources`` that have ``text``."""
    listed = sorted(sources)[:_MOST_LISTED]
    rest = len(sources) - len(listed)
    more = f"<p>{rest} more; type a part of the name.</p>" if rest else ""
    boxes = "".join(_box("sources", source, source) for source in listed)
    return (
        '<button type="button" class="plain all">All documents</button>'
        f"{_kinds('Collections', 'collections', state.collections)}"
        f"{_kinds('Formats', 'formats', state.formats)}"
        "<fieldset><legend>Documents</legend>"
        f'<input type="search" aria-label="Part of a name" placeholder="Part of a name" '
        f'value="{literal(text)}">{boxes}{more}</fieldset>'
    )


def _kinds(legend: str, name: str, counts: Mapping[str, int]) -> str:
    if len(counts) < 2:  # noqa: PLR2004  # nothing to choose
        return ""
    boxes = "".join(
        _box(name, kind, f"{kind or 'no collection'} ({count})") for kind, count in counts.items()
    )
    return f"<fieldset><legend>{legend}</legend>{boxes}</fieldset>"


def _box(name: str, value: str, label: str) -> str:
    return (
        f'<label><input type="checkbox" name="{name}" value="{literal(value)}"> '
        f"<bdi>{literal(label)}</bdi></label>"
    )
