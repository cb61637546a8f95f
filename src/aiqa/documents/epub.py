"""EPUB books: the chapters in the order of their spine (EPUB 3.3, W3C)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

from aiqa.documents import html_blocks, html_metadata
from aiqa.documents.encoding import decode
from aiqa.documents.ooxml import opening
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_BYTES = 200_000_000
"""Of text, unpacked: a file that claims more is not a book but a bomb."""

_NAMES = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "enc": "http://www.w3.org/2001/04/xmlenc#",
}
_FONT_METHODS = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
"""That only disguise fonts; whoever has the book can read its text."""

_CHAPTER_TYPES = ("xhtml", "html", "xml", "dtbook", "text/")  # drawings in SVG are XML
_UNREADABLE = (BadZipFile, ZlibError, DocumentError, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A part of a book: its name in the archive, its type, and whether it is its contents page."""

    name: str
    kind: str
    is_contents: bool


def load(data: bytes) -> Content:
    """Return headings, paragraphs, lists, tables and notes of all chapters that can be read.

    Raises:
        DocumentError: the file is damaged, protected, or unpacks to more than any book would.
    """
    text = CanonicalText()
    with opening(data, "EPUB"), ZipFile(BytesIO(data)) as book:
        place = _package_name(book)
        package = _xml(book.read(place))
        chapters = [chapter for chapter in _spine(package, place) if _is_text(chapter)]
        _add_chapters(book, chapters, text)
        content = text.content(title=package.findtext(".//dc:title", None, _NAMES))
        return replace(
            content,
            language=html_metadata.language_tag(package.findtext(".//dc:language", None, _NAMES)),
            published=html_metadata.day(package.findtext(".//dc:date", "", _NAMES)),
        )


def _add_chapters(book: ZipFile, chapters: Sequence[_Chapter], text: CanonicalText) -> None:
    names = {name.lower(): name for name in book.namelist()}
    present = [names[chapter.name.lower()] for chapter in chapters if chapter.name.lower() in names]
    if sum(book.getinfo(name).file_size for name in present) > _MOST_BYTES:
        raise DocumentError("This EPUB unpacks to more than 200 MB of text.")
    locked = _locked(book)
    if present and all(name in locked for name in present):
        raise DocumentError("This EPUB is protected (DRM).", "Only its shop's reader opens it.")
    for chapter in chapters:
        name = names.get(chapter.name.lower())
        if name is None:
            text.omit(f"The chapter {chapter.name} is named in this book but not in it.")
        elif name in locked:
            text.omit(f"The chapter {name} is protected (DRM).")
        else:
            _add_chapter(book, name, text)


def _add_chapter(book: ZipFile, name: str, text: CanonicalText) -> None:
    try:
        source = decode(book.read(name))
    except _UNREADABLE as error:
        text.omit(f"The chapter {name} cannot be read: {error}")
        return
    if (chapter := html_blocks.parse(source)) is not None:
        html_blocks.add_body(chapter, text)


def _package_name(book: ZipFile) -> str:
    """Return the name of the file that lists the parts of ``book``.

    Raises:
        DocumentError: there is none.
    """
    if "META-INF/container.xml" in book.namelist():
        container = _xml(book.read("META-INF/container.xml"))
        root = container.find(".//c:rootfile", _NAMES)
        if root is not None and root.get("full-path") in book.namelist():
            return str(root.get("full-path"))
    found = next((name for name in book.namelist() if name.lower().endswith(".opf")), None)
    if found is None:
        raise DocumentError(
            "This is not a readable EPUB: nothing in it lists its chapters.", "Fetch it anew."
        )
    return found


def _spine(package: _Element, place: str) -> list[_Chapter]:
    """Return the parts of the book in reading order; those it lists where it names no order."""
    folder = PurePosixPath(place).parent
    items = {item.get("id"): item for item in package.iterfind(".//opf:item", _NAMES)}
    order = [item.get("idref") for item in package.iterfind(".//opf:itemref", _NAMES)]
    chosen = [items[name] for name in order if name in items] or list(items.values())
    return [
        _Chapter(
            normpath(folder / unquote(item.get("href", "")).split("#")[0]).removeprefix("../"),
            item.get("media-type", "").lower(),
            "nav" in item.get("properties", "").split(),
        )
        for item in chosen
        if item.get("href")
    ]


def _is_text(chapter: _Chapter) -> bool:
    """Whether ``chapter`` is to be read: not a picture, nor a page that lists the headings."""
    if chapter.is_contents or chapter.kind.startswith("application/x-dtbncx"):
        return False
    return not chapter.kind or any(kind in chapter.kind for kind in _CHAPTER_TYPES)


def _locked(book: ZipFile) -> frozenset[str]:
    """Return the names of the parts that are encrypted, disguised fonts aside."""
    if "META-INF/encryption.xml" not in book.namelist():
        return frozenset()
    names = set()
    for entry in _xml(book.read("META-INF/encryption.xml")).iterfind(
        ".//enc:EncryptedData", _NAMES
    ):
        method = entry.find("enc:EncryptionMethod", _NAMES)
        place = entry.find(".//enc:CipherReference", _NAMES)
        if place is None or (method is not None and method.get("Algorithm") in _FONT_METHODS):
            continue
        names.add(unquote(place.get("URI", "")))
    return frozenset(names)


def _xml(data: bytes) -> Any:
    from lxml import etree

    # Neither entities nor files of a book's own making are ever resolved.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)
