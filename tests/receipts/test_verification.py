"""Verification: what became of each quote, against an index and against a folder."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import rfc8785
from eval.receipt_mutations.broken_receipts import RECEIPT_MUTATIONS
from eval.receipt_mutations.trial import Figures, Subject, break_receipts, edit_documents

from aiqa import Assistant, Verification
from aiqa.documents.sandbox.pool import Limits, Parsing
from aiqa.receipts.document_folder import DocumentFolder
from aiqa.receipts.signing_key import SigningKey
from aiqa.receipts.verification import verify
from tests.receipts.conftest import CARGO, edit

TABLES = "What does a copy of the tide tables cost?"


@pytest.fixture(scope="module")
def parsing() -> Iterator[Parsing]:
    with Parsing(1, Limits(60, 2048, 64)) as pool:
        yield pool


@pytest.fixture
def against(parsing: Parsing) -> Callable[[bytes, Path], Verification]:
    """Verifies a receipt against the files of a folder."""
    return lambda receipt, folder: verify(receipt, documents=DocumentFolder(folder, parsing))


@pytest.fixture
def tables(assistant: Assistant) -> bytes:
    """A receipt of an answer that a text file alone gives."""
    answer = assistant.ask(TABLES, min_confidence=0)
    assert answer.text == "A copy costs one crown."
    receipt = assistant.receipt(answer)
    return receipt.to_json().encode()


Against = Callable[[bytes, Path], Verification]


def of_answer(found: Verification) -> tuple[str, int | None]:
    (first, *_) = found.quotes
    return first.state, first.start


@pytest.mark.parametrize(
    ("old", "new", "state", "shift"),
    [
        ("one crown", "two crowns", "changed", None),
        ("one crown", "one\u00a0crown", "changed", None),
        ("Spring tides", "High tides", "moved", 0),
        ("The tide tables", "All the tide tables", "moved", 4),
    ],
)
def test_a_changed_document_is_noticed_and_the_quote_looked_for(
    assistant: Assistant, tables: bytes, harbour: Path, against: Against,
    old: str, new: str, state: str, shift: int | None,
) -> None:  # fmt: skip
    start = json.loads(tables)["body"]["quotes"][0]["start"]
    assert of_answer(against(tables, harbour)) == ("holds", start)
    edit(harbour / "tides.txt", old, new)
    expected = (state, None if shift is None else start + shift)
    found = against(tables, harbour)
    assert of_answer(found) == expected
    assert found.is_sound
    assert not found.holds
    assistant.ingest(harbour)
    assert of_answer(assistant.verify(tables)) == expected


def test_words_that_stand_in_another_sentence_now_are_not_what_was_quoted(
    assistant: Assistant, harbour: Path, against: Against
) -> None:
    answer = assistant.ask(TABLES, min_confidence=0)
    (statement,) = answer.statements
    (citation, *_) = statement.citations
    start = citation.start + citation.quote.index("one crown")
    short = replace(citation, start=start, end=start + 9, quote="one crown")
    said = replace(statement, text="one crown", citations=(short,))
    answer = replace(answer, text="one crown", statements=(said,), positions=())
    receipt = assistant.receipt(answer).to_json().encode()
    assert of_answer(against(receipt, harbour)) == ("holds", start)
    edit(harbour / "tides.txt", "The tide tables", "All the tide tables")
    assert of_answer(against(receipt, harbour)) == ("moved", start + 4)
    edit(harbour / "tides.txt", "one crown.", "two crowns. A map costs one crown.")
    assert of_answer(against(receipt, harbour)) == ("changed", None)


def test_a_document_that_is_gone_is_missing(
    assistant: Assistant, tables: bytes, harbour: Path, against: Against
) -> None:
    (harbour / "tides.txt").unlink()
    assert of_answer(against(tables, harbour)) == ("missing", None)
    assistant.ingest(harbour)
    assert of_answer(assistant.verify(tables)) == ("missing", None)


def test_files_are_known_by_their_bytes_wherever_they_lie(
    tables: bytes, harbour: Path, tmp_path: Path, against: Against
) -> None:
    elsewhere = tmp_path / "elsewhere" / "deep"
    elsewhere.mkdir(parents=True)
    shutil.copy(harbour / "tides.txt", elsewhere / "renamed.txt")
    shutil.copy(harbour / "log.pdf", elsewhere.parent / "log.pdf")
    (elsewhere.parent / "tides.txt").write_text("Another file of that name.", "utf-8")
    assert of_answer(against(tables, elsewhere.parent))[0] == "holds"


def test_of_files_with_one_name_the_one_in_the_same_folders_is_compared(
    tables: bytes, harbour: Path, tmp_path: Path, against: Against
) -> None:
    edit(harbour / "tides.txt", "Spring tides", "High tides")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "tides.txt").write_text("Another file of that name.", "utf-8")
    shutil.rmtree(tmp_path / "index")
    assert of_answer(against(tables, tmp_path))[0] == "moved"


def test_the_same_text_in_other_bytes_holds_and_says_so(
    tables: bytes, harbour: Path, against: Against
) -> None:
    file = harbour / "tides.txt"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    found = against(tables, harbour)
    assert of_answer(found)[0] == "holds"
    assert found.quotes[0].words == "Its document is another file with the same text."


def test_a_document_in_a_zip_file_is_compared(
    assistant: Assistant, harbour: Path, tmp_path: Path, against: Against
) -> None:
    folder = tmp_path / "packed"
    folder.mkdir()

    def pack(text: str) -> None:
        with zipfile.ZipFile(folder / "papers.zip", "w") as archive:
            archive.writestr("a/ferry.txt", text)
            archive.writestr("b/other.txt", "Nothing is said here of fares.")

    pack("The ferry to Gull Rock costs seven crowns and a half.")
    assistant.ingest(folder)
    answer = assistant.ask("What does the ferry to Gull Rock cost?", min_confidence=0)
    assert answer.citations[0].source.endswith("papers.zip/a/ferry.txt")
    receipt = assistant.receipt(answer).to_json().encode()
    shutil.copytree(harbour, folder / "docs")
    assert of_answer(against(receipt, folder))[0] == "holds"
    pack("The ferry to Gull Rock costs eight crowns.")
    assert of_answer(against(receipt, folder))[0] == "changed"


@pytest.mark.parametrize("field", ["place", "source", "start", "sentence", "part"])
def test_a_signer_who_leaves_something_out_fools_nobody(
    assistant: Assistant, tables: bytes, field: str
) -> None:
    receipt = json.loads(tables)
    del receipt["body"]["quotes"][0][field]
    receipt["signature"] = SigningKey().sign(rfc8785.dumps(receipt["body"]))
    found = assistant.verify(json.dumps(receipt).encode())
    assert (found.body, found.holds) == ({}, False)


@pytest.fixture
def subject(assistant: Assistant, harbour: Path) -> Subject:
    questions = [CARGO, TABLES, "Who kept the lighthouse?", "What are the fees for a dinghy?"]
    return Subject.of(assistant, harbour.parent, questions)


def test_every_mutation_of_a_receipt_is_noticed_or_means_the_same(subject: Subject) -> None:
    figures = Figures()
    break_receipts(subject, 20 * len(RECEIPT_MUTATIONS), Random(7), figures)
    assert figures.failures == []
    assert figures.count == 20 * len(RECEIPT_MUTATIONS)
    assert figures.noticed.keys() | figures.same.keys() == RECEIPT_MUTATIONS.keys()
    assert figures.noticed["another key"] == 20
    assert figures.same["layout"] == 20


def test_every_edit_of_a_document_is_noticed_or_leaves_its_text(subject: Subject) -> None:
    figures = Figures()
    edit_documents(subject, 60, Random(7), figures)
    assert figures.failures == []
    assert figures.noticed.total() > figures.same.total() > 0
