from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import free_port, running

Ask = Callable[[Page, str], None]
PRICE = "How much does SenseRobot cost?"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh page; whatever it logs as an error or asks of another host fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request",
        lambda r: (
            troubles.append(r.url)
            if r.url.startswith("http") and urlsplit(r.url).netloc != urlsplit(address).netloc
            else None
        ),
    )
    page.goto(address)
    yield page
    context.close()
    assert not troubles


def test_the_price_of_senserobot_is_answered_and_its_passage_is_shown(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    answer = page.locator(".reply blockquote")
    expect(answer).to_contain_text("800 US dollars")
    card = page.locator(".sources-of.shown .card").first
    expect(card.locator(".path")).to_contain_text("corpus/society/senserobot-buyers-guide.md")
    expect(card.locator("mark")).to_have_text(answer.inner_text())
    expect(card.locator("mark")).to_be_visible()
    expect(page.locator(".confidence")).to_contain_text(re.compile(r"confidence, \d+%"))
    expect(page.locator("#question textarea")).to_have_value("")


def test_a_question_the_documents_do_not_answer_is_told_so_with_what_came_near(
    page: Page, ask: Ask
) -> None:
    ask(page, "Who is the mayor of Hangzhou?")
    expect(page.locator(".reply .verdict")).to_have_text("The documents don’t say.")
    expect(page.locator(".reply.abstained")).to_contain_text("at least 50% is asked for")
    assert page.locator(".reply .others li").count() == 3
    assert page.locator(".reply blockquote").count() == 0


def test_a_click_on_a_source_goes_to_its_passage_also_for_an_earlier_answer(
    page: Page, ask: Ask
) -> None:
    ask(page, PRICE)
    ask(page, "Which country forbade DeepSeek on government devices?")
    expect(page.locator(".sources-of.shown .card").first).to_contain_text("Australia")
    page.locator(".reply").first.locator(".chips .chip").first.click()
    chosen = page.locator(".card.chosen")
    expect(chosen).to_contain_text("800 US dollars")
    expect(chosen).to_be_in_viewport()
    expect(chosen).to_be_focused()


def test_sources_can_be_reached_by_keyboard_alone(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    page.locator(".chips .chip").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card.chosen mark")).to_be_visible()


def test_an_example_is_asked_by_a_click(page: Page) -> None:
    page.get_by_role("button", name=PRICE).click()
    expect(page.locator(".reply blockquote")).to_contain_text("800 US dollars")
    expect(page.get_by_role("button", name=PRICE)).to_be_hidden()


def test_an_empty_question_changes_nothing_and_an_endless_one_is_refused_plainly(
    page: Page, ask: Ask
) -> None:
    page.locator("#question textarea").fill("   ")
    page.locator("#question textarea").press("Enter")
    ask(page, "why " * 1000)
    expect(page.locator(".reply.error")).to_contain_text("at most 2,000 are taken")
    expect(page.locator(".reply")).to_have_count(1)
    expect(page.locator("body")).not_to_contain_text("Traceback")


def test_a_phone_shows_everything_without_scrolling_sideways(
    browser: Browser, address: str, ask: Ask
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address)
    ask(page, PRICE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#question textarea")).to_be_in_viewport()
    page.locator(".chips .chip").first.click()
    expect(page.locator(".card.chosen mark")).to_be_in_viewport()
    context.close()


CONTRAST = """
selector => {
  const rgb = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => {
    const [r, g, b] = rgb(color).map(c => c / 255)
      .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const element = document.querySelector(selector);
  let ground = element;
  while (rgb(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
  const [a, b] = [light(getComputedStyle(element).color),
                  light(getComputedStyle(ground).backgroundColor)].sort((x, y) => y - x);
  return (a + .05) / (b + .05);
}
"""
"""Contrast ratio of an element's text and ground: WCAG 2.2, relative luminance."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(
    browser: Browser, address: str, ask: Ask, scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    ask(page, PRICE)
    for selector in (
        ".asked", ".reply blockquote", ".chip span", ".confidence", ".took", "summary",
        ".holdings", ".motto", ".card .path", ".passage", ".passage mark", "#question textarea",
        "#question button",
    ):  # fmt: skip
        assert page.evaluate(CONTRAST, selector) >= 4.5, selector
    context.close()


def test_hostile_documents_are_shown_as_text_and_never_run(
    browser: Browser, hostile_address: str, ask: Ask
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(hostile_address)
    assert page.get_by_role("button", name=PRICE).count() == 0
    ask(page, "How many barrels of rum does the ledger of the pirates list?")
    ask(page, '<img src=x onerror="window.pwned=1"> barrels of rum ${window.pwned=1}')
    card = page.locator(".sources-of.shown .card").first
    expect(card).to_contain_text("<script>window.pwned=1</script>")
    expect(card.locator("h3")).to_contain_text("<b onclick=alert(1)>")
    expect(page.locator(".asked").last).to_contain_text("<img src=x onerror=")
    expect(page.locator("body")).to_contain_text("${window.pwned=1}")
    assert page.evaluate("window.pwned") is None
    assert page.locator("#conversation img, #conversation script, #sources img").count() == 0
    assert page.locator('a[href^="javascript"]').count() == 0
    context.close()


def test_make_chat_leads_from_the_checkout_to_an_answer(
    browser: Browser, tmp_path: Path, ask: Ask
) -> None:
    command = ["make", "chat", f"INDEX={tmp_path / 'index'}", f"PORT={free_port()}"]
    with running(command) as address:
        page = browser.new_page()
        page.goto(address)
        ask(page, PRICE)
        expect(page.locator(".reply blockquote")).to_contain_text("800 US dollars")
        expect(page.locator(".sources-of.shown mark").first).to_contain_text("800 US dollars")
        page.close()


def test_programs_get_the_json_of_the_command_line(address: str) -> None:
    client = Client(address, verbose=False)
    answer = client.predict(PRICE, api_name="/ask")
    assert answer["text"] == "The robot costs about 800 US dollars."
    assert answer["abstained"] is False
    citation = answer["citations"][0]
    assert citation["quote"] == answer["text"]
    assert citation["end"] - citation["start"] == len(citation["quote"])
    with pytest.raises(Exception, match="empty"):
        client.predict(" ", api_name="/ask")
