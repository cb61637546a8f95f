"""Chunks and spans of them, as retrieval and the reader propose them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Self, get_args

from aiqa.errors import SettingsError
from aiqa.types.documents import Format, heading_path, locator
from aiqa.types.spans import Span


@dataclass(frozen=True, slots=True)
class Chunk:
    """A slice of a document that is embedded and retrieved as one.

    ``text == document.text[start:end]``. ``section`` is the heading path without the document's
    own title; ``sentences`` are in order, in characters of the document. ``key`` is the chunk's
    number in the catalog (0 until it is stored there). ``lead`` is the text that introduces the
    list which the chunk begins in the middle of; "" if it does not.
    """

    document_id: str
    source: str
    title: str
    format: Format
    section: tuple[str, ...]
    page: int | None
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...] = field(repr=False, hash=False)
    key: int = 0
    lead: str = ""

    @property
    def context(self) -> str:
        """What the chunk is about: title, headings and lead-in. Embedded with it, never quoted."""
        return heading_path(part for part in (self.title, *self.section, self.lead) if part)

    @property
    def locator(self) -> str:
        """The place as people write it; see ``locator``."""
        return locator(self.source, self.page, heading_path(self.section))

    @property
    def span(self) -> Span:
        """Where the chunk stands in its document."""
        return Span(self.start, self.end)

    def words(self, span: Span) -> str:
        """The document's text at ``span``, which lies within the chunk."""
        return self.text[span.start - self.start : span.end - self.start]

    def sentence_around(self, span: Span) -> Span:
        """The sentence, or the run of them, in which ``span`` of the document stands."""
        touched = [sentence for sentence in self.sentences if sentence.overlaps(span)]
        return Span(
            min([span.start, *(sentence.start for sentence in touched)]),
            max([span.end, *(sentence.end for sentence in touched)]),
        )


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A retrieved chunk: the fused ``score``, and what each half of the search thought of it.

    ``dense`` is the cosine of question and chunk, ``lexical`` the BM25 score; None where the chunk
    has none of the question's words. ``relevance`` is the probability, by the reader that reranked
    the chunks, that this one answers, given that one of them does; None where it was not reranked.
    """

    chunk: Chunk
    score: float
    dense: float
    lexical: float | None = None
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A reader's proposal: ``span`` inside ``chunk`` answers the question.

    ``score`` orders the proposals for one question. ``evidence`` is what a calibration weighs to
    tell how likely the span is to be right; the reader says what each number means. ``kind`` says
    whether words within a sentence, one sentence or a run of them are proposed. ``stated`` is
    False where the reader thinks it likelier that the chunk does not answer.
    """

    chunk: Chunk
    span: Span
    score: float
    kind: Literal["span", "sentence", "sentences"] = "sentence"
    evidence: tuple[float, ...] = ()
    stated: bool = True

    @property
    def text(self) -> str:
        """The proposed words, exactly as the document has them."""
        return self.chunk.words(self.span)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of the chunks retrieved for a question.

    ``answer`` are the spans that answer it together, in the order to be read: one for a fact,
    several for a list or an explanation, none if there is nothing to read. ``others`` are further
    candidates, best first. No two overlap, unless a further candidate is of another ``kind``.
    """

    answer: tuple[ScoredSpan, ...] = ()
    others: tuple[ScoredSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """Restricts a search: every given field must match.

    ``sources`` are shell patterns (``corpus/policy/*``) of which one must match the source;
    ``title`` is a case-insensitive part of the title; ``formats`` and ``collections`` list what
    is allowed. ``since`` and ``until`` are the first and last allowed date (ISO 8601) of documents:
    what the document says, or else when its file was last changed.
    """

    sources: tuple[str, ...] = ()
    title: str | None = None
    formats: tuple[Format, ...] = ()
    collections: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    @classmethod
    def parse(
        cls,
        sources: Sequence[str] | None = None,
        title: str | None = None,
        formats: Sequence[str] | None = None,
        collections: Sequence[str] | None = None,
    ) -> Self:
        """Make filters of plain strings; what is None or empty does not restrict.

        Raises:
            SettingsError: there is no such format.
        """
        known: tuple[Format, ...] = get_args(Format)
        for name in formats or ():
            if name not in known:
                raise SettingsError(
                    f"There is no format {name!r}.", f"Choose among {', '.join(known)}."
                )
        chosen = tuple(name for name in known if name in (formats or ()))
        return cls(tuple(sources or ()), title, chosen, tuple(collections or ()))
