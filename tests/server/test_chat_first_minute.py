"""The first minute: what the documents are about, what can be asked, and how to begin without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from tests.server.conftest import Ask, Visit, served
from tests.server.test_chat_care import violations

FERRY = (
    "# The ferry to Gull Rock\n\nThe ferry to Gull Rock leaves at nine. A ticket costs 12 crowns."
)

PASTED = (
    "The ferry to Gull Rock leaves at nine.\n\nA ticket for the ferry to Gull Rock costs 15 crowns."
)


def test_a_visitor_is_told_what_the_documents_are_about_in_their_own_words(page: Page) -> None:
    welcome = page.locator(".welcome")
    expect(welcome.locator(".kinds")).to_contain_text("33 documents: Markdown 23, Word 3")
    terms = welcome.locator(".term").all_inner_texts()
    assert any(term.startswith("DeepSeek") for term in terms)
    title = welcome.locator(".titles .offer").first
    opened = title.inner_text()
    title.click()
    expect(page.locator(".evidence h2")).to_have_text(opened)
    assert violations(page) == []


def test_the_product_answers_itself_and_quotes_nothing(page: Page, ask: Ask) -> None:
    for said, told in (
        ("Hello!", "Ask a question in English"),
        ("what can you do?", "writes no text of its own"),
        ("What documents do you have?", "33 documents: Markdown 23"),
        ("asdf qwer", "None of these words is known"),
    ):
        ask(page, said)
        reply = page.locator(".reply.product").last
        expect(reply).to_contain_text(told)
        expect(reply.locator(".speaker")).to_contain_text("not a quote")
        assert reply.locator(".cite").count() == 0
    assert page.locator(".open-conversation").count() == 0
    assert violations(page) == []


@pytest.fixture
def empty_address(tmp_path: Path, embedder: Embedder) -> Iterator[str]:
    """The chat over an index without documents."""
    with Assistant(tmp_path / "index", Settings.load(), embedder=embedder) as assistant:
        assistant.add([])
        with served(assistant) as address:
            yield address


def test_an_empty_library_is_filled_by_a_pasted_text_and_a_drop_which_differ_on_a_value(
    visit: Visit, empty_address: str, ask: Ask
) -> None:
    page = visit(empty_address)
    welcome = page.locator(".welcome")
    expect(welcome.get_by_role("heading", name="Begin with your documents")).to_be_visible()
    expect(welcome.get_by_role("button", name="Try the sample documents")).to_be_visible()
    assert violations(page) == []
    sample = page.get_by_role("button", name="Try the sample documents")
    page.evaluate("aiqa.desk.server.bring_bundled = async () => ({ error: 'No room is left.' })")
    sample.click()
    expect(welcome.locator(".outcome")).to_have_text("No room is left.")
    expect(sample).to_be_enabled()
    page.evaluate("aiqa.desk.server.bring_bundled = async () => '5 documents were added.'")
    # How much there is to be asked is looked up again.
    with page.expect_request("**/holdings"):
        sample.click()
    page.get_by_role("button", name="Paste text").click()
    expect(page.get_by_label("Title")).to_be_focused()
    page.get_by_label("Title").fill("Ferry times")
    page.get_by_label("Text", exact=True).fill(PASTED)
    page.get_by_role("button", name="Add this text").click()
    arrived = page.locator(".arrivals li")
    expect(arrived.filter(has_text="Ferry times.txt")).to_contain_text("can be asked now")
    page.get_by_role("tab", name="Ask").click()
    files = page.evaluate_handle(
        "text => { const files = new DataTransfer();"
        " files.items.add(new File([text], 'ferry.md')); return files; }",
        FERRY,
    )
    page.locator(".log").dispatch_event("dragover", {"dataTransfer": files})
    expect(page.locator(".veil")).to_be_visible()
    page.locator(".log").dispatch_event("drop", {"dataTransfer": files})
    expect(arrived.filter(has_text="ferry.md")).to_contain_text("can be asked now")
    page.get_by_role("tab", name="Ask").click()
    expect(welcome.locator(".titles")).to_contain_text("The ferry to Gull Rock")
    ask(page, "How much does a ticket cost?")
    expect(page.locator(".reply .said")).to_contain_text("12 crowns")
    agreement = page.locator(".agreement")
    expect(agreement).to_contain_text("The sources differ: 12 crowns in 1 source")
    expect(agreement).to_contain_text("15 crowns in 1 source")
    agreement.locator(".cite").last.click()
    expect(page.locator(".evidence mark")).to_have_text("15 crowns")
