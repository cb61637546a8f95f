"""The nouns of aiqa: frozen values that every other module passes along.

All offsets are half-open character positions in a document's canonical text, so that
``document.text[start:end]`` is the exact text meant, always.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

Format = Literal[
    "markdown",
    "text",
    "rst",
    "html",
    "pdf",
    "docx",
    "pptx",
    "xlsx",
    "csv",
    "json",
    "epub",
    "email",
]
_UNITS = {
    ".pptx": "slide",
    ".xlsx": "row",
    ".csv": "row",
    ".tsv": "row",
    ".json": "record",
    ".jsonl": "record",
}
"""What the pages of a format are called where they are not pages."""

Kind = Literal["span", "sentence", "sentences", "list", "abstention"]
"""A short span; a sentence or a run of them; several statements; or no answer."""

Cause = Literal["nothing retrieved", "not stated", "below strictness"]
"""Why there is no answer: no passage at all, none that states it, or none sure enough."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in one document's canonical text."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two ranges share at least one character."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        """Whether all of ``other`` lies in this range."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Page:
    """A page (or slide, row or record), numbered from 1, and the character at which it begins."""

    number: int
    start: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level (1 is the topmost), its text and where that text begins."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where the characters of one page stand, so that a span can be drawn upon it.

    ``width`` and ``height`` are in points, of the page as it is displayed. ``boxes`` holds,
    compressed by zlib, four unsigned 16-bit little-endian numbers for each character of the
    canonical text from ``start`` on: left, top, right and bottom of its box in quarter points from
    the upper left corner; all four are 0 for characters that have no ink, such as blanks.
    """

    number: int
    start: int
    width: float
    height: float
    boxes: bytes


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on page ``page``, in points from the upper left corner of the page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Document:
    """One file as canonical text.

    ``id`` is the SHA-256 of the file's bytes in hexadecimal, so anyone can check which version of
    a file was read; ``source`` is its path as people know it. ``pages`` and ``headings`` are in
    order of ``start``; formats without pages have none. ``language`` (BCP 47), ``published`` (ISO
    8601 date) and ``url`` are what the file says about itself, None where it does not.
    ``unread_pages`` are pages that show something but hold no text, such as scans. ``layouts`` is
    filled by the loader of PDF; documents that come out of an index have none, see
    ``Assistant.boxes``.
    """

    id: str
    source: str
    format: Format
    title: str
    text: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    language: str | None = None
    published: str | None = None
    url: str | None = None
    unread_pages: tuple[int, ...] = ()
    layouts: tuple[PageLayout, ...] = field(default=(), repr=False, compare=False)

    def page_at(self, offset: int) -> int | None:
        """Number of the page that holds character ``offset``; None for formats without pages."""
        before = bisect_right(self.pages, offset, key=lambda page: page.start)
        return self.pages[max(before - 1, 0)].number if self.pages else None

    def section_at(self, offset: int) -> tuple[str, ...]:
        """Titles of the headings above character ``offset``, outermost first."""
        path: list[Heading] = []
        for heading in self.headings[: bisect_right(self.headings, offset, key=lambda h: h.start)]:
            while path and path[-1].level >= heading.level:
                path.pop()
            path.append(heading)
        return tuple(heading.title for heading in path)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A slice of a document that is embedded and retrieved as one.

    ``text == document.text[start:end]``. ``section`` is the heading path without the document's
    own title; ``key`` is the chunk's number in the catalog (0 until it is stored there).
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
    key: int = 0

    @property
    def context(self) -> str:
        """Title and heading path: what the chunk is about, embedded with it, never quoted."""
        return heading_path((self.title, *self.section))

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


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A retrieved chunk: the fused ``score``, and what each half of the search thought of it.

    ``dense`` is the cosine of question and chunk, ``lexical`` the BM25 score; None where the chunk
    has none of the question's words.
    """

    chunk: Chunk
    score: float
    dense: float
    lexical: float | None = None


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
class RiskLevel:
    """What it costs to be wrong in at most ``risk`` of the answers shown.

    ``min_confidence`` is the confidence to be asked for, ``coverage`` the share of the answerable
    questions that are then still answered. All are in [0, 1]; a risk that cannot be promised has
    a ``min_confidence`` of 1 and no coverage.
    """

    risk: float
    min_confidence: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: ``quote == document.text[start:end]``.

    ``page`` counts from 1 what the format is divided into: pages, slides, rows or records.
    ``sentence == document.text[sentence_start:sentence_end]`` is the sentence, or the run of them,
    that the quote stands in; quote and sentence are the same where whole sentences are quoted.
    """

    document_id: str
    source: str
    title: str
    page: int | None
    section: str
    start: int
    end: int
    quote: str
    sentence_start: int
    sentence_end: int
    sentence: str

    @property
    def locator(self) -> str:
        """The place as people write it: "p. 4, § Funding", "slide 7", "§ Sheet1, row 12"."""
        return locator(self.source, self.page, self.section)


def heading_path(titles: Iterable[str]) -> str:
    """Titles of headings, outermost first, as one line."""
    return " › ".join(titles)


def locator(source: str, page: int | None, section: str) -> str:
    """What to write for a place in ``source``, whose suffix tells what its pages are called."""
    unit = _UNITS.get(PurePosixPath(source).suffix.lower(), "p.")
    parts = [f"{unit} {page}"] if page else []
    if section:
        # A row is counted within its sheet, but a section stands on a page.
        parts.insert(0 if unit == "row" else len(parts), f"§ {section}")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Statement:
    """Words of the documents that answer, or might, with every place cited that says them.

    ``text`` is the first citation's quote; ``confidence`` the calibrated probability that it
    answers the question.
    """

    text: str
    confidence: float
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question; ``text is None`` means that the documents do not say.

    ``statements`` are what is answered: one for a fact, several for a list or a long answer, in
    the order to be read; ``text`` is theirs, a line each. ``alternatives`` are other candidates,
    or near misses if there is no answer.

    ``confidence`` is the calibrated probability, in [0, 1], that the best candidate answers the
    question: it is given for abstentions too, where it says how near the nearest passage came.
    ``cause`` and, in a sentence for people, ``reason`` explain an abstention and are None
    otherwise. ``interpreted`` is the question as it was understood in its conversation, None where
    it was taken as it stands. ``timings_ms`` maps each stage to wall-clock milliseconds.
    """

    question: str
    text: str | None
    confidence: float
    kind: Kind
    statements: tuple[Statement, ...] = ()
    alternatives: tuple[Statement, ...] = ()
    cause: Cause | None = None
    reason: str | None = None
    interpreted: str | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation of the statements, in order."""
        return tuple(citation for said in self.statements for citation in said.citations)

    @property
    def abstained(self) -> bool:
        """Whether aiqa declined to answer."""
        return self.text is None


@dataclass(frozen=True, slots=True)
class Filters:
    """Restricts a search: every given field must match.

    ``sources`` are shell patterns (``corpus/policy/*``) of which one must match the source;
    ``title`` is a case-insensitive part of the title; ``formats`` and ``collections`` list what
    is allowed.
    """

    sources: tuple[str, ...] = ()
    title: str | None = None
    formats: tuple[Format, ...] = ()
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be ingested, and why."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an ingest did, or would do, about one file."""

    source: str
    what: Literal["added", "updated", "removed"]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ``ingest`` did, in numbers of files, and what the index holds now.

    ``failed`` lists every file, or file in a file, that cannot be read; ``changes`` are in order
    of source.
    """

    added: int
    updated: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    documents: int
    chunks: int
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """A source that an index holds, and what it is."""

    source: str
    document_id: str
    title: str
    format: Format
    collection: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What an index holds and how it was made.

    ``documents`` counts sources, as do ``formats`` and ``collections``. ``bytes_on_disk`` gives
    the size of each part of the folder. ``last_run`` is the last ingest's start (ISO 8601), its
    seconds and its numbers of files; None before the first. ``unread_pages`` maps sources to their
    pages without text, such as scans.
    """

    index: str
    generation: int
    documents: int
    chunks: int
    bytes_on_disk: Mapping[str, int]
    embedder: str
    chunk_tokens: int
    chunk_overlap: int
    formats: Mapping[str, int]
    collections: Mapping[str, int]
    last_run: Mapping[str, object] | None
    sources: tuple[str, ...]
    failures: tuple[Failure, ...]
    unread_pages: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """Whether an index is whole; see ``Assistant.check``.

    ``problems`` are sentences, none for a sound index. ``lost`` are the sources that must be
    ingested again. ``vector_index`` tells how FAISS searches, and ``recall`` which share of the
    ``recall_at`` truly nearest chunks it finds, on average over ``recall_questions`` chunks put as
    questions; None where there is nothing to search.
    """

    problems: tuple[str, ...]
    lost: tuple[str, ...]
    vector_index: str | None
    recall: float | None
    recall_at: int
    recall_questions: int
