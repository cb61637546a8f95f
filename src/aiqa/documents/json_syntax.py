"""JSON in its dialects: lines, comments, commas too many, JSON5, and files that are cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from aiqa.documents.text_builder import CanonicalText
from aiqa.errors import DocumentError

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
    r"|(?P<comment>//[^\n]*|#[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)|(?P<comma>,)(?=\s*[}\]])",
    re.DOTALL,
)
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[\[\]{},]', re.DOTALL)

_WORD = re.compile(r"\S")

_MOST_JSON5 = 1_000_000
"""Characters of a file that is read as JSON5, which takes a thousand times as long as JSON."""

_MOST_NAMED_LINES = 10


class Members(list[tuple[str, Any]]):
    """The members of an object in their order; a name may come twice."""


def parse_json(source: str, text: CanonicalText) -> Any:
    """Return the value that ``source`` writes: numbers as they stand, objects as ``Members``.

    Several values, as in JSON lines, become a list; None stands for lines that are not JSON.
    What is left out is noted in ``text``, and comments are added to it.

    Raises:
        DocumentError: this is not JSON of any kind.
    """
    try:
        return _loads(source)
    except json.JSONDecodeError as error:
        failure = error
    for read in (_lines, _sequence):
        if values := read(source):
            return values
    bare = _without_comments(source, text)
    for loads in (_loads, _lines, _loads_json5):
        try:
            if value := loads(bare):
                return value
        except ValueError:
            continue
    value = _good_lines(source, text) or _beginning(bare, text)
    if value is None:
        raise DocumentError(f"This file is not JSON: {failure}.") from failure
    return value


def _loads(source: str, decode: Callable[..., Any] = json.loads) -> Any:
    return decode(
        source, object_pairs_hook=Members, parse_int=_verbatim, parse_float=str, parse_constant=str
    )


def _verbatim(number: str, base: int = 10) -> str:  # noqa: ARG001
    """Return ``number`` as it stands; JSON5 tells that it is hexadecimal by ``base``."""
    return number


def _loads_json5(source: str) -> Any:
    import json5

    return _loads(source, json5.loads) if len(source) <= _MOST_JSON5 else None


def _lines(source: str) -> list[Any]:
    """Return the value on each line; nothing if one is not JSON."""
    try:
        return [_loads(line) for line in source.split("\n") if line.strip()]
    except ValueError:
        return []


def _sequence(source: str) -> list[Any]:
    """Return the values that follow one another, on however many lines; nothing if one is bad."""
    decoder = json.JSONDecoder(
        object_pairs_hook=Members, parse_int=str, parse_float=str, parse_constant=str
    )
    values, place = [], 0
    while start := _WORD.search(source, place):
        try:
            value, place = decoder.raw_decode(source, start.start())
        except ValueError:
            return []
        values.append(value)
    return values


def _without_comments(source: str, text: CanonicalText) -> str:
    """Return ``source`` without its comments, which are added to ``text``, and trailing commas."""
    comments: list[str] = []

    def bare(token: re.Match[str]) -> str:
        if token["comment"]:
            comments.append(token["comment"].strip("/*# \n\t"))
            return "\n" * token["comment"].count("\n")
        return token[0]

    source = _TOKEN.sub(bare, source)
    for comment in comments:
        text.block("comment", comment, "comment")
    return _TOKEN.sub(lambda token: "" if token["comma"] else token[0], source)


def _good_lines(source: str, text: CanonicalText) -> list[Any] | None:
    """Return the value on each line, None for those that are not JSON, if most are objects."""
    values: list[Any] = []
    bad: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = _loads(line)
        except ValueError as error:
            value = None
            bad.append(f"Line {number} is left out: it is not JSON ({error}).")
        values.append(value)
    good = sum(isinstance(value, list) for value in values)
    if 2 * good < len(values):
        return None
    for what in bad[:_MOST_NAMED_LINES]:
        text.omit(what)
    if len(bad) > _MOST_NAMED_LINES:
        text.omit(f"{len(bad) - _MOST_NAMED_LINES} more lines are left out: they are not JSON.")
    return values


def _beginning(source: str, text: CanonicalText) -> Any:
    """Return what stands before the first error, if it is an object or a list with something."""
    try:
        _loads(source)
    except json.JSONDecodeError as error:
        reason = error
    else:
        return None
    opened: list[str] = []
    cut = ""
    for token in _BRACKET.finditer(source, 0, reason.pos):
        match token[0]:
            case "[" | "{":
                opened.append("]" if token[0] == "[" else "}")
            case "]" | "}" if opened:
                opened.pop()
            case ",":
                cut = source[: token.start()] + "".join(reversed(opened))
    try:
        value = _loads(cut)
    except ValueError:
        return None
    text.omit(
        f"What follows line {reason.lineno} is left out: the file is not JSON there ({reason.msg})."
    )
    return value
