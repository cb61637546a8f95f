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
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

InterfaceLanguage = Literal["en", "de", "fr", "es", "zh"]

_ALL: tuple[str, ...] = get_args(InterfaceLanguage)
_COOKIE = "aiqa-language"
_current: ContextVar[str] = ContextVar("interface language", default="en")


def t(text: str, **values: object) -> str:
    """Return an interface text in the current language, with ``values`` for its ``{names}``.

    A text that the table lacks stays as it is.
    """
    translated = _table().get(text, {}).get(_current.get(), text)
    return translated.format(**values) if values else translated


def use_language(language: str) -> None:
    """Make ``language`` the current one for the rest of this context."""
    _current.set(language)


def current_language() -> str:
    """Return the current language."""
    return _current.get()


def interface_texts(language: str) -> dict[str, str]:
    """Return all texts in ``language`` by their English wording."""
    return {text: translated[language] for text, translated in _table().items()}


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: Mapping[str, Mapping[str, str]] = json.loads(
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
        return JSONResponse(
            {} if language == "en" else interface_texts(language),
            headers={"Cache-Control": "no-cache"},
        )

    return router
