"""The interface in five languages: one table, complete, in the language of whoever asks."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from markupsafe import Markup
from playwright.sync_api import expect
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

import aiqa.server
from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.server import error_texts
from aiqa.server.error_texts import ERRORS, error_html, error_text
from aiqa.server.format_names import _NAMES
from aiqa.server.interface_language import LanguageMiddleware, t, t_html, use_language
from aiqa.server.place_names import ALONE, NUMBERED, located, place_name
from aiqa.server.promise import _COLLECTIONS
from aiqa.types import locator
from tests.server.conftest import Ask, Visit

SERVER = Path(aiqa.server.__file__).parent
TABLE = json.loads((SERVER / "interface_texts.json").read_text("utf-8"))
PRICE = "What is the price of SenseRobot?"

OTHERS = ("de", "fr", "es", "zh")

NAMES = {"aiqa", "– aiqa", "Markdown", "JSON", "HTML"}
"""What is called the same in every language."""

HOLE = "hole"
"""Stands for what is put into a template, which may be the name of a tag."""

SHOWN_ATTRIBUTES = {"aria-label", "placeholder", "title", "alt"}

_STRING = r'"((?:[^"\\]|\\.)*)"'
_USED = re.compile(rf"\bt\(\s*{_STRING}(?: if [^{{}}]*? else {_STRING})?")
_LITERAL = re.compile(rf"{_STRING}|'([^'\n]*)'|`([^`]*)`")
_SENTENCE = re.compile(r"[A-Z][a-z]+(?:[ .…!?]|$)|[a-z]+ [a-z]+ [a-z]+|[a-z]…")


def templates() -> dict[str, nodes.Template]:
    environment = Environment(autoescape=True)
    return {
        path.name: environment.parse(path.read_text("utf-8"))
        for path in SERVER.glob("templates/*.html")
    }


def scripts() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in SERVER.glob("static/*.js")}


def looked_up(template: nodes.Template) -> Iterator[nodes.Const]:
    """The texts that a template looks up, also those it chooses between."""
    for call in template.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("t", "t_html"):
            first = call.args[0]
            yield from [first] if isinstance(first, nodes.Const) else first.find_all(nodes.Const)


def used() -> set[str]:
    """Every text that templates, scripts and modules look up by its wording."""
    texts = {const.value for one in templates().values() for const in looked_up(one)}
    texts -= {"server"}
    for script in scripts().values():
        for match in _USED.finditer(script):
            texts |= {text for text in match.groups() if text}
    for path in SERVER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("t"), args=[ast.Constant(str(text))]):
                    texts.add(text)
    # What modules look up by a name.
    texts |= {*NUMBERED.values(), *ALONE}
    texts |= set(ERRORS.values())
    return texts | set(_COLLECTIONS.values()) | (set(_NAMES.values()) & set(TABLE)) | _REFUSALS


_REFUSALS = {"Sign in first.", "Name or password is wrong."}


class ShownText(HTMLParser):
    """The text and the read-out attributes of HTML, without commands."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.shown += [value for name, value in attributes if name in SHOWN_ATTRIBUTES and value]

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"], ["code"]):
            self.shown.append(data)


def shown_in(template: nodes.Template) -> set[str]:
    """The words that a template shows itself, without looking them up."""
    text = ShownText()
    for output in template.find_all(nodes.Output):
        for part in output.nodes:
            text.feed(part.data if isinstance(part, nodes.TemplateData) else HOLE)
    words = {shown.replace(HOLE, "").strip() for shown in text.shown}
    return {shown for shown in words if re.search(r"[^\W\d_]{2}", shown)}


def test_no_template_shows_a_text_that_the_table_lacks() -> None:
    for name, template in templates().items():
        texts = set(looked_up(template))
        said = {
            const.value
            for const in template.find_all(nodes.Const)
            if isinstance(const.value, str) and const not in texts and _SENTENCE.match(const.value)
        }
        assert (shown_in(template) | said) - NAMES == set(), name


def test_no_script_shows_a_text_that_the_table_lacks() -> None:
    names = re.compile(
        r"Arrow|Page(?:Up|Down)?$|Enter|Escape|Tab|Files|English|Deutsch|Français|Español|Markdown"
        r"|Content-Type|Retry-After|QuotaExceeded|TimeoutError|SyntaxError"
    )
    for name, script in scripts().items():
        code = re.sub(r"^\s*//.*", "", _USED.sub("", script), flags=re.MULTILINE)
        for match in _LITERAL.finditer(code):
            text = next(part for part in match.groups() if part is not None)
            assert not _SENTENCE.match(text) or names.match(text), f"{name}: {text}"


def test_the_table_has_every_text_in_every_language_with_its_values() -> None:
    assert len(used()) > 150
    assert used() ^ set(TABLE) == set()
    for text, translated in TABLE.items():
        has_forms = "en" in translated
        assert list(translated) == [*(["en"] if has_forms else []), *OTHERS], text
        for language, other in translated.items():
            if has_forms:
                assert list(other) == (["other"] if language == "zh" else ["one", "other"]), text
            forms = other.values() if has_forms else [other]
            for form in forms:
                assert form.strip(), text
                holes, wanted = (set(re.findall(r"\{\w+\}", one)) for one in (form, text))
                # "once" needs no number.
                assert holes == wanted or (holes | {"{count}"} == wanted and form != forms), text


@pytest.mark.parametrize(
    ("language", "count", "told"),
    [
        ("en", 1, "1 document"),
        ("en", 0, "0 documents"),
        ("en", 12345, "12,345 documents"),
        ("de", 1, "1 Dokument"),
        ("de", 12345, "12.345 Dokumente"),
        ("fr", 0, "0 document"),
        ("fr", 12345, "12\N{NARROW NO-BREAK SPACE}345 documents"),
        ("es", 1234, "1234 documentos"),
        ("es", 12345, "12.345 documentos"),
        ("zh", 1, "1 个文档"),
    ],
)
def test_a_noun_stands_in_the_form_of_its_number(language: str, count: int, told: str) -> None:
    with speaking(language):
        assert t("{count} documents", count=count) == told


def test_values_in_html_are_escaped_once() -> None:
    with speaking("de"):
        told = t_html("{name} was deleted.", name="<b>{name}</b>")
        assert told == "&lt;b&gt;{name}&lt;/b&gt; wurde gelöscht."
        assert t_html("{name} was deleted.", name=Markup("<b>x</b>")) == "<b>x</b> wurde gelöscht."


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("a.pdf", 4, "Fees", "footnote 3"), "S. 4, § Fees, Fußnote 3"),
        (("a.md", None, "Fees", "table 1, row 3, 'row 3, Price'"),
         "§ Fees, Tabelle 1, Zeile 3, 'row 3, Price'"),
        (("a.pptx", 7, "table 2"), "Folie 7, § table 2"),
        (("a.csv", 12, "Sheet1", "row 12"), "§ Sheet1, Zeile 12"),
        (("a.xlsx", 3, "Harbour", "Harbour!D3"), "Harbour!D3"),
        (("a.docx", None, "Term", "clause 7.2"), "§ Term, Ziffer 7.2"),
        (("a.pdf", 1, "", "field 'Full name, first'"), "S. 1, Feld „Full name, first“"),
        (("a.vtt", None, "", "00:01:05"), "00:01:05"),
        (("a.md", None, "", ""), ""),
    ],
)  # fmt: skip
def test_places_are_named_in_the_language_and_documents_quoted(
    place: tuple[str, int | None, str], told: str
) -> None:
    assert located(*place) == locator(*place)
    with speaking("de"):
        assert located(*place) == told


def test_what_a_document_calls_a_part_stays() -> None:
    with speaking("de"):
        assert place_name("footnote *") == "Fußnote *"
        assert place_name("row houses for sale") == "row houses for sale"
        assert place_name("Remark") == "Remark"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """The language in use within."""
    use_language(language)
    try:
        yield
    finally:
        use_language("en")


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "Settings"),
        ({"Accept-Language": "de-CH,de;q=0.9,en;q=0.8"}, "Einstellungen"),
        ({"Accept-Language": "nl,fr;q=0.8"}, "Réglages"),
        ({"Accept-Language": "nl"}, "Settings"),
        ({"Accept-Language": "de", "Cookie": "aiqa-language=zh"}, "设置"),
        ({"Accept-Language": "de", "Cookie": "aiqa-language=<b>; x=1"}, "Einstellungen"),
        ({"Accept-Language": "es", "Cookie": 'a=";aiqa-language=\x01'}, "Ajustes"),
        ({"Accept-Language": "," * 9000}, "Settings"),
    ],
)
def test_a_request_is_answered_in_the_language_chosen_or_else_of_its_browser(
    headers: dict[str, str], said: str
) -> None:
    async def application(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await PlainTextResponse(t("Settings"))(scope, receive, send)

    client = TestClient(LanguageMiddleware(application))
    assert client.get("/", headers=headers).text == said
    # Nobody else is spoken to in it.
    assert t("Settings") == "Settings"


def test_every_error_with_a_translation_is_one_of_the_library() -> None:
    """The wording of the library may change; its translation would be given no longer."""
    code = "".join(path.read_text("utf-8") for path in SERVER.parent.rglob("*.py"))
    said = code.replace(Path(error_texts.__file__).read_text("utf-8"), "")
    # A long text stands on several lines.
    said = re.sub(r'"\n\s*f?"', "", said)
    for text in ERRORS:
        assert max(re.split(r"\{\w+\}", text), key=len) in said, text


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("This file is empty.", "Diese Datei ist leer."),
        (
            "This file has 300 MB; at most 100 MB are read. Split it, or raise max_file_mb.",
            "Diese Datei hat 300 MB; höchstens 100 MB werden gelesen. Teilen Sie sie auf.",
        ),
        ("a.zip/logo.psd: There is no loader for .psd files.",
         "a.zip/logo.psd: .psd-Dateien können nicht gelesen werden."),
        ("This file is empty. The parser says so.", "This file is empty. The parser says so."),
        ("", ""),
    ],
)  # fmt: skip
def test_an_error_is_told_in_the_language_if_all_of_it_is_known(message: str, told: str) -> None:
    assert error_text(message) == message.replace(", or raise max_file_mb", "")
    with speaking("de"):
        assert error_text(message) == told
        language = "en" if told == message else "de"
        assert error_html(message) == f'<span lang="{language}">{told}</span>'


def test_an_error_of_the_library_is_told_in_the_language() -> None:
    with pytest.raises(DocumentError) as raised:
        load_document(b"", "a.txt")
    with speaking("zh"):
        assert error_text(str(raised.value)) == "此文件为空。"


def test_values_are_put_in() -> None:
    assert t("It could not be kept: {why}", why="{x}") == "It could not be kept: {x}"


def test_the_page_speaks_the_language_of_its_browser_or_the_one_chosen(
    visit: Visit, address: str, ask: Ask
) -> None:
    page = visit(address, locale="de-DE")
    expect(page.get_by_role("button", name="Neues Gespräch")).to_be_visible()
    expect(page.locator("#question")).to_have_attribute("placeholder", "Fragen Sie die Dokumente …")
    expect(page.get_by_role("tab").first).to_have_text("Fragen")
    # Gradio draws its tabs when it likes, and again when the window becomes wider.
    page.get_by_role("tab").first.evaluate("tab => tab.replaceChildren('Ask')")
    expect(page.get_by_role("tab").first).to_have_text("Fragen")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    # Gradio says so when it has found out about the browser, sooner or later.
    page.evaluate("document.documentElement.setAttribute('lang', 'de-DE')")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    ask(page, PRICE)
    # What a document says stays as it is.
    expect(page.locator(".said")).to_contain_text("800 US dollars")
    expect(page.get_by_role("button", name="Umbenennen")).to_be_visible()
    expect(page.locator(".confidence")).to_contain_text(re.compile(r"Sicherheit, \d+\s%"))
    expect(page.locator(".holdings")).to_contain_text("33 Dokumente")
    # Files that are dropped while questions are asked are told of on the documents page.
    page.evaluate(
        "aiqa.uploads.send = (files) => { window.sent = files.length; };"
        " aiqa.desk.bring.files([new File(['x'], 'x.txt')])"
    )
    expect(page.get_by_role("tab", name="Dokumente")).to_have_attribute("aria-selected", "true")
    assert page.evaluate("window.sent") == 1
    expect(page.locator(".shelf table th").first).to_have_text("Dokument")
    page.get_by_role("tab", name="Fragen").click()
    page.get_by_role("button", name="Einstellungen").click()
    expect(page.locator(".promise")).to_contain_text("Gemessen an anderen Dokumenten")
    expect(page.locator(".settings")).to_contain_text("Fragen werden auf Englisch verstanden")
    page.get_by_label("Sprache dieser Seite").select_option("中文")
    page.get_by_role("button", name="Fertig").click()
    expect(page.get_by_role("button", name="新对话")).to_be_visible()
    expect(page.locator(".asked")).to_have_text(PRICE)
