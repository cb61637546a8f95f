"""Titles of documents: what a file calls itself, else its name as people would write it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath
from urllib.parse import unquote

_FILLED_IN = re.compile(
    r"untitled.*|no(?:ne| title)|title|\(anonymous\)|microsoft word - .*|"
    r"(?:power ?point )?presentation|(?:document|presentation|workbook|book|slide|page) ?\d*|"
    r".*\.(?:docx?|dotx?|xls[xmb]?|pptx?|tex|dvi|indd|qxd)|"
    r"\S+\.(?:pdf|od[tsp]|rtf|txt|html?|md|e?ps|pub|wpd|cdr)",
    re.IGNORECASE,
)
"""What programs fill in for a title that nobody wrote."""

_NAMES_NOTHING = re.compile(r"[\W\d_]*|index|readme|default|main", re.IGNORECASE)
"""Names of files that say something only together with their folder."""

_BETWEEN_WORDS = re.compile(r"[\s_]+|(?<!\d)-+|-+(?!\d)")
"""What stands for a blank in the name of a file; the hyphens of a date stay."""

_IN_CAPITALS = frozenset({"us", "uk", "eu", "un", "ai", "hr", "faq"})
_COUNTED = re.compile(r"(?:q|h|fy|cy)\d{1,4}")
"""A quarter, a half or a year of account."""

_LONGEST_ABBREVIATION = 5
_MOST_READ = 100_000


def written_title(title: str | None) -> str | None:
    """Return ``title`` on one line; None if no person wrote it."""
    words = " ".join((title or "").split())
    return None if not words or _FILLED_IN.fullmatch(words) else words


def title_of_name(source: str, text: str) -> str:
    """Return the name of the file ``source`` as a title.

    Words are spelled as in the ``text`` of the file: "mutual-nda" is "Mutual NDA". A name without
    any letter follows that of its folder: "minutes/2022-04-12" is "Minutes 2022-04-12".
    """
    path = PurePath(source)
    name = _spelled(path.stem, text)
    folder = path.parent.name
    if _NAMES_NOTHING.fullmatch(path.stem) and any(map(str.isalpha, folder)):
        name = f"{_spelled(folder, text)} {name}"
    name = name or path.stem
    is_plain = name.split(" ", 1)[0].islower()
    return name[0].upper() + name[1:] if is_plain else name


def _spelled(name: str, text: str) -> str:
    words = _BETWEEN_WORDS.sub(" ", unquote(name)).split()
    return " ".join(_as_in(text, word) for word in words)


def _as_in(text: str, word: str) -> str:
    """Return ``word`` as ``text`` most often spells it, if it is a name or an abbreviation."""
    if word in _IN_CAPITALS or _COUNTED.fullmatch(word):
        return word.upper()
    if not (word.isalpha() and word.islower()):
        return word
    found = re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text[:_MOST_READ], re.IGNORECASE)
    spellings = Counter(one.group() for one in found)
    usual = max(spellings, key=lambda one: spellings[one], default=word)
    if usual.isupper() and len(usual) > _LONGEST_ABBREVIATION:
        return word
    # A word that is also written small is only capitalised where a sentence or a title begins.
    return word if usual.istitle() and spellings[word] else usual
