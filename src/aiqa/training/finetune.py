"""A reader trained on with gold questions about an index, so that it learns a domain of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from aiqa.assistant import Assistant
from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.reader.windows import Windows
from aiqa.training.attention import set_attention
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage, Polarity
from aiqa.training.device import device
from aiqa.training.model import ReaderModel, reader_tokenizer, save
from aiqa.training.quantization import keep_rounded_weights
from aiqa.training.recipe import TrainingConfig
from aiqa.training.run import MODEL
from aiqa.training.trainer import Trainer
from aiqa.types import Chunk, Span

_BEST, _FURTHER = 1, 8
"""Passages without evidence that a question is trained with: the best, and one of the next."""

_HIDDEN = 0.2
"""The share of questions that are also asked without the passages that answer."""

_POLARITIES: dict[str, Polarity] = {
    "polarity:yes": "yes",
    "polarity:no": "no",
    "polarity:depends": "neither",
}
"""What a gold question's tag says of its answer."""


def train_on_gold(
    gold: Sequence[Example],
    model: ReaderModel,
    out: Path,
    *,
    passes: float,
    rate: float,
    four_bits: bool = False,
    replay: Sequence[Example] = (),
    on_report: Callable[[dict[str, float]], None] = lambda _: None,
) -> Path:
    """Train ``model`` on ``gold``, as ``gold_examples`` gives it; return its folder, ``out/model``.

    With ``four_bits`` its matrices stay what four bits can give. ``replay`` are examples of what it
    was trained on before, so that it does not forget them. Carried out again, it goes on where it
    was broken off.
    """
    examples = with_few_passages(gold)
    set_attention(model, device())
    config = TrainingConfig(rate=rate, passes=passes, four_bits=0.0 if four_bits else None)
    trainer = Trainer(model, Windows(reader_tokenizer()), config, out, every=5)
    trainer.train([*examples, *replay], on_report)
    keep_rounded_weights(model.encoder)
    save(model.cpu(), out / MODEL)
    return out / MODEL


def gold_examples(assistant: Assistant, questions: Sequence[EvalExample]) -> list[Example]:
    """Return each question with the chunks that search finds for it, those with evidence first.

    In a chunk with evidence, what answers are the answers' words within the quote, or the whole
    quote where it holds none of them. In the others nothing does. Whether the answer says yes or no
    is read from the tags ``polarity:yes``, ``polarity:no`` and ``polarity:depends``.

    Raises:
        GoldError: no evidence of the questions is in the index.
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
            polarity = next((p for tag, p in _POLARITIES.items() if tag in question.tags), None)
            example = Example(question.id, question.question, tuple(passages), polarity=polarity)
            found.append(with_evidence(example))
    if not any(example.wordings for example in found):
        raise GoldError(
            "No evidence of these questions is in the index, so there is nothing to learn from.",
            "Ingest the documents that they are about; `aiqa gold check` lists what is missing.",
        )
    return found


def with_few_passages(examples: Sequence[Example], seed: int = 0) -> list[Example]:
    """Return each example with its best passage that answers and two that do not.

    Most of what search finds is easily told to be beside the question. Some examples come again
    with passages only that do not answer.
    """
    chance = random.Random(seed)
    found = []
    for example in examples:
        answering = [p for p in example.passages if p.answers]
        others = [p for p in example.passages if not p.answers]
        further = others[_BEST:_FURTHER]
        wrong = others[:_BEST] + (chance.sample(further, 1) if further else [])
        found.append(replace(example, passages=(*answering[:1], *wrong)))
        if answering and wrong and chance.random() < _HIDDEN:
            found.append(replace(example, id=f"{example.id}-hidden", passages=tuple(wrong)))
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
