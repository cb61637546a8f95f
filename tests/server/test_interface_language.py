"""The interface in five languages: one table, complete, in the language of whoever asks."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

import aiqa.server
from aiqa.server.interface_language import LanguageMiddleware, t
from tests.server.conftest import Ask, Visit

SERVER = Path(aiqa.server.__file__).parent
TABLE = json.loads((SERVER / "interface_texts.json").read_text("utf-8"))
PRICE = "What is the price of SenseRobot?"

_STRING = r'"((?:[^"\\]|\\.)*)"'
_USED = re.compile(rf"\bt\(\s*{_STRING}(?: if [^{{}}]*? else {_STRING})?")


def used() -> set[str]:
    """Every text that templates, scripts and modules look up by its wording."""
    texts = set()
    for path in (*SERVER.glob("templates/*.html"), *SERVER.glob("static/*.js")):
        for match in _USED.finditer(path.read_text("utf-8")):
            texts |= {text for text in match.groups() if text}
    for path in SERVER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("t"), args=[ast.Constant(str(text))]):
                    texts.add(text)
    return texts


def test_the_table_has_every_text_in_every_language_with_its_values() -> None:
    assert len(used()) > 40
    assert used() - set(TABLE) == set()
    for text, translated in TABLE.items():
        assert list(translated) == ["de", "fr", "es", "zh"], text
        for other in translated.values():
            assert other.strip(), text
            assert set(re.findall(r"\{\w+\}", other)) == set(re.findall(r"\{\w+\}", text)), text


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


def test_values_are_put_in() -> None:
    assert t("It could not be kept: {why}", why="{x}") == "It could not be kept: {x}"


def test_the_page_speaks_the_language_of_its_browser_or_the_one_chosen(
    visit: Visit, address: str, ask: Ask
) -> None:
    page = visit(address, locale="de-DE")
    expect(page.get_by_role("button", name="Neues Gespräch")).to_be_visible()
    expect(page.locator("#question")).to_have_attribute("placeholder", "Fragen Sie die Dokumente …")
    expect(page.get_by_role("tab").first).to_have_text("Fragen")
    assert page.evaluate("document.documentElement.lang") == "de"
    ask(page, PRICE)
    # What a document says stays as it is.
    expect(page.locator(".said")).to_contain_text("800 US dollars")
    expect(page.get_by_role("button", name="Umbenennen")).to_be_visible()
    page.get_by_role("button", name="Einstellungen").click()
    expect(page.locator(".promise")).to_contain_text("Gemessen an anderen Dokumenten")
    expect(page.locator(".settings")).to_contain_text("Fragen werden auf Englisch verstanden")
    page.get_by_label("Sprache dieser Seite").select_option("中文")
    page.get_by_role("button", name="Fertig").click()
    expect(page.get_by_role("button", name="新对话")).to_be_visible()
    expect(page.locator(".asked")).to_have_text(PRICE)
