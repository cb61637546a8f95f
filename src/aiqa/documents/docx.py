"""Word documents, by python-docx: body paragraphs and tables in order."""

from __future__ import annotations

import re
from io import BytesIO

from aiqa.documents.ooxml import opening
from aiqa.documents.text_builder import CanonicalText, Content


def load(data: bytes) -> Content:
    """Headings by their styles, lists by theirs, tables with the first row as header.

    Raises:
        DocumentError: the file is encrypted, truncated or not a Word document.
    """
    import docx
    from docx.table import Table

    text = CanonicalText()
    with opening(data, "Word"):
        document = docx.Document(BytesIO(data))
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                text.table([[cell.text for cell in row.cells] for row in block.rows], header=None)
            else:
                _paragraph(block.text, (block.style and block.style.name) or "", text)
        return text.content(title=document.core_properties.title)


def _paragraph(words: str, style: str, text: CanonicalText) -> None:
    if heading := re.fullmatch(r"(?:Heading (\d)|Title)", style):
        text.heading(int(heading[1] or 1), words)
    elif style.startswith("List") and words.strip():
        text.list_item(words)
    else:
        text.paragraph(words)
