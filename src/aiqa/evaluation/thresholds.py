"""Thresholds on figures, for continuous integration."""

from __future__ import annotations

from collections.abc import Mapping

from aiqa.errors import SettingsError
from aiqa.evaluation.metrics.descriptions import GLOSSARY

LOWER_IS_BETTER = frozenset({
    "aurc", "risk@50%", "ece", "latency_ms", "latency_ms_p95", "answerable_wrong",
    "answerable_unsure_wrong", "answerable_not_found", "unanswerable_answered",
    "unanswerable_unsure",
})  # fmt: skip
"""Figures of which less is better: a limit is a maximum, and a drop is an increase."""

_KNOWN = (*GLOSSARY, "latency_ms", "latency_ms_p95")

Headline = Mapping[str, float | None]


def read_limits(text: str, option: str) -> dict[str, float]:
    """The limits in ``text``, such as "f1=0.70,recall@5=0.9".

    Raises:
        SettingsError: it is not written like that, or there is no such figure.
    """
    limits = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        if name.strip() not in _KNOWN:
            raise SettingsError(
                f"{option}: there is no figure {name.strip()!r}.",
                f"Choose among {', '.join(_KNOWN)}.",
            )
        try:
            limits[name.strip()] = float(number)
        except ValueError:
            raise SettingsError(
                f"{option} has {part!r}, which is no figure with a number.",
                f"Write it like {option} f1=0.70,recall@5=0.9.",
            ) from None
    return limits


def missed_limits(figures: Headline, limits: Mapping[str, float]) -> list[str]:
    """Return a sentence for each figure that is worse than its limit or missing."""
    return [
        f"{name} is {_formatted(figures[name])}; it must be at "
        f"{'most' if name in LOWER_IS_BETTER else 'least'} {limit:g}."
        for name, limit in limits.items()
        if _worse(name, figures[name], limit)
    ]


def regressions(figures: Headline, baseline: Headline, most: Mapping[str, float]) -> list[str]:
    """A sentence for each figure that is worse than in ``baseline`` by more than it may be.

    A figure that the baseline lacks cannot drop.
    """
    sentences = []
    for name, drop in most.items():
        before = baseline.get(name)
        if before is not None:
            limit = before + (drop if name in LOWER_IS_BETTER else -drop)
            if _worse(name, figures[name], limit):
                sentences.append(
                    f"{name} went from {before:.3f} to {_formatted(figures[name])}; "
                    f"it may get worse by {drop:g} at most."
                )
    return sentences


def _worse(name: str, value: float | None, limit: float) -> bool:
    if value is None:
        return True
    # Sums of the same numbers in another order differ in their last digits.
    return value > limit + 1e-9 if name in LOWER_IS_BETTER else value < limit - 1e-9


def _formatted(value: float | None) -> str:
    return "missing" if value is None else f"{value:.3f}"
