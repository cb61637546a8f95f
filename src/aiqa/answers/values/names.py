"""Names of people, organisations and things."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from aiqa.answers.values.relation import Relation

_TITLES = frozenset((
    "dr", "mr", "mrs", "ms", "miss", "prof", "professor", "sir", "dame", "lord", "lady", "the",
    "ltd", "limited", "inc", "gmbh", "llc", "plc", "ag", "co", "corp", "corporation", "company",
    "sa", "bv", "kg",
))  # fmt: skip
_LINKS = r"(?:of|the|and|&|de|la|le|du|van|von|der|den|for)"
_NAME = re.compile(rf"[A-ZÀ-ÖØ-Þ][\w'’.&-]*(?:\s+(?:{_LINKS}\s+){{0,2}}[A-ZÀ-ÖØ-Þ][\w'’.&-]*)*")
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class ProperName:
    """A name as its ``words`` in lower case, without titles and legal forms."""

    words: tuple[str, ...]
    start: int
    end: int

    def relation(self, other: ProperName) -> Relation:
        """Return whether two names can be of the same thing or are different names."""
        if _is_part(self.words, other.words) or _is_part(other.words, self.words):
            return "same"
        if _is_acronym(self.words, other.words) or _is_acronym(other.words, self.words):
            return "same"
        return "different"


def proper_name(text: str) -> ProperName | None:
    """Return the name that ``text`` is; None if it has none or several, or much beside it."""
    found = [match for match in _NAME.finditer(text) if _words(match[0])]
    if len(found) != 1 or any(character.isdigit() for character in text):
        return None
    (match,) = found
    words = _words(match[0])
    others = len(text.split()) - len(match[0].split())
    if len(words) > _MOST_WORDS or others > len(words) + 1:
        return None
    return ProperName(words, match.start(), match.end())


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    words = re.findall(r"\w+", re.sub(r"['’]s\b", "", plain))
    return tuple(word for word in words if word not in _TITLES and not re.fullmatch(_LINKS, word))


def _is_part(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Tell whether every word of ``part`` is a word of ``whole`` or its initial."""
    rest = list(whole)
    for word in part:
        equal = [w for w in rest if w == word or (1 in {len(w), len(word)} and w[0] == word[0])]
        if not equal:
            return False
        rest.remove(equal[0])
    return True


def _is_acronym(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    initials = "".join(word[0] for word in long)
    return len(short) == 1 and len(long) > 1 and short[0] == initials
