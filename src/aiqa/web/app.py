"""The page: what is on it, and what happens when somebody asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.jsonable import answer_dict
from aiqa.web import render
from aiqa.web.render import Turn

_HERE = Path(__file__).parent

_EXAMPLES = (
    "How much does SenseRobot cost?",
    "Which country forbade DeepSeek on government devices?",
    "How large is the national AI investment fund?",
    "Why do blacklists make planning harder?",
    "What did robots do at the Shanghai AI Expo?",
    "Who is the mayor of Hangzhou?",
)
"""Questions for the bundled corpus; the last is one that it does not answer."""

_BUNDLED = "corpus/policy/the-2030-goal.md"
"""Its presence tells that the index holds the bundled corpus."""

_MOST_WAITING = 32
"""Questions that may wait in the queue; further ones are told that the server is busy."""


def build(assistant: Assistant) -> Any:
    """The page over ``assistant``, a ``gradio.Blocks``."""
    # Gradio reads this when it is imported: nothing is reported to anyone.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    state = assistant.status()
    examples = _EXAMPLES if _BUNDLED in state.sources else ()
    with gr.Blocks(title="aiqa", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(render.header(state), elem_id="masthead")
        turns = gr.State([])
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=3, min_width=320, elem_id="talk"):
                conversation = gr.HTML(render.conversation([]), elem_id="conversation")
                with gr.Row(elem_id="examples") as offers:
                    buttons = [gr.Button(text, size="sm") for text in examples]
                question = gr.Textbox(
                    label="Your question",
                    show_label=False,
                    placeholder="Ask the documents…",
                    elem_id="question",
                    max_length=assistant.settings.max_question_chars + 1,
                    submit_btn="Ask",
                    autofocus=True,
                )
            with gr.Column(scale=2, min_width=320, elem_id="evidence"):
                sources = gr.HTML(render.sources([]), elem_id="sources")

        def respond(asked: str, earlier: list[Turn]) -> Iterator[tuple[Any, ...]]:
            if not asked.strip():
                yield earlier, gr.skip(), gr.skip(), gr.skip(), gr.skip()
                return
            waiting = [*earlier, Turn(asked)]
            yield earlier, render.conversation(waiting), gr.skip(), "", gr.Row(visible=False)
            done = [*earlier, _answer(assistant, asked)]
            yield done, render.conversation(done), render.sources(done), gr.skip(), gr.skip()

        outputs = [turns, conversation, sources, question, offers]
        for trigger, source in (
            (question.submit, question),
            *((button.click, button) for button in buttons),
        ):
            trigger(
                respond,
                [source, turns],
                outputs,
                api_visibility="private",
                show_progress="hidden",
            )

        def answer(question: str) -> dict[str, Any]:
            try:
                return answer_dict(assistant.ask(question))
            except AiqaError as error:
                raise gr.Error(str(error), print_exception=False) from error

        gr.api(  # type: ignore[attr-defined]
            answer, api_name="ask", api_description="Answer a question from the documents."
        )
        page.queue(max_size=_MOST_WAITING)
    return page


def _answer(assistant: Assistant, asked: str) -> Turn:
    try:
        answer = assistant.ask(asked)
        citations = chain(answer.citations, *(other.citations for other in answer.alternatives))
        documents = {c.document_id: assistant.document(c.document_id) for c in citations}
    except AiqaError as error:
        return Turn(asked, error=error)
    return Turn(asked, answer=answer, documents=documents)


def looks() -> dict[str, Any]:
    """What ``gradio.mount_gradio_app`` is to be told about how the page looks.

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
        "css_paths": _HERE / "style.css",
        "head": f"<script>{(_HERE / 'page.js').read_text('utf-8')}</script>",
        "favicon_path": _HERE / "favicon.svg",
        "footer_links": [],
    }
