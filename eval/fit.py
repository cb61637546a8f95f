"""Fit the sentence reader's weights and its calibration on the dev half of the gold set.

Run `python eval/fit.py` after `aiqa ingest corpus`; it prints the two lines to put into
`src/aiqa/reader/sentence_reader.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from aiqa import Assistant
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.evaluation.loaders import load_dataset
from aiqa.reader.sentence_reader import FEATURES, SentenceReader, sentence_candidates

_RIDGE = 3.0
_FOLDS = 5

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


def main() -> None:
    """Print the fitted weights and calibration."""
    features, answers = _candidates()
    weights = _weights(features, answers)
    listed = ", ".join(f"{name}={w:.3f}" for name, w in zip(FEATURES, weights, strict=True))
    print(f"FITTED = Weights({listed})")

    # Scores for the calibration come from weights that have not seen their question.
    scores, right = np.zeros(len(features)), np.zeros(len(features), dtype=bool)
    for train, held_out in KFold(_FOLDS, shuffle=True, random_state=0).split(features):
        fold = _weights([features[i] for i in train], [answers[i] for i in train])
        for i in held_out:
            best = int(np.argmax(features[i] @ fold))
            scores[i], right[i] = features[i][best] @ fold, answers[i][best]
    platt = LogisticRegression(C=np.inf).fit(scores[:, np.newaxis], right)
    slope, offset = platt.coef_[0][0], platt.intercept_[0]
    print(f'CALIBRATION = Calibration(("score",), (0.0,), (1.0,), ({slope:.3f},), {offset:.3f})')


def _candidates() -> tuple[list[Matrix], list[Flags]]:
    """For each dev question: features of its candidate sentences, and which overlap evidence."""
    features, answers = [], []
    with Assistant.open("index") as assistant:
        evidence = EvidenceMap(assistant.documents())
        reader = SentenceReader(assistant.embedder)
        for question in load_dataset(Path("eval/gold.jsonl"), "dev").questions:
            located = evidence.locate(question)
            hits = assistant.passages(question.question, k=assistant.settings.read_chunks)
            pieces = sentence_candidates(hits)
            features.append(reader.features(question.question, pieces))
            answers.append(
                np.array([located.holds(hit.chunk.document_id, span) for hit, span in pieces])
            )
    return features, answers


def _weights(features: list[Matrix], answers: list[Flags]) -> Matrix:
    """Conditional logit: maximise the probability that an answering sentence is chosen.

    McFadden, "Conditional logit analysis of qualitative choice behavior", 1974; with a ridge on
    the weights of standardised features. Questions without an answering candidate say nothing.
    """
    everything = np.vstack(features)
    mean, scale = everything.mean(axis=0), everything.std(axis=0)
    cases = [((x - mean) / scale, y) for x, y in zip(features, answers, strict=True) if y.any()]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, gradient = _RIDGE * weights @ weights / 2, _RIDGE * weights
        for x, y in cases:
            utility = x @ weights
            total -= logsumexp(log_softmax(utility)[y])
            gradient = gradient + softmax(utility) @ x - softmax(utility[y]) @ x[y]
        return float(total), gradient

    standard = minimize(loss, np.zeros(len(FEATURES)), jac=True).x
    return np.asarray(standard / scale)


if __name__ == "__main__":
    main()
