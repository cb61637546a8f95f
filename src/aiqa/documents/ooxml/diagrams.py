"""SmartArt: the words of a diagram, as the outline that its text pane shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.names import NAMESPACES, attribute, integer

if TYPE_CHECKING:
    from lxml.etree import _Element

_NODES = frozenset(("node", "asst"))


def diagram_items(root: _Element) -> list[tuple[int, str]]:
    """Return the level, from 1, and the words of each item of a diagram's data part."""
    points = {
        attribute(point, "modelId"): point
        for point in root.iterfind("dgm:ptLst/dgm:pt", NAMESPACES)
    }
    below = _children(root)
    beneath = {identifier for children in below.values() for identifier in children}
    roots = [identifier for identifier in points if identifier not in beneath]
    found: set[str] = set()
    items = [item for identifier in roots for item in _items(identifier, 0, points, below, found)]
    # What only a circle of connections holds.
    rest = [identifier for identifier in points if identifier not in found]
    return items + [
        item for identifier in rest for item in _items(identifier, 1, points, below, found)
    ]


def _children(root: _Element) -> dict[str, list[str]]:
    connections = sorted(
        (
            connection
            for connection in root.iterfind("dgm:cxnLst/dgm:cxn", NAMESPACES)
            if attribute(connection, "type", "parOf") == "parOf"
        ),
        key=lambda connection: integer(connection, "srcOrd", 0),
    )
    below: defaultdict[str, list[str]] = defaultdict(list)
    for connection in connections:
        below[attribute(connection, "srcId")].append(attribute(connection, "destId"))
    return below


def _items(
    identifier: str,
    level: int,
    points: dict[str, _Element],
    below: dict[str, list[str]],
    found: set[str],
) -> Iterator[tuple[int, str]]:
    """Yield the item ``identifier`` and those below it, each once."""
    if identifier in found or identifier not in points:
        return
    found.add(identifier)
    point = points[identifier]
    words = " ".join(
        "".join(run.text or "" for run in paragraph.iterfind(".//a:t", NAMESPACES))
        for paragraph in point.iterfind("dgm:t/a:p", NAMESPACES)
    )
    if words.strip() and attribute(point, "type", "node") in _NODES:
        yield max(level, 1), words
    for child in below.get(identifier, ()):
        yield from _items(child, level + 1, points, below, found)
