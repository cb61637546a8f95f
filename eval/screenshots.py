"""``python eval/screenshots.py``: pictures of the chat's main states, for the README.

Serves the bundled corpus, drives Debian's Chromium, and writes to ``eval/results/screenshots/``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.server.conftest import launch, served  # noqa: E402

from aiqa import Assistant  # noqa: E402

OUT = ROOT / "eval" / "results" / "screenshots"
DESKTOP = {"width": 1280, "height": 800}
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
        with page.expect_file_chooser() as chooser:
            page.locator("#drop button").first.click()
        chooser.value.set_files([good, bad])
        page.locator(".arrivals .added").wait_for()
        page.locator(".arrivals .failed").wait_for()


STATES: dict[str, tuple[Callable[[Page], None], dict[str, int], str]] = {
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


def main() -> None:
    """Write every picture anew."""
    OUT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "corpus").symlink_to(ROOT / "corpus")
        browser = launch(playwright)
        with Assistant.open(Path(folder) / "index") as assistant:
            assistant.ingest(Path(folder) / "corpus")
            assistant.warm_up()
            with served(assistant) as address:
                for name, (reach, window, scheme) in STATES.items():
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
        browser.close()


if __name__ == "__main__":
    main()
