"""Questions with the chunks that search finds for them, from evaluation sets of any kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiqa.assistant import Assistant
from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.evidence import EvidenceMap, Located
from aiqa.evaluation.loaders import load_dataset
from aiqa.types import ScoredChunk, Span


@dataclass(frozen=True, slots=True)
class Case:
    """A question as it is asked once: of everything, or with what answers it ``hidden``.

    ``group`` is the collection that it belongs to: what is fitted is judged on other groups.
    """

    group: str
    example: EvalExample
    located: Located
    hits: tuple[ScoredChunk, ...]
    hidden: bool

    @property
    def answerable(self) -> bool:
        """Whether the chunks that were searched answer the question."""
        return self.example.answerable and not self.hidden

    def is_evidence(self, hit: ScoredChunk) -> bool:
        """Return whether a chunk overlaps evidence."""
        return self.holds(hit.chunk.document_id, hit.chunk.span)

    def holds(self, document_id: str, span: Span) -> bool:
        """Return whether a span of a document overlaps evidence that is not hidden."""
        return not self.hidden and self.located.holds(document_id, span)


def cases(
    name: str, gold: Path, documents: Path | None, work: Path, most: int | None
) -> list[Case]:
    """Return ``most`` questions of a set, evenly taken, asked of its documents.

    ``documents`` is the folder that they are about; without one, the set brings its passages, as
    SQuAD does. A question that is answered is also asked with its evidence hidden. The groups of a
    set with a folder are the folders in it; a question without evidence belongs to that before it.
    Questions of the split "train" are left out: a reader is surer of what it was trained on.
    """
    dataset = load_dataset(gold)
    questions = [question for question in dataset.questions if question.split != "train"]
    if most is not None and most < len(questions):
        questions = [questions[i * len(questions) // most] for i in range(most)]
    with Assistant.open(work / name / "index") as assistant:
        if documents is not None:
            copied = work / name / documents.name  # sources are relative to the index's folder
            shutil.copytree(documents, copied, dirs_exist_ok=True)
            assistant.ingest(copied)
        else:
            assistant.add([passage.document() for passage in dataset.passages])
        evidence = EvidenceMap(assistant.documents())
        return list(_asked(name, questions, evidence, assistant, by_folder=documents is not None))


def _asked(
    name: str,
    questions: Sequence[EvalExample],
    evidence: EvidenceMap,
    assistant: Assistant,
    *,
    by_folder: bool,
) -> Iterator[Case]:
    group = name
    for question in questions:
        located = evidence.locate(question)
        if by_folder and question.evidence:
            group = f"{name}/{question.evidence[0].source.split('/')[-2]}"
        yield Case(group, question, located, _search(assistant, question, ()), hidden=False)
        if question.answerable:
            places = [(place.document_id, span) for place in located.places for span in place.spans]
            yield Case(group, question, located, _search(assistant, question, places), hidden=True)


def _search(
    assistant: Assistant, question: EvalExample, without: Sequence[tuple[str, Span]]
) -> tuple[ScoredChunk, ...]:
    index = assistant.store.index
    hidden = {
        key
        for document_id, span in without
        for key, start, end in index.catalog.places(document_id)
        if span.overlaps(Span(start, end))
    }
    retriever = assistant._retriever  # noqa: SLF001
    most = assistant.settings.read_chunks
    return tuple(retriever.search(question.question.strip(), most, without=hidden))
