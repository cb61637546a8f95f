"""``python eval/screenshots.py [NAME ...]``: pictures of the chat's main states.

Serves the bundled corpus, and a table in six formats, drives Debian's Chromium, and writes to
``eval/results/screenshots/`` all pictures, or those whose names begin with a NAME.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from eval.table_documents import QUESTION, write_tables  # noqa: E402
from tests.server.conftest import launch, served  # noqa: E402

from aiqa import Assistant  # noqa: E402

OUT = ROOT / "eval" / "results" / "screenshots"
DESKTOP = {"width": 1280, "height": 800}
LOW = {"width": 1280, "height": 560}
PHONE = {"width": 390, "height": 780}
_COLOURS = 192


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the answer and its source."""
    replies = page.locator(".reply:not(.waiting)")
    before = replies.count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    replies.nth(before).wait_for()
    page.wait_for_load_state("networkidle")


def answer(page: Page) -> None:
    """An answer, with the quote shown at a citation that is pointed at."""
    ask(page, "Which country forbade DeepSeek on government devices?")
    page.locator(".sources .cite").nth(1).hover()


def disagreement(page: Page) -> None:
    """Sources that do not say the same: a price, and what it costs to make."""
    ask(page, "What is the price of the robot SenseRobot?")


def pdf(page: Page) -> None:
    """The page of a PDF with the quote drawn on it."""
    ask(page, "In which month are the Two Sessions usually held?")
    page.locator(".said .cite").first.click()
    page.locator(".evidence .page img").evaluate("image => image.decode()")


def no_answer(page: Page) -> None:
    """No answer: what came near and what it lacks."""
    ask(page, "Who is the mayor of Hangzhou?")


def follow_up(page: Page) -> None:
    """A question that is understood from the one before."""
    ask(page, "What is the price of SenseRobot?")
    ask(page, "Who mainly buys it?")


def upload(page: Page) -> None:
    """Files that were dropped on the documents page."""
    page.get_by_role("tab", name="Documents").click()
    page.locator(".shelf table").wait_for()
    with TemporaryDirectory() as folder:
        good, bad = Path(folder) / "lease.md", Path(folder) / "scan.pdf"
        good.write_text("# Lease\n\nThe lease ends on 31 March 2031.\n", "utf-8")
        bad.write_bytes(b"%PDF-1.4 cut off")
        page.locator(".drop input").set_input_files([good, bad])
        page.locator(".arrivals .added").wait_for()
        page.locator(".arrivals .failed").wait_for()


def table(page: Page, suffix: str) -> None:
    """The table of the document in one format, with the cell lit that answers."""
    page.locator(".scope summary").click()
    page.locator(f".choices [value='tables/hours-{suffix}.{suffix}']").check()
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    page.locator(".cite").first.click()
    page.locator(".evidence .lit, .evidence .box").first.wait_for()
    for picture in page.locator(".evidence .page img").all():
        picture.evaluate("image => image.decode()")
    page.mouse.move(0, 0)


State = tuple[Callable[[Page], None], dict[str, int], str]

STATES: dict[str, State] = {
    "answer": (answer, DESKTOP, "light"),
    "disagreement": (disagreement, DESKTOP, "light"),
    "pdf": (pdf, DESKTOP, "light"),
    "no-answer": (no_answer, DESKTOP, "light"),
    "follow-up": (follow_up, DESKTOP, "light"),
    "dark": (disagreement, DESKTOP, "dark"),
    "phone": (disagreement, PHONE, "light"),
    "upload": (upload, DESKTOP, "light"),
}
"""What is pictured: how to get there, and in which window."""


TABLES: dict[str, State] = {
    f"tables-{suffix}": (partial(table, suffix=suffix), LOW, "light")
    for suffix in ("docx", "xlsx", "html", "md", "pptx", "pdf")
}
"""The same for documents that hold a table."""


def main() -> None:
    """Write the pictures anew that are named, or all."""
    OUT.mkdir(parents=True, exist_ok=True)
    names = tuple(sys.argv[1:]) or ("",)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        (Path(folder) / "corpus").symlink_to(ROOT / "corpus")
        (Path(folder) / "tables").mkdir()
        write_tables(Path(folder) / "tables")
        for place, states in (("corpus", STATES), ("tables", TABLES)):
            wanted = {name: state for name, state in states.items() if name.startswith(names)}
            if wanted:
                take(browser, Path(folder) / place, wanted)
        browser.close()


def take(browser: Browser, documents: Path, states: Mapping[str, State]) -> None:
    """Write the pictures of ``states`` of the chat over the folder ``documents``."""
    with Assistant.open(documents.with_name(f"{documents.name}-index")) as assistant:
        assistant.ingest(documents)
        assistant.warm_up()
        with served(assistant) as address:
            for name, (reach, window, scheme) in states.items():
                context = browser.new_context(viewport=window, color_scheme=scheme)  # type: ignore[arg-type]
                page = context.new_page()
                page.set_default_timeout(120_000)
                page.goto(address)
                page.locator("#question").wait_for()
                reach(page)
                page.wait_for_timeout(800)  # what scrolls smoothly comes to rest
                target = OUT / f"{name}.png"
                page.screenshot(path=target)
                # A page has few colours; the file is a third of the size.
                Image.open(target).quantize(_COLOURS).save(target, optimize=True)
                print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1000} kB")
                context.close()


if __name__ == "__main__":
    main()
