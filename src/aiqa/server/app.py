"""The Gradio page and its events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from aiqa.documents import supported
from aiqa.errors import AiqaError
from aiqa.server.api import JsonEndpoints, add_endpoints
from aiqa.server.asking import Asking
from aiqa.server.calls import Calls
from aiqa.server.chat import Desk
from aiqa.server.documents import Shelf
from aiqa.server.error_texts import error_text
from aiqa.server.gradio_import import import_gradio
from aiqa.server.interface_language import interface_texts, t
from aiqa.server.rendering import render
from aiqa.server.suggestions import Examples
from aiqa.server.write_queue import WriteQueue

_STATIC = Path(__file__).parent / "static"
_SCRIPTS = (
    "storage", "language", "settings", "scope", "evidence", "text_layer", "feedback", "address",
    "turns", "history_browser", "history_server", "conversation_list", "conversations",
    "questions", "bring", "chat", "uploads", "documents",
)  # fmt: skip
_STYLES = ("style", "chat", "documents", "evidence", "scope", "conversations")

Keeper = Literal["browser", "server"]

_CONTENT = "${content}"
"""What Gradio is to put into a component. It runs templates as JavaScript: texts are no part of it.
"""

_MOST_WAITING = 32
"""Most waiting questions; further ones get an error that the server is busy."""


def build(
    calls: Calls,
    examples: Examples,
    shelf: Shelf | None,
    kept_by: Keeper = "browser",
) -> Any:
    """Create the page, a ``gradio.Blocks``.

    Without ``shelf``, documents cannot be changed. ``kept_by`` is who keeps the conversations.
    """
    gr = import_gradio()

    with gr.Blocks(title="aiqa", analytics_enabled=False, fill_width=True) as page:
        # First, so that no event of the page gets one of their names.
        add_endpoints(JsonEndpoints(calls))
        gr.HTML(
            render("header.html", status=calls.assistant.status()),
            elem_id="masthead",
            js_on_load="new aiqa.Holdings(element)",
        )
        if shelf is None:
            _talk(calls, examples, kept_by, None)
        else:
            with gr.Tabs(elem_id="pages"):
                with gr.Tab("Ask", elem_id="ask"):
                    _talk(calls, examples, kept_by, shelf.intake.writes)
                with gr.Tab("Documents", elem_id="documents"):
                    _documents(shelf)

        page.queue(max_size=_MOST_WAITING, api_open=False)
    return page


def _talk(calls: Calls, examples: Examples, kept_by: Keeper, writes: WriteQueue | None) -> None:
    """Add questions, answers and the evidence panel."""
    import gradio as gr

    assistant = calls.assistant
    desk = Desk(assistant, examples, writes, bundled_documents())
    talk = gr.HTML(
        elem_id="talk",
        html_template=_CONTENT,
        # The name of the event has to stand here for Gradio to know of it: 'ask'.
        js_on_load="aiqa.begin(element, () => { aiqa.desk = new aiqa.Desk(element, trigger, props,"
        " server, watch); }); // 'ask'",
        server_functions=[
            _plainly(function)
            for function in (
                desk.begin,
                desk.open,
                desk.reopen,
                desk.markdown,
                desk.scope,
                desk.promise,
                desk.feedback,
                desk.further,
                desk.copied,
                desk.bring_bundled,
            )
        ],
        apply_default_css=False,
        content=render(
            "chat.html",
            longest=assistant.settings.max_question_chars,
            given=json.dumps(desk.given()),
            kept_by=kept_by,
        ),
    )
    question_event = talk.ask(
        _plainly_each(Asking(calls, examples).ask),
        talk,
        talk,
        api_visibility="private",
        show_progress="hidden",
    )
    # A question must not wait for ever, whatever happens.
    for ended in (question_event.then, question_event.failure):
        ended(None, js="() => aiqa.desk.questions.finished()")


def _documents(shelf: Shelf) -> None:
    """What is there to be asked; more of it is dropped here."""
    import gradio as gr

    gr.HTML(
        elem_id="shelf",
        html_template=_CONTENT,
        js_on_load="aiqa.begin(element, () => { aiqa.shelf = new aiqa.Shelf(element, server); })",
        server_functions=[
            _plainly(function)
            for function in (shelf.list, shelf.remove, shelf.undo, shelf.read_again)
        ],
        apply_default_css=False,
        content=render("documents.html", suffixes=supported()),
    )


def looks() -> dict[str, Any]:
    """Return the arguments of ``gradio.mount_gradio_app`` for the appearance of the page.

    Gradio's plainest theme with fonts that every machine has; style.css does the rest.
    """
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="teal",
        neutral_hue="stone",
        radius_size="md",
        font=["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif"],
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )
    return {
        "theme": theme,
        "css_paths": [_STATIC / f"{name}.css" for name in _STYLES],
        "head": f"<script>{script()}</script>",
        "favicon_path": _STATIC / "favicon.svg",
        "footer_links": [],
    }


def script() -> str:
    """What runs in the page, as it stands in ``looks``."""
    parts = f"const ENGLISH = {json.dumps(interface_texts('en'))};\n"
    parts += "\n".join((_STATIC / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    parts += (
        "\nglobalThis.aiqa ="
        " { Desk, Holdings, Shelf, begin, droppedFiles, uploads: new Uploads() };"
    )
    return f"(() => {{\n{parts}\n}})();"


def bundled_documents() -> Path | None:
    """Return the folder of the documents that come with aiqa; None if it is not installed."""
    package = Path(__file__).parents[1]
    folders = (package / "corpus", package.parents[1] / "corpus")
    return next((folder for folder in folders if folder.is_dir()), None)


def _plainly(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``function``, whose errors become what the page shows in place of what it asked for."""

    @wraps(function)
    def plainly(request: Any) -> Any:
        try:
            return function(request)
        except (ValidationError, AiqaError) as error:
            return _told(error)

    return plainly


def _plainly_each(function: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
    """The same for a function that yields what the page shows, one after the other."""

    @wraps(function)
    def plainly(request: Any) -> Iterator[Any]:
        try:
            yield from function(request)
        except (ValidationError, AiqaError) as error:
            yield _told(error)

    return plainly


def _told(error: ValidationError | AiqaError) -> dict[str, str]:
    if isinstance(error, ValidationError):
        return {"error": t("The page sent what cannot be understood; load it anew.")}
    return {"error": error_text(str(error))}
