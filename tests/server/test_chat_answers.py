"""Answers as they are shown: rows as tables, each statement once, follow-ups, copies."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.server.conftest import Ask
from tests.server.test_chat_care import violations

YEAR = "In which year was the transformer architecture published?"
BASED = "Where is DeepSeek based?"
FUND = "What is the volume in yuan of the national AI investment fund?"


def test_a_row_of_a_table_is_shown_under_its_heads_with_the_cell_lit(page: Page, ask: Ask) -> None:
    ask(page, YEAR)
    row = page.locator(".reply .said.rows").first
    expect(row.locator("th")).to_have_text(["Year", "Event", "Where it stands in the story"])
    expect(row.locator("td.lit")).to_have_text("2017")
    expect(page.locator(".reply .short")).to_have_text("2017")
    assert "Year: 2017" not in page.locator(".turn").inner_text()
    assert violations(page) == []


def test_a_yes_no_question_is_answered_by_what_is_said(page: Page, ask: Ask) -> None:
    ask(page, "Is DeepSeek based in Hangzhou?")
    expect(page.locator(".reply.answered .said").first).to_contain_text("is based in Hangzhou")
    assert page.locator(".reply .short").count() == 0


def test_an_answer_says_nothing_twice_and_lists_each_section_once(page: Page, ask: Ask) -> None:
    for question in ("What is quantisation?", YEAR, BASED):
        ask(page, question)
        turn = page.locator(".turn").last
        shown = turn.locator(".said:not(.sources .said), .sources .said").all_inner_texts()
        assert len(set(shown)) == len(shown)
        places = turn.locator(".sources .place").all_inner_texts()
        assert len(set(places)) == len(places)


def test_an_answer_is_copied_with_its_sources_in_each_form(page: Page, ask: Ask) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, BASED)
    turn = page.locator(".turn")
    turn.get_by_role("button", name="Copy answer").click()
    expect(turn.locator(".told")).to_have_text("Copied with its sources.")
    rich = page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('text/html'))"
        ".then(blob => blob.text())"
    )
    assert "<blockquote>DeepSeek is based in Hangzhou" in rich
    copied = {}
    turn.get_by_text("as…").click()
    for name in ("Plain text", "Markdown", "HTML"):
        turn.get_by_role("button", name=name).click()
        expect(turn.locator(".told")).to_have_text("Copied.")
        copied[name] = page.evaluate("navigator.clipboard.readText()")
        page.evaluate("document.querySelector('.told').textContent = ''")
    assert copied["Plain text"].startswith(f"{BASED}\n\nHangzhou\n\n“DeepSeek is based in Hangzhou")
    assert "[1] DeepSeek: a profile, § Where it comes from" in copied["Plain text"]
    assert copied["Markdown"].startswith(f"### {BASED}\n\n**Hangzhou**\n\n> DeepSeek is based")
    assert "1. DeepSeek: a profile" in copied["Markdown"]
    assert "<li>DeepSeek: a profile" in copied["HTML"]
    assert "corpus/" not in "".join(copied.values())


def test_a_copied_follow_up_says_how_it_was_understood(page: Page, ask: Ask) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, BASED)
    ask(page, "Who founded it?")
    turn = page.locator(".turn").last
    turn.get_by_role("button", name="Copy answer").click()
    expect(turn.locator(".told")).to_have_text("Copied with its sources.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        "Who founded it?\n\nUnderstood as: Who founded DeepSeek?\n\nLiang Wenfeng"
    )


def test_the_source_of_the_answer_before_gives_way_where_nothing_is_cited(
    page: Page, ask: Ask
) -> None:
    ask(page, BASED)
    panel = page.locator(".evidence")
    expect(panel.locator("mark").first).to_have_text("Hangzhou")
    ask(page, "Who is the landlord of Mole End?")
    expect(page.locator(".turn").last.locator(".cite")).to_have_count(0)
    expect(panel.locator("mark")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Question")).to_be_focused()


def test_questions_on_what_was_cited_follow_an_answer_and_are_answered(
    page: Page, ask: Ask
) -> None:
    ask(page, FUND)
    following = page.locator(".further .offer").first
    expect(following).to_be_visible()
    assert violations(page) == []
    question = following.inner_text()
    assert question != FUND
    following.click()
    turn = page.locator(".turn").last
    expect(turn.locator(".asked")).to_have_text(question)
    expect(turn.locator(".reply.answered .said").first).to_be_visible()
