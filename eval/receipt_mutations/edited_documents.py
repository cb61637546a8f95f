"""Mutations of text files that receipts quote."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

from eval.receipt_mutations.broken_receipts import LOOK_ALIKES


def edited(random: Random, data: bytes, start: int, end: int) -> bytes:
    """Return a text file with something changed: from character ``start`` to ``end``, or anywhere.

    It may be as it was, as where there are no letters with look-alikes.
    """
    text = data.decode()
    inside = end > start and random.choice([True, False])
    place = random.randrange(start, end) if inside else random.randrange(len(text))
    return random.choice(_EDITS)(random, text, place)


def _replaced(random: Random, text: str, place: int) -> bytes:
    return (text[:place] + random.choice("xé0 .") + text[place + 1 :]).encode()


def _removed(random: Random, text: str, place: int) -> bytes:
    return (text[:place] + text[place + random.choice([1, 5, 200]) :]).encode()


def _added(random: Random, text: str, place: int) -> bytes:
    return (text[:place] + random.choice([" ", "A sentence more. "]) + text[place:]).encode()


def _look_alike(random: Random, text: str, place: int) -> bytes:
    end = place + random.randint(1, 50)
    return (text[:place] + text[place:end].translate(LOOK_ALIKES) + text[end:]).encode()


def _normalized(random: Random, text: str, place: int) -> bytes:  # noqa: ARG001
    return unicodedata.normalize(random.choice(["NFD", "NFKD"]), text).encode()


def _line_breaks(random: Random, text: str, place: int) -> bytes:  # noqa: ARG001
    return text.replace("\n", random.choice(["\r\n", "\n\n", " \n"])).encode()


def _reordered(random: Random, text: str, place: int) -> bytes:  # noqa: ARG001
    lines = text.splitlines(keepends=True)
    return "".join(random.sample(lines, len(lines))).encode()


def _bit_flipped(random: Random, text: str, place: int) -> bytes:
    broken = bytearray(text.encode())
    broken[min(place, len(broken) - 1)] ^= 1 << random.randrange(8)
    return bytes(broken)


_EDITS: tuple[Callable[[Random, str, int], bytes], ...] = (
    _replaced,
    _removed,
    _added,
    _look_alike,
    _normalized,
    _line_breaks,
    _reordered,
    _bit_flipped,
)
