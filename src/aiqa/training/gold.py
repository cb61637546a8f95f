"""A gold set over an index as examples, so that a reader can learn a domain of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from aiqa.assistant import Assistant
from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.reader.windows import Windows
from aiqa.training import model as models
from aiqa.training.examples import Example, Passage
from aiqa.training.packaged import unpack
from aiqa.training.run import MODEL
from aiqa.training.trainer import Course, Trainer
from aiqa.types import Chunk, Span


def train_on(
    assistant: Assistant,
    questions: Sequence[EvalExample],
    out: Path,
    *,
    start: Path | None = None,
    passes: int,
    rate: float,
    on_report: Callable[[dict[str, float]], None],
) -> None:
    """Write ``out / "model"``: the packaged reader, or that in ``start``, trained on ``questions``.

    Carried out again, it goes on where it was broken off.

    Raises:
        GoldError: no evidence of the questions is in the index.
        CatalogError: there is no usable index.
        SettingsError: ``start`` holds no model.
    """
    examples = gold_examples(assistant, questions)
    if not any(example.wordings for example in examples):
        raise GoldError(
            "No evidence of these questions is in the index, so there is nothing to learn from.",
            "Ingest the documents that they are about; `aiqa gold check` lists what is missing.",
        )
    if start is None:
        start = out / "start"
        if not start.exists():
            unpack(start)
    model = models.load(start)
    course = Course(rate=rate, passes=passes, shared=1.0)
    trainer = Trainer(model, Windows(models.tokenizer()), course, out, every=5)
    trainer.train(examples, on_report)
    models.save(model, out / MODEL)


def gold_examples(assistant: Assistant, questions: Sequence[EvalExample]) -> list[Example]:
    """Each question with the chunks that search finds for it, those with evidence first.

    In a chunk with evidence, what answers are the answers' words within the quote, or the whole
    quote where it holds none of them. In the others nothing does.

    Raises:
        CatalogError: there is no usable index.
    """
    evidence = EvidenceMap(assistant.documents())
    found = []
    for question in questions:
        places = evidence.locate(question).places
        hits = assistant.search(question.question, k=assistant.settings.read_chunks)
        passages = [
            _passage(
                hit.chunk,
                [s for p in places if p.document_id == hit.chunk.document_id for s in p.spans],
                question.answers,
            )
            for hit in hits
        ]
        passages.sort(key=lambda passage: not passage.answers)
        if passages:
            found.append(Example(question.id, question.question, tuple(passages)))
    return found


def _passage(chunk: Chunk, quotes: Sequence[Span], answers: Sequence[str]) -> Passage:
    spans = []
    for quote in quotes:
        start, end = max(quote.start, chunk.start), min(quote.end, chunk.end)
        if start < end:
            inside = Span(start - chunk.start, end - chunk.start)
            spans += _wordings(chunk.text, inside, answers) or [inside]
    return Passage(chunk.text, tuple(dict.fromkeys(spans)))


def _wordings(text: str, inside: Span, answers: Sequence[str]) -> list[Span]:
    """Where the answers' words stand within the quote, whatever their case."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when lowered, and would move the rest
        lowered = text
    places = []
    for answer in answers:
        at = lowered.find(answer.lower(), inside.start, inside.end)
        if at >= 0:
            places.append(Span(at, at + len(answer)))
    return places
