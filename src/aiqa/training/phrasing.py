"""Questions the way people type them: as keywords, without capitals, with typos, politely.

Readers trained on edited questions fail on typed ones (Ravichander et al., "NoiseQA: Challenge set
evaluation for user-centric question answering", EACL 2021); these are the kinds of noise they name
for a keyboard, and the framings that help desks see.
"""

from __future__ import annotations

import random
import re

_FUNCTION_WORDS = frozenset(
    "a about am an and any are as at be been by can could did do does for from had has have how i "
    "if in into is it its long many may me much must my of on or our shall should so some such "
    "than that the their them there these they this those to under us was we were what when where "
    "which who whom whose why will with would you your".split()
)
_KEPT_IN_KEYWORDS = frozenset({"how", "when", "who", "where", "why", "long", "much", "many"})
_PREAMBLES = (
    "Hi, ", "Hello, ", "Hi there! ", "Quick question: ", "Sorry if this is obvious, but ",
    "Hey, ", "Good morning. ", "I have a question. ", "I couldn't find this anywhere: ",
    "My manager asked me to find out: ", "I'm new here. ", "Just wondering, ", "please help: ",
    "Can you tell me, ", "Could you please tell me: ", "Do you know, ", "I was wondering, ",
)  # fmt: skip
_CLOSINGS = (" Thanks!", " Thank you", " please", " thx", " Many thanks.", " ??", " Cheers")
_STATEMENTS = (
    "Tell me {}", "I need to know {}", "I'd like to know {}", "Please tell me {}",
    "Can you tell me {}", "find out {}", "do you know {}", "I want to know {}",
)  # fmt: skip
_WH = re.compile(r"^(?:what|when|where|which|who|whom|whose|why|how)\b", re.IGNORECASE)
_SPELLINGS = (
    ("isation", "ization"), ("ise", "ize"), ("ising", "izing"), ("colour", "color"),
    ("favour", "favor"), ("labour", "labor"), ("centre", "center"), ("behaviour", "behavior"),
    ("organis", "organiz"), ("licence", "license"), ("defence", "defense"), ("grey", "gray"),
    ("travelling", "traveling"), ("cancelled", "canceled"), ("programme", "program"),
    ("cheque", "check"), ("catalogue", "catalog"), ("enrol ", "enroll "), ("metre", "meter"),
    ("litre", "liter"), ("neighbour", "neighbor"), ("honour", "honor"), ("fulfil ", "fulfill "),
)  # fmt: skip
_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa",
    "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu",
    "z": "xa",
}  # fmt: skip
_SHORTEST_MISTYPED = 4
_WORD = re.compile(r"[^\W\d_]+")


def as_typed(question: str, chance: random.Random) -> str:
    """Return ``question``, or, half of the time, a way that somebody may type it."""
    draw = chance.random()
    if draw < 0.50:  # noqa: PLR2004  # the shares are told beside each kind
        return question
    if draw < 0.66:  # noqa: PLR2004  # 16 %
        return lowered(question)
    if draw < 0.76:  # noqa: PLR2004  # 10 %
        return keywords(question)
    if draw < 0.85:  # noqa: PLR2004  # 9 %
        return lowered(mistyped(question, chance)) if chance.random() < 0.6 else mistyped(question, chance)  # noqa: PLR2004, E501
    if draw < 0.92:  # noqa: PLR2004  # 7 %
        return framed(question, chance)
    if draw < 0.97:  # noqa: PLR2004  # 5 %
        return as_statement(question, chance)
    return respelled(question)


def lowered(question: str) -> str:
    """Drop capitals and the question mark."""
    return question.lower().rstrip("? ")


def keywords(question: str) -> str:
    """Keep the content words and the question word; all of it where they are fewer than two."""
    words = re.findall(r"[\w'’$%€£.,/-]*\w[\w%]*", question.lower())
    kept = [
        word
        for index, word in enumerate(words)
        if word not in _FUNCTION_WORDS or (index < 2 and word in _KEPT_IN_KEYWORDS)  # noqa: PLR2004
    ]
    return " ".join(kept) if len(kept) > 1 else lowered(question)


def mistyped(question: str, chance: random.Random) -> str:
    """Mistype one letter in one or two of the longer words: swap, drop, double or hit its neighbour.

    A word keeps its first letter, as mistyped words mostly do.
    """
    places = [m for m in _WORD.finditer(question) if len(m[0]) >= _SHORTEST_MISTYPED]
    picked = chance.sample(places, min(len(places), chance.choice((1, 1, 2))))
    for match in sorted(picked, key=lambda m: -m.start()):
        word = match[0]
        at = chance.randrange(1, len(word) - 1)
        kind = chance.randrange(4)
        if kind == 0:
            new = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif kind == 1:
            new = word[:at] + word[at + 1 :]
        elif kind == 2:  # noqa: PLR2004
            new = word[:at] + word[at] + word[at:]
        else:
            new = word[:at] + chance.choice(_NEIGHBOURS.get(word[at].lower(), "e")) + word[at + 1 :]
        question = question[: match.start()] + new + question[match.end() :]
    return question


def framed(question: str, chance: random.Random) -> str:
    """Put a greeting, a reason or thanks around the question."""
    start = chance.choice(_PREAMBLES) if chance.random() < 0.8 else ""  # noqa: PLR2004
    end = chance.choice(_CLOSINGS) if chance.random() < 0.4 or not start else ""  # noqa: PLR2004
    return f"{start}{question}{end}"


def as_statement(question: str, chance: random.Random) -> str:
    """Ask a wh-question indirectly; other questions lose their question mark only."""
    if not _WH.match(question):
        return question.rstrip("? ")
    inner = question[0].lower() + question[1:].rstrip("? ")
    return chance.choice(_STATEMENTS).format(inner)


def respelled(question: str) -> str:
    """Exchange British for American spelling, or the other way round."""
    for british, american in _SPELLINGS:
        if british in question:
            return question.replace(british, american)
        if american in question:
            return question.replace(american, british)
    return question
