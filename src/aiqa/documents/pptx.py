"""PowerPoint presentations, by python-pptx: slide by slide, with tables and notes."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from aiqa.documents.ooxml import opening
from aiqa.documents.text_builder import CanonicalText, Content


def load(data: bytes) -> Content:
    """Each slide is a page; its title is a heading, and what the speaker notes comes last.

    Raises:
        DocumentError: the file is encrypted, truncated or not a presentation.
    """
    import pptx

    text = CanonicalText()
    with opening(data, "PowerPoint"):
        presentation = pptx.Presentation(BytesIO(data))
        for number, slide in enumerate(presentation.slides, 1):
            text.page(number)
            title = slide.shapes.title
            if title is not None:
                text.heading(1, title.text_frame.text)
            _shapes((shape for shape in slide.shapes if shape != title), text)
            if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
                text.paragraph(slide.notes_slide.notes_text_frame.text)
        return text.content(title=presentation.core_properties.title)


def _shapes(shapes: Iterable[Any], text: CanonicalText) -> None:
    """Add shapes as they are read: from the top, then from the left."""
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if hasattr(shape, "shapes"):
            _shapes(shape.shapes, text)
        elif getattr(shape, "has_table", False):
            rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
            text.table(rows, header=shape.table.first_row)
        elif shape.has_text_frame:
            paragraphs = [p.text for p in shape.text_frame.paragraphs if p.text.strip()]
            for paragraph in paragraphs:
                if len(paragraphs) > 1:
                    text.list_item(paragraph)
                else:
                    text.paragraph(paragraph)
