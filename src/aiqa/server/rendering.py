"""The Jinja2 environment that makes all HTML of the server.

Autoescape is on: whatever a template shows is escaped, and no template says otherwise.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from aiqa.answers.calibration import in_percent
from aiqa.answers.neighbours import quotes_all
from aiqa.server.actor import current_actor
from aiqa.server.error_texts import error_html
from aiqa.server.format_names import format_name
from aiqa.server.interface_language import current_language, t, t_html
from aiqa.server.language_rules import grouped_digits, percent
from aiqa.server.place_names import located, place_name
from aiqa.types import Citation

_CARRIAGE_RETURN = Markup("&#13;")
_BOUND_BLANK = re.compile(r"(?<=§) | (?=\d+(?:,|$))")
"""A blank within a place after which no line begins."""


def render(template: str, **context: object) -> str:
    """Return the HTML that ``templates/<template>`` makes of ``context``."""
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aiqa.server", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_to_the_character,
        auto_reload=False,
    )
    environment.globals.update(
        t=t,
        t_html=t_html,
        located=_located_unbroken,
        current_actor=current_actor,
        current_language=current_language,
    )
    environment.filters.update(
        confidence=confidence,
        css_percent=_css_percent,
        error=error_html,
        format_name=format_name,
        grouped=_grouped,
        place_name=place_name,
        isolated=_isolated,
        quotes_all=quotes_all,
        split_at_quote=_split_at_quote,
    )
    return environment


def _to_the_character(value: object) -> Markup:
    """Escape ``value`` so that a browser keeps every character of it.

    HTML parsers turn carriage returns into line feeds and drop NUL; offsets that the page counts
    in a document's text would be off by them.
    """
    text = escape(value)
    if "\r" in text or "\0" in text:
        text = text.replace("\r", _CARRIAGE_RETURN).replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text


def _located_unbroken(source: str, page: int | None, section: str, place: str = "") -> str:
    """Return the same as ``located``, with each sign and number on one line with its word."""
    return _BOUND_BLANK.sub("\N{NO-BREAK SPACE}", located(source, page, section, place))


def _css_percent(share: float) -> str:
    """Return ``share`` of 1 as a CSS percentage."""
    return f"{share:.3%}"


def confidence(share: float) -> str:
    """Return ``share`` of 1 as whole per cent, as the current language writes it."""
    return percent(current_language(), int(in_percent(share).removesuffix("%")))


def _grouped(number: int) -> str:
    """Return ``number`` as the current language writes it."""
    return grouped_digits(current_language(), number)


def _isolated(text: str) -> Markup:
    """Return words of a document, to stand in a sentence of the interface."""
    return Markup('<bdi lang="">{}</bdi>').format(_to_the_character(text))


def _split_at_quote(citation: Citation) -> tuple[str, str, str]:
    """Split the cited sentence into what is before the quote, the quote, and what is after it."""
    start = citation.start - citation.sentence_start
    end = citation.end - citation.sentence_start
    return citation.sentence[:start], citation.sentence[start:end], citation.sentence[end:]
