"""The source of a citation: its page with what can be read, selected and enlarged on it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from aiqa.documents.text_builder import CanonicalText
from aiqa.server.evidence_view import EvidencePanel, excerpt, panel_html
from aiqa.types import Box, Document, PageWord, Span, locator
from aiqa.types import Page as DocumentPage
from tests.server.conftest import Ask, Visit
from tests.server.test_chat_care import PDF, violations
from tests.server.test_chat_documents import small_targets

FUND = "What is the volume in yuan of the national AI investment fund?"

SELECTED = """([first, last]) => {
  const words = document.querySelectorAll(".page-text > span"), range = document.createRange();
  range.setStart(words[first].firstChild, 0);
  range.setEnd(words[last].firstChild, words[last].firstChild.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  return getSelection().toString();
}"""


def width(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["width"]


def test_a_page_is_enlarged_and_its_words_are_selected_where_they_stand(
    page: Page, ask: Ask
) -> None:
    ask(page, PDF)
    page.locator(".said .cite").first.click()
    # The panel was open already; what the click opened takes the focus.
    expect(page.locator(".evidence h2")).to_be_focused()
    page.locator(".page .box").wait_for()
    words = page.locator(".page-text > span")
    said = [word.strip() for word in words.all_text_contents()]
    march = said.index("March,")
    # The quote is boxed, its sentence tinted, and the unseen word lies on both.
    words.nth(march).wait_for()
    word, box = words.nth(march).bounding_box(), page.locator(".page .box").bounding_box()
    assert word
    assert box
    assert abs(word["x"] - box["x"]) < 3
    assert abs(word["y"] - box["y"]) < 3
    assert page.locator(".page .tint").count() >= 2
    copied = page.evaluate(SELECTED, [march - 4, march + 6])
    assert " ".join(copied.split()) == "a year, usually in March, two bodies meet in Beijing at"
    before = width(page, ".page"), width(page, ".page .box")
    page.get_by_role("button", name="Zoom in").click()
    page.locator(".canvas").press("+")
    expect(page.locator(".zoom output")).to_have_text("150%")
    assert width(page, ".page") == pytest.approx(before[0] * 1.5, rel=0.01)
    assert width(page, ".page .box") == pytest.approx(before[1] * 1.5, rel=0.1)
    expect(page.locator(".page .box")).to_be_in_viewport()
    assert violations(page) == []
    page.get_by_role("button", name="Zoom out").click()
    expect(page.locator(".zoom output")).to_have_text("125%")


def test_next_goes_only_through_what_the_answer_cites(page: Page, ask: Ask) -> None:
    ask(page, FUND)
    turn = page.locator(".turn").last
    cited = {
        *turn.locator(".said .cite").all_text_contents(),
        *turn.locator(".agreement .cite").all_text_contents(),
        *turn.locator(".sources .cite").all_text_contents(),
    }
    assert len(cited) > 1
    expect(page.locator(".steps .count")).to_have_text(f"Source 1 of {len(cited)}")
    turn.locator(".others summary").click()
    turn.locator(".others .cite").first.click()
    expect(page.locator(".steps .count")).to_have_text("Not cited by the answer")
    expect(page.get_by_role("button", name="Next citation")).to_be_disabled()


def test_a_page_that_cannot_be_drawn_says_so_and_its_text_is_there(page: Page, ask: Ask) -> None:
    page.route("**/pages/*.png", lambda route: route.fulfill(body="no picture"))
    ask(page, PDF)
    expect(page.locator(".evidence .none")).to_contain_text("cannot be shown as it looks")
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.locator(".evidence mark")).to_contain_text("March")


def test_a_phone_has_targets_for_fingers_on_a_page(visit: Visit, address: str, ask: Ask) -> None:
    page = visit(address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ask(page, PDF)
    page.locator(".said .cite").first.tap()
    expect(page.locator(".page .box")).to_be_in_viewport()
    assert small_targets(page, ".steps button, .pager button, .source .tools .plain") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []


def document(**changes: object) -> Document:
    text = CanonicalText()
    text.page(1)
    text.heading(1, "Ferry")
    text.paragraph("The ferry leaves at 7:40. It is red.")
    text.table([["Day", "Fare"], ["Sunday", "nine crowns"]], header=True)
    text.page(2)
    text.paragraph("Dogs travel free")
    content = text.content(None)
    plain = Document(
        "a" * 64, "docs/ferry.pptx", "pptx", "Ferry", content.text,
        pages=content.pages, headings=content.headings, blocks=content.blocks,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def span(shown: Document, words: str) -> Span:
    start = shown.text.index(words)
    return Span(start, start + len(words))


def test_a_picture_is_shown_as_a_page_with_its_words() -> None:
    shown = document(format="image", source="docs/ferry.png", pages=(DocumentPage(1, 0),))
    quote, box = span(shown, "7:40"), Box(1, 10, 10, 40, 20)
    panel = EvidencePanel(
        shown, quote, span(shown, "The ferry leaves at 7:40."), quote.start,
        1, (400, 300), (box,), (box,), [PageWord("7:40.", box)],
    )  # fmt: skip
    page = panel_html(panel)
    assert f'src="documents/{"a" * 64}/pages/1.png"' in page
    assert "7:40. </span>" in page
    assert 'data-view="text"' in page
    assert "Page 1 of" not in page


def test_the_cell_of_the_quote_is_lit_and_slides_are_told_apart() -> None:
    shown = document()
    quote = span(shown, "nine crowns")
    page = panel_html(EvidencePanel(shown, quote, quote, quote.start))
    assert re.search(r'<td class="lit"[^>]*>.*?nine crowns', page)
    assert page.count('class="lit"') == 1
    assert [*re.findall(r'class="page-break" data-label="(.*?)"', page)] == ["Slide 1", "Slide 2"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("The ferry leaves at 7:40.", "The ferry leaves at 7:40."),
        ("leaves at 7:40", "… leaves at 7:40"),
        ("The ferry leaves", "The ferry leaves …"),
        ("It is red.", "It is red."),
        ("nine crowns", "nine crowns"),
        ("crowns", "… crowns"),
        ("Dogs travel free", "Dogs travel free"),
    ],
)
def test_a_quote_that_cuts_a_sentence_has_an_ellipsis(words: str, shown: str) -> None:
    ferry = document()
    assert excerpt(ferry, span(ferry, words)) == shown


def test_a_citation_is_copied_with_its_sentence() -> None:
    shown = document()
    quote = span(shown, "7:40")
    page = panel_html(EvidencePanel(shown, quote, span(shown, "The ferry leaves at 7:40."), 0))
    assert 'data-copy="“The ferry leaves at 7:40.”, Ferry, slide 1, docs/ferry.pptx"' in page


def test_a_section_of_many_words_is_shortened_where_it_is_cited() -> None:
    capitals = "MANAGEMENT\u2019S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION AND RESULTS"
    assert locator("a.pdf", 4, f"Part II \u203a {capitals}") == (
        "p. 4, § Part II \u203a MANAGEMENT\u2019S DISCUSSION AND ANALYSIS OF FINANCIAL CONDITION…"
    )
    assert locator("a.pdf", 4, "門" * 100) == f"p. 4, § {'門' * 60}…"
