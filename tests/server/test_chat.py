"""Questions, answers and their sources, as people meet them in a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Page, expect

from tests.server.conftest import Ask, free_port, running

PRICE = "What is the price of SenseRobot?"
MAYOR = "Who is the mayor of Hangzhou?"
BAN = "Which country forbade DeepSeek on government devices?"
PDF = "In which month are the Two Sessions usually held?"


def test_the_price_of_senserobot_is_answered_and_its_source_is_open_at_the_place(
    page: Page, ask: Ask
) -> None:
    ask(page, PRICE)
    said = page.locator(".reply .said")
    expect(said).to_contain_text("800 US dollars")
    expect(page.locator(".evidence .path")).to_have_text(
        "corpus/society/senserobot-buyers-guide.md"
    )
    lit = page.locator(".evidence mark").first
    expect(lit).to_be_in_viewport()
    assert lit.inner_text() in said.inner_text()
    expect(page.locator(".confidence")).to_contain_text(re.compile(r"confidence, \d+%"))
    expect(page.locator("#question")).to_have_value("")


def test_pointing_at_a_citation_shows_its_quote_and_at_the_confidence_its_meaning(
    page: Page, ask: Ask
) -> None:
    ask(page, PRICE)
    tip = page.get_by_role("tooltip")
    page.locator(".said .cite").first.hover()
    expect(tip).to_contain_text("800 US dollars")
    expect(tip).to_contain_text("SenseRobot: a guide for parents")
    page.locator(".confidence button").hover()
    expect(tip).to_contain_text("in 100 are right")
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()


def test_a_citation_opens_its_document_in_its_own_structure(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    page.get_by_text("Other passages that may answer").click()
    page.locator(".others .cite").first.click()
    source = page.locator(".evidence .source")
    expect(source.locator("h2")).to_be_focused()
    expect(source.locator(".text h4").first).to_be_visible()
    expect(source.locator(".text li").first).to_be_visible()
    assert source.locator(".text mark").count() == 1
    expect(source.locator(".text mark")).to_be_in_viewport()


def test_a_table_is_shown_as_one(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    row = page.locator(".evidence tr", has_text="Maker")
    expect(row.locator("th")).to_contain_text("Maker")
    expect(row.locator("td")).to_have_text("SenseTime")
    expect(row.locator("th .gap")).to_have_css("font-size", "0px")


def test_the_arrow_keys_go_from_one_citation_to_the_next_and_escape_goes_back(
    page: Page, ask: Ask
) -> None:
    ask(page, BAN)
    expect(page.locator(".agreement")).to_contain_text("The sources agree: Australia in 4 sources")
    first = page.locator(".said .cite").first
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".evidence h2")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".steps .count")).to_contain_text("Source 2 of")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".steps .count")).to_contain_text("Source 1 of")
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    expect(page.locator(".evidence .none")).to_be_visible()


def test_a_pdf_is_shown_as_its_page_with_the_quote_drawn_on_it(page: Page, ask: Ask) -> None:
    ask(page, PDF)
    page.locator(".cite").first.click()
    picture = page.locator(".evidence .page img")
    expect(picture).to_have_js_property("complete", True)  # noqa: FBT003
    assert picture.evaluate("image => image.naturalWidth") > 300
    expect(page.locator(".evidence .box").first).to_be_in_viewport()
    expect(page.locator(".pager")).to_contain_text("Page 1 of 3")
    # The panel was open already; what the click opened takes the focus.
    expect(page.locator(".evidence h2")).to_be_focused()
    page.keyboard.press("PageDown")
    expect(page.locator(".pager")).to_contain_text("Page 2 of 3")
    expect(page.locator(".evidence .box")).to_have_count(0)
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator(".evidence mark").first).to_be_in_viewport()


def test_the_original_is_what_was_read(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download original").click()
    assert download.value.suggested_filename == "senserobot-buyers-guide.md"
    assert (
        download.value.path().read_bytes()
        == Path("corpus/society/senserobot-buyers-guide.md").read_bytes()
    )


def test_a_citation_is_copied_with_its_quote_title_place_and_path(page: Page, ask: Ask) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, PRICE)
    page.get_by_role("button", name="Copy citation").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“About 800 US dollars”, ")
    assert "SenseRobot: a guide for parents, § At a glance" in copied
    assert copied.endswith("corpus/society/senserobot-buyers-guide.md")


def test_what_the_documents_do_not_say_is_told_plainly_with_the_nearest_documents(
    page: Page, ask: Ask
) -> None:
    ask(page, MAYOR)
    reply = page.locator(".reply.not-found")
    expect(reply.locator(".verdict")).to_have_text("The documents don’t seem to say.")
    expect(reply.locator(".reason")).to_contain_text(MAYOR)
    assert "%" not in reply.inner_text()
    assert reply.locator(".said").count() == 0
    nearest = reply.locator(".offer.open").first
    title = nearest.inner_text()
    assert "/" not in title
    nearest.click()
    expect(page.locator(".evidence h2")).to_have_text(title)
    expect(page.locator(".evidence mark, .evidence .box").first).to_be_in_viewport()


def test_possible_answers_are_confirmed_and_rejected_by_a_click(
    page: Page, ask: Ask, corpus_index: Path
) -> None:
    page.get_by_role("button", name="Settings").click()
    page.locator("#least").fill("0.95")
    page.get_by_role("button", name="Done").click()
    ask(page, PRICE)
    reply = page.locator(".reply.unsure")
    expect(reply.locator(".verdict")).to_have_text("Possible answers, not sure")
    candidates = reply.locator(".candidate")
    assert 2 <= candidates.count() <= 3
    sentences = reply.locator(".candidate .said").all_inner_texts()
    assert len(set(sentences)) == len(sentences)
    expect(candidates.first).to_contain_text("% likely")
    candidates.nth(0).get_by_role("button", name="Wrong").click()
    expect(reply.locator(".told")).to_have_text("Thanks, saved.")
    expect(candidates.nth(0).locator("[data-judged]").first).to_be_disabled()
    candidates.nth(1).get_by_role("button", name="Right").click()
    expect(candidates.nth(1).locator("[data-judged]").first).to_be_disabled()
    rows = (corpus_index / "feedback.jsonl").read_text("utf-8").splitlines()[-2:]
    wrong, right = map(json.loads, rows)
    assert (wrong["verdict"], wrong["correct"]) == ("down", None)
    assert wrong["comment"].startswith("Not right: ")
    assert right["verdict"] == "down"
    assert right["correct"]["quote"] in sentences[1]


def test_an_example_is_asked_by_a_click_and_answered(page: Page) -> None:
    example = page.locator(".examples .offer").first
    # They come one after the other.
    expect(page.locator(".examples .offer").nth(3)).to_be_visible(timeout=180_000)
    assert page.locator(".examples .offer").count() <= 6
    question, document = example.inner_text().splitlines()
    assert document
    example.click()
    expect(page.locator(".reply.answered .said").first).to_be_visible()
    expect(page.locator(".asked")).to_have_text(question)
    expect(page.locator(".examples")).to_be_hidden()


def test_an_empty_question_changes_nothing(page: Page) -> None:
    page.locator("#question").fill("   ")
    page.locator("#question").press("Enter")
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator(".reply")).to_have_count(0)


def test_only_the_documents_that_were_chosen_are_asked(page: Page, ask: Ask) -> None:
    page.get_by_text("Asking all documents").click()
    page.get_by_label("Part of a title").fill("timeline")
    page.get_by_label("Timeline").check()
    page.keyboard.press("Escape")
    ask(page, PRICE)
    expect(page.locator(".asking")).to_have_text(re.compile("Asking only Timeline"))
    places = page.locator(".reply .place, .reply .offer.open").all_inner_texts()
    assert places
    assert all(place.startswith("Timeline") for place in places)


def test_make_chat_leads_from_the_checkout_to_an_answer(
    browser: Browser, tmp_path: Path, ask: Ask
) -> None:
    command = ["make", "chat", f"INDEX={tmp_path / 'index'}", f"PORT={free_port()}"]
    with running(command) as address:
        page = browser.new_page()
        page.goto(address)
        ask(page, PRICE)
        expect(page.locator(".reply .said")).to_contain_text("800 US dollars")
        page.close()


def test_programs_get_the_json_of_the_command_line(address: str) -> None:
    client = Client(address, verbose=False)
    answer = client.predict(PRICE, api_name="/ask")
    assert answer["text"] == "800 US dollars"
    assert answer["abstained"] is False
    citation = answer["citations"][0]
    assert citation["quote"] == answer["text"]
    assert citation["end"] - citation["start"] == len(citation["quote"])
    with pytest.raises(Exception, match="empty"):
        client.predict(" ", api_name="/ask")


def test_a_follow_up_is_understood_from_what_was_said_and_can_be_mended(
    page: Page, ask: Ask
) -> None:
    ask(page, PRICE)
    ask(page, "Who makes it?")
    turn = page.locator(".turn").last
    expect(turn.locator(".asked")).to_have_text("Who makes it?")
    expect(turn.locator(".interpreted q")).to_contain_text("SenseRobot")
    understood = turn.locator(".interpreted q").inner_text()
    turn.get_by_role("button", name="Edit").click()
    expect(page.locator("#question")).to_be_focused()
    expect(page.locator("#question")).to_have_value(understood)


def test_a_server_that_is_too_busy_is_told_of_and_can_be_asked_again(
    browser: Browser, address: str, ask: Ask
) -> None:
    page = browser.new_page()
    page.goto(address)
    full = '{"detail": "Queue is full."}'
    page.route("**/queue/join*", lambda route: route.fulfill(status=503, body=full))
    ask(page, PRICE)
    expect(page.locator(".reply.error")).to_contain_text("has too much to do just now")
    page.unroute("**/queue/join*")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".reply.answered .said").first).to_contain_text("800 US dollars")
    page.close()


def test_a_long_answer_has_statements_with_citations_of_their_own(page: Page, ask: Ask) -> None:
    ask(page, "What is DeepSeek?")
    said = page.locator(".reply .said")
    expect(said.first).to_be_visible()
    for number in range(said.count()):
        expect(said.nth(number).locator(".cite").first).to_be_visible()
    assert all(text.strip() for text in said.all_inner_texts())
