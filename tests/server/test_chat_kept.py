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


STORED = """() => new Promise(resolve => {
  indexedDB.open("aiqa").onsuccess = ({target: {result: database}}) => {
    database.transaction("turns").objectStore("turns").getAll().onsuccess = ({target}) => {
      database.close();
      resolve([target.result, JSON.stringify(localStorage)]);
    };
  };
})"""
"""What the browser keeps of all conversations."""


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
    expect(names.last).to_be_focused()
    page.get_by_label("Search conversations").fill("US dollars")
    expect(names).to_have_text(["Prices"])
    page.get_by_label("Search conversations").fill("zebra")
    expect(page.locator(".no-conversation")).to_be_visible()
    page.get_by_label("Search conversations").fill("")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Really delete").click()
    expect(names).to_have_text([BAN])
    expect(page.get_by_role("button", name="New conversation")).to_be_focused()
    page.reload()
    expect(names).to_have_text([BAN])
    assert "SenseRobot" not in json.dumps(page.evaluate(STORED))


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
    assert "> Price: About **800 US dollars**" in written
    assert f", `{citation['source']}`" in written
    (link,) = re.findall(r"\[SenseRobot: a guide for parents, [^]]+\]\((http\S+)\)", written)
    page.goto(link)
    page.reload()
    expect(page.locator(".evidence mark").first).to_have_text("800 US dollars")


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
    other.reload()
    expect(other.locator(".turn .asked")).to_have_text(PRICE)
    expect(other.locator(".evidence mark").first).to_be_in_viewport()
    # It can be asked on from.
    ask(other, BAN)
    expect(other.locator(".open-conversation")).to_have_text([PRICE])
    other.reload()
    expect(other.locator(".turn .asked")).to_have_text([PRICE, BAN])


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
    expect(page.locator(".promise")).to_contain_text("Measured on other documents, not on yours")
    expect(page.locator(".promise li").first).to_contain_text("work documents")
    # Collections are told of in words, not by the names of files.
    told = page.locator(".promise ul li").all_inner_texts()
    assert told
    assert not [text for text in told if re.fullmatch(r"[\w.-]+", text)]
    page.get_by_text("Measure it on your own documents").click()
    expect(page.locator(".promise pre")).to_contain_text("aiqa calibrate gold.jsonl --index")
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
