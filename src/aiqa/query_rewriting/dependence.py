"""Whether a question depends on the conversation: features and a fitted linear classifier."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from aiqa.query_rewriting.coreference import references
from aiqa.query_rewriting.noun_phrases import WH, Phrase, Word, phrases, words
from aiqa.query_rewriting.verb_phrases import refers_to_doing
from aiqa.text.analysis import content_terms
from aiqa.types import ChatTurn

OPENING = re.compile(
    r"^\s*(?:(?:and|but|or|so|ok|okay|also|then|now|well)\b[\s,]*)+", re.IGNORECASE
)
"""Words that join a question to what was said before."""

ABOUT = re.compile(r"^(?:what|how)\s+(?:about|of|if)\s+", re.IGNORECASE)
"""Openings of a question that only names what is new."""

_COMPLEMENTS = {"of", "that", "which", "who", "in", "at", "on", "for", "between", "to", "from"}
_COMPARISON_WORDS = {"than", "of", "in", "when", "if", "or"}
_FRAGMENT_WORDS = 5
"""A question without a verb is a fragment up to this number of words."""

_JOINING = {"DT", "PDT", "PRP$", "IN", "TO", "CC"}
"""Tags of words that begin a fragment of a question."""

_SEVERAL = 3
"""Words from which a question is likely told apart from others."""

_RECENT = 2
"""Turns whose words count as just said."""


def depends(question: str, history: Sequence[ChatTurn]) -> bool:
    """Tell whether ``question`` likely cannot be understood without ``history``."""
    if _is_bare(question) or _asks_about(question) or refers_to_doing(question):
        return True
    if _is_search(question):
        return False
    weights, least = _model()
    features = dependence_features(question, history)
    score = math.fsum(weights.get(name, 0.0) * value for name, value in features.items())
    return score >= least


def dependence_features(question: str, history: Sequence[ChatTurn]) -> dict[str, float]:
    """Return what tells a question that depends on ``history`` from one that stands alone."""
    core = OPENING.sub("", question.strip())
    part = ABOUT.sub("", core)
    tokens = words(part)
    spelled = [word for word in tokens if word.is_word]
    content = set(content_terms(core))
    said = _said(history[-_RECENT:])
    definite = [phrase for phrase in phrases(core) if _is_open(phrase, tokens)]
    fragment = is_fragment(tokens)
    features = {
        "constant": 1.0,
        "opening": float(core != question.strip()),
        "about": float(part != core),
        "fragment": float(fragment),
        "bare_wh": float(bool(spelled) and len(content) == 0),
        "wh_fragment": float(fragment and any(word.lower in WH for word in spelled)),
        "definite": float(bool(definite)),
        "definite_known": float(any(set(content_terms(p.head.text)) & said for p in definite)),
        "comparison": float(_compares(tokens)),
        "name": float(any(word.is_proper for word in spelled[1:])),
        "content": float(min(len(content), 8)),
        "few_words": float(len(spelled) <= _FRAGMENT_WORDS),
        "new_share": len(content - said) / max(len(content), 1),
        "sentences": float(len(re.findall(r"[.?!;]\s", core)) > 0),
    }
    features["definite_few"] = features["definite"] * float(len(content) < _SEVERAL)
    features["fragment_content"] = features["fragment"] * features["content"]
    for reference in references(core):
        features[reference.role] = 1.0
        where = "free" if reference.nouns == 0 else "late"
        features[f"{reference.role}_{where}"] = 1.0
        if reference.bound:
            features[f"{reference.role}_bound"] = 1.0
    features["refers"] = float(any(not r.bound for r in references(core)))
    features["refers_new"] = features["refers"] * features["new_share"]
    features["refers_content"] = features["refers"] * features["content"]
    return features


def _is_bare(question: str) -> bool:
    """Tell whether it is little but a question word or a place: "Since when?", "In summer?"."""
    tokens = words(question)
    spelled = [word for word in tokens if word.is_word]
    if [word.lower for word in spelled[:2]] == ["why", "not"] and is_fragment(tokens):
        return True
    return (
        len(spelled) < _SEVERAL
        and is_fragment(tokens)
        and (any(word.lower in WH for word in spelled) or tokens[0].tag in {"IN", "TO"})
    )


def _asks_about(question: str) -> bool:
    """Tell whether ``question`` only names what is new: "What about Whale Robot?"."""
    core = OPENING.sub("", question.strip())
    return ABOUT.match(core) is not None and is_fragment(words(ABOUT.sub("", core)))


def _is_search(question: str) -> bool:
    """Tell whether ``question`` is what one types into a search engine: "senserobot price".

    A fragment that only makes sense after another question begins with "and", an article or a
    preposition, or is one word.
    """
    tokens = words(question)
    return (
        is_fragment(tokens)
        and len(set(content_terms(question))) > 1
        and ABOUT.match(question) is None
        and OPENING.match(question) is None
        and not any(word.lower in WH for word in tokens)
        and tokens[0].tag not in _JOINING
        and not references(question)
    )


def is_fragment(tokens: Sequence[Word]) -> bool:
    """Tell whether a question has no verb and few words."""
    return not any(word.is_verb for word in tokens) and (
        sum(word.is_word for word in tokens) <= _FRAGMENT_WORDS
    )


def _is_open(phrase: Phrase, tokens: Sequence[Word]) -> bool:
    """Tell whether a definite phrase without a complement leaves open what is meant."""
    after = next((word.lower for word in tokens if word.start >= phrase.end), "")
    return (
        phrase.article == "the"
        and not phrase.is_complemented
        and not phrase.is_proper
        and after not in _COMPLEMENTS
    )


def _compares(tokens: Sequence[Word]) -> bool:
    lower = {word.lower for word in tokens}
    return bool({word.tag for word in tokens} & {"JJR", "JJS", "RBR", "RBS"}) and not (
        lower & _COMPARISON_WORDS
    )


def _said(history: Sequence[ChatTurn]) -> set[str]:
    return {
        term
        for turn in history
        for text in (turn.question, turn.answer or "", *turn.titles)
        for term in content_terms(text)
    }


@cache
def _model() -> tuple[Mapping[str, float], float]:
    """Return the fitted weights, and the least score of a question that depends."""
    data = json.loads(files(__package__).joinpath("dependence.json").read_text("utf-8"))
    return data["weights"], data["least"]
