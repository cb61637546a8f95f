"""Polarity: whether a sentence affirms or denies what a yes/no question asks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiqa.answers.values.relation import Relation
from aiqa.text.analysis import content_terms

_POLAR = re.compile(
    r"^\W*(?:(?:so|and|but|then|please|hi|hello|ok|okay|well)\b[\s,]*)*"
    r"(?:is|are|was|were|am|do|does|did|can|could|may|might|must|shall|should|will|would|has|have"
    r"|had|need)(?:n['’]?t)?\s",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\b(?:not|never|cannot|neither|nor|nobody|none|without|lacks?|no longer|no|unable|impossible"
    r"|prohibit(?:s|ed)?|forbid(?:s|den)?|bann?(?:ed)?|disallow(?:s|ed)?|barred|ineligible|exclud(?:es|ed)"
    r"|unavailable|invalid|optional|voluntary|unnecessary|refus(?:es?|ed)|den(?:y|ies|ied)|closed"
    r"|unlawful|illegal|exempt)\b|n['’]t\b|[\s-]free\b(?=\s+(?:of|from)\b)|(?<=\w)-free\b",
    re.IGNORECASE,
)
_NO_DENIAL = re.compile(
    r"\b(?:not only|no(?:t)? (?:more|less|later|longer|fewer|earlier|greater|higher|lower) than"
    r"|not exceed\w*|no matter|not applicable|whether or not)\b",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(
    r"\b(?:unless|except|until|only (?:if|when|with|after|by|for|in|on)|other than|apart from)\b",
    re.IGNORECASE,
)
_REPLY = re.compile(r"^\W*(yes|no)\b\s*[,.;:!–—-]", re.IGNORECASE)
_CLAUSE = re.compile(r"[;:]\s+|,?\s+(?:but|however|whereas|while|although)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Polarity:
    """Whether a sentence ``affirms`` what was asked; ``depends`` if it names an exception."""

    affirms: bool
    depends: bool
    start: int
    end: int

    def relation(self, other: Polarity) -> Relation:
        """Return whether two sentences say the same; an exception allows for either."""
        if self.affirms == other.affirms:
            return "same"
        return "unlike" if self.depends or other.depends else "different"


def is_polar(question: str) -> bool:
    """Tell whether ``question`` asks for yes or no."""
    return bool(_POLAR.match(question)) and not re.search(r"\bor\b", question)


def polarity(question: str, sentence: str) -> Polarity:
    """Return the polarity of the clause of ``sentence`` that is nearest to ``question``."""
    reply = _REPLY.match(sentence)
    asked = set(content_terms(question))
    clauses = [clause for clause in _CLAUSE.split(sentence) if clause.strip()] or [sentence]
    clause = max(clauses, key=lambda text: len(asked & set(content_terms(text))))
    denials = _denials(clause)
    depends = bool(_EXCEPTION.search(sentence)) or denials > 1
    affirms = denials % 2 == _denials(question) % 2
    if reply:
        affirms = reply[1].casefold() == "yes"
    return Polarity(affirms, depends, 0, len(sentence))


def _denials(text: str) -> int:
    return len(_NEGATIVE.findall(_NO_DENIAL.sub(" ", text)))
