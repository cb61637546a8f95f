"""The ZIP folder that an OpenDocument file is, or its one XML file, and its parts."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

from aiqa.documents.ooxml import opening
from aiqa.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACES = {
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
    "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0": "presentation",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:meta:1.0": "meta",
    "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0": "manifest",
    "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0": "svg",
    "http://www.w3.org/XML/1998/namespace": "xml",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/1998/Math/MathML": "math",
}
_URIS = {prefix: uri for uri, prefix in _NAMESPACES.items()}


class OdfPackage:
    """An opened file: its ``content``, its ``styles``, and what it says about itself."""

    def __init__(self, data: bytes) -> None:
        """Read the parts of the file with these bytes.

        Raises:
            DocumentError: it is encrypted, truncated or no OpenDocument file.
        """
        if is_flat(data):
            with opening(data, "OpenDocument"):
                self.content = parse_part(data)
            self.styles: _Element | None = self.content
            self._meta: _Element | None = self.content
            self._objects: dict[str, _Element | None] = {}
            return
        with opening(data, "OpenDocument"), ZipFile(BytesIO(data)) as folder:
            names = set(folder.namelist())
            manifest = _part(folder, names, "META-INF/manifest.xml")
            if manifest is not None and any(
                name(one) == "manifest:encryption-data" for one in manifest.iter()
            ):
                raise DocumentError(
                    "This OpenDocument file is encrypted.", "Save it without a password."
                )
            content = _part(folder, names, "content.xml")
            if content is None:
                raise DocumentError("This is not a readable OpenDocument file: it has no content.")
            self.content = content
            self.styles = _part(folder, names, "styles.xml")
            self._meta = _part(folder, names, "meta.xml")
            self._objects = {
                path.removesuffix("/content.xml"): _part(folder, names, path)
                for path in names
                if path.endswith("/content.xml")
            }

    def embedded(self, address: str) -> _Element | None:
        """Return the content of the object in this file at ``address``; None if there is none."""
        return self._objects.get(address.removeprefix("./").rstrip("/"))

    def about(self, wanted: str) -> str | None:
        """Return what the file says about itself in the element ``wanted``, such as dc:title."""
        if self._meta is None:
            return None
        return next((one.text for one in self._meta.iter() if name(one) == wanted), None)


def name(element: _Element) -> str:
    """Return the name of an element with its usual prefix; "" for comments and the like."""
    return _prefixed(element.tag) if isinstance(element.tag, str) else ""


def odf_attribute(element: _Element, wanted: str) -> str:
    """Return the attribute ``wanted``, named with its usual prefix; "" if it is not there."""
    prefix, _, local = wanted.partition(":")
    return str(element.get(f"{{{_URIS[prefix]}}}{local}", ""))


def number(element: _Element, wanted: str, default: int = 1) -> int:
    """Return an attribute that is a number, ``default`` where it is none."""
    value = odf_attribute(element, wanted)
    return int(value) if value.isdecimal() else default


def _prefixed(tag: str) -> str:
    uri, _, local = tag.removeprefix("{").rpartition("}")
    return f"{_NAMESPACES.get(uri, '')}:{local}"


def is_flat(data: bytes) -> bool:
    """Whether a file is one XML file with all parts, rather than a folder of them."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def parse_part(data: bytes) -> _Element:
    """Return the outermost element of XML; nothing that it names is resolved or fetched.

    Raises:
        XMLSyntaxError: it is not XML.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        huge_tree=True,
    )
    return etree.fromstring(data, parser)


def _part(folder: ZipFile, names: set[str], path: str) -> _Element | None:
    return parse_part(folder.read(path)) if path in names else None
