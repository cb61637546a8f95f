"""What is drawn in a document or on a slide: charts, diagrams, objects and alternative texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.charts import read_chart
from aiqa.documents.ooxml.diagrams import diagram_items
from aiqa.documents.ooxml.errors import noting
from aiqa.documents.ooxml.names import attribute, prefixed
from aiqa.documents.ooxml.package import Part
from aiqa.documents.text_builder import CanonicalText, one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_FILE_NAME = re.compile(r"\S*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp|heic)", re.IGNORECASE)
"""What programs give as an alternative text for want of one."""


def alt_text(properties: _Element | None) -> str:
    """Return the alternative text among the properties of a drawing (``wp:docPr``)."""
    title, words = attribute(properties, "title"), attribute(properties, "descr")
    parts = [one_line(part) for part in dict.fromkeys((title, words))]
    return ": ".join(part for part in parts if part and not _FILE_NAME.fullmatch(part))


def add_graphic(element: _Element, part: Part, text: CanonicalText) -> bool:
    """Add the chart or diagram that ``element`` refers to; False if it refers to none."""
    match prefixed(element):
        case "c:chart" | "cx:chart":
            with noting(text, "A chart"):
                _chart(part.referred(element), text)
        case "dgm:relIds":
            with noting(text, "A diagram"):
                for level, words in diagram_items(part.referred(element, "r:dm").root):
                    text.list_item(words, level=level)
        case "o:OLEObject" | "p:oleObj":
            program = attribute(element, "ProgID") or attribute(element, "progId") or "unknown"
            text.omit(f"An embedded object ({program}) was not read.")
        case _:
            return False
    return True


def _chart(part: Part, text: CanonicalText) -> None:
    chart = read_chart(part.root)
    text.block("caption", chart.title)
    for axis in chart.axes:
        text.block("caption", axis)
    for rows in chart.tables:
        text.table(rows, header=True)
