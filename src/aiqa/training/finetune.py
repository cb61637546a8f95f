"""A reader trained on with gold questions about an index, so that it learns a domain of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from aiqa.assistant import Assistant
from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.reader.windows import Windows
from aiqa.training.attention import set_attention
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage
from aiqa.training.device import device
from aiqa.training.model import ReaderModel, reader_tokenizer, save
from aiqa.training.quantization import keep_rounded_weights
from aiqa.training.recipe import TrainingConfig
from aiqa.training.run import MODEL
from aiqa.training.trainer import Trainer
from aiqa.types import Chunk, Span


def train_on_gold(
    assistant: Assistant,
    questions: Sequence[EvalExample],
    model: ReaderModel,
    out: Path,
    *,
    passes: float,
    rate: float,
    four_bits: bool = False,
    on_report: Callable[[dict[str, float]], None] = lambda _: None,
) -> Path:
    """Train ``model`` on ``questions``; return the folder that holds it then, ``out / "model"``.

    With ``four_bits`` its matrices stay what four bits can give. Carried out again, it goes on
    where it was broken off.

    Raises:
        GoldError: no evidence of the questions is in the index.
        CatalogError: there is no usable index.
    """
    examples = gold_examples(assistant, questions)
    if not any(example.wordings for example in examples):
        raise GoldError(
            "No evidence of these questions is in the index, so there is nothing to learn from.",
            "Ingest the documents that they are about; `aiqa gold check` lists what is missing.",
        )
    set_attention(model, device())
    config = TrainingConfig(rate=rate, passes=passes, four_bits=0.0 if four_bits else None)
    trainer = Trainer(model, Windows(reader_tokenizer()), config, out, every=5)
    trainer.train(examples, on_report)
    keep_rounded_weights(model.encoder)
    save(model.cpu(), out / MODEL)
    return out / MODEL


def gold_examples(assistant: Assistant, questions: Sequence[EvalExample]) -> list[Example]:
    """Return each question with the chunks that search finds for it, those with evidence first.

    In a chunk with evidence, what answers are the answers' words within the quote, or the whole
    quote where it holds none of them. In the others nothing does.

    Raises:
        CatalogError: there is no usable index.
    """
    evidence = EvidenceMap(assistant.documents())
    found = []
    for question in questions:
        places = evidence.locate(question).places
        hits = assistant.passages(question.question, k=assistant.settings.read_chunks)
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
            example = Example(question.id, question.question, tuple(passages))
            found.append(with_evidence(example))
    return found


def _passage(chunk: Chunk, quotes: Sequence[Span], answers: Sequence[str]) -> Passage:
    spans = []
    for quote in quotes:
        start, end = max(quote.start, chunk.start), min(quote.end, chunk.end)
        if start < end:
            inside = Span(start - chunk.start, end - chunk.start)
            spans += _wordings(chunk.text, inside, answers) or [inside]
    return Passage(
        chunk.text,
        tuple(dict.fromkeys(spans)),
        is_answering=bool(spans),
        heading=chunk.context,
    )


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
