"""Whether a citation is of another year than the one that is asked about."""

from __future__ import annotations

import re

from aiqa.types import Citation

MOST_OF_ANOTHER_YEAR = 1 / 3
"""Greatest confidence of an answer whose place names another year than the question: of six such
answers in ``eval/gold.jsonl``, SQuAD, Natural Questions and ordinary documents two were right."""

_YEAR = re.compile(r"(?<![\w.,$€£-])(?:1[5-9]|20)\d\d(?![\w%]|[.,]\d)")


def is_of_another_year(question: str, citation: Citation) -> bool:
    """Tell whether ``question`` names years, and the cited sentence or its headings only others."""
    asked = set(_YEAR.findall(question))
    if not asked:
        return False
    stated = set(_YEAR.findall(f"{citation.title} {citation.section} {citation.sentence}"))
    return bool(stated) and not asked & stated
