"""Word documents, by python-docx: body paragraphs and tables in order."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import BadZipFile

from aiqa.documents.canonical import CanonicalText, Content
from aiqa.errors import DocumentError

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""How an encrypted (or pre-2007) Office file begins."""


def load(data: bytes) -> Content:
    """Headings by their styles, lists by theirs, tables with the first row as header.

    Raises:
        DocumentError: the file is encrypted, truncated or not a Word document.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table
    from lxml.etree import XMLSyntaxError

    if data.startswith(_OLE):
        raise DocumentError(
            "This Word file is encrypted or in the format from before 2007.",
            "Save it as .docx without a password.",
        )
    try:
        document = docx.Document(BytesIO(data))
        text = CanonicalText()
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                text.table([[cell.text for cell in row.cells] for row in block.rows], header=True)
            else:
                _paragraph(block.text, (block.style and block.style.name) or "", text)
        return text.content(title=document.core_properties.title)
    except (
        BadZipFile,
        PackageNotFoundError,
        XMLSyntaxError,
        KeyError,
        ValueError,
        EOFError,
    ) as error:
        raise DocumentError(
            f"This is not a readable Word document: {error}.", "It may be truncated; save it anew."
        ) from error


def _paragraph(words: str, style: str, text: CanonicalText) -> None:
    if heading := re.fullmatch(r"(?:Heading (\d)|Title)", style):
        text.heading(int(heading[1] or 1), words)
    elif style.startswith("List") and words.strip():
        text.list_item(f"- {words}")
    else:
        text.paragraph(words)
