"""Photographs and scans, each frame a page, by Pillow and OCR."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from aiqa.documents import ocr
from aiqa.documents.ocr_extra import REMEDY, has_ocr
from aiqa.documents.pdf.flow import flow
from aiqa.documents.pdf.lines import Line
from aiqa.documents.pdf.reading_order import reading_order
from aiqa.documents.text_builder import Content
from aiqa.errors import DocumentError

_MOST_PIXELS = 100_000_000

_POINTS = 842.0
"""The longer side of a picture, as a page; pictures seldom say how large they are."""


def load(data: bytes) -> Content:
    """Return the words in a picture, with where they stand.

    Raises:
        DocumentError: it is damaged, too large, or OCR is not installed.
    """
    if not has_ocr():
        raise DocumentError("Pictures can only be read by OCR.", REMEDY)
    pages: list[list[Line]] = []
    sizes: list[tuple[float, float]] = []
    omissions: list[str] = []
    with _opened(data) as picture:
        for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
            if number > ocr.MOST_PAGES:
                omissions.append(
                    f"OCR reads {ocr.MOST_PAGES} pages of a file; the rest is left out."
                )
                break
            pixels = np.asarray(_upright(frame))[:, :, ::-1]
            height, width, _ = pixels.shape
            scale = max(height, width) / _POINTS
            text = ocr.picture_text(np.ascontiguousarray(pixels), scale)
            pages.append(reading_order(text.lines))
            sizes.append((width / scale, height / scale))
            omissions += text.doubts(number)
    content = flow(pages, sizes, {}, None, {})
    return replace(
        content,
        unread_pages=tuple(n for n, lines in enumerate(pages, 1) if not lines),
        ocr_pages=tuple(n for n, lines in enumerate(pages, 1) if lines),
        omissions=tuple(omissions),
    )


def picture(data: bytes, number: int) -> bytes:
    """Return frame ``number``, from 1, of the picture with these bytes, as PNG.

    Raises:
        DocumentError: it is damaged or too large, or has no such frame.
    """
    with _opened(data) as image:
        frames = getattr(image, "n_frames", 1)
        if not 1 <= number <= frames:
            raise DocumentError(f"There is no page {number}: this picture has {frames}.")
        image.seek(number - 1)
        file = io.BytesIO()
        _upright(image).save(file, "PNG")
    return file.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
        with image:
            if image.width * image.height > _MOST_PIXELS:
                raise DocumentError(
                    f"This picture has {image.width} x {image.height} pixels; at most "
                    f"{_MOST_PIXELS / 1e6:.0f} million are read.",
                    "Save a smaller copy.",
                )
            yield image
    except Image.DecompressionBombError as error:
        raise DocumentError(f"This picture is too large: {error}") from error
    except (UnidentifiedImageError, OSError, EOFError, SyntaxError, ValueError) as error:
        raise DocumentError(f"This picture is damaged: {error}.") from error


def _upright(frame: Image.Image) -> Image.Image:
    """The picture as it is shown, at most as large as OCR makes use of."""
    turned = ImageOps.exif_transpose(frame)
    if "A" in turned.getbands() or "transparency" in turned.info:
        turned = Image.alpha_composite(
            Image.new("RGBA", turned.size, "white"), turned.convert("RGBA")
        )
    turned = turned.convert("RGB")
    turned.thumbnail((ocr.LONGEST_SIDE, ocr.LONGEST_SIDE))
    return turned
