"""What the strictness promises: on which questions it was measured, and how to measure it here."""

from __future__ import annotations

from typing import Any

from aiqa.assistant import Assistant
from aiqa.server.interface_language import current_language, t
from aiqa.server.language_rules import percent
from aiqa.server.rendering import render
from aiqa.types import RiskLevel

_COLLECTIONS = {
    "ordinary-dev": "work documents such as policies, contracts and minutes",
    "workplace": "work documents such as policies, contracts and minutes",
    "public": "documents of charities, parishes, museums, parks and the like",
    "household": "documents of travel, hotels, nurseries, research groups and the like",
    "squad_v1_half": "Wikipedia articles (SQuAD)",
    "nq_oracle_half": "Wikipedia passages for questions to a search engine (Natural Questions)",
}
"""What the shipped calibrations were fitted on, by the names that they have in ``source``."""


def promise(assistant: Assistant) -> dict[str, Any]:
    """Return the consequence of each strictness as text, and as HTML what they were measured on."""
    store, used = assistant.store, assistant.calibration
    is_own = used != assistant.reader_calibration
    levels = [level for level in reversed(assistant.risk_levels()) if level.coverage > 0]
    names = [name.strip() for name in used.source.split(",")]
    return {
        "risks": [
            {"least": level.min_confidence, "told": _consequence(level, is_own=is_own)}
            for level in levels
        ],
        "html": render(
            "promise.html",
            is_own=is_own,
            is_calibrated=assistant.is_calibrated,
            answers=used.questions,
            source=used.source,
            collections=list(
                dict.fromkeys(t(_COLLECTIONS.get(name, name)) for name in names if name)
            ),
            judged=store.location.feedback(store.most_feedback_bytes).count(),
            index=assistant.folder.name,
        ),
    }


def _consequence(level: RiskLevel, *, is_own: bool) -> str:
    values = {
        "right": f"{100 - level.risk * 100:.0f}",
        "share": percent(current_language(), round(level.coverage * 100)),
    }
    if is_own:
        return t(
            "With your own questions, at least {right} of 100 shown answers were right at this "
            "setting, and {share} of the questions that the documents answer got one.",
            **values,
        )
    return t(
        "With questions about other documents, at least {right} of 100 shown answers were right "
        "at this setting, and {share} of the questions that those documents answer got one. On "
        "your documents it may be more or fewer.",
        **values,
    )
