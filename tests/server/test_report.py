"""The report of a run, opened in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from aiqa.evaluation import load_dataset, open_system
from aiqa.evaluation.report import write_report
from aiqa.evaluation.run_store import perform

HOSTILE = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">&amp;'
LEDGER = f"The ledger {HOSTILE} of the pirates lists forty barrels of rum."
ROCK = "The lighthouse on Gull Rock was lit in 1887. Its lamp burns rapeseed oil."


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """The report of sixty questions, with a hostile document, question, tag, id and set name."""
    folder = tmp_path_factory.mktemp("report")
    rows = [
        {"id": f"n{number}", "title": HOSTILE, "question": f"Lamp {number}?", "context": ROCK,
         "answers": ["1887" if number % 2 else "rapeseed oil"]}
        for number in range(58)
    ]  # fmt: skip
    rows += [
        {"id": HOSTILE, "title": HOSTILE, "question": f"How many barrels {HOSTILE}?",
         "context": LEDGER, "answers": ["forty barrels"]},
        {"id": "lisa", "question": "Who painted it?", "context": LEDGER, "answers": []},
    ]  # fmt: skip
    path = folder / "<b onclick=alert(1)>.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    gold = load_dataset(path)
    with (
        Assistant(folder / "index", Settings.load(), embedder=embedder) as assistant,
        open_system(gold, "reading", assistant) as subject,
    ):
        run = perform(gold, "reading", 0.0, subject, folder / "run")
    write_report(run, folder / "report.html")
    write_report(run, folder / "again.html")
    assert (folder / "report.html").read_bytes() == (folder / "again.html").read_bytes()
    return folder / "report.html"


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    """The report, opened; it may ask for nothing and complain of nothing."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(report.as_uri())
    yield page
    assert said == [report.as_uri()]
    assert page.evaluate("window.pwned") is None
    page.close()


def test_the_page_tells_where_it_goes_wrong_first(page: Page) -> None:
    headings = page.locator("h2").all_inner_texts()
    assert headings[:2] == ["Where answers go wrong", "What people see"]
    expect(page.locator("h1")).to_have_text("<b onclick=alert(1)>")
    assert page.locator(".stages tbody tr").count() == 7
    counts = page.locator(".stages tbody td:nth-child(2)").all_inner_texts()
    told = page.locator("section p.muted").first.inner_text()
    assert told.startswith(f"{sum(map(int, counts))} of 60 questions went wrong.")
    assert page.locator(".card").count() >= 6
    assert page.locator("figure svg").count() == 3
    assert "Reliability." in page.inner_text("body")


def test_questions_are_searched_filtered_and_shown_as_text(page: Page) -> None:
    rows = page.locator("#rows tr")
    assert rows.count() == 50
    page.get_by_role("button", name="Show more").click()
    assert rows.count() == 60
    page.get_by_label("Search").fill("BARRELS pirates")
    expect(page.locator("#count")).to_have_text("2 of 60 questions")
    page.get_by_label("Search").fill("how many barrels")
    expect(rows).to_have_count(1)
    assert HOSTILE in rows.first.inner_text()
    # The answer is marked within its sentence.
    assert rows.locator("mark").first.inner_text() in LEDGER
    assert "forty barrels" in rows.locator("td").nth(1).inner_text()

    page.get_by_label("Search").fill("")
    stage = page.locator(".stages button").first
    name, count = stage.inner_text(), stage.locator("xpath=../../td[1]").inner_text()
    stage.click()
    expect(page.locator("#count")).to_have_text(f"{count} of 60 questions")
    assert set(page.locator("#rows .verdict").all_inner_texts()) == {name}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_it_can_be_read_in_light_and_dark_and_on_a_phone(
    browser: Browser, report: Path, scheme: str, width: int
) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colours = ("--ink", "--muted", "--accent", "--good", "--bad")
    for name in colours:
        assert page.evaluate(CONTRAST, [name, "--sheet"]) >= 4.5, name
    assert page.evaluate(CONTRAST, ["--good", "--good-back"]) >= 4.5
    assert page.evaluate(CONTRAST, ["--bad", "--bad-back"]) >= 4.5
    page.close()


CONTRAST = """([ink, paper]) => {
  const style = getComputedStyle(document.documentElement);
  const light = (name) => {
    const hex = style.getPropertyValue(name).trim().slice(1);
    const [r, g, b] = [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(ink), light(paper)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""
"""The contrast ratio of two colours of the page, by WCAG 2."""
