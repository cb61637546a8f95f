"""The documents page: what is there, what is brought in, what is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from tests.server.conftest import Ask, Visit, served

TIDES = "The tide tables for Gull Rock are printed every winter by the harbour office.\n"


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
    with page.expect_file_chooser() as chooser:
        page.locator("#drop button").first.click()
    chooser.value.set_files(list(files))


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
        page.get_by_label("Collection that they belong to").fill("lights")
        drop(page, lamp, broken, strange)
        arrivals = page.locator(".arrivals li")
        expect(arrivals.filter(has_text="lamp.md")).to_contain_text("can be asked now")
        expect(arrivals.filter(has_text="broken.pdf")).to_contain_text("not a readable PDF")
        expect(arrivals.filter(has_text="strange.exe")).to_contain_text("there is no loader")
        row = page.locator(".shelf tr", has_text="index-uploads/lamp.md")
        expect(row).to_contain_text("lights")
        expect(page.locator(".shelf tr.failed")).to_contain_text("broken.pdf")
        row.get_by_role("button", name="Ask only this").click()
        ask(page, "What does the lamp burn?")
        expect(page.locator(".said")).to_contain_text("rapeseed oil")
        expect(page.locator(".asking")).to_have_text("Asking only The lamp")
        documents(page)
        row.get_by_role("button", name="Read again").click()
        expect(page.locator(".outcome")).to_have_text("It has not changed.")
        row.get_by_role("button", name="Delete").click()
        row.get_by_role("button", name="Delete").click()
        expect(row).to_have_count(0)
    assert not (project / "index-uploads" / "lamp.md").exists()
    assert assistant.status().sources == ("docs/tides.txt",)


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
        expect(page.locator(".outcome")).to_have_text("It was read again.")
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
        page.get_by_role("button", name="Delete").click()
        expect(page.locator(".outcome")).to_have_text("Deleted.")
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
        assert not {"list", "remove", "read_again"} & set(page.evaluate(called))
