"""Retrieval metrics per question, by ``ir-measures``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.evidence import Located
from aiqa.types import Chunk, ScoredChunk

CUTOFFS = (1, 5, 20)
DEPTH = 20
"""Ranks that are evaluated."""


@dataclass(frozen=True, slots=True)
class RankedGrades:
    """What a search found for one question.

    ``found`` are the grades of what was found, best first, up to ``DEPTH``; 0 is irrelevant.
    ``relevant`` are the grades of everything relevant that there is.
    """

    found: tuple[int, ...]
    relevant: tuple[int, ...]


def rank(
    question: EvalExample,
    hits: Sequence[ScoredChunk],
    located: Located,
    chunks: Callable[[str], Sequence[Chunk]],
) -> RankedGrades:
    """Grades by rank: of chunks, or of whole documents where no answer is sought in them.

    ``chunks`` gives the chunks of a document.
    """
    if question.answers or not question.answerable:
        found = [located.grade(hit.chunk.document_id, hit.chunk.span) for hit in hits]
        relevant = [
            grade
            for document_id in dict.fromkeys(place.document_id for place in located.places)
            for chunk in chunks(document_id)
            if (grade := located.grade(document_id, chunk.span))
        ]
    else:
        grades = {place.document_id: place.grade for place in located.places}
        found = [grades.get(i, 0) for i in dict.fromkeys(hit.chunk.document_id for hit in hits)]
        relevant = list(grades.values())
    # What the documents do not have is relevant and was not found.
    return RankedGrades(tuple(found[:DEPTH]), (*relevant, *[1] * len(located.missing)))


def measure(rankings: Mapping[str, RankedGrades]) -> dict[str, list[float]]:
    """For each measure its value for each question, in order of ``rankings``.

    - ``recall@k``: whether anything relevant is among the first k, the recall of open-domain
      question answering (Karpukhin et al., "Dense passage retrieval", EMNLP 2020; Success@k in
      ``ir-measures``);
    - ``mrr``: 1 / rank of the first that is relevant (Voorhees, TREC-8, 1999), 0 beyond ``DEPTH``;
    - ``ndcg@10``: discounted cumulative gain over the ideal one (Järvelin & Kekäläinen, ACM TOIS
      2002), gain = grade, as trec_eval has it.
    """
    import ir_measures
    from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG

    measures = {**{f"recall@{k}": Success @ k for k in CUTOFFS}, "mrr": RR, "ndcg@10": nDCG @ 10}
    # A rank names what was found there; what is relevant but was not found is named by its number.
    qrels, run = [], []
    for question, ranking in rankings.items():
        missed = _missed(ranking)
        qrels += [Qrel(question, f"{rank}", grade) for rank, grade in enumerate(ranking.found)]
        qrels += [Qrel(question, f"-{number}", grade) for number, grade in enumerate(missed)]
        # Where nothing was found or is relevant, these two let the question count all the same.
        qrels.append(Qrel(question, "none", 0))
        run.append(ScoredDoc(question, "none", -float(DEPTH)))
        run += [ScoredDoc(question, f"{rank}", -float(rank)) for rank in range(len(ranking.found))]
    values: dict[str, dict[str, float]] = {name: {} for name in measures}
    names = {str(measure): name for name, measure in measures.items()}
    for metric in ir_measures.iter_calc(list(measures.values()), qrels, run):
        values[names[str(metric.measure)]][metric.query_id] = float(metric.value)
    return {
        name: [by_question[question] for question in rankings]
        for name, by_question in values.items()
    }


def _missed(ranking: RankedGrades) -> Sequence[int]:
    missed = list(ranking.relevant)
    for grade in ranking.found:
        # Passages of other systems may overlap, so that more are found than there are chunks.
        if grade in missed:
            missed.remove(grade)
    return missed
