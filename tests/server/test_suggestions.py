"""Examples: what is made of documents, and that each one offered is answered."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from markupsafe import escape

from aiqa import Assistant
from aiqa.drafting.heading_questions import heading_questions
from aiqa.drafting.question_drafts import drafts
from aiqa.server.chat import Desk
from aiqa.server.overview import overview
from aiqa.server.suggestions import LEAST_CONFIDENCE, MOST_EXAMPLES, Examples
from aiqa.server.tried_examples import known_drafts
from aiqa.types import Answer, Document, Heading
from tests.conftest import CORPUS

Open = Callable[..., Assistant]

TOWN = {
    "Mill Bay": "Mill Bay is a fishing town on the north coast. It has 4,200 inhabitants.",
    "The Old Bridge": "The bridge over the Tarn was opened in 1874. It carries one road.",
    "Ferry": "A day pass is a ticket for every boat. The Northern Ferry costs 12 crowns.",
    "Council": "The council of Mill Bay has 19 members. Ada Lund founded Bay Rescue.",
    "Museum": "Mill Bay Museum was founded in 1902. Mill Bay Museum is located in Quay Street.",
}


def document(title: str, text: str, number: int = 0) -> Document:
    return Document(f"{number:064}", f"{title}.md", "markdown", title, text)


def asked(text: str, title: str = "Notes") -> list[str]:
    return [draft.question for draft in drafts(document(title, text))]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("A chatbot is a program that talks.", "What is a chatbot?"),
        ("Graphics cards are a kind of processor.", "What are graphics cards?"),
        ("We met Mary Poole. Mary Poole is an engineer from Leeds.", "Who is Mary Poole?"),
        ("The lamp on Gull Rock was lit in 1887.", "When was the lamp on Gull Rock lit?"),
        ("DeepSeek is based in Hangzhou.", "Where is DeepSeek based?"),
        ("SenseRobot costs about 800 dollars.", "How much does SenseRobot cost?"),
        ("The club of Ely has 19 members.", "How many members does the club of Ely have?"),
        ("In 2020 McGraw had 40 shops.", "How many shops did McGraw have in 2020?"),
        ("Ada Lund founded Bay Rescue.", "Who founded Bay Rescue?"),
        ("Name: SenseRobot; Price: 800 dollars", "What is the price of SenseRobot?"),
        ("Holiday: Boxing Day; Dates: 26 December", "When is Boxing Day?"),
        (
            "If you lose your key, you must tell the harbour office.",
            "What should I do if I lose my key?",
        ),
        (
            "If the Northern Ferry is late, the fare is paid back.",
            "What happens if the Northern Ferry is late?",
        ),
        (
            "You must submit expenses within 30 days of the purchase.",
            "How soon after the purchase must I submit expenses?",
        ),
        ("Guest boats may stay up to 3 days.", "How many days may guest boats stay?"),
        (
            "The Old Bridge was closed because its pillars had cracked.",
            "Why was the Old Bridge closed?",
        ),
        ('"Service Credit" means the sum of both credits.', "What does “Service Credit” mean?"),
        ("- Dogs are not allowed on the Oak Ferry.", "Are dogs allowed on the Oak Ferry?"),
        (
            "You must be 18 years old or older to rent a boat.",
            "How old must I be to rent a boat?",
        ),
        ("Each boat ticket expires after ten days.", "How long is a boat ticket valid?"),
        ("The Northern Ferry fee is $20 a day.", "How much is the Northern Ferry fee?"),
        (
            "Ada Lund is responsible for the lamp on Gull Rock.",
            "Who is responsible for the lamp on Gull Rock?",
        ),
    ],
)  # fmt: skip
def test_a_sentence_or_a_row_makes_the_question_that_it_answers(text: str, question: str) -> None:
    assert question in asked(text)


def test_the_title_tells_what_a_row_is_about() -> None:
    assert asked("Maker; SenseTime", "SenseRobot: a guide") == ["What is the maker of SenseRobot?"]
    row = "Question: Who leads it?; Answer: Liang Wenfeng"
    assert asked(row, "DeepSeek: a profile") == ["Who leads DeepSeek?"]


@pytest.mark.parametrize(
    "text",
    [
        "It is a machine.",
        "This is a claim.",
        "The fund is a clear sign.",
        "Schools are a second market.",
        "The lamp was lit in 1887.",
        "Its maker costs 800 dollars.",
        "Event: Trust is built over years; Marathon: yes",
        "If it fails, the keeper is called.",
        "Additional action is required.",
        "If the changes are large, you are told.",
        "Unless renewed, the pass expires.",
        "The Policy includes all rules that Ada Lund made.",
        "Licensing is a critical component of trade.",
        "Primer: FishF1; Gene: COI",
        "Holiday: New Year's Day; Dates: 1 January",
        "If you would like help with the plan, you can ask Ada Lund.",
        "If you are not sure whether your boat is in scope, contact us.",
        "If you sail in a boat whose papers are kept where the need is not foreseen, you pay more.",
    ],
)
def test_what_means_nothing_alone_makes_no_question(text: str) -> None:
    assert asked(text) == []


def test_headings_are_taken_that_are_questions_and_say_what_they_are_about() -> None:
    text = (
        "What does SenseRobot cost?\n\nA lot.\n\nAnd then?\n\nWill that settle the matter?\n\nMore"
    )
    headings = tuple(
        Heading(2, title, text.index(title))
        for title in ("What does SenseRobot cost?", "And then?", "Will that settle the matter?")
    )
    made = list(drafts(Document("id", "a.md", "markdown", "A", text, headings=headings)))
    assert [draft.question for draft in made] == ["What does SenseRobot cost?"]
    assert text[made[0].place.start : made[0].place.end].endswith("A lot.\n\n")


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Delete your account", "How do I delete my account?"),
        ("How to verify your identity", "How do I verify my identity?"),
        ("3.1 Request approval for an expense", "How do I request approval for an expense?"),
        ("Report from the Shanghai AI Expo", None),
        ("Use of materials in class", None),
        ("Purpose", None),
    ],
)
def test_a_heading_of_instructions_makes_the_question_how_to(
    heading: str, question: str | None
) -> None:
    assert list(heading_questions(heading)) == ([question] if question else [])


def test_a_row_that_is_not_the_only_one_of_its_name_makes_no_question() -> None:
    text = "Name: Ada Lund; Fee: 3 crowns\nName: Ada Lund; Fee: 4 crowns"
    assert not any("Fee" in question or "fee" in question for question in asked(text))


def test_each_wording_is_made_once() -> None:
    assert asked("A chatbot is a program. A chatbot is a machine.") == ["What is a chatbot?"]


def offered(assistant: Assistant) -> list[str]:
    """The examples once they are found; each is asked here as people ask it."""
    examples = Examples(assistant)
    desk = Desk(assistant, examples)
    try:
        end = time.monotonic() + 180
        while desk.begin({})["waiting"]:
            assert time.monotonic() < end
            time.sleep(0.2)
        found = examples.offered() or ()
    finally:
        examples.stop()
    for example in found:
        answer = assistant.ask(example.question)
        assert answer.outcome == "answered"
        assert answer.confidence >= LEAST_CONFIDENCE
        assert example.document_id in {citation.document_id for citation in answer.citations}
        title = assistant.document(example.document_id).title
        assert any(
            escape(example.question) in html and escape(title) in html
            for html in desk.begin({})["examples"]
        )
    return [example.question for example in found]


def test_every_example_of_the_bundled_corpus_is_answered(
    corpus_index: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(corpus_index)
    known = {draft.question for draft in known_drafts(assistant)}
    found = set(offered(assistant))
    assert 4 <= len(found) <= MOST_EXAMPLES
    # They are known beforehand, so that a visitor does not wait for them to be found.
    assert len(found & known) >= 4


def test_bundled_examples_are_known_where_a_library_began_empty(
    tmp_path: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(tmp_path / "index")
    assistant.add([])
    examples = Examples(assistant)
    while examples.offered() is None:
        time.sleep(0.05)
    examples.stop()
    assert examples.offered() == ()
    assistant.ingest(CORPUS / "industry" / "bans-and-restrictions.md")
    known = [draft.question for draft in known_drafts(assistant)]
    assert "Which country banned downloads of DeepSeek?" in known


def test_what_is_known_of_the_bundled_documents_stands_in_them(
    corpus_index: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(corpus_index)
    text = files("aiqa.server").joinpath("bundled_examples.json").read_text("utf-8")
    for one in json.loads(text):
        assert one["quote"] in assistant.document(one["document_id"]).text


def test_an_overview_is_in_the_words_of_the_documents(
    corpus_index: Path, open_assistant: Open
) -> None:
    found = overview(open_assistant(corpus_index))
    assert (found.count, found.kinds["markdown"], found.kinds["pdf"]) == (33, 23, 3)
    terms = dict(found.terms)
    assert {"DeepSeek", "SenseRobot"} <= set(terms)
    assert terms["DeepSeek"] > terms["SenseRobot"] > 3
    assert found.documents
    assert all(one.title and one.title not in one.headings for one in found.documents)


def test_every_example_of_a_small_collection_is_answered_until_an_answer_may_have_changed(
    tmp_path: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    assistant = open_assistant(index)
    assistant.add([document(t, text, at) for at, (t, text) in enumerate(TOWN.items())])
    examples = Examples(assistant)
    assert examples.offered() is None
    examples.stop()
    found = offered(assistant)
    assert len(found) >= 4
    asked_again: list[str] = []

    def ask(_: Assistant, question: str) -> Answer:
        asked_again.append(question)
        return Answer(question, None, 0.0, "abstention", cause="not stated")

    with monkeypatch.context() as patch:
        patch.setattr(Assistant, "ask_unlogged", ask)
        # Nothing has changed: what was found before is offered at once.
        assert offered(open_assistant(index)) == found
        assert asked_again == []
        assert offered(open_assistant(index, read_chunks=5)) == []
        # What was answered before is tried before anything else.
        assert asked_again[:4] == found[:4]
        (index / "examples.json").write_text("[]")
        asked_again.clear()
        assert offered(open_assistant(index)) == []
        assert asked_again != []
    assistant.add([document("Ferry", "The boat is out of service.", 9)])
    assert not {q for q in offered(assistant) if "day pass" in q or "Ferry" in q}


def test_key_terms_stand_for_different_documents_not_for_the_longest(
    tmp_path: Path, open_assistant: Open
) -> None:
    """A contract that says "Provider" a hundred times is not what the others are about."""
    contract = "The Provider is paid by the Customer. In May the Provider sends a bill. " * 50
    texts = {
        "Tide tables": "At Mill Bay the tide is high at noon. We sail to Mill Bay. See Mill Bay.",
        "Payroll run": "Staff of Acme Payroll are paid. Ask Acme Payroll. Tell Acme Payroll.",
        "Baking bread": "Flour of Hale Bakery. Bread of Hale Bakery. Buy at Hale Bakery.",
        "Contract": contract,
    }
    assistant = open_assistant(tmp_path / "index")
    assistant.add([document(t, text, at) for at, (t, text) in enumerate(texts.items())])
    terms = dict(overview(assistant).terms)
    assert {"Mill Bay", "Acme Payroll", "Hale Bakery"} <= set(terms)
    assert terms["Mill Bay"] == 3


def test_the_head_of_a_column_is_no_key_term_for_being_read_out_in_every_row(
    tmp_path: Path, open_assistant: Open
) -> None:
    rows = "".join(f"pier {number},{number}\n" for number in range(40))
    (tmp_path / "piers.csv").write_text(f"Place,Annual Budget\n{rows}", "utf-8")
    note = "See the Annual Budget. At Mill Bay we sail to Mill Bay, not past Mill Bay."
    (tmp_path / "note.txt").write_text(note, "utf-8")
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(tmp_path / "piers.csv", tmp_path / "note.txt")
    terms = dict(overview(assistant).terms)
    assert "Mill Bay" in terms
    assert "Annual Budget" not in terms


def test_without_documents_there_are_no_examples(tmp_path: Path, open_assistant: Open) -> None:
    assert Examples(open_assistant(tmp_path / "index")).offered() == ()
