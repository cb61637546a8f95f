"""The wait: passages at once, stop and retry, questions in a queue, a server that is gone."""

from __future__ import annotations

import re
import time
from threading import Event

from playwright.sync_api import Browser, Page, expect

from tests.server.conftest import Ask
from tests.server.test_chat_care import violations

BASED = "Where is DeepSeek based?"
PRICE = "What is the price of SenseRobot?"
TOLD_WITHIN_MS = 3_000


def put(page: Page, question: str) -> None:
    """Send a question without waiting for its answer."""
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")


def test_passages_appear_at_once_and_the_answer_takes_their_place(
    page: Page, may_read: Event
) -> None:
    put(page, BASED)
    found = page.locator(".reply.waiting .found li").first
    expect(found).to_contain_text("DeepSeek")
    expect(page.locator(".reply.waiting .reading")).to_have_text("Reading 3 passages…")
    may_read.set()
    expect(page.locator(".reply.answered .short")).to_have_text("Hangzhou")
    expect(page.locator(".found")).to_have_count(0)


def test_questions_asked_meanwhile_are_answered_in_their_order_and_can_be_stopped(
    page: Page, may_read: Event
) -> None:
    for question in (BASED, PRICE, "thanks"):
        put(page, question)
    turns = page.locator(".turn")
    expect(turns).to_have_count(3)
    expect(turns.nth(1)).to_contain_text("Waiting for the answer before it")
    turns.nth(1).get_by_role("button", name="Stop").click()
    expect(turns.nth(1).locator(".reply.stopped")).to_contain_text("Stopped.")
    may_read.set()
    expect(turns.nth(2).locator(".reply.product")).to_contain_text("You are welcome")
    expect(turns.nth(0).locator(".short")).to_have_text("Hangzhou")
    assert violations(page) == []
    turns.nth(1).get_by_role("button", name="Ask again").click()
    expect(turns.last.locator(".asked")).to_have_text(PRICE)
    expect(turns.last.locator(".reply.answered")).to_contain_text("800 US dollars")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_question_that_is_being_answered_can_be_stopped(page: Page, may_read: Event) -> None:
    put(page, BASED)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".reply.stopped")).to_contain_text("Stopped.")
    may_read.set()
    expect(page.locator("#question")).to_be_focused()
    put(page, "hello")
    expect(page.locator(".reply.product")).to_be_visible()
    # What the server still sent for it changes nothing.
    expect(page.locator(".reply.stopped")).to_be_visible()


def test_the_arrow_keys_bring_earlier_questions_back(page: Page, ask: Ask) -> None:
    ask(page, "hello")
    ask(page, "thanks")
    box = page.locator("#question")
    for key, recalled in (
        ("ArrowUp", "thanks"), ("ArrowUp", "hello"), ("ArrowUp", "hello"), ("ArrowDown", "thanks"),
        ("ArrowDown", ""),
    ):  # fmt: skip
        box.press(key)
        expect(box).to_have_value(recalled)


def test_a_lost_server_is_told_of_and_the_question_is_sent_again_when_it_is_back(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    page.goto(address)
    page.locator("#question").wait_for()
    page.route("**/gradio_api/**", lambda route: route.abort("connectionrefused"))
    put(page, BASED)
    began = time.monotonic()
    lost = page.locator(".reply.lost")
    expect(lost).to_contain_text("Your question is kept", timeout=TOLD_WITHIN_MS)
    assert time.monotonic() - began < TOLD_WITHIN_MS / 1000
    assert violations(page) == []
    page.unroute("**/gradio_api/**")
    expect(page.locator(".reply.answered .short")).to_have_text("Hangzhou")
    expect(page.locator(".asked")).to_have_text(BASED)
    page.close()


def test_a_long_paste_is_kept_whole_and_told_to_be_too_long(page: Page) -> None:
    box = page.locator("#question")
    box.fill("why " * 600)
    told = page.locator(".too-long")
    expect(told).to_contain_text(re.compile(r"2,399 characters; a question may have 2,000"))
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    box.press("Enter")
    assert page.locator(".turn").count() == 0
    assert violations(page) == []
    expect(told.get_by_role("button", name="Add it as a document instead")).to_be_visible()
    box.fill("why?")
    expect(told).to_be_hidden()
