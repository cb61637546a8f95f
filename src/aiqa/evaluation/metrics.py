"""Metrics over gold answers. All are rates in [0, 1], higher is better."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Lower case, no ASCII punctuation, no articles, single blanks.

    Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text", EMNLP 2016,
    in the order of its evaluation script v1.1.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, gold: Iterable[str]) -> float:
    """1 if the normalised answer equals a normalised gold answer (SQuAD 1.1), else 0."""
    return float(any(normalise(answer) == normalise(wording) for wording in gold))


def token_f1(answer: str, gold: Iterable[str]) -> float:
    """Best F1 of the answer's normalised words and a gold answer's, as bags (SQuAD 1.1)."""
    return max((_f1(normalise(answer).split(), normalise(g).split()) for g in gold), default=0.0)


def _f1(answer: Sequence[str], gold: Sequence[str]) -> float:
    common = (Counter(answer) & Counter(gold)).total()
    if not common:
        return 0.0
    precision, recall = common / len(answer), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def success_at(
    cutoffs: Sequence[int], runs: Mapping[str, Sequence[bool]]
) -> dict[int, float | None]:
    """Share of questions with evidence among the first k chunks, for each k of ``cutoffs``.

    ``runs`` maps each question to whether its chunks, best first, hold evidence. This is the recall
    of open-domain question answering (Karpukhin et al., "Dense passage retrieval", EMNLP 2020),
    which ``ir-measures`` calls Success@k. None where there are no questions.
    """
    if not runs:
        return dict.fromkeys(cutoffs)
    import ir_measures
    from ir_measures import Qrel, ScoredDoc, Success

    # Ranks are unique, so a chunk's rank names it; a question without relevant chunks counts as 0.
    qrels = [
        Qrel(question, str(rank), int(relevant))
        for question, hits in runs.items()
        for rank, relevant in enumerate([*hits, False])
    ]
    scored = [
        ScoredDoc(question, str(rank), -float(rank))
        for question, hits in runs.items()
        for rank in range(len(hits))
    ]
    measures = {k: Success @ k for k in cutoffs}
    values = ir_measures.calc_aggregate(list(measures.values()), qrels, scored)
    return {k: float(values[measure]) for k, measure in measures.items()}


def auroc(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Probability that a right case has a higher confidence than a wrong one; ties count half.

    None where all cases are right or all are wrong: there is nothing to tell apart.
    """
    if len(set(right)) < 2:  # noqa: PLR2004 - both kinds must occur
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(right, confidences))
