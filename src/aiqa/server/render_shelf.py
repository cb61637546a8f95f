"""The documents page to HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from aiqa.server.document_view import literal
from aiqa.types import Failure, Holding, IndexStatus

_WORDS = {
    "waiting": "waiting",
    "reading": "being read…",
    "added": "can be asked now",
    "unchanged": "was here already",
    "failed": "could not be read",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An uploaded file and what has become of it."""

    name: str
    state: Literal["waiting", "reading", "added", "unchanged", "failed"]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list of documents: ``shown``, of ``count`` in all, from ``start`` on."""

    state: IndexStatus
    shown: Sequence[Holding]
    count: int
    start: int
    size: int
    failures: Sequence[Failure]
    text: str


def arrivals(files: Iterable[Arrival]) -> str:
    """The uploaded files, a line each."""
    items = "".join(
        f'<li class="{file.state}"><bdi>{literal(file.name)}</bdi> '
        f"<span>{_WORDS[file.state]}{': ' * bool(file.error)}{literal(file.error)}</span></li>"
        for file in files
    )
    return f'<ul class="arrivals" role="status">{items}</ul>'


def listing(page: Listing) -> str:
    """Documents with title, format, collection and status, and what can be done with each."""
    rows = "".join(_row(held, page.state.unread_pages.get(held.source, ())) for held in page.shown)
    failed = "".join(_failed(failure) for failure in page.failures)
    return (
        f'<p class="summary">{_summary(page)}</p><div class="scroll"><table><thead><tr>'
        "<th>Document</th><th>Format</th><th>Collection</th><th>Status</th><th>Actions</th></tr>"
        f"</thead><tbody>{failed}{rows}</tbody></table></div>{_pager(page)}"
    )


def _summary(page: Listing) -> str:
    state = page.state
    kinds = ", ".join(f"{count} {kind}" for kind, count in state.formats.items())
    return f"{state.documents} documents ({kinds}), {state.chunks} passages"


def _row(held: Holding, unread: Sequence[int]) -> str:
    status = f"without text: page {', '.join(map(str, unread))}" if unread else "<span>ready</span>"
    only = _button("only", "Ask only this", held.source)
    tools = (
        only
        + _button("again", "Read again", held.source)
        + _button("remove", "Delete", held.source)
    )
    return (
        f'<tr><td><bdi class="title">{literal(held.title)}</bdi>'
        f'<bdi class="path">{literal(held.source)}</bdi></td><td>{literal(held.format)}</td>'
        f"<td><bdi>{literal(held.collection)}</bdi></td><td>{status}</td><td>{tools}</td></tr>"
    )


def _failed(failure: Failure) -> str:
    source = failure.source
    tools = _button("again", "Read again", source) + _button("remove", "Delete", source)
    return (
        f'<tr class="failed"><td><bdi class="path">{literal(source)}</bdi></td><td></td><td></td>'
        f"<td>could not be read: {literal(failure.error)}</td><td>{tools}</td></tr>"
    )


def _button(act: str, name: str, source: str) -> str:
    return (
        f'<button type="button" class="plain" data-act="{act}" data-source="{literal(source)}" '
        f'aria-label="{name}: {literal(source)}">{name}</button>'
    )


def _pager(page: Listing) -> str:
    if page.count <= page.size:
        return ""
    last = min(page.start + page.size, page.count)
    back, on = page.start - page.size, page.start + page.size
    return (
        f'<p class="pager"><button type="button" class="plain" data-from="{max(back, 0)}"'
        f"{' disabled' * (back < 0)}>Earlier</button> {page.start + 1}–{last} of {page.count} "
        f'<button type="button" class="plain" data-from="{on}"'
        f"{' disabled' * (on >= page.count)}>Later</button></p>"
    )
