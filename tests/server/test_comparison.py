"""Comparisons: what a question compares, and which statements are shown side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from aiqa.answers.comparison import compared, comparison
from aiqa.server.answer_view import Turn, turn_html
from aiqa.types import Answer, Citation, Statement
from tests.server.test_chat_care import violations


def statement(sentence: str, title: str = "Passes", section: str = "", at: int = 0) -> Statement:
    citation = Citation(
        document_id="a" * 64, source="passes.md", title=title, page=None, section=section,
        start=at, end=at + len(sentence), quote=sentence,
        sentence_start=at, sentence_end=at + len(sentence), sentence=sentence,
    )  # fmt: skip
    return Statement(sentence, 0.9, (citation,))


def answer(question: str, *statements: Statement) -> Answer:
    text = "\n".join(one.text for one in statements)
    return Answer(question, text, 0.9, "list", statements)


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("How does a day pass differ from a month pass?", ("day pass", "month pass")),
        ("What is the difference between sick leave and vacation?", ("sick leave", "vacation")),
        ("What are the differences between A4 and B5 paper?", ("A4", "B5 paper")),
        ("How do Global Entry and PreCheck differ?", ("Global Entry", "PreCheck")),
        ("How is the ferry different from the bridge?", ("ferry", "bridge")),
        ("Compare the ferry with the bridge.", ("ferry", "bridge")),
        ("day pass vs. month pass", ("day pass", "month pass")),
        ("day pass vs month pass - whats better", ("day pass", "month pass")),
        ("Is the ferry cheaper than the bridge?", ("ferry", "bridge")),
        ("Which is faster, the ferry or the bridge?", ("ferry", "bridge")),
        ("which costs more: the ferry or the bridge", ("ferry", "bridge")),
        ("What's better, a day pass or a month pass?", ("day pass", "month pass")),
        ("Does the night ferry take longer than the bridge?", ("night ferry", "bridge")),
        ("Is the ferry or the bridge safer?", ("ferry", "bridge")),
        ("How much is the ferry?", None),
        ("What happens between May and June?", None),
        ("How does the pass differ from the pass?", None),
    ],
)
def test_a_question_compares_two_things(question: str, sides: tuple[str, str] | None) -> None:
    assert compared(question) == sides


DAY = statement("A day pass is valid on all ferries.")
MONTH = statement("It costs 90 crowns.", section="Month pass", at=50)
BOTH = statement("A month pass pays off after nine day passes.", at=90)
BOATS = statement("Boats leave at nine.", at=150)
QUESTION = "How does a day pass differ from a month pass?"


def test_statements_stand_on_the_side_that_they_or_their_section_name() -> None:
    found = comparison(answer(QUESTION, DAY, MONTH, BOTH))
    assert found
    assert [side.name for side in found.sides] == ["day pass", "month pass"]
    assert [list(side.statements) for side in found.sides] == [[DAY], [MONTH]]
    assert list(found.of_both) == [BOTH]


@pytest.mark.parametrize(
    "given",
    [
        answer(QUESTION, DAY),
        answer(QUESTION, DAY, BOTH),
        answer(QUESTION, DAY, MONTH, BOATS),
        answer("When do ferries leave?", DAY, MONTH),
    ],
)
def test_without_a_statement_for_each_side_there_is_no_comparison(given: Answer) -> None:
    assert comparison(given) is None
    assert 'class="sides"' not in turn_html(Turn("1", given.question, given))


def test_the_sides_are_shown_side_by_side_each_with_its_citation() -> None:
    html = turn_html(Turn("1", QUESTION, answer(QUESTION, MONTH, DAY)))
    one, other = html.partition('class="sides"')[2].split('<section class="side">')[1:]
    assert "day pass</h3>" in one
    assert DAY.text in one
    assert 'aria-label="Source 1"' in one
    assert "month pass</h3>" in other
    assert MONTH.text in other
    assert 'aria-label="Source 2"' in other


def test_sides_that_one_paragraph_tells_of_stay_apart() -> None:
    both = "How does a day pass differ from a month pass?"
    month = statement("A month pass is valid on one ferry.", at=len(DAY.text) + 1)
    html = turn_html(Turn("1", both, answer(both, DAY, month)))
    assert html.count('<section class="side">') == 2


def test_possible_answers_stand_side_by_side_too_and_those_of_no_side_below() -> None:
    shares = zip((BOATS, MONTH, DAY), (0.4, 0.3, 0.2), strict=True)
    candidates = tuple(replace(one, confidence=share) for one, share in shares)
    unsure = Answer(
        QUESTION, None, 0.4, "abstention", alternatives=candidates, cause="below strictness",
        stated=0.9,
    )  # fmt: skip
    html = turn_html(Turn("1", QUESTION, unsure))
    assert "Possible answers, not sure" in html
    one, other = html.partition('class="sides"')[2].split('<section class="side">')[1:]
    other, below = other.split("</section>")
    for name, side, said, share in (
        ("day pass", one, DAY, "20%"),
        ("month pass", other, MONTH, "30%"),
    ):
        assert f"{name}</h3>" in side
        assert said.text in side
        assert f"{share} likely" in side
        assert side.count('data-judged="right"') == 1
    assert BOATS.text in below
    one_sided = replace(unsure, alternatives=candidates[:2])
    assert 'class="sides"' not in turn_html(Turn("1", QUESTION, one_sided))


def test_on_a_phone_the_sides_stand_one_below_the_other(page: Page) -> None:
    html = turn_html(Turn("1", QUESTION, answer(QUESTION, DAY, MONTH)))
    page.locator(".log").evaluate("(log, html) => { log.innerHTML = html; }", html)

    def corners() -> list[tuple[float, float]]:
        boxes = [side.bounding_box() for side in page.locator(".side").all()]
        return [(box["x"], box["y"]) for box in boxes if box]

    (left, top), (right, other_top) = corners()
    assert left < right
    assert top == other_top
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    (left, top), (right, below) = corners()
    assert left == right
    assert top < below
