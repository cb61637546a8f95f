"""Verification: whether a receipt is sound, and its quotes still stand in the documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiqa.receipts.checker import Check, check
from aiqa.types import Document

QuoteState = Literal["holds", "moved", "changed", "missing"]
"""In the text that was signed; in another text of the document, in the same sentence; the sentence
is in it no more; there is no document."""

DocumentLookup = Callable[[Mapping[str, Any], str], Document | None]
"""Returns the present document for one that a receipt signs and the source of a quote, if any."""


@dataclass(frozen=True, slots=True)
class QuoteStanding:
    """A quote of a receipt compared with the present documents.

    ``start`` is where the words stand now, None where they do not; ``words`` say it for people.
    """

    quote: str
    source: str
    place: str
    state: QuoteState
    start: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Verification:
    """All that was found: ``checks`` on the receipt itself, ``quotes`` in the documents."""

    body: Mapping[str, Any]
    checks: tuple[Check, ...]
    quotes: tuple[QuoteStanding, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether signature and proofs hold."""
        return all(one.holds for one in self.checks)

    @property
    def holds(self) -> bool:
        """Whether the receipt is sound and every quote stands in the text that was signed."""
        return self.is_sound and all(one.state == "holds" for one in self.quotes)


def verify(
    data: bytes, *, key: str | None = None, documents: DocumentLookup | None = None
) -> Verification:
    """Verify the receipt in a file with the bytes ``data``.

    Args:
        data: the content of the file.
        key: the public key of the one who has to have signed it; anybody may have without it.
        documents: looks up the documents to compare with.
    """
    body, checks = check(data, key)
    if not documents or not body:
        return Verification(body, tuple(checks))
    signed = {document["id"]: document for document in body["documents"]}
    try:
        standings = tuple(
            _standing(quote, signed[quote["document"]], documents) for quote in body["quotes"]
        )
    except (LookupError, TypeError, AttributeError) as error:
        # Whoever signs may have left something out that the checker does not need.
        words = f"This is no sound receipt: {error!r}."
        return Verification({}, (Check("form", holds=False, words=words),))
    return Verification(body, tuple(checks), standings)


def _standing(
    quote: Mapping[str, Any], signed: Mapping[str, Any], documents: DocumentLookup
) -> QuoteStanding:
    words, source, start = quote["quote"], quote["source"], quote["start"]
    now = documents(signed, source)

    def standing(state: QuoteState, place: int | None, told: str) -> QuoteStanding:
        return QuoteStanding(words, source, quote["place"], state, place, told)

    if now is None:
        return standing("missing", None, "Its document is not there.")
    same = hashlib.sha256(now.text.encode()).hexdigest() == signed["text"]
    if same and now.text[start : quote["end"]] == words:
        told = "as it was" if now.id == signed["id"] else "another file with the same text"
        return standing("holds", start, f"Its document is {told}.")
    changed = "Its document has changed" if now.id != signed["id"] else "Its file is read otherwise"
    before = start - quote["sentence_start"]
    found = _nearest(now.text, quote["sentence"], quote["sentence_start"])
    if found is None:
        told = f"{changed}, and the sentence it stood in is not there any more."
        return standing("changed", None, told)
    if found + before == start:
        told = f"{changed}, but its sentence stands where it stood."
    else:
        told = f"{changed}; it stands at character {found + before} now, not {start}."
    return standing("moved", found + before, told)


def _nearest(text: str, words: str, start: int) -> int | None:
    """Return the place of ``words`` that is nearest to ``start``; None if they are nowhere."""
    # What stands at ``start`` is found by both.
    places = (text.find(words, start), text.rfind(words, 0, max(start, 0) + len(words)))
    found = [place for place in places if place >= 0]
    return min(found, key=lambda place: abs(place - start)) if found and words else None
