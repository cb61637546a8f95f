"""Files to documents: one loader module per format, each ``load(bytes) -> Content``."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from pathlib import PurePath

from aiqa.checksums import content_id
from aiqa.documents.ocr_extra import has_ocr
from aiqa.documents.text_builder import Content
from aiqa.errors import AiqaError, DependencyError, DocumentError
from aiqa.types import Document, Format

_FORMATS: dict[str, tuple[Format, str]] = {
    ".md": ("markdown", "markdown"),
    ".markdown": ("markdown", "markdown"),
    ".txt": ("text", "text"),
    ".text": ("text", "text"),
    ".html": ("html", "html"),
    ".htm": ("html", "html"),
    ".pdf": ("pdf", "pdf.loader"),
    ".docx": ("docx", "docx"),
    ".pptx": ("pptx", "pptx"),
    ".xlsx": ("xlsx", "xlsx"),
    ".csv": ("csv", "csv"),
    ".tsv": ("csv", "csv"),
    ".json": ("json", "json"),
    ".jsonl": ("json", "json"),
    ".epub": ("epub", "epub"),
    ".rst": ("rst", "rst"),
    ".eml": ("email", "email"),
    ".png": ("image", "image"),
    ".jpg": ("image", "image"),
    ".jpeg": ("image", "image"),
    ".tif": ("image", "image"),
    ".tiff": ("image", "image"),
    ".webp": ("image", "image"),
    ".bmp": ("image", "image"),
}
"""File suffix to the format's name and the module here that loads it."""

_CONTAINER = ".zip"
"""Holds documents without being one; see ``archives``."""

LOADER_VERSION = 3
"""Version of what the loaders make of files: raised when it changes, so that all are read anew."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def is_supported(path: PurePath) -> bool:
    """Whether files named like ``path`` are documents or hold some."""
    return path.suffix.lower() in _suffixes()


def supported() -> str:
    """The suffixes that can be read, for messages."""
    return " ".join(sorted(_suffixes()))


def _suffixes() -> set[str]:
    """The suffixes of documents; those of pictures only where they can be read."""
    pictures = has_ocr()
    read = {suffix for suffix, (name, _) in _FORMATS.items() if name != "image" or pictures}
    return {*read, _CONTAINER}


def load_document(data: bytes, source: str) -> Document:
    """The document that the file ``source`` with these bytes is.

    Raises:
        DocumentError: its format has no loader, or it is damaged, encrypted or without text.
        DependencyError: a package that the loader needs is missing.
        MemoryError: reading it takes more than there is.
    """
    path = PurePath(source)
    if not data.strip():
        raise DocumentError("This file is empty.")
    if path.suffix.lower() not in _FORMATS:
        raise DocumentError(
            f"There is no loader for {path.suffix or 'files without a suffix'}.",
            f"Formats read: {supported()}.",
        )
    format_name, module = _FORMATS[path.suffix.lower()]
    try:
        content: Content = import_module(f"aiqa.documents.{module}").load(data)
    except (AiqaError, MemoryError):
        raise
    except ImportError as error:
        raise DependencyError(
            f"A package that reads {format_name} files is not installed: {error}.",
            "Run `pip install --force-reinstall aiqa`.",
        ) from error
    except RecursionError as error:
        raise DocumentError(
            f"This {format_name} file nests too deeply to be read.", "It may be made to do so."
        ) from error
    except Exception as error:
        raise DocumentError(
            f"The {format_name} parser failed on this file: {type(error).__name__}: {error}.",
            "It may be damaged; open it in its own program and save it anew.",
        ) from error
    text = _encodable(content.text)
    if not text.strip():
        raise DocumentError("There is no text in this file.")
    return Document(
        id=content_id(data),
        source=source,
        format=format_name,
        title=_encodable(content.title or path.stem),
        text=text,
        pages=content.pages,
        headings=tuple(replace(h, title=_encodable(h.title)) for h in content.headings),
        language=content.language,
        published=content.published,
        url=content.url,
        unread_pages=content.unread_pages,
        ocr_pages=content.ocr_pages,
        layouts=content.layouts,
        blocks=content.blocks,
        omissions=content.omissions,
    )


def _encodable(text: str) -> str:
    """``text`` as it can be stored: halves of characters, as JSON may hold, are replaced."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
