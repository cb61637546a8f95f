"""JSON and JSON lines: a line of text for each record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiqa.documents.encoding import decode
from aiqa.documents.html_fragments import words_of_markup
from aiqa.documents.json_syntax import Members, parse_json
from aiqa.documents.text_builder import CanonicalText, Content

_MOST_PAIRS = 40
"""Values of an object that are read as one record although there are objects in it."""

_SPARSEST = 4
"""So many places for each value, at most, and the records make a table with a column a path."""

Record = list[tuple[str, str]]
"""The values of a record with their paths."""


def load(data: bytes) -> Content:
    """Each record as "path: value; …", numbered from 1; values within values have dotted paths.

    The items of a list of objects are records, also of one within an object; what is left of
    that object is a record, too. Numbers are verbatim.

    Raises:
        DocumentError: the text is not JSON of any kind.
    """
    text = CanonicalText()
    value = parse_json(decode(data), text)
    if _is_list(value) and value and all(map(_is_list, value)):
        rows = [[_shown(item) for _, item in _leaves("", row)] for row in value]
        text.table(rows, label="records", numbers=range(1, len(rows) + 1))
    else:
        _add_records(list(_records("", value)), text)
    return text.content(title=None)


def _add_records(records: list[Record], text: CanonicalText) -> None:
    """Add a row for each record, with a column for each path that one of them has."""
    numbered = [_numbered(record) for record in records]
    columns = list(dict.fromkeys(column for record in numbered for column in record))
    numbers = range(1, len(records) + 1)
    if len(columns) * len(records) > _SPARSEST * sum(map(len, records)):
        lines = [["; ".join(map(_pair, record))] for record in records]
        text.table(lines, header=False, label="records", numbers=numbers)
        return
    rows = [[record.get(column, "") for column in columns] for record in numbered]
    heads = [path for path, _ in columns]
    table = [heads, *rows]
    text.table(table, header=True, grouped=False, label="records", numbers=[1, *numbers])


def _numbered(record: Record) -> dict[tuple[str, int], str]:
    """Return the values by their path and how often it came before, as a list repeats it."""
    counts: dict[str, int] = {}
    values = {}
    for path, value in record:
        values[path, counts.get(path, 0)] = value
        counts[path] = counts.get(path, 0) + 1
    return values


def _records(path: str, value: Any) -> Iterator[Record]:
    """Yield the records in ``value``, which is the whole or stands at ``path`` in it."""
    if isinstance(value, Members):
        apart = [name for name, inner in value if _is_apart(inner, value)]
        rest = Members((name, inner) for name, inner in value if name not in apart)
        if record := _record(path, rest):
            yield record
        for name, inner in value:
            if name in apart:
                yield from _records(_joined(path, name), inner)
    elif _is_list(value) and (not path or _are_objects(value)):
        for item in value:
            yield _record(path, item)
    else:
        yield _record(path, value)


def _is_apart(inner: Any, value: Members) -> bool:
    """Whether a member of the object ``value`` makes records of its own."""
    if not isinstance(inner, Members):
        return _are_objects(inner)
    siblings = [isinstance(other, Members) for _, other in value]
    return _holds_objects(inner) or (
        len(siblings) > 1 and (all(siblings) or len(_leaves("", value)) > _MOST_PAIRS)
    )


def _holds_objects(value: Members) -> bool:
    """Whether there is a list of several objects in ``value``, which is not within a list."""
    return any(
        _holds_objects(inner) if isinstance(inner, Members) else _are_objects(inner)
        for _, inner in value
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and not isinstance(value, Members)


def _are_objects(value: Any) -> bool:
    """Whether ``value`` is a list of several objects."""
    return _is_list(value) and sum(isinstance(item, Members) for item in value) > 1


def _record(path: str, value: Any) -> Record:
    return [(inner, _shown(leaf)) for inner, leaf in _leaves(path, value) if leaf not in (None, "")]


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    """Return the values in ``value`` that hold no others, with their paths."""
    found: list[tuple[str, Any]] = []
    _add_leaves(path, value, found)
    return found


def _add_leaves(path: str, value: Any, found: list[tuple[str, Any]]) -> None:
    if isinstance(value, Members):
        for name, inner in value:
            _add_leaves(f"{path}.{name}" if path else name, inner, found)
    elif isinstance(value, list):
        for inner in value:
            _add_leaves(path, inner, found)
    else:
        found.append((path, value))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    """Return a value as JSON writes it; text without its quotes, and nothing for null.

    Of HTML within a text, the words are shown.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return words_of_markup(str(value)) or str(value)


def _pair(pair: tuple[str, str]) -> str:
    path, value = pair
    return f"{path}: {value}" if path else value
