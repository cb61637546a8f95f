"""Text in pictures: the lines of a scan or photograph, where they stand, and how sure they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import median
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.documents.pdf.lines import GUTTER, Line, inked, packed, spread
from aiqa.documents.progress import step_done

LONGEST_SIDE = 1600
"""Pixels of the longer side of a picture: more take more memory and hardly help."""

MOST_PAGES = 500
"""Pages of one file that are read so: each takes seconds."""

_UNSURE = 0.8
"""Pages read with a lower mean confidence are named."""

_LEAST_CONFIDENCE = 0.5
"""Lines read with less are taken for pictures or scribble."""

_LARGE = 1.35
"""Boxes this much higher than most hold larger type; below that, heights tell of letters."""

_lock = Lock()


@dataclass(frozen=True, slots=True)
class PictureText:
    """The lines of a picture from the top, and what is to be known about them."""

    lines: list[Line]
    confidence: float
    doubtful: int

    def doubts(self, page: int) -> Iterator[str]:
        """Yield what may be wrong or missing, in sentences for people."""
        if self.lines and self.confidence < _UNSURE:
            yield (
                f"Page {page} was read by OCR with a confidence of {self.confidence:.0%}: "
                "words may be wrong."
            )
        if self.doubtful:
            lines = "a line" if self.doubtful == 1 else f"{self.doubtful} lines"
            yield f"OCR could not read {lines} of page {page}."


def picture_text(pixels: NDArray[np.uint8], scale: float) -> PictureText:
    """Read a picture.

    Args:
        pixels: blue, green and red, shape ``(height, width, 3)``.
        scale: how many pixels make a point of the page.
    """
    with _lock:
        found = _engine()(pixels)
    step_done()
    if not found.txts:
        return PictureText([], 1.0, 0)
    words = found.word_results or ()
    if len(words) != len(found.txts):
        words = [()] * len(found.txts)
    pieces = [
        _piece(text, np.asarray(box), word, scale)
        for text, box, word, score in zip(found.txts, found.boxes, words, found.scores, strict=True)
        if score >= _LEAST_CONFIDENCE and any(map(str.isalnum, text))
    ]
    weights = [(score, len(text)) for text, score in zip(found.txts, found.scores, strict=True)]
    sure = [(score, length) for score, length in weights if score >= _LEAST_CONFIDENCE]
    total = sum(length for _, length in sure)
    confidence = sum(score * length for score, length in sure) / total if total else 1.0
    return PictureText(_rows(_sized(pieces)), float(confidence), len(weights) - len(sure))


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.return_word_box": True,
            "Global.text_score": 0.0,
            "Global.max_side_len": LONGEST_SIDE,
            # Lines are read one by one: together they take more memory and no less time.
            "Rec.rec_batch_num": 1,
            # The processes that read files share the processor as it is.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _piece(text: str, box: NDArray[Any], words: Sequence[Any], scale: float) -> Line:
    """What was found in one box, its characters as wide as the words that they are in let them."""
    text = " ".join(text.split())
    parts = [(word, np.asarray(corners)) for word, _, corners in words]
    if sum(inked(word) for word, _ in parts) != inked(text):
        parts = [(text, box)]
    ink = np.concatenate([spread(_around(corners), inked(word)) for word, corners in parts]) / scale
    height = float(np.linalg.norm(box[3] - box[0])) / scale
    return Line(
        text=text,
        ink=packed(ink),
        size=height,
        left=float(ink[:, 0].min()),
        right=float(ink[:, 2].max()),
        base=float(np.median(ink[:, 3])),
    )


def _around(corners: NDArray[Any]) -> list[float]:
    """Left, top, right and bottom of a rectangle that may lie askew."""
    return [*corners.min(axis=0), *corners.max(axis=0)]


def _sized(pieces: Sequence[Line]) -> list[Line]:
    """Give all lines the usual size but those that are clearly larger, in steps."""
    if not pieces:
        return []
    usual = median(line.size for line in pieces)
    return [
        replace(
            line,
            size=round(
                usual * (1 if line.size < _LARGE * usual else round(line.size / usual, 1)), 1
            ),
        )
        for line in pieces
    ]


def _rows(pieces: Sequence[Line]) -> list[Line]:
    """Make those that stand beside each other one line, as the files of PDFs have them."""
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda line: line.base):
        if (
            rows
            and piece.base - rows[-1][-1].base < min(piece.size, rows[-1][-1].size) / 2
            and not any(_overlap(piece, other) for other in rows[-1])
        ):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_joined(sorted(row, key=lambda line: line.left)) for row in rows]


def _overlap(one: Line, other: Line) -> bool:
    return min(one.right, other.right) - max(one.left, other.left) > one.size


def _joined(row: Sequence[Line]) -> Line:
    gaps = []
    length = len(row[0].text)
    for one, other in pairwise(row):
        if other.left - one.right > GUTTER * one.size:
            gaps.append(length + 1)
        length += 1 + len(other.text)
    return replace(
        row[0],
        text=" ".join(line.text for line in row),
        ink=b"".join(line.ink for line in row),
        size=max(line.size for line in row),
        right=max(line.right for line in row),
        base=float(np.median([line.base for line in row])),
        gaps=tuple(gaps),
    )
