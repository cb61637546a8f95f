"""Hostile text in whatever a template shows: in documents, their names, questions and errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from math import inf
from pathlib import Path

import pytest
from jinja2 import UndefinedError, meta

from aiqa.answers.citation_check import Standing
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import SourceError
from aiqa.server.answer_copy import CopiedAnswer
from aiqa.server.answer_view import Turn, turn_html
from aiqa.server.deletions import Deletion
from aiqa.server.evidence_view import EvidencePanel, panel_html
from aiqa.server.overview import Described, Overview
from aiqa.server.rendering import _environment, render
from aiqa.server.uploaded_file import Upload
from aiqa.types import (
    Answer,
    Box,
    Cause,
    Chunk,
    Citation,
    Document,
    Failure,
    Heading,
    Holding,
    IndexStatus,
    Omission,
    Page,
    PageWord,
    ScoredChunk,
    Span,
    Statement,
)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    " autofocus onfocus=alert(1) ",
    "{{ 7 * 7 }}{% raw %}{# x #}{{ self }}",
    "${alert(1)} `${alert(1)}` {{{alert(1)}}}",
    "</mark></q></div></details></template></textarea><b>",
    "<!-- <![CDATA[ ]]> --> <?x ?>",
    "&lt;b&gt; &#60;i> &amp;amp; &quot",
    'javascript:alert(1)//"\\" \\\'',
)

SPECIAL = str.maketrans(dict.fromkeys("<>\"'&{}%#$`/!?\\=", "~"))
"""What has a meaning in HTML, Jinja2 or JavaScript, to a character that has none."""


def harmless(text: str) -> str:
    """The same words at the same places, with nothing in it that could be code."""
    return text.translate(SPECIAL)


def document(text: str, **changes: object) -> Document:
    table = f"Role: {text}; Name: b\nRole: c; Name: d"
    whole = f"Fees {text}\n\n- one {text}\n- two\n\n{table}\n\n{text} end."
    plain = Document(
        "a" * 64, f"docs/{text}.md", "markdown", f"Guide {text}", whole,
        headings=(Heading(1, f"Fees {text}", 0),),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def statement(text: str, number: int, quote: str = "800 dollars") -> Statement:
    sentence = f"It costs {quote} {text} today."
    start = sentence.index(quote)
    citation = Citation(
        document_id=str(number) * 64, source=f"docs/{text}.md", title=f"No. {number} {text}",
        page=None, section=f"Fees {text}", start=start, end=start + len(quote), quote=quote,
        sentence_start=0, sentence_end=len(sentence), sentence=sentence,
    )  # fmt: skip
    return Statement(quote, 0.5, (citation,))


def answer(text: str) -> str:
    others = (statement(text, 2), statement(text, 3, f"900 dollars {text}"), statement(text, 4))
    first = statement(text, 1)
    cited = replace(first, citations=first.citations + others[2].citations)
    found = Answer(
        f"How much {text}", first.text, 0.7, "span", (cited,), others, interpreted=f"How {text}"
    )
    standings = [Standing(citation, "changed") for citation in found.citations]
    return turn_html(Turn("t1", f"Much {text}", found, standings=standings, sources=1))


def list_answer(text: str) -> str:
    said = (statement(text, 1), statement(text, 2, text))
    return turn_html(Turn("t1", text, Answer(text, text, 0.9, "list", said)))


def abstention(text: str, cause: Cause) -> str:
    near = (statement(text, 1), statement(text, 2, text))
    found = Answer(f"Who pays {text}", None, 0.2, "abstention", alternatives=near, cause=cause)
    return turn_html(Turn("t1", text, found, questions=(f"What {text}",)))


def error(text: str) -> str:
    return turn_html(Turn("t1", text, error=SourceError(f"Wrong {text}.", f"Right {text}.")))


def evidence(text: str) -> str:
    shown = document(text)
    start = shown.text.rindex(text)
    quote = Span(start, start + len(text))
    return panel_html(EvidencePanel(shown, quote, Span(start, len(shown.text)), start))


def evidence_page(text: str) -> str:
    shown = document(text, format="pdf", pages=(Page(1, 0), Page(2, 9)))
    box = Box(2, 10, 20, 110, 30)
    place = Span(6, 20)
    words = [PageWord(text, box, ends_line=True), PageWord(text, box)]
    return panel_html(EvidencePanel(shown, place, place, 6, 2, (595, 842), (box,), (box,), words))


def status(text: str) -> IndexStatus:
    return IndexStatus(
        index=text, generation=1, documents=2, chunks=9, bytes_on_disk={}, embedder=text,
        chunk_tokens=1, chunk_overlap=0, formats={"pdf": 1, "text": 1},
        collections={"": 1, f"Laws {text}": 1}, last_run=None, sources=(f"docs/{text}.md",),
        failures=(Failure(f"docs/{text}.pdf", f"Broken {text}"),),
        unread_pages={}, omissions=(Omission(f"docs/{text}.md", f"Left out: {text}"),),
    )  # fmt: skip


def document_list(text: str) -> str:
    held = Holding(f"docs/{text}.md", "a" * 64, f"Guide {text}", "text", f"Laws {text}")
    state = status(text)
    return render(
        "document_list.html",
        status=state, documents=[held], failures=state.failures, start=100, size=100, count=300,
        text=text, deletions=[Deletion("1", f"docs/{text}.md", None, Path("x"), at=inf)],
    )  # fmt: skip


def empty_list(text: str) -> str:
    return render(
        "document_list.html",
        status=None, documents=[], failures=[], start=0, size=100, count=0, text=text,
        deletions=[],
    )  # fmt: skip


def uploads(text: str) -> str:
    place = Path("x")
    failed = Upload("1", text, 1, None, place, place, "failed", error=f"Wrong {text}")
    asking = Upload("2", text, 1, None, place, place, "asks")
    reading = Upload("3", text, 1, None, place, place, "reading", share=0.5)
    return render("uploads.html", uploads=[failed, asking, reading])


def scope(text: str) -> str:
    counts = {f"Laws {text}": 1, "default": 2}
    return render(
        "scope.html",
        sources={f"docs/{text}.md": f"Guide {text}"}, more=1, text=text, collections=counts,
        folders=counts, formats={text: (text, 1), "pdf": ("PDF", 2)}, earliest="", latest=text,
    )  # fmt: skip


def test_documents_of_no_collection_are_not_said_to_be_of_one() -> None:
    shown = scope("Norway")
    assert 'value="default" data-label="no collection"' in shown
    assert ">default" not in shown


def empty_scope(text: str) -> str:
    return render(
        "scope.html", sources={}, more=0, text=text, collections={}, folders={}, formats={},
        earliest="", latest="",
    )  # fmt: skip


def overview(text: str) -> Overview:
    described = Described("a" * 64, f"Guide {text}", "text", (f"Fees {text}",))
    return Overview(9, {"text": 1}, (described,), ((f"Term {text}", 3),))


def product(text: str, topic: str) -> str:
    return render(
        "product.html",
        question=text, topic=topic, overview=overview(text), examples=[f"What {text}"],
        similar=[f"Near {text}"],
    )  # fmt: skip


def found(text: str) -> str:
    chunk = Chunk(
        "a" * 64,
        "a.md",
        f"Guide {text}",
        "text",
        (f"Fees {text}",),
        None,
        0,
        9,
        text,
        (Span(0, 9),),
    )
    return render("found.html", hits=[ScoredChunk(chunk, 1.0, 1.0)])


def copied(text: str) -> str:
    first, other = statement(text, 1), statement(text, 2)
    said = Answer(text, text, 0.9, "list", (first, other))
    return CopiedAnswer.of(f"Much {text}", said).html()


def of_blocks(text: str, content: Content, quote: str) -> str:
    shown = replace(document(text), text=content.text, blocks=content.blocks, headings=())
    start = shown.text.index(quote)
    line = shown.text.rfind("\n", 0, start) + 1
    end = shown.text.index("\n", start) if "\n" in shown.text[start:] else len(shown.text)
    citation = Citation(
        shown.id, shown.source, shown.title, None, "", start, start + len(quote), quote,
        line, end, shown.text[line:end],
    )  # fmt: skip
    said = Answer(text, quote, 0.9, "span", (Statement(quote, 0.9, (citation,)),))
    return turn_html(Turn("t1", text, said, find=lambda _: shown))


def table_answer(text: str) -> str:
    built = CanonicalText()
    built.table([[f"Role {text}", "Name"], [f"Cox {text}", "Jane Park"]], header=True)
    return of_blocks(text, built.content(None), "Jane Park")


def items_answer(text: str) -> str:
    built = CanonicalText()
    built.paragraph(f"Bring {text}:")
    built.list_item(f"a flare {text}")
    built.list_item("two oars")
    return of_blocks(text, built.content(None), "two oars")


PAGES: dict[str, tuple[str, Callable[[str], str]]] = {
    "answer": ("turn.html", answer),
    "list": ("turn.html", list_answer),
    "unsure": ("turn.html", lambda text: abstention(text, "below strictness")),
    "not-found": ("turn.html", lambda text: abstention(text, "not stated")),
    "example": ("example.html", lambda text: render("example.html", question=text, title=text)),
    "table": ("turn.html", table_answer),
    "items": ("turn.html", items_answer),
    "invitation": (
        "invitation.html",
        lambda text: (
            render("invitation.html", bundled=True)
            + render("example.html", question=text, title=text)
        ),
    ),
    "documents-talk": ("product.html", lambda text: product(text, "documents")),
    "unknown": ("product.html", lambda text: product(text, "unknown")),
    "greeting": ("product.html", lambda text: product(text, "greeting")),
    "about": ("about.html", lambda text: render("about.html", overview=overview(text))),
    "titles": ("titles.html", lambda text: render("titles.html", overview=overview(text))),
    "found": ("found.html", found),
    "further": ("further.html", lambda text: render("further.html", questions=[text])),
    "copied": ("copied_answer.html", copied),
    "error": ("turn.html", error),
    "evidence": ("evidence.html", evidence),
    "evidence-page": ("evidence.html", evidence_page),
    "document-list": ("document_list.html", document_list),
    "empty-list": ("document_list.html", empty_list),
    "scope": ("scope.html", scope),
    "empty-scope": ("scope.html", empty_scope),
    "uploads": ("uploads.html", uploads),
    "documents": ("documents.html", lambda text: render("documents.html", suffixes=text)),
    "chat": (
        "chat.html",
        lambda text: render("chat.html", longest=9, given=f'["{text}"]', kept_by="server"),
    ),
    "promise": (
        "promise.html",
        lambda text: render(
            "promise.html",
            is_own=True,
            is_calibrated=True,
            answers=9,
            source=text,
            collections=[],
            judged=9,
            index=text,
        ),
    ),
    "header": ("header.html", lambda text: render("header.html", status=status(text))),
    "sign-in": (
        "sign_in.html",
        lambda text: render("sign_in.html", message=text, elsewhere=text, start="/login/oidc"),
    ),
}
"""What is rendered with a text in each place that a person or a document fills, and by which."""


class Events(HTMLParser):
    """The tags, attributes and texts of a page, in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.all: list[tuple[str, ...]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append(("tag", tag))
        self.all += [("attribute", name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.all.append(("end", tag))

    def handle_data(self, data: str) -> None:
        if self.all[-1:] and self.all[-1][0] == "text":
            data = self.all.pop()[1] + data
        self.all.append(("text", data))

    def handle_comment(self, data: str) -> None:
        self.all.append(("comment", data))

    def handle_pi(self, data: str) -> None:
        self.all.append(("instruction", data))

    def unknown_decl(self, data: str) -> None:
        self.all.append(("declaration", data))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_is_shown_as_text_at_its_place(name: str, text: str) -> None:
    _, page = PAGES[name]
    shown, expected = Events(page(text)).all, Events(page(harmless(text))).all
    assert [tuple(map(harmless, event)) for event in shown] == [
        tuple(map(harmless, event)) for event in expected
    ]
    # Not only of the same shape, but there to the character.
    if name not in ("header", "invitation"):
        assert any(text in value for _, *values in shown for value in values)


def test_every_template_is_tested() -> None:
    environment = _environment()
    assert environment.loader
    reached = list({template for template, _ in PAGES.values()})
    for template in reached:
        source = environment.loader.get_source(environment, template)[0]
        used = meta.find_referenced_templates(environment.parse(source))
        reached += [name for name in used if name and name not in reached]
    assert sorted(reached) == environment.list_templates()


def test_no_template_turns_escaping_off() -> None:
    environment = _environment()
    assert environment.autoescape is True
    assert environment.loader
    for template in environment.list_templates():
        source = environment.loader.get_source(environment, template)[0]
        assert "autoescape" not in source
        assert "safe" not in source


def test_a_browser_counts_every_character() -> None:
    page = render("sign_in.html", message="one\r\ntwo\0", elsewhere="", start="")
    assert "one&#13;\ntwo\N{REPLACEMENT CHARACTER}" in page


def test_a_name_that_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("sign_in.html")
