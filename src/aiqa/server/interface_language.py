"""The language of the interface's texts, which one table has by their English wording.

Answers and quotes are not translated: they are words of the documents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from http.cookies import CookieError, SimpleCookie
from importlib.resources import files
from typing import Literal, get_args

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from markupsafe import Markup, escape
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from aiqa.server.language_rules import PluralForm, grouped_digits, plural_form

InterfaceLanguage = Literal["en", "de", "fr", "es", "zh"]

Wording = str | Mapping[PluralForm, str]
"""A text, or its forms by the number that it holds."""

_ALL: tuple[str, ...] = get_args(InterfaceLanguage)
_COOKIE = "aiqa-language"
_current: ContextVar[str] = ContextVar("interface language", default="en")


def t(text: str, /, **values: object) -> str:
    """Return an interface text in the current language, with ``values`` for its ``{names}``.

    A text with several forms of a noun is given in the one for the number ``count``. A text that
    the table lacks stays as it is.
    """
    return _wording(text, values).format(**_written(values)) if values else _wording(text, values)


def t_html(text: str, /, **values: object) -> Markup:
    """Return the same as HTML; of ``values``, those that are no ``Markup`` are escaped."""
    return escape(_wording(text, values)).format(**_written(values))


def _wording(text: str, values: Mapping[str, object]) -> str:
    language = _current.get()
    wording = _table().get(text, {}).get(language, text)
    if isinstance(wording, str):
        return wording
    count = values["count"]
    if not isinstance(count, int):
        raise TypeError(f"A count is a whole number, not {count!r}.")
    return wording[plural_form(language, count)]


def _written(values: Mapping[str, object]) -> dict[str, object]:
    language = _current.get()
    return {
        name: grouped_digits(language, value) if isinstance(value, int) else value
        for name, value in values.items()
    }


def use_language(language: str) -> None:
    """Make ``language`` the current one for the rest of this context."""
    _current.set(language)


def current_language() -> str:
    """Return the current language."""
    return _current.get()


def interface_texts(language: str) -> dict[str, Wording]:
    """Return the texts in ``language`` by their English wording.

    In English these are the ones with several forms; the others are as their wording is.
    """
    return {
        text: translated[language]
        for text, translated in _table().items()
        if language in translated
    }


@cache
def _table() -> Mapping[str, Mapping[str, Wording]]:
    table: Mapping[str, Mapping[str, Wording]] = json.loads(
        files("aiqa.server").joinpath("interface_texts.json").read_text("utf-8")
    )
    return table


class LanguageMiddleware:
    """Makes the language of each request the current one: the page's, else the browser's first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] == "http":
            _current.set(_language_of(Headers(scope=scope)))
        await self._app(scope, receive, send)


def _language_of(headers: Headers) -> str:
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
    except CookieError:
        chosen = None
    if chosen and chosen.value in _ALL:
        return chosen.value
    accepted = headers.get("accept-language", "")[:1000].split(",")
    # Browsers list languages in the order of preference.
    wanted = (part.strip()[:2].lower() for part in accepted)
    return next((language for language in wanted if language in _ALL), "en")


def language_routes() -> APIRouter:
    """Return ``/texts/LANGUAGE.json``, the texts for the scripts of the page."""
    router = APIRouter(prefix="/texts")

    @router.get("/{language}.json")
    def texts_of(language: InterfaceLanguage) -> JSONResponse:
        return JSONResponse(interface_texts(language), headers={"Cache-Control": "no-cache"})

    return router
