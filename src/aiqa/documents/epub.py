"""EPUB books: the chapters in the order of their spine (EPUB 3.3, W3C)."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from zipfile import ZipFile

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
}


def load(data: bytes) -> Content:
    """Headings, paragraphs, lists and tables of all chapters.

    Raises:
        DocumentError: the file is damaged, protected, or unpacks to more than any book would.
    """
    text = CanonicalText()
    with opening(data, "EPUB"), ZipFile(BytesIO(data)) as book:
        if "META-INF/encryption.xml" in book.namelist():
            raise DocumentError("This EPUB is protected (DRM).", "Only its shop's reader opens it.")
        container = _xml(book.read("META-INF/container.xml"))
        place = container.find(".//c:rootfile", _NAMES).get("full-path")
        package = _xml(book.read(place))
        chapters = _spine(package, PurePosixPath(place).parent)
        if sum(book.getinfo(name).file_size for name in chapters) > _MOST_BYTES:
            raise DocumentError("This EPUB unpacks to more than 200 MB of text.")
        for name in chapters:
            if (chapter := html_blocks.parse(decode(book.read(name)))) is not None:
                html_blocks.add_body(chapter, text)
        content = text.content(title=package.findtext(".//dc:title", None, _NAMES))
        return replace(
            content,
            language=html_metadata.language_tag(package.findtext(".//dc:language", None, _NAMES)),
            published=html_metadata.day(package.findtext(".//dc:date", "", _NAMES)),
        )


def _spine(package: _Element, folder: PurePosixPath) -> list[str]:
    """Names in the archive of the chapters, in reading order."""
    hrefs = {item.get("id"): item.get("href") for item in package.iterfind(".//opf:item", _NAMES)}
    order = [item.get("idref") for item in package.iterfind(".//opf:itemref", _NAMES)]
    return [str(folder / unquote(hrefs[item]).split("#")[0]) for item in order]


def _xml(data: bytes) -> Any:
    from lxml import etree

    # Neither entities nor files of a book's own making are ever resolved.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)
