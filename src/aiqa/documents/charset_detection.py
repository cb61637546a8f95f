"""The encoding of a text that does not say it: the one in which its letters make up a language.

charset-normalizer and its like take short texts in the encodings of Central and Eastern Europe and
of Japan for others. Here every candidate decodes the text, and counts by how many of the characters
beyond ASCII are letters of one language, and how many stand where no letter would.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from aiqa.documents.alphabets import (
    JAPANESE,
    KOREAN,
    LETTERS,
    SIMPLIFIED,
    TRADITIONAL,
    Alphabet,
)

_USUAL = 0.1
_SELDOM = -0.05
_OLD = -0.15
_CANDIDATES = {
    "cp1252": _USUAL,
    **dict.fromkeys((
        "cp1250", "iso8859-2", "cp1251", "koi8-u", "koi8-r", "iso8859-5", "cp1253", "iso8859-7",
        "cp1254", "cp1257", "cp1255", "cp1256", "iso8859-6", "cp874", "gb18030", "cp932", "euc_jp",
        "big5hkscs", "cp949",
    ), 0.0),
    "iso8859-15": _SELDOM,
    **dict.fromkeys((
        "mac_roman", "cp850", "cp852", "cp866", "cp437", "mac_cyrillic",
        "mac_latin2",
    ), _OLD),
}  # fmt: skip
"""Encodings, and what each has over others or lacks because of how usual it is.

Of equals the first is chosen.
"""

_OF_EAST_ASIA: dict[str, tuple[Alphabet, ...]] = {
    "gb18030": (SIMPLIFIED, TRADITIONAL),
    "big5hkscs": (TRADITIONAL,),
    "cp932": (JAPANESE,),
    "euc_jp": (JAPANESE,),
    "cp949": (KOREAN,),
}
"""Languages that these are used for: their bytes often make up characters in each other."""

_MOST_BYTES = 60_000
"""That are looked at: more do not tell more."""

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_WITHIN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s\u2019'\u2018·.,:;!?\-–—/()…\"“”»«&@°]+(?=[^\W\d_])")
_BEFORE_DIGIT = re.compile(r"(?<!\w)[^\W\d_a-zA-Z](?=\d)")
_MIXED = re.compile(r"[A-Za-z][\u0370-\u06ff\u0e00-\u0e7f]|[\u0370-\u06ff\u0e00-\u0e7f][A-Za-z]")
_ODD = (_WITHIN_WORD, _BEFORE_DIGIT, _MIXED)
"""Signs between letters, letters where a sign of money stands, letters of two scripts."""

_COMMON_SIGNS = frozenset(
    "“”„\u2018\u2019\u201a–—…«»‹›•·°§€£©®™№½¼¾²³µ\xd7±¿¡\xa0、。，「」『』《》？！〜・ー\uff08\uff09\uff1a\uff1b"
)
_SIGN = 0.8
"""What a sign that texts of any language hold counts, as against a letter of one."""

_LEAST = 0.25
"""Score that the best must have: else the bytes are no text, or in an unknown encoding."""


def detect(data: bytes) -> str | None:
    """Return the encoding that ``data``, which is not UTF-8, is most probably in."""
    sample = data[:_MOST_BYTES]
    scores = {name: score for name in _CANDIDATES if (score := _score(sample, name)) is not None}
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best and scores[best] >= _LEAST else None


def likeness(text: str) -> float:
    """Return how much the characters of ``text`` beyond ASCII are those of one language."""
    counts = _counts(text)
    east_asian = {alphabet for group in _OF_EAST_ASIA.values() for alphabet in group}
    return max(_likeness(counts, alphabet) for alphabet in (*LETTERS, *east_asian))


def _score(sample: bytes, encoding: str) -> float | None:
    """Return how well ``sample`` reads in ``encoding``, 1 at best; None where it does not."""
    text = _decoded(sample, encoding)
    if text is None or _CONTROL.search(text):
        return None
    counts = _counts(text)
    whole = counts.total()
    odd = sum(len(pattern.findall(text)) for pattern in _ODD)
    odd += _case_changes(text)
    alphabets = _OF_EAST_ASIA.get(encoding, LETTERS)
    best = max(_likeness(counts, alphabet) for alphabet in alphabets)
    return best - odd / max(whole, 1) + _CANDIDATES[encoding]


def _counts(text: str) -> Counter[str]:
    return Counter(character for character in text if character > "\x7f")


def _decoded(sample: bytes, encoding: str) -> str | None:
    """Return ``sample`` as text, without a character that its end may have cut."""
    for cut in range(4):
        try:
            return sample[: len(sample) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(sample) - cut - 4:
                return None
    return None


def _likeness(counts: Mapping[str, int], alphabet: Alphabet) -> float:
    """Return how much the characters of a text are those of ``alphabet``, 1 at best."""
    whole = max(sum(counts.values()), 1)
    frequent = sum(counts[letter] for letter in counts.keys() & alphabet.frequent)
    others = sum(counts[letter] for letter in counts.keys() & alphabet.others)
    signs = sum(counts[sign] for sign in counts.keys() & _COMMON_SIGNS - alphabet.frequent)
    if not alphabet.others:
        return min(frequent / alphabet.share, float(whole)) / whole + _SIGN * signs / whole
    # As frequent letters are a fixed part of all, a text made of the others alone is none.
    return (min(frequent / alphabet.share, frequent + others) + _SIGN * signs) / whole


def _case_changes(text: str) -> int:
    """Return how often an upper-case letter follows a lower-case one, one of them not ASCII."""
    return sum(
        left.islower() and right.isupper() and not (left.isascii() and right.isascii())
        for left, right in pairwise(text)
    )
