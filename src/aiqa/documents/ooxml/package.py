"""Packages by the Open Packaging Conventions: a zip file of XML parts and their relationships.

Content types are not looked at: documents, templates and files with macros differ in nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from aiqa.documents.ooxml.names import NAMESPACES, attribute

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_BYTES = 400_000_000
"""Of one part, unpacked; a larger one is taken for a bomb."""

_STRICT = re.compile(rb"""(["'])http://purl\.oclc\.org/ooxml/(\w+)/([\w/]+)\1""")
"""A namespace or relationship of Strict Open XML, which names the same things otherwise."""


@dataclass(frozen=True, slots=True)
class _Relationship:
    kind: str
    target: str


@dataclass
class Part:
    """An XML part of a package, with the parts that it refers to."""

    package: Package = field(repr=False)
    name: str

    @cached_property
    def root(self) -> _Element:
        """The outermost element.

        Raises:
            KeyError: there is no such part.
            ValueError: the part is encrypted or too large.
            XMLSyntaxError: nothing in it is XML.
            BadZipFile: its bytes are damaged.
        """
        from lxml import etree

        data = _STRICT.sub(
            rb"\1http://schemas.openxmlformats.org/\2/2006/\3\1", self.package.read(self.name)
        )
        options = {"resolve_entities": False, "no_network": True, "remove_comments": True}
        try:
            return etree.fromstring(data, etree.XMLParser(**options))
        except etree.XMLSyntaxError:
            root = etree.fromstring(data, etree.XMLParser(recover=True, **options))
            if root is None:
                raise
            self.package.damaged.append(self.name)
            return root

    @cached_property
    def _relationships(self) -> dict[str, _Relationship]:
        folder, name = dirname(self.name), self.name.rpartition("/")[2]
        try:
            root = Part(self.package, join(folder, "_rels", f"{name}.rels")).root
        except KeyError:
            return {}
        return {
            relationship.get("Id", ""): _Relationship(
                relationship.get("Type", "").rpartition("/")[2],
                _resolved(folder, relationship.get("Target", "")),
            )
            for relationship in root
            if relationship.get("TargetMode") != "External"
        }

    def related(self, identifier: str) -> Part:
        """Return the part that relationship ``identifier`` leads to.

        Raises:
            KeyError: there is no such relationship.
        """
        if identifier not in self._relationships:
            raise KeyError(f"there is no relationship {identifier!r} in {self.name}")
        return Part(self.package, self._relationships[identifier].target)

    def referred(self, element: _Element, name: str = "r:id") -> Part:
        """Return the part that an attribute of ``element`` refers to; see ``related``."""
        return self.related(attribute(element, name))

    def of_kind(self, kind: str) -> list[Part]:
        """Return the parts related as ``kind``, the end of the relationship's type ("styles")."""
        return [
            Part(self.package, relationship.target)
            for relationship in self._relationships.values()
            if relationship.kind == kind and relationship.target in self.package
        ]


class Package:
    """The parts of an Office file.

    Raises:
        BadZipFile: the bytes are no zip file.
    """

    def __init__(self, data: bytes) -> None:
        self._zip = ZipFile(BytesIO(data))
        self.damaged: list[str] = []
        """Parts of which only what could be made out was read."""

        # Some programs write back slashes, and names are compared without case.
        self._names = {
            name.replace("\\", "/").strip("/").casefold(): name for name in self._zip.namelist()
        }

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._names

    def read(self, name: str) -> bytes:
        """Return the bytes of a part; see ``Part.root`` for what is raised."""
        if name not in self:
            raise KeyError(f"there is no part {name}")
        entry = self._zip.getinfo(self._names[name.casefold()])
        if entry.flag_bits & 1:
            raise ValueError(f"the part {name} is encrypted")
        if entry.file_size > _MOST_BYTES:
            raise ValueError(f"the part {name} is too large")
        return self._zip.read(entry)

    def main(self, usual: str) -> Part:
        """Return the part that the file is about; ``usual`` is its name if none is declared."""
        declared = Part(self, "").of_kind("officeDocument")
        return declared[0] if declared else Part(self, usual)

    def title(self) -> str | None:
        """Return the title among the properties of the file."""
        for part in Part(self, "").of_kind("core-properties"):
            title = part.root.find("dc:title", NAMESPACES)
            if title is not None:
                return str(title.text or "") or None
        return None


def _resolved(folder: str, target: str) -> str:
    """Return the name of the part that ``target`` is, as seen from ``folder``."""
    return normpath(join("/", folder, unquote(target).replace("\\", "/"))).strip("/")
