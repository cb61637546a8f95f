"""Every state of the page in every language: nothing that axe finds, nothing wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from aiqa.server.oidc import START
from aiqa.server.rendering import render
from tests.server.conftest import Ask, Visit
from tests.server.test_chat_care import violations, violations_in_both_looks
from tests.server.test_interface_language import speaking

PHONE = {"width": 390, "height": 844}

QUESTIONS = (
    "Where is Whale Robot from?",
    "Why does AI need so much data?",
    "Who is the mayor of Hangzhou?",
    "In which year was the transformer architecture published?",
)
"""With an answer that has a table among its sources, possible answers, none, and a table."""

CHOSEN = {
    "de": "Einstellungen",
    "fr": "Réglages",
    "es": "Ajustes",
    "zh": "设置",
    "en": "Settings",
}


def is_narrow(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("message", ["", "Name or password is wrong."])
def test_signing_in_has_no_violation_in_any_language(browser: Browser, message: str) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    for language in CHOSEN:
        with speaking(language):
            shown = render("sign_in.html", message=message, elsewhere="Harbour", start=START)
        page.set_content(shown)
        assert page.locator("html").get_attribute("lang") == language
        assert violations_in_both_signed_out_looks(page) == []
        assert is_narrow(page)
    page.close()


def violations_in_both_signed_out_looks(page: Page) -> list[str]:
    """The page has no script that says which look it has: the browser chooses."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += violations(page)
    return found


def test_answers_and_settings_have_no_violation_in_any_language_on_a_phone(
    visit: Visit, address: str, ask: Ask
) -> None:
    page = visit(address, viewport=PHONE, is_mobile=True, has_touch=True, reduced_motion="reduce")
    for question in QUESTIONS:
        ask(page, question)
    named = "Settings"
    for language, settings in CHOSEN.items():
        page.get_by_role("button", name=named).tap()
        page.locator("#language").select_option(language)
        page.keyboard.press("Escape")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator(".turn")).to_have_count(len(QUESTIONS))
        assert violations(page) == []
        assert is_narrow(page)
        page.get_by_role("button", name=settings).tap()
        expect(page.locator(".promise li").first).to_be_visible()
        expect(page.locator(".signed-in")).to_be_hidden()
        assert violations(page, part=".settings") == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name=settings)).to_be_focused()
        named = settings
    assert violations_in_both_looks(page, ".log") == []
