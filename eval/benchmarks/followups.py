"""How well follow-up questions are understood, and complete ones left alone.

``python -m eval.benchmarks.followups [DATA_DIR] [--index index] [--dialogues FILE] [--split test]
[--gold FILE] [--verbose]``

Plays the dialogues of ``eval/dialogues.jsonl``, or of another file, on an index and prints, for
the question as asked, together with the question before it, as understood, and as a person rewrote
it, evidence recall and token F1 of the answer that the reader is made to give. The index must hold
the documents of the dialogues: ``corpus/``, for ``eval/followups/dialogues.jsonl`` also
``eval/followups/documents``.

Then takes complete questions as one conversation, in random order, and prints how many of them are
changed: those of ``eval/gold.jsonl``, of each ``--gold``, and 300 each of the sets in DATA_DIR.

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
import random
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
COMPLETE = (
    "squad_v1_half", "nq_oracle_half", "clapnq_dev", "emanual_qa", "financial_qna_10k",
    "selqa_dev", "boolq_dev",
)  # fmt: skip
SAMPLE = 300
SEED = 7
REMEMBERED = 8
FORMS = ("raw", "both", "ours", "human")
CUTOFFS = (1, 5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--index", default="index")
    parser.add_argument("--dialogues", type=Path, default=EVAL / "dialogues.jsonl")
    parser.add_argument("--gold", type=Path, action="append", default=[EVAL / "gold.jsonl"])
    parser.add_argument("--split", choices=["dev", "test"], default="test")
    parser.add_argument("--verbose", action="store_true", help="print every question")
    options = parser.parse_args()
    with Assistant.open(options.index) as assistant:
        evidence = EvidenceMap(assistant.documents())
        dialogues = load_dataset(options.dialogues, options.split).questions
        play(assistant, evidence, dialogues, verbose=options.verbose)
        complete(assistant, options.gold, options.data, verbose=options.verbose)
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
            "both": (f"{question.history[-1]} {question.question}", []),
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


def complete(
    assistant: Assistant, gold: Sequence[Path], data: Path | None, *, verbose: bool
) -> None:
    """Print how many complete questions are changed, each set asked as one conversation."""
    sets: dict[str, list[tuple[str, str | None]]] = {
        str(path): [
            (row.question, row.answers[0] if row.answers else None)
            for row in load_dataset(path).questions
            if not row.history
        ]
        for path in gold
    }
    chance = random.Random(SEED)  # noqa: S311
    for name, path in ((name, data / f"{name}.jsonl.gz") for name in COMPLETE) if data else ():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = chance.sample([json.loads(line) for line in lines], SAMPLE)
        sets[name] = [(row["question"], _first_answer(row)) for row in rows]
    interpreter = QueryRewriter(assistant.embedder)
    total = 0
    for name, questions in sets.items():
        chance.shuffle(questions)
        changed = 0
        history: list[ChatTurn] = []
        for asked, answer in questions:
            made = interpreter.interpret(asked, history)
            changed += made is not None
            if verbose and made:
                print(f"  {asked} -> {made}")
            history = [*history, ChatTurn(made or asked, answer)][-REMEMBERED:]
        print(f"complete questions changed: {changed} of {len(questions)} of {name}")
        total += changed
    print(f"complete questions changed: {total} of {sum(map(len, sets.values()))} in all")


def _first_answer(row: dict[str, Any]) -> str | None:
    first = next(iter(row.get("answers") or ()), None)
    return None if first is None else str(first["text"] if isinstance(first, dict) else first)


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
    found = assistant.passages(wording, k=max(CUTOFFS), history=history)
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
