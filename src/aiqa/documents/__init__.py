"""Files to documents: one loader module per format, each ``load(bytes) -> Content``."""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path

from aiqa.documents.canonical import Content
from aiqa.errors import AiqaError, DependencyError, DocumentError
from aiqa.types import Document, Format

_FORMATS: dict[str, tuple[Format, str]] = {
    ".md": ("markdown", "markdown"),
    ".markdown": ("markdown", "markdown"),
    ".txt": ("text", "plain"),
    ".text": ("text", "plain"),
    ".html": ("html", "html"),
    ".htm": ("html", "html"),
    ".pdf": ("pdf", "pdf"),
    ".docx": ("docx", "docx"),
    ".pptx": ("pptx", "pptx"),
    ".xlsx": ("xlsx", "xlsx"),
    ".csv": ("csv", "separated"),
    ".tsv": ("csv", "separated"),
    ".json": ("json", "records"),
    ".jsonl": ("json", "records"),
    ".epub": ("epub", "epub"),
}
"""File suffix to the format's name and the module here that loads it."""


def is_supported(path: Path) -> bool:
    """Whether there is a loader for files named like ``path``."""
    return path.suffix.lower() in _FORMATS


def supported() -> str:
    """The suffixes that can be loaded, for messages."""
    return " ".join(sorted(_FORMATS))


def read(path: Path) -> bytes:
    """The bytes of ``path``.

    Raises:
        DocumentError: the file is missing, unreadable or empty.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DocumentError(f"This file cannot be read: {reason}.") from error
    if not data.strip():
        raise DocumentError("This file is empty.")
    return data


def load(data: bytes, source: str) -> Document:
    """The document that the file ``source`` with these bytes is.

    Raises:
        DocumentError: its format has no loader, or it is damaged, encrypted or without text.
        DependencyError: a package that the loader needs is missing.
    """
    path = Path(source)
    if not is_supported(path):
        raise DocumentError(
            f"There is no loader for {path.suffix or 'files without a suffix'}.",
            f"Formats read: {supported()}.",
        )
    format_name, module = _FORMATS[path.suffix.lower()]
    try:
        content: Content = import_module(f"{__name__}.{module}").load(data)
    except AiqaError:
        raise
    except ImportError as error:
        raise DependencyError(
            f"A package that reads {format_name} files is not installed: {error}.",
            "Run `pip install --force-reinstall aiqa`.",
        ) from error
    except Exception as error:
        raise DocumentError(
            f"The {format_name} parser failed on this file: {type(error).__name__}: {error}.",
            "It may be damaged; open it in its own program and save it anew.",
        ) from error
    if not content.text.strip():
        raise DocumentError("There is no text in this file.")
    return Document(
        id=content_id(data),
        source=source,
        format=format_name,
        title=content.title or path.stem,
        text=content.text,
        pages=content.pages,
        headings=content.headings,
    )


def content_id(data: bytes) -> str:
    """The id of a document with these bytes: their SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
