"""The sentences of the best candidates, each read without the rest of its passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiqa.reader.first_reading import LEAST, UNREAD, highest_evidence
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.span_decoder import Candidate, ReadWindow
from aiqa.reader.windows import Window
from aiqa.types import Chunk, ScoredChunk, Span

MOST_CHECKED = 5
"""Most sentences that are read alone; each costs a short run of the model."""


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """A model's scores of a span whose sentence it read alone, the highest of all windows.

    ``answering``: the logit of the sentence answering; ``score``: the logits of starting and ending
    just at the span, over "no answer"; ``best``: those of the best span in the sentence;
    ``evidence``: the mean evidence logit of the span.
    """

    answering: float
    score: float
    best: float
    evidence: float


_NOT_READ = SentenceReading(UNREAD, LEAST, LEAST, UNREAD)


class SentenceCheck:
    """Reads of single sentences, by chunk and sentence.

    A passage about the subject of a question makes a model believe that one of its sentences
    answers; alone, a sentence is believed only for what it says itself.
    """

    def __init__(self, read: Sequence[tuple[Span, ReadWindow]]) -> None:
        """Keep the windows of each sentence, a span of its document."""
        self._windows: dict[tuple[Chunk, Span], list[ReadWindow]] = {}
        for sentence, window in read:
            self._windows.setdefault((window.hit.chunk, sentence), []).append(window)

    def of(self, chunk: Chunk, span: Span) -> SentenceReading:
        """Return the scores of ``span``, in characters of the document."""
        sentence = chunk.sentence_around(span)
        windows = self._windows.get((chunk, sentence))
        if windows is None:
            return _NOT_READ
        return SentenceReading(
            max(window.logits.answering for window in windows),
            max(LEAST, *(window.score(span) for window in windows)),
            max(LEAST, *(window.best_score(sentence) for window in windows)),
            highest_evidence(windows, span),
        )


def check_sentences(model: SpanModel, question: str, spans: Sequence[Candidate]) -> SentenceCheck:
    """Let ``model`` read the sentences of ``spans``, best first, each alone below its headings.

    At most ``MOST_CHECKED`` sentences are read.
    """
    sentences: dict[tuple[Chunk, Span], ScoredChunk] = {}
    for span in spans:
        chunk = span.hit.chunk
        sentences.setdefault((chunk, chunk.sentence_around(span.span)), span.hit)
    cut = [
        (hit, sentence, _placed(window, sentence.start - chunk.start))
        for (chunk, sentence), hit in list(sentences.items())[:MOST_CHECKED]
        for window in model.windows.cut(question, chunk.words(sentence), chunk.context)
    ]
    logits = model.logits([window for *_, window in cut])
    return SentenceCheck(
        [
            (sentence, ReadWindow(hit, window, one))
            for (hit, sentence, window), one in zip(cut, logits, strict=True)
        ]
    )


def _placed(window: Window, start: int) -> Window:
    """Return the window of a sentence as one of its chunk, in which the sentence has ``start``."""
    return replace(window, places=window.places + start)
