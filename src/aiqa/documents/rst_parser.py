"""reStructuredText to trees of docutils' nodes, without inclusions and for roles of any name."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from functools import cache, partial
from typing import Any

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser, states
from docutils.utils import Reporter, new_document, unescape

from aiqa.errors import DocumentError

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": Reporter.SEVERE_LEVEL + 1,
    "halt_level": Reporter.SEVERE_LEVEL + 1,
    "warning_stream": False,
    "syntax_highlight": "none",
    "line_length_limit": 10_000_000,  # docutils drops the whole file over one longer line
    "_disable_config": True,
}

_VERBATIM_ROLES = frozenset(("code", "kbd", "literal", "math", "samp"))
_ROLE_PREFIXES = {"pep": "PEP ", "rfc": "RFC "}

_LONGEST_PART = 4000
_PARTS = re.compile(
    rf".{{1,{_LONGEST_PART}}}(?:(?<!\x00)(?=\s)|\Z)|.{{1,{_LONGEST_PART}}}", re.DOTALL
)
"""Parts of a paragraph that is longer, cut before white space that is not escaped."""


def _role(
    rawsource: str, text: str, role: str, lineno: int
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The words of a role: what it does besides is known to Sphinx or nobody."""
    del lineno
    if role in _VERBATIM_ROLES:
        words = unescape(text, restore_backslashes=True)
    elif role.startswith("raw"):
        words = ""
    else:
        title = text.rpartition(" <")[0] if role and text.endswith(">") else ""
        words = title or _ROLE_PREFIXES.get(role, "") + text
    return [nodes.inline(rawsource, words)], []


def _in_parts(parse: Callable[..., Any], text: str, *place: Any) -> tuple[list[Any], list[Any]]:
    """Return what ``parse`` makes of the parts of ``text``.

    Each mark that nothing closes is looked for to the end, which takes the square of the length.
    """
    found: tuple[list[Any], list[Any]] = ([], [])
    for part in _PARTS.findall(text) if len(text) > _LONGEST_PART else [text]:
        for gathered, more in zip(found, parse(part, *place), strict=True):
            gathered.extend(more)
    return found


@cache
def _settings() -> Any:
    # Costly, and asked for with each directive that docutils does not know.
    settings = get_default_settings(Parser)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    return settings


def parse_rst(source: str) -> nodes.document:
    """Return the tree of ``source``; what docutils rejects stands in it as system messages.

    Raises:
        DocumentError: the text nests too deeply.
    """
    document = new_document("", copy(_settings()))
    inliner = states.Inliner()
    # Not by a subclass: the class looks for its patterns in itself alone.
    inliner.interpreted = _role  # type: ignore[method-assign]
    inliner.parse = partial(_in_parts, inliner.parse)  # type: ignore[method-assign]
    try:
        Parser(inliner=inliner).parse(source, document)
    except RecursionError as error:
        raise DocumentError("This file nests too deeply.") from error
    return document
