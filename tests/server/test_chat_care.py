"""For everybody, on everything: screen readers, keyboards, phones, the dark, slow lines."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.server.conftest import Ask, Visit

PRICE = "What is the price of SenseRobot?"
MAYOR = "Who is the mayor of Hangzhou?"
PDF = "In which month are the Two Sessions usually held?"

_MOST_BYTES = 300_000


_WCAG: dict[str, object] = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}


def violations(page: Page, rules: dict[str, object] = _WCAG, part: str | None = None) -> list[str]:
    """What axe finds wrong with the page, or a part of it, by the rules of WCAG 2.2 A and AA."""
    found = Axe().run(page, part, options={"runOnly": rules})
    return [
        f"{problem['id']}: {node['html'][:200]}"
        for problem in found.response["violations"]
        for node in problem["nodes"]
    ]


def violations_in_both_looks(page: Page, part: str | None = None) -> list[str]:
    """The same in the light and in the dark, which differ in nothing but colours."""
    found = violations(page, part=part)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body.dark")).to_be_visible()
    found += violations(page, {"type": "rule", "values": ["color-contrast"]}, part)
    page.emulate_media(color_scheme="light")
    return found


def test_axe_finds_nothing_wrong_in_any_view(visit: Visit, address: str, ask: Ask) -> None:
    page = visit(address, color_scheme="light", reduced_motion="reduce")
    assert violations_in_both_looks(page) == []
    ask(page, "hello")
    ask(page, "What is Whale Robot?")
    ask(page, PRICE)
    ask(page, MAYOR)
    page.get_by_text("Other passages that may answer").first.click()
    page.locator(".cite").first.click()
    expect(page.locator(".evidence mark").first).to_be_visible()
    assert violations_in_both_looks(page) == []
    ask(page, PDF)
    page.locator(".turn").last.locator(".cite").first.click()
    expect(page.locator(".evidence .box").first).to_be_visible()
    page.get_by_text("Asking all documents").click()
    expect(page.locator(".choices legend").first).to_be_visible()
    assert violations_in_both_looks(page, ".evidence") == []
    assert violations_in_both_looks(page, ".composer") == []
    page.get_by_text("Asking all documents").click()
    page.get_by_role("button", name="Settings").click()
    assert violations_in_both_looks(page, ".settings") == []
    page.get_by_role("button", name="Done").click()
    page.get_by_role("tab", name="Documents").click()
    page.locator(".shelf table").wait_for()
    assert violations_in_both_looks(page, "#documents") == []


def test_all_can_be_done_by_keyboard_alone(page: Page) -> None:
    # Who chooses an example goes on in the question's box.
    page.locator(".welcome").evaluate(
        "(welcome, question) => { const example = document.createElement('button');"
        " example.dataset.question = question; welcome.prepend(example); }",
        PRICE,
    )
    page.locator(".log").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.locator(".reply .said").wait_for()
    page.locator(".log").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".said .cite").first).to_be_focused()
    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".evidence h2")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy citation")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".said .cite").first).to_be_focused()
    page.locator("#question").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Settings")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#least")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Settings")).to_be_focused()


def test_a_screen_reader_is_told_of_answers_and_what_each_part_is(page: Page, ask: Ask) -> None:
    ask(page, PRICE)
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("800 US dollars")
    expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
    expect(page.get_by_role("complementary", name="Source")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your question")).to_be_visible()
    cite = page.get_by_role("button", name="Source 1", exact=True).first
    expect(cite).to_have_accessible_description(re.compile("800 US dollars.*SenseRobot: a guide"))
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_phone_shows_everything_without_scrolling_sideways(
    visit: Visit, address: str, ask: Ask
) -> None:
    page = visit(address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ask(page, PRICE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#question")).to_be_in_viewport()
    page.locator(".said .cite").first.tap()
    expect(page.locator(".evidence mark").first).to_be_in_viewport()
    page.get_by_role("button", name="Close the source").tap()
    expect(page.locator(".said")).to_be_in_viewport()
    expect(page.locator(".said .cite").first).to_be_focused()
    expect(page.get_by_role("tooltip")).to_be_hidden()
    page.locator(".conversations summary").tap()
    expect(page.get_by_role("button", name="New conversation")).to_be_visible()
    touched = page.locator(".desk :is(button:not(.cite), summary, select, input)")
    is_small = "one => one.checkVisibility() && one.getBoundingClientRect().height < 44"
    assert touched.evaluate_all(f"all => all.filter({is_small}).map(one => one.outerHTML)") == []
    page.get_by_role("tab", name="Documents").tap()
    page.locator(".shelf table").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phone_shows_the_title_below_an_example_and_where_a_language_is_chosen(
    visit: Visit, address: str
) -> None:
    page = visit(address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.evaluate(
        "document.querySelector('.welcome').innerHTML ="
        " '<button class=offer><bdi>When?</bdi> <span class=from>The ferry</span></button>'"
    )
    question, title = (page.locator(f".offer {part}").bounding_box() for part in ("bdi", ".from"))
    assert question
    assert title
    assert question["y"] + question["height"] <= title["y"]
    page.get_by_role("button", name="Settings").tap()
    languages = page.get_by_label("Language of this page")
    # Without the arrow it looks like a line to write in.
    assert languages.evaluate("one => getComputedStyle(one).appearance") == "auto"


def test_nothing_moves_when_an_answer_comes(page: Page, ask: Ask) -> None:
    page.evaluate(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(entry =>"
        " { window.moved += entry.value; })).observe({ type: 'layout-shift', buffered: false })"
    )
    ask(page, PRICE)
    expect(page.locator(".evidence mark").first).to_be_in_viewport()
    ask(page, MAYOR)
    assert page.evaluate("window.moved") < 0.01


def test_the_first_visit_loads_little(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate(
        "['resource', 'navigation'].flatMap(kind => performance.getEntriesByType(kind))"
        ".reduce((sum, entry) => sum + entry.transferSize, 0)"
    )
    assert 0 < loaded < _MOST_BYTES
