"""``python -m tests.server.ask_once INDEX QUESTION``: serve, ask in a browser, print the reply."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.server.conftest import launch, serving

index, question = sys.argv[1:]
with serving(Path(index)) as address, sync_playwright() as playwright:
    browser = launch(playwright)
    page = browser.new_page()
    page.goto(address)
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    reply = page.locator(".reply:not(.waiting)")
    reply.wait_for()
    print(reply.inner_text())
    print(page.locator(".evidence mark").first.inner_text())
    browser.close()
