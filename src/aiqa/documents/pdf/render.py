"""A page of a PDF as a picture."""

from __future__ import annotations

import io

from aiqa.errors import DocumentError

_SCALE = 2.0
"""Pixels to a point: sharp on screens of twice the usual density at a usual width."""

_MOST_PIXELS = 2000
"""Longest side; larger pages, such as posters, are drawn at a smaller scale."""


def picture(data: bytes, number: int) -> bytes:
    """Page ``number``, from 1, of the PDF with these bytes, as PNG.

    It shows the page as it is displayed, cropped and turned, so that places in points from its
    upper left corner (``types.Box``) lie on it at the same share of its width and height.

    Raises:
        DocumentError: this is not a PDF, or it has no such page, or the page is damaged.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data)
        if not 1 <= number <= len(document):
            raise DocumentError(f"There is no page {number}: this PDF has {len(document)}.")
        page = document[number - 1]
        scale = min(_SCALE, _MOST_PIXELS / max(page.get_size()))
        file = io.BytesIO()
        page.render(scale=scale).to_pil().save(file, "PNG")
    except PdfiumError as error:
        raise DocumentError(f"This page cannot be drawn: {error}.") from error
    return file.getvalue()
