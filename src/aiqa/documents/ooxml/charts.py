"""Charts: their title, and what they show as the rows of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.names import NAMESPACES, attribute, child, integer, prefixed

if TYPE_CHECKING:
    from lxml.etree import _Element

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # dates in charts are of no time zone
_LAST_DAY = 2_958_465
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its title, the titles of its axes, and tables whose first rows name the series."""

    title: str
    axes: tuple[str, ...]
    tables: tuple[list[list[str]], ...]


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    categories: dict[int, str]
    values: dict[int, str]


def read_chart(root: _Element) -> Chart:
    """Return the chart of a chart part, of the kinds from before and after 2016."""
    if root.find(".//cx:plotArea", NAMESPACES) is not None:
        series = _new_series(root)
        title = _text(root.find("cx:chart/cx:title", NAMESPACES))
    else:
        series = [_series(element) for element in root.iterfind(".//c:ser", NAMESPACES)]
        title = _text(root.find("c:chart/c:title", NAMESPACES))
        if not title and len(series) == 1:
            title = series[0].name  # which Office shows where a single series has no title
    axes = [
        _text(child(axis, f"{prefixed(axis).partition(':')[0]}:title"))
        for axis in root.iter()
        if prefixed(axis) in ("c:catAx", "c:valAx", "c:dateAx", "c:serAx", "cx:axis")
    ]
    return Chart(title, tuple(filter(None, axes)), tuple(_tables(series)))


def _text(element: _Element | None) -> str:
    """Return the words of a title or a label, set by hand or taken from a cell."""
    if element is None:
        return ""
    paragraphs = [
        "".join(run.text or "" for run in paragraph.iterfind(".//a:t", NAMESPACES))
        for paragraph in element.iterfind(".//a:p", NAMESPACES)
    ]
    if any(paragraphs):
        return " ".join(paragraphs)
    values = (value.text or "" for value in element.iter() if prefixed(value) in ("c:v", "cx:v"))
    return " ".join(values)


def _series(element: _Element) -> _Series:
    categories = _points(child(element, "c:cat")) or _points(child(element, "c:xVal"))
    values = _points(child(element, "c:val")) or _points(child(element, "c:yVal"))
    return _Series(_text(child(element, "c:tx")), categories, values)


def _points(source: _Element | None) -> dict[int, str]:
    """Return the values by their indexes; categories of several levels are joined."""
    if source is None:
        return {}
    levels = list(source.iterfind(".//c:lvl", NAMESPACES))
    if not levels:
        return _level(source)
    points: dict[int, str] = {}
    for level in levels:
        # An outer level names its group at the first of its members only.
        group, names = "", _level(level)
        for index in sorted({*points, *names}):
            group = names.get(index, group)
            points[index] = f"{group}, {points[index]}" if index in points else group
    return points


def _level(element: _Element) -> dict[int, str]:
    code = element.findtext(".//c:formatCode", "", NAMESPACES)
    return {
        integer(point, "idx", 0): _shown(
            point.findtext("c:v", "", NAMESPACES), attribute(point, "formatCode", code)
        )
        for point in element.iterfind(".//c:pt", NAMESPACES)
    }


def _shown(value: str, code: str) -> str:
    """Return a number as the chart shows it: percentages and dates by their format."""
    try:
        number = float(value)
    except ValueError:
        return value
    pattern = _QUOTED.sub("", code).partition(";")[0].lower()
    if "%" in pattern:
        decimals = len(pattern.partition(".")[2].rstrip("%")) if "." in pattern else 0
        return f"{number * 100:.{decimals}f}%"
    if re.search("[ymd]", pattern) and 0 < number < _LAST_DAY:
        moment = _EPOCH + timedelta(days=number)
        return f"{moment:%Y-%m-%d}" if number.is_integer() else f"{moment:%Y-%m-%d %H:%M}"
    return f"{number:.15g}" if abs(number) < 10**15 else value


def _new_series(root: _Element) -> list[_Series]:
    """Return the series of a chart of the kinds that came in 2016, such as a waterfall."""
    data = {
        attribute(element, "id"): element
        for element in root.iterfind("cx:chartData/cx:data", NAMESPACES)
    }
    series = []
    for element in root.iterfind(".//cx:series", NAMESPACES):
        source = data.get(attribute(child(element, "cx:dataId"), "val"))
        if source is not None:
            categories = _dimension(source.iterfind("cx:strDim/cx:lvl", NAMESPACES))
            values = _dimension(source.iterfind("cx:numDim/cx:lvl", NAMESPACES))
            series.append(_Series(_text(child(element, "cx:tx")), categories, values))
    return series


def _dimension(levels: Iterable[_Element]) -> dict[int, str]:
    points: dict[int, str] = {}
    for level in levels:
        for point in level.iterfind("cx:pt", NAMESPACES):
            index, text = integer(point, "idx", 0), _shown(point.text or "", "")
            points[index] = f"{text}, {points[index]}" if index in points else text
    return points


def _tables(series: Iterable[_Series]) -> list[list[list[str]]]:
    """Return a table for all series over the same categories."""
    groups: list[list[_Series]] = []
    for one in series:
        group = next((group for group in groups if _fits(one, group[0])), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return [_table(group) for group in groups]


def _fits(one: _Series, other: _Series) -> bool:
    return one.categories == other.categories or not one.categories


def _table(group: Iterable[_Series]) -> list[list[str]]:
    group = list(group)
    categories = group[0].categories
    indexes = sorted({*categories, *(index for series in group for index in series.values)})
    head = ["", *(series.name for series in group)]
    return [
        head,
        *(
            [categories.get(index, ""), *(series.values.get(index, "") for series in group)]
            for index in indexes
        ),
    ]
