"""Verb phrase anaphora: "do that" and "then" after a question about doing something."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.query_rewriting.noun_phrases import BE, DO, MODAL, WH, Word, words

_DO_SO = re.compile(r"\bdo (?:that|this|it|so|the same)\b", re.IGNORECASE)
_THEN = re.compile(r",? (?:then|in that case)(?=\W*$)", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|when|once|after)\b", re.IGNORECASE)


def refers_to_doing(question: str) -> bool:
    """Tell whether ``question`` is of a case that was spoken of: "how much is it then?"."""
    return bool(_THEN.search(question)) and not _CONDITION.search(question)


def with_verb_phrase(question: str, before: str) -> str | None:
    """Return ``question`` with what ``before`` asks about doing; None if that does not fit.

    "Can trainees do that?" becomes "Can trainees do working from home?", and what is asked of the
    case ("… then?") has it in front.
    """
    said = _verb_phrase(before)
    if said is None:
        return None
    text, is_gerund = said
    if _DO_SO.search(question):
        return _DO_SO.sub(lambda _: f"do {text}" if is_gerund else text, question, count=1)
    if refers_to_doing(question):
        return f"{text}: {_THEN.sub('', question)}"
    return None


def _verb_phrase(question: str) -> tuple[str, bool] | None:
    """Return the verb and its complements, and whether it is a gerund: "working from home"."""
    tokens = words(question)
    spelled = [word for word in tokens if word.is_word]
    for place, word in enumerate(spelled):
        if word.tag == "VBG" and _is_subject(spelled, place):
            end = next((i for i in range(place + 1, len(spelled)) if _closes(spelled[i])), None)
            return question[word.start : spelled[end - 1 if end else -1].end], True
        if word.tag in {"VB", "VBP"} and _follows_auxiliary(spelled, place):
            return question[word.start : spelled[-1].end], False
    return None


def _is_subject(tokens: Sequence[Word], place: int) -> bool:
    """Tell whether a verb in "-ing" is what the question is about, not a progressive form."""
    if place == 0 or tokens[place - 1].lower not in BE | DO | MODAL:
        return False
    return place < 2 or tokens[place - 2].lower not in WH  # noqa: PLR2004


def _closes(word: Word) -> bool:
    return word.tag in {"JJ", "VB", "VBP", "VBZ", "VBD", "VBN", "MD", "RB"}


def _follows_auxiliary(tokens: Sequence[Word], place: int) -> bool:
    return any(word.lower in DO | MODAL for word in tokens[: max(place - 1, 0)])
