"""Files to documents: one loader module per format, each ``load(bytes) -> Content``."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import PurePath

from aiqa.checksums import content_id
from aiqa.documents import source_code
from aiqa.documents.detection import has_signature, signature, text_kind
from aiqa.documents.ocr_extra import REMEDY, has_ocr
from aiqa.documents.text_builder import Content
from aiqa.documents.titles import title_of_name
from aiqa.errors import AiqaError, DependencyError, DocumentError
from aiqa.types import Document, Format

_FORMATS: dict[str, tuple[Format, str]] = {
    ".md": ("markdown", "markdown"),
    **dict.fromkeys(
        (".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"), ("markdown", "markdown")
    ),
    ".txt": ("text", "text"),
    ".text": ("text", "text"),
    ".html": ("html", "html"),
    ".htm": ("html", "html"),
    ".shtml": ("html", "html"),
    ".pdf": ("pdf", "pdf.loader"),
    ".xlsx": ("xlsx", "spreadsheet.loader"),
    ".xlsm": ("xlsx", "spreadsheet.loader"),
    ".xltx": ("xlsx", "spreadsheet.loader"),
    ".xltm": ("xlsx", "spreadsheet.loader"),
    ".xlsb": ("xlsx", "spreadsheet.loader"),
    ".xls": ("xlsx", "spreadsheet.loader"),
    ".xlt": ("xlsx", "spreadsheet.loader"),
    ".ods": ("xlsx", "spreadsheet.loader"),
    ".ots": ("xlsx", "spreadsheet.loader"),
    ".fods": ("xlsx", "spreadsheet.loader"),
    ".docx": ("docx", "docx.loader"),
    ".docm": ("docx", "docx.loader"),
    ".dotx": ("docx", "docx.loader"),
    ".dotm": ("docx", "docx.loader"),
    ".pptx": ("pptx", "pptx.loader"),
    ".pptm": ("pptx", "pptx.loader"),
    ".ppsx": ("pptx", "pptx.loader"),
    ".ppsm": ("pptx", "pptx.loader"),
    ".potx": ("pptx", "pptx.loader"),
    ".potm": ("pptx", "pptx.loader"),
    ".csv": ("csv", "csv"),
    ".tsv": ("csv", "csv"),
    ".tab": ("csv", "csv"),
    ".json": ("json", "json"),
    ".jsonl": ("json", "json"),
    **dict.fromkeys((".ndjson", ".geojson", ".jsonc", ".json5"), ("json", "json")),
    ".epub": ("epub", "epub"),
    ".rst": ("rst", "rst"),
    **dict.fromkeys((".eml", ".mht", ".mhtml"), ("email", "email")),
    ".xhtml": ("html", "html"),
    **dict.fromkeys((".xml", ".dita", ".opml", ".rss", ".atom", ".svg"), ("xml", "xml")),
    ".ipynb": ("notebook", "notebook"),
    ".tex": ("latex", "latex"),
    ".adoc": ("asciidoc", "asciidoc"),
    ".asciidoc": ("asciidoc", "asciidoc"),
    ".org": ("org", "org"),
    ".log": ("text", "text"),
    **dict.fromkeys(
        (".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".vcf"),
        ("settings", "settings"),
    ),
    **dict.fromkeys((".srt", ".vtt", ".sbv"), ("subtitles", "subtitles")),
    **dict.fromkeys(source_code.SUFFIXES, ("code", "source_code")),
    ".msg": ("email", "msg"),
    ".oft": ("email", "msg"),
    ".ics": ("calendar", "calendar"),
    ".odt": ("odt", "opendocument.loader"),
    ".ott": ("odt", "opendocument.loader"),
    ".odp": ("odp", "opendocument.loader"),
    ".otp": ("odp", "opendocument.loader"),
    ".fodt": ("odt", "opendocument.loader"),
    ".fodp": ("odp", "opendocument.loader"),
    ".rtf": ("rtf", "rtf.loader"),
    ".doc": ("doc", "doc.loader"),
    ".dot": ("doc", "doc.loader"),
    ".ppt": ("ppt", "ppt.loader"),
    ".pps": ("ppt", "ppt.loader"),
    ".pot": ("ppt", "ppt.loader"),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".tif", ".tiff", ".webp", ".bmp"),
        ("image", "image"),
    ),
}
"""File suffix to the format's name and the module here that loads it."""

_CONTAINERS = frozenset((".zip", ".mbox"))
"""What holds documents without being one; see ``archives``."""

_TEXT = frozenset((".md", ".markdown", ".txt", ".text", ".html", ".htm", ".csv", ".tsv", ".json",
                   ".jsonl", ".rst", ".eml", ".mbox", ".ics"))  # fmt: skip
"""What is written in characters, so that it has no signature of its own to be known by."""

_PLAIN = frozenset((".txt", ".text"))

_SUFFIX = re.compile(r"\.(?:[a-z][\w+-]*|\d+[a-z]+)", re.IGNORECASE)
"""What looks like the suffix of a format, unlike the end of a sentence, a date or a version."""

LOADER_VERSION = 7
"""Version of what the loaders make of files: raised when it changes, so that all are read anew."""

_OBJECTS_TO_COLLECTION = 100_000

_SURROGATE = re.compile("[\ud800-\udfff]")


def suffix_of(source: str) -> str:
    """Return the suffix that tells the format of ``source``, in lower case; "" if it has none."""
    suffix = PurePath(source).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def is_supported(path: PurePath) -> bool:
    """Whether files named like ``path`` are documents or hold some."""
    return _is_known(path.suffix.lower())


def may_be_read(head: bytes, source: str) -> bool:
    """Whether a file ``source`` that begins with ``head``, ``HEAD_BYTES`` long, is worth reading.

    It is not if neither its suffix nor its first bytes are those of a format that can be read.
    """
    suffix = suffix_of(source)
    return not suffix or _is_known(suffix) or has_signature(head)


def supported() -> str:
    """The suffixes that can be read, for messages."""
    return " ".join(sorted(filter(_is_known, [*_FORMATS, *_CONTAINERS])))


def kind_of(data: bytes, source: str) -> str:
    """Return the suffix of the format that the file ``source`` with these bytes is to be read as.

    This is the suffix of its name, unless the content is plainly of another format that can be
    read, or there is no suffix; see ``detection``.
    """
    suffix, found = suffix_of(source), signature(data)
    if not _is_known(found):
        return suffix or text_kind(data)
    if suffix in _PLAIN or not _is_known(suffix):
        return found
    if suffix in _TEXT:
        return suffix if found in _TEXT else found
    # Office files and books are ZIP folders, too, even those that are damaged.
    return suffix if found == ".zip" else found


def load_document(data: bytes, source: str) -> Document:
    """The document that the file ``source`` with these bytes is.

    Raises:
        DocumentError: its format has no loader, or it is damaged, encrypted or without text.
        DependencyError: a package that the loader needs is missing.
        MemoryError: reading it takes more than there is.
    """
    if not data.strip():
        raise DocumentError("This file is empty.")
    kind, suffix = kind_of(data, source), suffix_of(source)
    if kind not in _FORMATS:
        raise no_loader(source)
    format_name, module = _FORMATS[kind]
    try:
        with _few_collections():
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
        raise DocumentError("There is no text in this file.", " ".join(content.omissions))
    return Document(
        id=content_id(data),
        source=source,
        format=format_name,
        title=_encodable(content.title or title_of_name(source, text)),
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
        omissions=(*_misnamed(suffix, kind), *content.omissions),
    )


def no_loader(source: str) -> DocumentError:
    """Return the error of a file whose format is not read."""
    suffix = suffix_of(source)
    if suffix in _FORMATS:
        return DocumentError("This is a picture; its text is not read without OCR.", REMEDY)
    if suffix:
        return DocumentError(f"There is no loader for {suffix} files.")
    return DocumentError("This file has no suffix, and its content is of no known format.")


@contextmanager
def _few_collections() -> Iterator[None]:
    """Run the block with few searches for circular garbage.

    Loaders make many objects and few circles: searching took longer than reading a large table.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_TO_COLLECTION, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _is_known(suffix: str) -> bool:
    if suffix in _FORMATS and _FORMATS[suffix][0] == "image":
        return has_ocr()
    return suffix in _FORMATS or suffix in _CONTAINERS


def _misnamed(suffix: str, kind: str) -> tuple[str, ...]:
    """Return the sentence that tells of a name whose suffix is not that of the format read."""
    if not suffix or _FORMATS.get(suffix) == _FORMATS[kind]:
        return ()
    return (f"The name ends in {suffix}, but this is a {kind} file and was read as one.",)


def _encodable(text: str) -> str:
    """``text`` as it can be stored: halves of characters, as JSON may hold, are replaced."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
