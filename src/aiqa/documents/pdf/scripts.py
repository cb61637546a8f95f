"""Superscripts and subscripts on a PDF page: letters that are smaller and stand off the line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aiqa.documents.html_scripts import raised

_SMALL = 0.87
"""Height of a script, at most, as a share of that of the letters beside it."""

_OFF = 0.1
"""A script stands at least this much higher or lower, as a share of their height."""

_APART = 0.8
"""The widest blank beside a script, in heights of letters."""

_BLANK = 0.12
"""The narrowest blank, in heights of letters."""

_DIGITS = frozenset("0123456789+-\N{MINUS SIGN}")
_ENDS = frozenset(("\n", " ", ""))

Boxes = NDArray[np.float32]


def with_scripts_in_line(letters: Sequence[str], boxes: Boxes) -> list[str]:
    """Return ``letters`` without the line ends that pdfium puts after scripts within a line."""
    found = list(letters)
    sides = boxes.tolist()
    for index, letter in enumerate(letters):
        if letter != "\n" or found[index] != "\n":
            continue
        before, after = index - 1, index + 1
        while before >= 0 and letters[before] in _ENDS:
            before -= 1
        while after < len(letters) and letters[after] in _ENDS:
            after += 1
        if before < 0 or after == len(letters) or len(letters[before]) > 1:
            continue
        width = _blank_between(sides[before], sides[after])
        if width is not None:
            found[before + 1 : after] = [""] * (after - before - 1)
            found[index] = " " if width > _BLANK else ""
    return found


def _blank_between(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return the blank between two letters of one line, in heights; None if one is no script."""
    heights = [left[3] - left[1], right[3] - right[1]]
    height = max(heights)
    if height <= 0 or min(heights) > _SMALL * height:
        return None
    small, large = (left, right) if heights[0] < heights[1] else (right, left)
    is_beside = large[1] - height / 2 <= small[1] and small[3] <= large[3] + height / 2
    width = (right[0] - left[2]) / height
    return max(width, 0.0) if is_beside and -_BLANK <= width <= _APART else None


def as_script(letter: str, box: Sequence[float], line: Sequence[float]) -> str:
    """Return ``letter``, in ``box``, as a superscript if it is a digit that is raised.

    ``line`` is the box of the letter before it that is no script.
    """
    height = line[3] - line[1]
    is_raised = (
        letter in _DIGITS and box[3] - box[1] < _SMALL * height and box[3] < line[3] - _OFF * height
    )
    return raised(letter) if is_raised else letter
