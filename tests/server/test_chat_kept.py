"""What the browser keeps: conversations, exports, links to answers, settings, feedback."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.server.conftest import Ask, Visit

PRICE = "What is the price of SenseRobot?"
BAN = "Which country forbade DeepSeek on government devices?"


def test_conversations_are_kept_listed_renamed_and_deleted(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    ask(page, BAN)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, BAN)
    page.reload()
    names = page.locator(".open-conversation")
    expect(names).to_have_text([BAN, PRICE])
    names.last.click()
    expect(page.locator(".turn .asked")).to_have_text([PRICE, BAN])
    expect(page.locator(".checked").first).to_contain_text("all still match")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("Prices")
    page.keyboard.press("Enter")
    expect(names).to_have_text([BAN, "Prices"])
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Really delete").click()
    expect(names).to_have_text([BAN])
    page.reload()
    expect(names).to_have_text([BAN])
    assert "SenseRobot" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_conversation_is_exported_with_its_citations(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as JSON").click()
    assert download.value.suggested_filename == "What-is-the-price-of-SenseRobot.json"
    exported = json.loads(download.value.path().read_text("utf-8"))
    citation = exported["turns"][0]["answer"]["citations"][0]
    text = Path(citation["source"]).read_text("utf-8")
    assert citation["quote"] in text
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as Markdown").click()
    written = download.value.path().read_text("utf-8")
    assert written.startswith("# What is the price of SenseRobot?")
    assert f"SHA\\-256 {citation['document_id']}" in written


def link(page: Page) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".told")).to_have_text("Copied.")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_link_opens_one_answer_whose_quotes_are_compared_again(
    page: Page, ask: Ask, visit: Visit
) -> None:
    ask(page, PRICE)
    said = page.locator(".said").inner_text()
    other = visit(link(page))
    expect(other.locator(".turn .asked")).to_have_text(PRICE)
    assert other.locator(".said").inner_text() == said
    expect(other.locator(".checked")).to_contain_text("all still match")
    other.locator(".said .cite").first.click()
    expect(other.locator(".evidence mark").first).to_be_in_viewport()
    assert other.locator(".open-conversation").count() == 0


def test_a_link_whose_words_do_not_stand_in_the_document_is_found_out(
    page: Page, ask: Ask, visit: Visit, address: str
) -> None:
    ask(page, PRICE)
    code = re.sub(r".*#answer=", "", link(page)) + "=="
    text = base64.urlsafe_b64decode(code).decode()
    forged = text.replace('"800 US dollars"', '"900 US dollars"')
    assert forged != text
    code = base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")
    other = visit(f"{address}/#answer={code}")
    expect(other.locator(".checked")).to_contain_text("no longer stand where they did")
    expect(other.locator(".standing").first).to_contain_text("no longer in it")


def test_a_link_that_was_cut_off_is_refused_plainly(visit: Visit, address: str) -> None:
    page = visit(f"{address}/#answer=eyJpZCI6")
    expect(page.locator(".welcome")).to_contain_text("This is not an answer as aiqa gives them.")


def test_settings_are_kept_and_a_stricter_one_withholds_more(page: Page, ask: Ask) -> None:
    page.get_by_role("button", name="Settings").click()
    page.locator("#least").fill("0.95")
    expect(page.locator(".settings output")).to_have_text("95%")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    ask(page, PRICE)
    expect(page.locator(".reply .verdict")).to_have_text("Possible answers, not sure")
    page.reload()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    expect(page.locator("#least")).to_have_value("0.95")


def noted(index: Path) -> list[dict[str, object]]:
    lines = (index / "feedback.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_thumb_is_noted_with_the_right_answer_selected_in_the_source(
    page: Page, ask: Ask, corpus_index: Path
) -> None:
    ask(page, BAN)
    ask(page, PRICE)
    turn = page.locator(".turn").last
    turn.get_by_role("button", name="Right").click()
    expect(turn.locator(".told")).to_have_text("Thanks, saved.")
    turn.get_by_role("button", name="Wrong").click()
    heading = page.locator(".evidence .text h4", has_text="What it does")
    heading.select_text()
    expect(page.locator(".correction .selected")).to_have_text("What it does")
    page.locator(".correction").get_by_role("button", name="Send").click()
    expect(page.locator(".correction")).to_be_hidden()
    up, down = noted(corpus_index)[-2:]
    assert (up["verdict"], up["correct"]) == ("up", None)
    assert down["verdict"] == "down"
    assert down["correct"]["quote"] == "What it does"  # type: ignore[index]
    assert down["correct"]["source"] == "corpus/society/senserobot-buyers-guide.md"  # type: ignore[index]
    assert [before["question"] for before in down["history"]] == [BAN]  # type: ignore[attr-defined]
