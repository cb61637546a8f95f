"""The straight lines that are drawn on a PDF page: rules, and the sides of rectangles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ctypes import byref, c_float, c_int
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from aiqa.documents.pdf.lines import displayed

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_MOST_PATHS = 5000
_MOST_SEGMENTS = 2000
"""Pages with more of them, and paths, are drawings."""

_THICK = 3.0
"""A filled shape of at most this height or width, in points, is a rule."""

_SHORT = 4.0
"""Shorter lines, in points, bound no cell."""

_TOUCH = 2.0
"""Rules this near to each other, in points, are one, or meet."""

_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line at height (or, if vertical, distance from the left) ``at``, in points as displayed."""

    at: float
    start: float
    end: float

    def meets(self, other: Rule) -> bool:
        """Whether this rule and one at a right angle to it touch."""
        return (
            self.start - _TOUCH <= other.at <= self.end + _TOUCH
            and other.start - _TOUCH <= self.at <= other.end + _TOUCH
        )


def rules_of(page: PdfPage) -> tuple[list[Rule], list[Rule]]:
    """Return the horizontal and the vertical rules of a page, those that join made one."""
    sides = [side for path in _paths(page) for side in _sides(path)]
    if not sides:
        return [], []
    boxes = displayed(np.nan_to_num(np.array(sides, np.float32)), page)
    level, upright = [], []
    for left, top, right, bottom in boxes.tolist():
        if bottom - top <= _THICK and right - left >= _SHORT:
            level.append(Rule((top + bottom) / 2, left, right))
        elif right - left <= _THICK and bottom - top >= _SHORT:
            upright.append(Rule((left + right) / 2, top, bottom))
    return _merged(level), _merged(upright)


def _paths(page: PdfPage) -> list[Any]:
    from pypdfium2.raw import (
        FPDF_PAGEOBJ_PATH,
        FPDFPage_CountObjects,
        FPDFPage_GetObject,
        FPDFPageObj_GetType,
    )

    paths = []
    for index in range(FPDFPage_CountObjects(page.raw)):
        item = FPDFPage_GetObject(page.raw, index)
        if FPDFPageObj_GetType(item) == FPDF_PAGEOBJ_PATH:
            paths.append(item)
            if len(paths) > _MOST_PATHS:
                return []
    return paths


def _sides(path: Any) -> Iterator[tuple[float, float, float, float]]:
    """Yield the straight parts of ``path`` as boxes: one for each side, or for a thin shape."""
    from pypdfium2.raw import FPDFPath_GetDrawMode

    fill, stroke = c_int(), c_int()
    FPDFPath_GetDrawMode(path, byref(fill), byref(stroke))
    if not (fill.value or stroke.value):
        return
    for shape in _shapes(path):
        xs, ys = zip(*shape, strict=True)
        box = (min(xs), min(ys), max(xs), max(ys))
        if min(box[2] - box[0], box[3] - box[1]) <= _THICK:
            yield box
        else:
            for one, other in pairwise(shape):
                yield (*one, *other)


def _shapes(path: Any) -> list[list[_Point]]:
    """Return the polygons of ``path``; those with curves are left out."""
    from pypdfium2.raw import (
        FPDF_SEGMENT_BEZIERTO,
        FPDF_SEGMENT_MOVETO,
        FS_MATRIX,
        FPDFPageObj_GetMatrix,
        FPDFPath_CountSegments,
        FPDFPath_GetPathSegment,
        FPDFPathSegment_GetClose,
        FPDFPathSegment_GetPoint,
        FPDFPathSegment_GetType,
    )

    matrix = FS_MATRIX(1, 0, 0, 1, 0, 0)
    FPDFPageObj_GetMatrix(path, byref(matrix))
    shapes: list[list[_Point]] = []
    curved: set[int] = set()
    count = FPDFPath_CountSegments(path)
    for index in range(count if count <= _MOST_SEGMENTS else 0):
        segment = FPDFPath_GetPathSegment(path, index)
        kind = FPDFPathSegment_GetType(segment)
        if kind == FPDF_SEGMENT_MOVETO or not shapes:
            shapes.append([])
        if kind == FPDF_SEGMENT_BEZIERTO:
            curved.add(len(shapes) - 1)
        x, y = c_float(), c_float()
        FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        shapes[-1].append(
            (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
        )
        if FPDFPathSegment_GetClose(segment):
            shapes[-1].append(shapes[-1][0])
    return [shape for index, shape in enumerate(shapes) if index not in curved and len(shape) > 1]


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Rules on one line that touch or overlap as one."""
    merged: list[Rule] = []
    lines: list[tuple[int, Rule]] = []
    number = 0
    before: Rule | None = None
    for rule in sorted(rules, key=lambda rule: rule.at):
        number += before is not None and rule.at - before.at > _TOUCH
        lines.append((number, rule))
        before = rule
    for _, line in groupby(lines, key=lambda item: item[0]):
        group = [rule for _, rule in line]
        at = sum(rule.at for rule in group) / len(group)
        for rule in sorted(group, key=lambda rule: rule.start):
            if merged and merged[-1].at == at and rule.start <= merged[-1].end + _TOUCH:
                end = max(merged[-1].end, rule.end)
                merged[-1] = Rule(at, merged[-1].start, end)
            else:
                merged.append(Rule(at, rule.start, rule.end))
    return merged
