"""Conversations: their addresses, two tabs, what comes late, long ones, and those on the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Page, expect

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from tests.server.conftest import Ask, Visit, served

PRICE = "What is the price of SenseRobot?"
BAN = "Which country forbade DeepSeek on government devices?"

FILL = """(count) => new Promise(resolve => {
  indexedDB.open("aiqa").onsuccess = ({target: {result: database}}) => {
    const turns = database.transaction("turns", "readwrite").objectStore("turns");
    turns.getAll().onsuccess = ({target: {result: [first]}}) => {
      for (let at = 1; at < count; at += 1) {
        const record = {...first.record, id: `copy-${at}`, question: `Question ${at}?`};
        turns.put({...first, at: first.at + at, id: record.id, record});
      }
      turns.transaction.oncomplete = () => { database.close(); resolve(); };
    };
  };
})"""
"""Makes the one turn that is kept a conversation of ``count``."""


def test_a_conversation_has_an_address_with_its_scope_and_panel(
    page: Page, address: str, ask: Ask
) -> None:
    questions, source = page.locator(".turn .asked"), page.locator(".evidence h2")
    page.get_by_text("Asking all documents").click()
    page.locator(".choices [name=formats][value=markdown]").check()
    page.locator(".asking").click()
    ask(page, PRICE)
    expect(source).to_have_text("SenseRobot: a guide for parents")
    expect(page).to_have_title(f"{PRICE} – aiqa")
    first = page.url
    assert "formats=markdown" in first
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(source).to_have_count(0)
    page.go_back()
    expect(questions).to_have_text([PRICE])
    expect(source).to_have_text("SenseRobot: a guide for parents")
    page.get_by_role("button", name="Close the source").click()
    page.locator(".said .cite").first.click()
    expect(source).to_be_focused()
    page.go_back()
    expect(source).to_have_count(0)
    expect(questions).to_have_text([PRICE])
    page.go_forward()
    expect(source).to_have_text("SenseRobot: a guide for parents")
    # A bookmark, in another tab.
    page.goto("about:blank")
    page.goto(first)
    expect(questions).to_have_text([PRICE])
    expect(source).to_have_text("SenseRobot: a guide for parents")
    expect(page.locator(".asking")).to_have_text("Asking only markdown")
    page.goto(f"{address}/#conversation=1-2")
    expect(page.locator(".log")).to_contain_text("This conversation is not kept here")


def test_two_tabs_do_not_lose_each_others_conversations(page: Page, address: str, ask: Ask) -> None:
    ask(page, PRICE)
    other = page.context.new_page()
    other.goto(address)
    names = other.locator(".open-conversation")
    expect(names).to_have_text([PRICE])
    ask(other, BAN)
    expect(page.locator(".open-conversation")).to_have_text([BAN, PRICE])
    # The same conversation in both: what is asked in one comes to the other.
    names.last.click()
    expect(other.locator(".turn .asked")).to_have_text([PRICE])
    ask(page, BAN)
    expect(other.locator(".turn .asked")).to_have_text([PRICE, BAN])
    other.get_by_role("button", name="Delete all").click()
    other.get_by_role("button", name="Really delete").click()
    expect(page.locator(".open-conversation")).to_have_count(0)
    expect(page.locator(".welcome")).to_be_visible()


def test_an_answer_that_comes_late_goes_to_the_conversation_it_was_asked_in(
    page: Page, may_read: Event
) -> None:
    page.locator("#question").fill(PRICE)
    page.keyboard.press("Enter")
    expect(page.locator(".reply.waiting")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    may_read.set()
    kept = page.locator(".open-conversation")
    expect(kept).to_contain_text("new answer")
    expect(page.locator(".turn")).to_have_count(0)
    kept.click()
    expect(page.locator(".reply")).to_contain_text("800 US dollars")
    expect(kept).to_have_text(PRICE)


def test_of_five_hundred_turns_only_those_near_what_is_seen_are_in_the_page(
    page: Page, ask: Ask
) -> None:
    ask(page, PRICE)
    page.evaluate(FILL, 500)
    turns = page.locator(".turn .asked")
    page.reload()
    expect(turns.last).to_have_text("Question 499?")
    expect(turns.last).to_be_in_viewport()
    assert turns.count() <= 20
    log = page.locator(".log")
    for _ in range(4):
        seen = turns.first.inner_text()
        log.evaluate("log => log.scrollTo({top: 0, behavior: 'instant'})")
        expect(turns.first).not_to_have_text(seen)
    assert turns.count() <= 40
    expect(page.get_by_role("button", name="Show later questions")).to_be_attached()
    # What was read stays where it was.
    assert log.evaluate("log => log.scrollTop") > 0
    page.locator("#question").fill(BAN)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last).to_contain_text("Confidence", ignore_case=True)
    expect(turns.last).to_have_text(BAN)
    assert turns.count() <= 30
    page.reload()
    expect(turns.last).to_have_text(BAN)


def test_in_a_long_conversation_nothing_moves_when_an_answer_comes(
    page: Page, ask: Ask, may_read: Event
) -> None:
    may_read.set()
    ask(page, PRICE)
    page.evaluate(FILL, 40)
    page.reload()
    turns = page.locator(".turn .asked")
    expect(turns.last).to_have_text("Question 39?")
    log = page.locator(".log")
    for count in (20, 30, 40):
        log.evaluate("log => log.scrollTo({top: 0, behavior: 'instant'})")
        expect(turns).to_have_count(count)
    may_read.clear()
    page.locator("#question").fill(BAN)
    page.keyboard.press("Enter")
    page.locator(".found").wait_for()
    # What moves within half a second is what the visitor has done.
    page.wait_for_timeout(600)
    page.evaluate(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(entry =>"
        " { window.moved += entry.value; })).observe({ type: 'layout-shift', buffered: false })"
    )
    may_read.set()
    expect(page.locator(".turn").last).to_contain_text("Confidence", ignore_case=True)
    page.wait_for_timeout(300)
    assert page.evaluate("window.moved") < 0.01
    expect(turns).to_have_count(40)


@pytest.fixture(scope="module")
def kept_at(
    tmp_path_factory: pytest.TempPathFactory,
    corpus_index: Path,
    embedder: Embedder,
) -> Iterator[str]:
    """The chat over the bundled corpus that keeps conversations on the server."""
    place = tmp_path_factory.mktemp("history") / "index"
    place.symlink_to(corpus_index, target_is_directory=True)
    with (
        Assistant(place, Settings.load(), embedder=embedder) as assistant,
        served(assistant, history=True) as url,
    ):
        yield url


def test_with_history_another_browser_finds_what_the_server_keeps(
    visit: Visit, kept_at: str, ask: Ask
) -> None:
    page = visit(kept_at)
    expect(page.locator(".conversations")).to_contain_text("Kept on this server")
    ask(page, PRICE)
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("<img src=x onerror=window.pwned=1>")
    page.keyboard.press("Enter")
    other = visit(page.url)
    names = other.locator(".open-conversation")
    expect(names).to_have_text(["<img src=x onerror=window.pwned=1>"])
    expect(other.locator(".turn .asked")).to_have_text([PRICE])
    expect(other.locator(".checked")).to_contain_text("all still match")
    other.get_by_label("Search conversations").fill("zebra")
    expect(names).to_have_count(0)
    other.get_by_label("Search conversations").fill("dollars onerror")
    expect(names).to_have_count(1)
    other.get_by_label("Search conversations").fill("")
    with other.expect_download() as download:
        other.get_by_role("button", name="Export as JSON").click()
    exported = json.loads(download.value.path().read_text("utf-8"))
    assert [turn["question"] for turn in exported["turns"]] == [PRICE]
    other.get_by_role("button", name="Delete", exact=True).click()
    other.get_by_role("button", name="Really delete").click()
    expect(other.locator(".welcome")).to_be_visible()
    # What this browser kept before the server did can be moved there.
    page.evaluate(
        """turns => {
          localStorage.setItem("aiqa.conversations", JSON.stringify([{id: "1", name: "Old"}]));
          localStorage.setItem("aiqa.turns.1", JSON.stringify(turns));
        }""",
        exported["turns"],
    )
    page.reload()
    expect(page.locator(".log")).to_contain_text("This conversation is not kept here")
    expect(page.locator(".open-conversation")).to_have_count(0)
    page.get_by_role("button", name="Move 1 conversation from").click()
    expect(page.locator(".open-conversation")).to_have_text(["Old"])
    page.locator(".open-conversation").click()
    expect(page.locator(".turn .asked")).to_have_text([PRICE])
    assert page.evaluate("window.pwned") is None
