"""How well follow-up questions are understood.

``python -m eval.benchmarks.followups [DATA_DIR] [--index index] [--split test] [--verbose]``

Plays the dialogues of ``eval/dialogues.jsonl`` on an index of ``corpus/`` and prints, for the
question as asked, as understood and as a person rewrote it, evidence recall and token F1 of the
answer that the reader is made to give. Then asks every question of ``eval/gold.jsonl`` after an
unrelated exchange: all of them stand alone.

With the folder that holds ``rw_canard_dev``, ``rw_cast2019`` and ``rw_cast2020`` it also prints how
like the person's rewrite a question is: precision, recall and F1 of its content terms (as in
Voskarides et al., "Query resolution for conversational search with limited supervision", SIGIR
2020, and ROUGE-1 but for stop words) and the cosine of the two by the embedder. CANARD gives
answers and the title and section of the article, CAsT only questions.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aiqa import Assistant, ChatTurn
from aiqa.evaluation import EvalExample, load_dataset
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.evaluation.metrics.answers import token_f1
from aiqa.query_rewriting import QueryRewriter
from aiqa.text.analysis import content_terms

EVAL = Path(__file__).parents[1]
SETS = ("rw_canard_dev", "rw_cast2019", "rw_cast2020")
FORMS = ("raw", "ours", "human")
CUTOFFS = (1, 5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--index", default="index")
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--verbose", action="store_true", help="print every question")
    options = parser.parse_args()
    with Assistant.open(options.index) as assistant:
        evidence = EvidenceMap(assistant.documents())
        dialogues = load_dataset(EVAL / "dialogues.jsonl", options.split).questions
        play(assistant, evidence, dialogues, verbose=options.verbose)
        unrelated(assistant, evidence, verbose=options.verbose)
        for name in SETS if options.data else ():
            with gzip.open(options.data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
                likeness(name, [json.loads(line) for line in lines], assistant)


def play(
    assistant: Assistant, evidence: EvidenceMap, questions: Sequence[EvalExample], *, verbose: bool
) -> None:
    """Ask the dialogues' questions in order, each after the answers given to those before it."""
    hits: dict[str, dict[str, list[bool]]] = {form: {} for form in FORMS}
    f1: dict[str, list[float]] = {form: [] for form in FORMS}
    talks: dict[str, list[ChatTurn]] = {}
    for question in questions:
        talk = talks.setdefault(
            question.history[0],
            [ChatTurn.of(assistant.ask(question.history[0], min_confidence=0.0))],
        )
        asked: dict[str, tuple[str, list[ChatTurn]]] = {
            "raw": (question.question, []),
            "ours": (question.question, list(talk)),
            "human": (question.rewrite or question.question, []),
        }
        ours = assistant.ask(question.question, history=talk, min_confidence=0.0)
        talk.append(ChatTurn.of(ours))
        if verbose:
            print(f"  {question.id} {question.question} -> {ours.interpreted}")
        for form, (wording, before) in asked.items() if question.answerable else ():
            hits[form][question.id] = _hits(assistant, evidence, question, wording, before)
            answer = ours if form == "ours" else assistant.ask(wording, min_confidence=0.0)
            f1[form].append(token_f1(answer.text or "", question.answers))
    print(f"dialogues: {len(questions)} follow-ups, {len(f1['raw'])} answerable")
    for form in FORMS:
        _line(form, hits[form], f1[form])


def unrelated(assistant: Assistant, evidence: EvidenceMap, *, verbose: bool) -> None:
    """Ask questions that stand alone after one that has no word in common with them."""
    openings = list(
        dict.fromkeys(row.history[0] for row in load_dataset(EVAL / "dialogues.jsonl").questions)
    )
    exchanges = [ChatTurn.of(assistant.ask(text, min_confidence=0.0)) for text in openings]
    interpreter = QueryRewriter(assistant.embedder)
    hits: dict[str, dict[str, list[bool]]] = {"raw": {}, "ours": {}}
    questions = load_dataset(EVAL / "gold.jsonl").questions
    changed = 0
    for number, question in enumerate(questions):
        own = set(content_terms(question.question))
        others = [e for e in exchanges if not own & set(content_terms(e.question))]
        before = others[7 * number % len(others)]
        made = interpreter.interpret(question.question, [before])
        changed += made is not None
        if verbose and made:
            print(f"  {question.id} {made}")
        for form, history in (("raw", []), ("ours", [before])):
            if question.answerable:
                hits[form][question.id] = _hits(
                    assistant, evidence, question, question.question, history
                )
    print(f"stand-alone questions changed after an unrelated one: {changed} of {len(questions)}")
    for form, found in hits.items():
        _line(form, found)


def _hits(
    assistant: Assistant,
    evidence: EvidenceMap,
    question: EvalExample,
    wording: str,
    history: Sequence[ChatTurn],
) -> list[bool]:
    located = evidence.locate(question)
    if located.missing:
        raise SystemExit(f"{question.id}: {'; '.join(located.missing)}")
    found = assistant.search(wording, k=max(CUTOFFS), history=history)
    return [located.holds(hit.chunk.document_id, hit.chunk.span) for hit in found]


def _line(form: str, hits: dict[str, list[bool]], f1: Sequence[float] = ()) -> None:
    recall = {k: sum(any(found[:k]) for found in hits.values()) / len(hits) for k in CUTOFFS}
    ranks = [found.index(True) + 1 if True in found else 0 for found in hits.values()]
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    figures = "  ".join(f"recall@{k} {value:.3f}" for k, value in recall.items())
    tail = f"  token F1 {sum(f1) / len(f1):.3f}" if f1 else ""
    print(f"  {form:6} {figures}  MRR@{max(CUTOFFS)} {mrr:.3f}{tail}")


def likeness(name: str, rows: Sequence[dict[str, Any]], assistant: Assistant) -> None:
    """How like the person's rewrite the raw and the interpreted questions of a set are."""
    interpreter = QueryRewriter(assistant.embedder)
    ours = [_interpreted(interpreter, row, name) for row in rows]
    rewrites = [row["rewrite"] for row in rows]
    meant = assistant.embedder.encode(rewrites)
    print(f"{name}: {len(rows)} questions")
    for form, texts in (("raw", [row["question"] for row in rows]), ("ours", ours)):
        cosines = np.sum(assistant.embedder.encode(texts) * meant, axis=1)
        totals: defaultdict[str, float] = defaultdict(float)
        for text, rewrite in zip(texts, rewrites, strict=True):
            for figure, value in _overlap(text, rewrite):
                totals[figure] += value / len(rows)
        figures = "  ".join(f"{figure} {value:.3f}" for figure, value in totals.items())
        print(f"  {form:6} {figures}  cosine {float(cosines.mean()):.3f}")


def _interpreted(interpreter: QueryRewriter, row: dict[str, Any], name: str) -> str:
    said = row["history"]
    if "canard" in name:
        # The article's title and section, then question and answer by turns.
        topic = [ChatTurn(", ".join(said[:2]))]
        turns = zip(said[2::2], said[3::2], strict=True)
        history = topic + [ChatTurn(asked, answer, (said[0],)) for asked, answer in turns]
    else:
        history = []
        for asked in said:
            history.append(ChatTurn(interpreter.interpret(asked, history) or asked))
    return interpreter.interpret(row["question"], history) or str(row["question"])


def _overlap(text: str, rewrite: str) -> Iterator[tuple[str, float]]:
    ours, theirs = Counter(content_terms(text)), Counter(content_terms(rewrite))
    common = (ours & theirs).total()
    precision = common / ours.total() if ours else float(not theirs)
    recall = common / theirs.total() if theirs else 1.0
    yield "precision", precision
    yield "recall", recall
    yield "F1", 2 * precision * recall / (precision + recall) if precision + recall else 0.0


if __name__ == "__main__":
    main()
