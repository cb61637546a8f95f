"""Metrics of confidence: discrimination, calibration and selective prediction.

Where questions are ordered by confidence, those of equal confidence are taken together, as no
threshold can part them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_BINS = 10

Floats = NDArray[np.float64]


def auroc(confidences: ArrayLike, positive: ArrayLike) -> float | None:
    """Probability that a positive case has a higher confidence than another; ties count half.

    Fawcett, "An introduction to ROC analysis", 2006; by ranks, as Mann & Whitney's U. Equal to
    scikit-learn's ``roc_auc_score``, which takes 20 times as long: too long for a thousand
    replicates. None where all are positive or none is.
    """
    flags = np.asarray(positive, dtype=bool)
    count = int(flags.sum())
    if count in (0, len(flags)):
        return None
    from scipy.stats import rankdata

    above = rankdata(np.asarray(confidences, dtype=float))[flags].sum() - count * (count + 1) / 2
    return float(above / (count * (len(flags) - count)))


def average_precision(confidences: ArrayLike, positive: ArrayLike) -> float | None:
    """Precision averaged over the steps of recall, most confident first; None as in ``auroc``.

    As scikit-learn has it: the sum over thresholds of the gain in recall times the precision.
    """
    flags = np.asarray(positive, dtype=bool)
    if flags.all() or not flags.any():
        return None
    curve = RiskCoverage.of(confidences, flags)
    precision = 1 - curve.risk
    correct = precision * curve.coverage * len(flags)
    return float(np.sum(np.diff(correct, prepend=0.0) * precision) / flags.sum())


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The risk-coverage curve: the risk of answering only the more confident questions.

    Point i answers every question whose confidence is at least ``threshold[i]``: ``coverage[i]`` of
    all, ``risk[i]`` of which are wrong. El-Yaniv & Wiener, "On the foundations of noise-free
    selective classification", JMLR 2010.
    """

    threshold: Floats
    coverage: Floats
    risk: Floats

    @classmethod
    def of(cls, confidences: ArrayLike, right: ArrayLike) -> RiskCoverage:
        """The curve over one or more questions."""
        values = np.asarray(confidences, dtype=float)
        order = np.argsort(-values, kind="stable")
        ordered = values[order]
        wrong = np.cumsum(~np.asarray(right, dtype=bool)[order])
        last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], [True]))
        answered = last + 1
        return cls(ordered[last], answered / len(values), wrong[last] / answered)

    @property
    def area(self) -> float:
        """Mean risk over all coverages (AURC; Geifman, Uziel & El-Yaniv, ICLR 2019).

        Each question adds the risk of answering it and all that are at least as confident; lower is
        better.
        """
        return float(np.sum(np.diff(self.coverage, prepend=0.0) * self.risk))

    def coverage_at(self, risk: float) -> float:
        """The largest share of questions that can be answered with at most this ``risk``."""
        within = self.coverage[self.risk <= risk]
        return float(within[-1]) if len(within) else 0.0

    def risk_at(self, coverage: float) -> float:
        """The risk of answering at least this share of the questions."""
        return float(self.risk[np.searchsorted(self.coverage, coverage - 1e-12)])


@dataclass(frozen=True, slots=True)
class Reliability:
    """Confidence against accuracy, in bins of equal width: a reliability diagram.

    For each bin that holds questions: their number, mean confidence and share that is right.
    Niculescu-Mizil & Caruana, "Predicting good probabilities", ICML 2005.
    """

    count: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats

    @classmethod
    def of(cls, confidences: ArrayLike, right: ArrayLike) -> Reliability:
        """The diagram over one or more questions."""
        values = np.asarray(confidences, dtype=float)
        bins = np.minimum((values * _BINS).astype(int), _BINS - 1)
        count = np.bincount(bins, minlength=_BINS)
        is_used = count > 0
        sums = (np.bincount(bins, np.asarray(w, float), _BINS) for w in (values, right))
        confidence, accuracy = (total[is_used] / count[is_used] for total in sums)
        return cls(count[is_used], confidence, accuracy)

    @property
    def error(self) -> float:
        """Expected calibration error: |accuracy - confidence| averaged over the questions.

        Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
        binning", AAAI 2015, with ten bins.
        """
        gaps = np.abs(self.accuracy - self.confidence)
        return float(np.sum(gaps * self.count) / self.count.sum())
