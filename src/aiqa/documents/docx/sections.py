"""Headers and footers of a Word document, section by section."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.names import NAMESPACES, attribute, child, is_on, prefixed, qualified
from aiqa.documents.ooxml.package import Part

if TYPE_CHECKING:
    from lxml.etree import _Element


class Sections:
    """The sections of a document and where its reading has come to.

    ``add`` is called with each header ("w:headerReference") or footer as its turn comes: headers
    before their section, footers after it.
    """

    def __init__(
        self, part: Part, settings: _Element | None, add: Callable[[str, _Element], None]
    ) -> None:
        self._sections = [
            section
            for section in part.root.iter(qualified("w:sectPr"))
            if prefixed(section.getparent()) in ("w:body", "w:pPr")
        ]
        self._has_even = is_on(child(settings, "w:evenAndOddHeaders"))
        self._add = add
        self._current = 0
        self._begun = False

    def begin(self) -> None:
        """Add the headers of the first section."""
        self._references("w:headerReference")

    def end(self) -> None:
        """Add the footers of the section that ends here, and the headers of the next."""
        self._references("w:footerReference")
        self._current += 1
        self._references("w:headerReference")

    def _references(self, name: str) -> None:
        for section in self._sections[self._current : self._current + 1]:
            for reference in section.iterfind(name, NAMESPACES):
                if self._is_shown(section, attribute(reference, "w:type", "default")):
                    self._add(name, reference)

    def _is_shown(self, section: _Element, kind: str) -> bool:
        """Whether the section has pages of that kind: first ones, even ones or others."""
        if kind == "first":
            return is_on(child(section, "w:titlePg"))
        return kind != "even" or self._has_even
