"""Error analysis: the stage that caused a wrong answer, found with perfect inputs.

An oracle stands in for everything before the reader: it is given nothing but the chunk that holds
the evidence, uncut. If the answer is still wrong, the reader chose the wrong span. If it is right,
the first stage that kept this chunk from the reader failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from aiqa.evaluation.evidence import EvidencePlace, Located
from aiqa.evaluation.metrics.retrieval import RankedGrades
from aiqa.types import Chunk, ScoredChunk, Span

PipelineStage = Literal[
    "not parsed",
    "split by chunking",
    "not retrieved",
    "ranked too low",
    "span wrong",
    "abstained wrongly",
    "answered wrongly",
    "wrong answer",
]

STAGES: tuple[PipelineStage, ...] = get_args(PipelineStage)

UNEXPLAINED: PipelineStage = "wrong answer"
"""Of systems that cannot be asked with perfect inputs."""

EXPLAINED: dict[PipelineStage, str] = {
    "not parsed": "the documents, as they were read, do not have the evidence",
    "split by chunking": "the evidence was cut in two; read as a whole it gives the right answer",
    "not retrieved": "its passage was not found; given that passage the answer is right",
    "ranked too low": "its passage was found, but others were read or preferred; given it alone "
    "the answer is right",
    "span wrong": "even given the right passage alone, other words were chosen",
    "abstained wrongly": "the right answer was found, but not shown for want of confidence",
    "answered wrongly": "an answer was shown although the documents do not say",
    "wrong answer": "the answer is wrong; only aiqa itself can be asked why",
}

Chunks = Callable[[str], Sequence[Chunk]]


def failed_stage(
    located: Located,
    hits: Sequence[ScoredChunk] | None,
    chunks: Chunks,
    is_right_within: Callable[[str, Span], bool],
) -> PipelineStage:
    """Return the stage that caused a wrong answer to an answerable question.

    ``hits`` are the candidates, None if nothing was searched; ``chunks`` gives the chunks of a
    document, and ``is_right_within`` reads nothing but a span of a document and tells whether the
    answer is then right.
    """
    if not located.places:
        return "not parsed"
    whole = [(place, chunk) for place in located.places for chunk in _holding(place, chunks)]
    if not whole:
        split = located.places[0]
        around = _around(split, chunks)
        return "split by chunking" if is_right_within(split.document_id, around) else "span wrong"
    keys = {(hit.chunk.document_id, hit.chunk.start) for hit in hits or ()}
    retrieved = [
        (place, chunk) for place, chunk in whole if (place.document_id, chunk.start) in keys
    ]
    place, chunk = (retrieved or whole)[0]
    if hits is None or not is_right_within(place.document_id, chunk.span):
        return "span wrong"
    return "ranked too low" if retrieved else "not retrieved"


def visible_stage(located: Located, ranking: RankedGrades | None) -> PipelineStage:
    """Return what can be told of a wrong answer without the system being asked again."""
    if not located.places:
        return "not parsed"
    if ranking is not None and not any(ranking.found):
        return "not retrieved"
    return UNEXPLAINED


def _holding(place: EvidencePlace, chunks: Chunks) -> list[Chunk]:
    """Return the chunks that contain a whole quote, or nothing but evidence."""
    return [
        chunk
        for chunk in chunks(place.document_id)
        if any(chunk.span.holds(span) or span.holds(chunk.span) for span in place.spans)
    ]


def _around(place: EvidencePlace, chunks: Chunks) -> Span:
    """Return the span from the first to the last chunk that overlaps the first quote."""
    quote = place.spans[0]
    parts = [chunk.span for chunk in chunks(place.document_id) if chunk.span.overlaps(quote)]
    return Span(
        min([quote.start, *(part.start for part in parts)]),
        max([quote.end, *(part.end for part in parts)]),
    )
