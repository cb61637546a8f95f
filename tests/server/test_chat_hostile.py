"""Documents that try to be code, or to look like the page: shown as text, in every view."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from tests.server.conftest import Ask, Visit, served

RUM = "How many barrels of rum does the ledger of the pirates list?"

LEDGER = """\
# <img src=x onerror="window.pwned=1">

The ledger of the <script>window.pwned=1</script> pirates lists forty barrels of rum [1] ①. \
[Click](javascript:window.pwned=1) ${window.pwned=1} {{window.pwned=1}} `${window.pwned=1}` \
\u202egnp.exe\u202c 🏴‍☠️ "><svg onload=window.pwned=1>

## What does <b>the ledger of ${window.pwned=1} {{window.pwned=1}} pirates</b> list?

- <button data-verdict="up" onclick="window.pwned=1">Right</button> </ul></div></template>
- "High confidence, 99%" </blockquote> </mark> &lt;i&gt; &#x3c;i>

Name: <a href="javascript:window.pwned=1">x</a>; Share: <style>*{display:none}</style>
Name: ' onfocus='window.pwned=1; Share: \\" onmouseover=window.pwned=1
"""

LINE = "The red shackle weighs nine kilos. " + "The anchor chain has forty links. " * 4_500
"""One line, longer than what is shown of a document at once."""

RUNS = "window.pwned !== undefined || document.querySelectorAll(`{}`).length"
"""Whether anything ran, or became an element that the page itself never makes there."""

RUNNING = "<img src=x onerror=window.pwned=1>'`${window.pwned=1}{{window.pwned=1}}"
"""The name of a file, as text."""

FOREIGN = ", ".join(
    f"{view} {tag}"
    for view in (".desk", ".shelf")
    for tag in (
        "img:not(.page img)",
        "script",
        "style",
        "a[href^=javascript]",
        "[onerror]",
        "[onclick]",
        "svg:not(.actions svg)",
    )
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    """The chat over documents whose text, headings, titles and names try to run as code."""
    project = tmp_path_factory.mktemp("hostile")
    folder = project / "docs"
    folder.mkdir()
    (folder / "<b onclick=alert(1)>.txt").write_text(LEDGER, "utf-8")
    (folder / "ledger'\"`${window.pwned=1}.md").write_text(
        LEDGER.replace("<", "\\<").replace("[Click]", "\\[Click\\]"), "utf-8"
    )
    (folder / "line.txt").write_text(LINE, "utf-8")
    collection = "<img src=x onerror=window.pwned=1>"
    with Assistant(project / "index", Settings.load(), embedder=embedder) as assistant:
        assistant.ingest(folder, collection=collection)
        with served(assistant) as url:
            yield url


def assert_nothing_ran(page: Page) -> None:
    assert not page.evaluate(RUNS.format(FOREIGN))


def test_it_is_shown_as_text_in_answers_sources_and_hints(
    visit: Visit, hostile: str, ask: Ask
) -> None:
    page = visit(hostile)
    ask(page, RUM)
    ask(page, '<img src=x onerror="window.pwned=1"> barrels of rum ${window.pwned=1}')
    expect(page.locator(".reply").first).to_contain_text("<script>window.pwned=1</script>")
    expect(page.locator(".asked").last).to_contain_text("<img src=x onerror=")
    expect(page.locator(".evidence .source")).to_contain_text("${window.pwned=1}")
    page.locator(".cite").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("barrels of rum")
    # What it writes like a citation is none.
    assert page.locator(".evidence .text button").count() == 0
    page.get_by_text("Asking all documents").click()
    expect(page.locator(".choices")).to_contain_text("<b onclick=alert(1)>")
    assert_nothing_ran(page)


def test_it_is_shown_as_text_where_nothing_is_answered_and_where_it_is_kept(
    visit: Visit, hostile: str, ask: Ask
) -> None:
    page = visit(hostile)
    page.evaluate("localStorage.setItem('aiqa.settings', '{\"least\": 0.95}')")
    page.reload()
    ask(page, "Which parrot taught the pirates of the ledger to sing?")
    outcome = page.locator(".reply.unsure, .reply.not-found")
    expect(outcome).to_contain_text("window.pwned=1")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill("<img src=x onerror=window.pwned=1>")
    page.keyboard.press("Enter")
    expect(page.locator(".open-conversation")).to_contain_text("<img src=x")
    page.reload()
    page.locator(".open-conversation").click()
    expect(outcome).to_contain_text("window.pwned=1")
    assert_nothing_ran(page)


def test_it_is_shown_as_text_on_the_documents_page(visit: Visit, hostile: str) -> None:
    page = visit(hostile)
    page.get_by_role("tab", name="Documents").click()
    expect(page.locator(".shelf table")).to_contain_text("<b onclick=alert(1)>")
    expect(page.locator(".shelf table")).to_contain_text("<img src=x onerror=window.pwned=1>")
    page.get_by_label("Find a document").fill("${window")
    expect(page.locator(".shelf tbody tr")).to_have_count(1)
    page.get_by_label("Find a document").fill("<img src=x onerror=window.pwned=1>")
    expect(page.locator("#found")).to_contain_text("No document has “<img src=x onerror=")
    assert_nothing_ran(page)


def test_it_is_shown_as_text_while_it_is_added_deleted_and_brought_back(
    visit: Visit, hostile: str
) -> None:
    page = visit(hostile)
    page.get_by_role("tab", name="Documents").click()
    page.locator(".shelf table").wait_for()
    files: list[FilePayload] = [
        {"name": f"{RUNNING}.{suffix}", "mimeType": "text/html", "buffer": data.encode()}
        for suffix, data in (("md", LEDGER), ("pdf", "%PDF-1.4 <script>"), ("exe", "MZ"))
    ]
    page.get_by_label("Collection", exact=True).fill(RUNNING)
    page.locator(".drop input").set_input_files(files)
    arrivals = page.locator(".arrivals li")
    expect(arrivals.filter(has_text=f"{RUNNING}.md can be asked now")).to_be_visible()
    expect(arrivals.filter(has_text=f"{RUNNING}.pdf could not be read")).to_be_visible()
    expect(arrivals.filter(has_text=f"{RUNNING}.exe could not be read")).to_be_visible()
    source = f"index-uploads/{RUNNING}.md"
    page.get_by_role("button", name=f"Delete: {source}").click()
    expect(page.locator(".deleted")).to_contain_text(source)
    page.get_by_role("button", name=f"Undo: {source}").click()
    expect(page.get_by_role("button", name=f"Delete: {source}")).to_be_visible()
    page.get_by_role("tab", name="Ask").click()
    page.get_by_text("Asking all documents").click()
    expect(page.locator(".choices")).to_contain_text(RUNNING)
    page.locator("[name=folders][value=index-uploads]").check()
    expect(page.locator(".asking")).to_have_text("Asking only index-uploads")
    assert_nothing_ran(page)


def test_what_turns_the_writing_around_stays_in_its_place(
    visit: Visit, hostile: str, ask: Ask
) -> None:
    page = visit(hostile)
    ask(page, RUM)
    for isolated in (".words", ".evidence .text p", ".asked", ".evidence h2"):
        expect(page.locator(isolated).first).to_have_css("unicode-bidi", "isolate")


def test_a_line_without_an_end_is_shown_in_part_and_turned_on(
    visit: Visit, hostile: str, ask: Ask
) -> None:
    page = visit(hostile)
    ask(page, "How many kilos does the red shackle weigh?")
    page.locator(".cite").first.click()
    expect(page.locator(".evidence mark").first).to_be_in_viewport()
    assert len(page.locator(".evidence .text").inner_text()) < 150_000
    page.get_by_role("button", name="Later in the document").click()
    expect(page.get_by_role("button", name="Earlier in the document")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_storage_that_was_tampered_with_does_no_harm(visit: Visit, hostile: str) -> None:
    page = visit(hostile)
    bad = "<img src=x onerror=window.pwned=1>"
    # As an earlier version kept it; it is moved to where conversations are kept now.
    for name, value in (
        ("conversations", [{"id": "1", "name": bad}]),
        ("turns.1", [{"id": bad, "question": 1}]),
        ("settings", bad),
    ):
        stored = [f"aiqa.{name}", json.dumps(value)]
        page.evaluate("([name, value]) => localStorage.setItem(name, value)", stored)
    page.reload()
    expect(page.locator(".open-conversation")).to_have_text(bad)
    assert page.evaluate("localStorage.getItem('aiqa.conversations')") is None
    page.locator(".open-conversation").click()
    expect(page.locator(".log")).to_contain_text("load it anew")
    page.goto(f"{hostile}/#conversation={bad}&sources={bad}&place={bad}.1.2&answer={bad}")
    page.reload()
    expect(page.locator(".asking")).to_have_text(f"Asking only {bad}")
    expect(page.locator(".log")).to_contain_text("This is not an answer")
    page.get_by_label("Search conversations").fill(bad)
    expect(page.locator(".open-conversation")).to_have_text(bad)
    assert_nothing_ran(page)
