"""What a question asks for: a fact, several things, or an explanation."""

from __future__ import annotations

import re
from typing import Literal

QuestionType = Literal["fact", "list", "explanation"]

_EXPLANATION = re.compile(
    r"\b(why|how (?!much|many|old|long|far|big|large|often|tall|high|fast|deep|wide|expensive|late"
    r"|soon|early|heavy)\w+|explain|describe|what happens|in what ways?|what (?:is|are|was|were) "
    r"the (?:differences?|reasons?|causes?|steps?|process|advantages?|consequences?))\b",
    re.IGNORECASE,
)
_FUNCTION_WORDS = (
    "about|above|after|also|and|any|as|at|before|being|between|by|called|done|during|for|found|from"
    "|given|he|her|his|in|it|its|known|left|less|made|meant|more|most|my|next|not|of|on|one|or|our"
    "|said|she|shown|so|some|that|the|their|there|they|this|those|these|three|to|two|used|very|we"
    "|when|where|with|within|worth|you|your"
)
_TERM = rf"(?!(?:{_FUNCTION_WORDS})\b)[\w.&-]+(?<!ed)"
"""A word of a term, not of a clause."""

_IS = r"(?:\ (?:is|are|was|were)|['’]s)"
_DEFINITION = re.compile(
    rf"""^\s*(?:
        what{_IS}\ (?:(?:meant\ by\ )?an?\ |meant\ by\ (?:the\ )?)?
            (?:{_TERM}\ ){{0,3}}{_TERM}
        | what{_IS}\ the\ (?-i:(?:{_TERM}\ ){{0,3}}[A-Z][\w.&-]*)
        | what{_IS}\ the\ (?:meaning|definition)\ of\ .+
        | what\ do(?:es)?\ .+\ mean
        | (?:define|definition\ of|meaning\ of)\ .+
        | who{_IS}\ (?-i:[A-Z][\w.-]*(?:\ [A-Z][\w.-]*){{0,3}})
    )\s*[?.!]*\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_LIST = re.compile(
    r"\b(list|what are|who (?:are|were)|(?:what|which) (?:\w+ ){0,2}?\w+s (?:are|were|do|did|have|"
    r"should|can|must|may|might|need)|(?:what|which) (?:two|three|four|five|six|seven|several)|"
    r"(?:what|which) (?:categories|classes|forms|groups|kinds|sorts|types) of|"
    r"which (?:\w+ ){0,2}?\w+(?<![isu])s (?:apply|belong|come|count|exist|fall|form|get|give|go"
    r"|hold|include|make|offer|qualify|require|take|use)|"
    r"name (?:the|all|some|two|three|four|five)|examples? of)\b",
    re.IGNORECASE,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_NUMBER = re.compile(rf"\b({'|'.join(_NUMBERS)})\b", re.IGNORECASE)


def question_type(question: str) -> QuestionType:
    """Return the type of answer that the wording asks for.

    A definition ("What is an export control?") is an explanation, answered by whole sentences:
    part of a sentence seldom defines anything.
    """
    if _EXPLANATION.search(question) or _DEFINITION.search(question):
        return "explanation"
    return "list" if _LIST.search(question) else "fact"


def how_many(question: str, most: int) -> int:
    """Return the number of items that a list question asks for; ``most`` if it has none."""
    named = _NUMBER.search(question)
    return _NUMBERS[named[1].casefold()] if named else most
