"""The documents page: what is there, what is brought in, what is taken away."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Locator, Page, expect

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from tests.server.attack import raw
from tests.server.conftest import Ask, Visit, served
from tests.server.test_chat_care import violations

TIDES = "The tide tables for Gull Rock are printed every winter by the harbour office.\n"

BROKEN_WORDS = """selector => [...document.querySelectorAll(selector)].flatMap(element => {
  const text = element.firstChild, range = document.createRange();
  return [...text.data.matchAll(/\\S+/g)].filter(word => {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(rect => rect.top)).size > 1;
  }).map(word => word[0]);
})"""
"""The words of elements that stand in more than one line."""


def small_targets(page: Page, selector: str) -> list[str]:
    """What is to be tapped, but smaller than 44 by 44 pixels."""
    return [
        str(element.evaluate("element => element.outerHTML"))[:200]
        for element in page.locator(selector).all()
        if (box := element.bounding_box()) and min(box["width"], box["height"]) < 43.9
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tides.txt").write_text(TIDES, "utf-8")
    return tmp_path


@pytest.fixture
def assistant(project: Path, embedder: Embedder) -> Iterator[Assistant]:
    with Assistant(project / "index", Settings.load(), embedder=embedder) as assistant:
        assistant.ingest(project / "docs")
        yield assistant


def documents(page: Page) -> Page:
    page.get_by_role("tab", name="Documents").click()
    page.locator(".shelf table").wait_for()
    return page


def drop(page: Page, *files: Path) -> None:
    page.locator(".drop input").set_input_files(list(files))


def arrivals(page: Page) -> Locator:
    return page.locator(".shelf .arrivals li")


def row(page: Page, text: str) -> Locator:
    return page.locator(".shelf tbody tr", has_text=text)


def test_files_are_dropped_read_asked_and_deleted(
    visit: Visit, ask: Ask, assistant: Assistant, project: Path
) -> None:
    lamp = project / "lamp.md"
    lamp.write_text("# The lamp\n\nThe lamp of the lighthouse burns rapeseed oil.\n", "utf-8")
    broken = project / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 no")
    strange = project / "strange.exe"
    strange.write_bytes(b"MZ")
    with served(assistant) as address:
        page = documents(visit(address))
        count = page.locator("#masthead .count")
        expect(count).to_have_text("1 document · 1 passage")
        page.get_by_label("Collection", exact=True).fill("lights")
        drop(page, lamp, broken, strange)
        expect(arrivals(page).filter(has_text="lamp.md")).to_contain_text("can be asked now")
        expect(arrivals(page).filter(has_text="broken.pdf")).to_contain_text("not a readable PDF")
        expect(arrivals(page).filter(has_text="strange.exe")).to_contain_text("there is no loader")
        lamp_row = row(page, "index-uploads/lamp.md")
        expect(lamp_row).to_contain_text("lights")
        expect(page.locator(".shelf tr.failed")).to_contain_text("broken.pdf")
        expect(count).to_have_text("2 documents · 2 passages")
        lamp_row.get_by_role("button", name="Ask only this").click()
        ask(page, "What does the lamp burn?")
        expect(page.locator(".said")).to_contain_text("rapeseed oil")
        expect(page.locator(".asking")).to_have_text("Asking only The lamp")
        documents(page)
        lamp_row.get_by_role("button", name="Read again").click()
        expect(page.locator(".shelf .outcome")).to_have_text("It has not changed.")
        lamp_row.get_by_role("button", name="Delete").click()
        expect(lamp_row).to_have_count(0)
        expect(count).to_have_text("1 document · 1 passage")
        page.reload()
        documents(page)
        page.get_by_role("button", name="Undo: index-uploads/lamp.md").click()
        expect(page.locator(".shelf .outcome")).to_have_text("lamp.md is back.")
        expect(lamp_row).to_contain_text("lights")
        lamp_row.get_by_role("button", name="Delete").click()
        expect(page.locator(".deleted")).to_contain_text("index-uploads/lamp.md was deleted.")
        assert violations(page) == []
    assert not [*(project / "index-uploads").rglob("lamp.md")]
    assert assistant.status().sources == ("docs/tides.txt",)


def test_an_upload_is_shown_after_reload_cancelled_and_asked_about(
    visit: Visit, assistant: Assistant, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, goes_on = assistant.embedder.encode, Event()

    def slow(texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> object:
        if on_progress:
            on_progress(0)
            goes_on.wait(60)
        return encode(texts, on_progress)

    lamp = project / "lamp.txt"
    lamp.write_text("The lamp burns rapeseed oil.", "utf-8")
    with served(assistant) as address:
        page = documents(visit(address))
        monkeypatch.setattr(assistant.embedder, "encode", slow)
        drop(page, lamp)
        expect(arrivals(page)).to_contain_text("being read… 0%")
        page.reload()
        documents(page)
        expect(arrivals(page)).to_contain_text("lamp.txt being read… 0%")
        with page.expect_response("**/uploads/*"):
            page.get_by_role("button", name="Cancel: lamp.txt").click()
        goes_on.set()
        expect(arrivals(page)).to_contain_text("lamp.txt cancelled")
        drop(page, lamp)
        expect(arrivals(page).last).to_contain_text("can be asked now")
        lamp.write_text("The lamp burns gas.", "utf-8")
        drop(page, lamp)
        expect(arrivals(page).last).to_contain_text("another file of this name is here already")
        page.get_by_role("button", name="Keep both: lamp.txt").click()
        expect(row(page, "index-uploads/lamp (2).txt")).to_be_visible()
        expect(row(page, "index-uploads/lamp.txt")).to_be_visible()
        page.get_by_role("button", name="Clear the list").click()
        expect(arrivals(page)).to_have_count(0)
        page.evaluate("aiqa.uploads.paste('Bell / <b>rules</b>', 'The bell rings at noon.')")
        expect(row(page, "index-uploads/Bell - <b>rules<-b>.txt")).to_be_visible()
        assert page.locator(".shelf b").count() == 0


def test_a_phone_shows_whole_words_and_targets_for_fingers(visit: Visit, address: str) -> None:
    page = visit(address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_text("Asking all documents").tap()
    page.locator(".choices legend").first.wait_for()
    assert small_targets(page, ".choices label:has(input), .choices button, .scope summary") == []
    assert violations(page) == []
    page.get_by_role("tab", name="Documents").tap()
    page.locator(".shelf table").wait_for()
    assert small_targets(page, ".shelf button, .shelf .drop, .shelf input:not(.drop input)") == []
    assert page.evaluate(BROKEN_WORDS, ".shelf .title") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Find a document").fill("walrus")
    expect(page.locator("#found")).to_contain_text("No document has “walrus”")
    expect(page.locator(".shelf table")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Show all").tap()
    page.locator(".shelf table").wait_for()


def test_what_is_asked_is_chosen_by_title_folder_type_and_date(
    visit: Visit, ask: Ask, assistant: Assistant, project: Path
) -> None:
    (project / "old").mkdir()
    (project / "old" / "tides.md").write_text(TIDES.replace("every winter", "in March"), "utf-8")
    os.utime(project / "docs" / "tides.txt", (1e9, 1e9))
    os.utime(project / "old" / "tides.md", (9e8, 9e8))
    assistant.ingest(project / "docs", project / "old")
    with served(assistant) as address:
        page = visit(address)
        page.locator(".scope summary").click()
        for label in ("old", "Markdown"):
            box = page.get_by_role("checkbox", name=f"{label} 1", exact=True)
            box.check()
            expect(page.locator(".asking")).to_have_text(f"Asking only {label}")
            box.uncheck()
        page.get_by_label("Part of a title").fill("walrus")
        expect(page.locator(".choices")).to_contain_text("No document has “walrus”")
        page.get_by_label("From").fill("2001-01-01")
        expect(page.locator(".asking")).to_have_text("Asking only from 2001-01-01")
        page.keyboard.press("Escape")
        ask(page, "When are the tide tables printed?")
        expect(page.locator(".said")).to_contain_text("every winter")
        page.locator(".scope summary").click()
        page.get_by_role("button", name="All documents", exact=True).click()
        page.get_by_label("to", exact=True).fill("2000-01-01")
        page.keyboard.press("Escape")
        ask(page, "When are the tide tables printed?")
        expect(page.locator(".said").last).to_contain_text("in March")


def test_a_file_that_changed_is_read_again(
    visit: Visit, ask: Ask, assistant: Assistant, project: Path
) -> None:
    with served(assistant) as address:
        page = visit(address)
        ask(page, "When are the tide tables printed?")
        expect(page.locator(".said")).to_contain_text("every winter")
        changed = TIDES.replace("every winter", "in March")
        (project / "docs" / "tides.txt").write_text(changed, "utf-8")
        documents(page).get_by_role("button", name="Read again").click()
        expect(page.locator(".shelf .outcome")).to_have_text("It was read again.")
        page.get_by_role("tab", name="Ask").click()
        # The answer of before says what became of its source.
        page.reload()
        page.locator(".open-conversation").click()
        expect(page.locator(".checked")).to_contain_text("no longer stand where they did")
        expect(page.locator(".standing")).to_contain_text("no longer in it")


def test_a_document_of_the_folder_stays_on_disk_when_it_is_forgotten(
    visit: Visit, assistant: Assistant, project: Path
) -> None:
    with served(assistant) as address:
        page = documents(visit(address))
        page.get_by_role("button", name="Delete").click()
        expect(page.locator(".shelf .outcome")).to_have_text("Deleted.")
        expect(page.locator(".shelf .empty")).to_have_text("There are no documents yet.")
        page.close()
    assert (project / "docs" / "tides.txt").exists()


def test_read_only_there_is_nothing_to_change_documents_with(
    visit: Visit, ask: Ask, assistant: Assistant
) -> None:
    with served(assistant, read_only=True) as address:
        page = visit(address)
        assert page.get_by_role("tab").count() == 0
        ask(page, "When are the tide tables printed?")
        expect(page.locator(".said")).to_contain_text("every winter")
        called = "gradio_config.components.flatMap(one => one.props.server_fns ?? [])"
        assert not {"list", "remove", "undo", "read_again"} & set(page.evaluate(called))
        for method, path in (("GET", "/uploads"), ("POST", "/uploads"), ("POST", "/uploads/text")):
            assert raw(address, method, path)[0] in (404, 405)
