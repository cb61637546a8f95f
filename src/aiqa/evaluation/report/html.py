"""A run as one page: the facts are gathered here, ``page.html`` lays them out.

Whatever comes from documents or gold sets is untrusted. In the page's text it is escaped by the
template; the questions go in as JSON, which ``page.js`` writes as text, never as HTML.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

from aiqa.errors import SettingsError
from aiqa.evaluation.error_analysis import EXPLAINED, PipelineStage
from aiqa.evaluation.metrics.aggregate import OUTCOMES, outcome_name
from aiqa.evaluation.metrics.confidence import Reliability, RiskCoverage
from aiqa.evaluation.metrics.descriptions import GLOSSARY
from aiqa.evaluation.metrics.summary import Judgements
from aiqa.evaluation.report import plots
from aiqa.evaluation.run_store import Run
from aiqa.evaluation.scoring import Row
from aiqa.types import Citation

_CARDS = (
    "right", "shown_right", "answered", "abstained", "f1", "em", "recall@1", "recall@5",
    "citation_precision", "verbatim", "auroc", "ece", "sentence_f1", "recall@20", "ndcg@10",
)  # fmt: skip
"""The figures at the top of the page, if present."""
_SLICED = ("right", "f1", "recall@5", "citation_precision", "answered", "abstained")
_MOST_CARDS = 12

_MODES = {
    "corpus": "asked of the index",
    "open": "asked of a collection of the set's own passages",
    "reading": "each asked of its own passage",
}


def write_report(run: Run, path: Path) -> None:
    """Write the page of ``run`` to ``path``.

    Raises:
        SettingsError: it cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("aiqa.evaluation", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    figures = run.figures
    page = environment.get_template("page.html").render(
        run=run,
        figures=figures,
        mode=_MODES[run.inputs.mode],
        summary=_summary(run),
        stages=[
            (stage, EXPLAINED[stage], count, count / figures.n)
            for stage, count in figures.stages.items()
        ],
        outcomes=_outcomes(run),
        wrong=sum(figures.stages.values()),
        cards=[name for name in _CARDS if figures.values.get(name) is not None][:_MOST_CARDS],
        sliced=[name for name in _SLICED if figures.values.get(name) is not None],
        glossary=GLOSSARY,
        plots={name: Markup(svg) for name, svg in _plots(run).items()},  # noqa: S704  # our own
        questions=Markup(_embedded([_question(row) for row in run.rows])),  # noqa: S704  # escaped
        style=Markup(_asset("page.css")),  # noqa: S704  # our own
        script=Markup(_asset("page.js")),  # noqa: S704  # our own
    )
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise SettingsError(
            f"The report cannot be written to {path}: {error.strerror}.", "Choose another --out."
        ) from error


def _plots(run: Run) -> dict[str, str]:
    judgements = Judgements.of(run.rows)
    shown = sum(row.shown for row in run.rows) / len(run.rows)
    least = float(run.inputs.settings["min_confidence"])
    latency = {"latency": plots.latency(run.figures.latency_ms)}
    if not judgements.is_rated:
        return latency
    curve = RiskCoverage.of(judgements.confidence, judgements.right)
    return latency | {
        "risk": plots.risk_coverage(curve, shown, least),
        "reliability": plots.reliability(Reliability.of(judgements.confidence, judgements.right)),
    }


def _summary(run: Run) -> str:
    """Return a summary of the run in sentences."""
    rows = run.rows
    answerable = [row for row in rows if row.question.answerable]
    others = [row for row in rows if not row.question.answerable]
    answered = [row for row in answerable if row.shown]
    sentences = []
    if answerable:
        right = sum(row.right for row in answered)
        sentences.append(
            f"Of {len(answerable):,} questions that the documents answer, {len(answered):,} were "
            f"answered, {right:,} of them rightly."
        )
    if others:
        refused = sum(not row.shown for row in others)
        sentences.append(
            f"Of {len(others):,} that the documents do not answer, {refused:,} were refused."
        )
    return " ".join(sentences)


def _outcomes(run: Run) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Count the outcomes that people see, of answerable questions and of others."""
    counts = Counter(outcome_name(row) for row in run.rows)
    kinds = (("that the documents answer", True), ("that they do not answer", False))
    return [
        (
            told,
            sum(counts[name] for name in OUTCOMES[kind]),
            [(n, counts[n]) for n in OUTCOMES[kind]],
        )
        for told, kind in kinds
    ]


def _question(row: Row) -> dict[str, Any]:
    ranking = row.ranking.found if row.ranking else ()
    first = next((rank for rank, grade in enumerate(ranking, 1) if grade), None)
    return {
        "id": row.question.id,
        "question": row.question.question,
        "tags": [*row.question.tags, *([row.format] if row.format else [])],
        "gold": row.question.answers,
        "answer": row.answer.text,
        "shown": row.shown,
        "outcome": row.outcome,
        "candidate_right": row.candidate_right,
        "confidence": row.answer.confidence if row.is_rated else None,
        "verdict": _verdict(row, row.stage),
        "wrong": row.stage is not None,
        "f1": row.f1,
        "rank": first,
        "citations": [_citation(citation) for citation in row.answer.citations],
    }


def _verdict(row: Row, stage: PipelineStage | None) -> str:
    if stage:
        return stage
    return "right" if row.shown else "refused rightly"


def _citation(citation: Citation) -> dict[str, str]:
    start = citation.start - citation.sentence_start
    end = start + len(citation.quote)
    place = ", ".join(part for part in (citation.title, citation.locator, citation.source) if part)
    return {
        "place": place,
        "before": citation.sentence[:start],
        "quote": citation.sentence[start:end],
        "after": citation.sentence[end:],
    }


def _embedded(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    return json.dumps(value).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return (resources.files("aiqa.evaluation.report") / name).read_text("utf-8")
