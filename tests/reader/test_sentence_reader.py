"""Whole sentences ranked by a linear model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiqa.embedders import Embedder
from aiqa.ingestion.chunker import whole_chunk
from aiqa.reader.sentence_reader import SentenceReader
from aiqa.types import Chunk, Document, Reading, ScoredChunk, Span

TEXT = "The lamp burns oil. It was lit in 1887. Ada Moor kept it. Why oil? Oil was cheap."


DOCUMENT = Document("id", "a.txt", "text", "Lamp", TEXT)


def chunk(start: int = 0, end: int = len(TEXT), source: str = "a.txt") -> Chunk:
    return whole_chunk(replace(DOCUMENT, source=source), Span(start, end))


@pytest.fixture(scope="module")
def reader(embedder: Embedder) -> SentenceReader:
    return SentenceReader(embedder)


def test_the_reader_puts_the_answering_sentence_first(reader: SentenceReader) -> None:
    reading = reader.read("In which year was the lamp lit?", [ScoredChunk(chunk(), 1.0, 0.5)])
    assert [s.text for s in reading.answer] == ["It was lit in 1887."]
    scores = [s.score for s in (*reading.answer, *reading.others)]
    assert scores == sorted(scores, reverse=True)


def test_overlapping_chunks_propose_a_sentence_once(reader: SentenceReader) -> None:
    both = [ScoredChunk(chunk(), 1.0, 0.5), ScoredChunk(chunk(20), 0.9, 0.4)]
    reading = reader.read("In which year was the lamp lit?", both)
    spans = [s.span for s in (*reading.answer, *reading.others)]
    assert len(spans) == len(set(spans))
    assert not any(a.overlaps(b) for a in spans for b in spans if a is not b)


def test_a_why_question_takes_neighbours_along_that_are_as_good(reader: SentenceReader) -> None:
    first = "Oil was burnt in the lamp because it was cheap."
    second = "Oil was burnt in the lamp because it was easy to keep."
    text = f"{first} {second} The harbour has a dog called Bosun."
    whole = whole_chunk(replace(DOCUMENT, text=text))
    (best,) = reader.read("Why was oil burnt in the lamp?", [ScoredChunk(whole, 1.0, 0.5)]).answer
    assert (best.kind, best.text) == ("sentences", f"{first} {second}")
    (fact,) = reader.read("Which oil was burnt?", [ScoredChunk(whole, 1.0, 0.5)]).answer
    assert fact.kind == "sentence"


def test_reading_nothing_proposes_nothing(reader: SentenceReader) -> None:
    assert reader.read("Anything?", []) == Reading()


@settings(max_examples=25)
@given(text=st.text(min_size=1, max_size=300), question=st.text(min_size=1, max_size=60))
def test_every_proposal_slices_its_document(
    reader: SentenceReader, text: str, question: str
) -> None:
    whole = whole_chunk(replace(DOCUMENT, text=" " * 5 + text), Span(5, 5 + len(text)))
    reading = reader.read(question, [ScoredChunk(whole, 1.0, 0.5)])
    for proposal in (*reading.answer, *reading.others):
        begin, end = proposal.span.start, proposal.span.end
        assert 5 <= begin < end <= 5 + len(text)
        assert proposal.text == (" " * 5 + text)[begin:end]
