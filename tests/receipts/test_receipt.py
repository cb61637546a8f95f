"""Receipts: what they state, that they can be checked, and what is not signed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from aiqa import Assistant, Filters, Receipt
from aiqa.errors import ReceiptError
from aiqa.receipts.document_digests import document_digests
from tests.receipts.conftest import CARGO, copy_of


def test_it_states_what_was_answered_from_which_documents(
    assistant: Assistant, receipt: Receipt, harbour: Path
) -> None:
    body = receipt.body
    answer = assistant.ask(CARGO, min_confidence=0)
    document = assistant.document(answer.citations[0].document_id)
    (quote, *_), (signed, *_) = body["quotes"], body["documents"]
    assert (body["question"], body["text"], body["outcome"]) == (CARGO, answer.text, "answered")
    assert body["confidence"] == answer.confidence
    assert document.text[quote["start"] : quote["end"]] == quote["quote"] in quote["excerpt"]
    assert (quote["source"], quote["title"]) == ("docs/log.pdf", "Boat log")
    assert quote["place"].startswith("p. 1")
    digest = hashlib.sha256((harbour / "log.pdf").read_bytes()).hexdigest()
    assert signed["id"] == signed["file"]["sha256"] == digest
    assert signed["text"] == hashlib.sha256(document.text.encode()).hexdigest()
    assert body["index"]["generation"] == assistant.status().generation
    assert body["index"]["documents"] == 5
    assert body["reader"]["name"] == assistant.reader.identity
    verification = assistant.verify(receipt.to_json().encode(), key=receipt.key)
    assert verification.holds
    assert {one.state for one in verification.quotes} == {"holds"}


def test_no_more_of_a_document_is_shown_than_surrounds_the_quotes(assistant: Assistant) -> None:
    """Pieces of 256 characters are shown, not the document."""
    text = "\n\n".join(
        f"Berth {n} of the north quay is let to boat number {n * 7}." for n in range(99)
    )
    (document,) = [one for one in assistant.documents() if one.source == "docs/tides.txt"]
    assistant.add([replace(document, id="a" * 64, source="berths.txt", title="Berths", text=text)])
    answer = assistant.ask("Which boat has berth 50 of the north quay?", min_confidence=0)
    receipt = assistant.receipt(answer)
    told = receipt.to_json()
    assert "Berth 50 of" in told
    assert "Berth 9 of" not in told
    assert "Berth 90 of" not in told
    assert assistant.verify(told.encode()).holds


def test_what_was_not_answered_has_a_receipt_too(assistant: Assistant) -> None:
    receipt = assistant.receipt(assistant.ask("Who painted the Mona Lisa?"))
    assert receipt.body["outcome"] == "unsure"
    assert receipt.body["text"] is None
    assert {quote["part"] for quote in receipt.body["quotes"]} == {"alternative"}
    assert assistant.verify(receipt.to_json().encode()).holds


def test_settings_and_filters_are_part_of_what_is_signed(assistant: Assistant) -> None:
    filters = Filters(sources=("docs/l*",))
    answer = assistant.ask(CARGO, filters=filters)
    receipts = [
        assistant.receipt(answer),
        assistant.receipt(answer, min_confidence=0.9),
        assistant.receipt(answer, max_risk=0.1),
    ]
    assert len({receipt.body["settings"] for receipt in receipts}) == 3
    assert assistant.receipt(answer, filters=filters).body["filters"] == {"sources": ["docs/l*"]}


def test_an_answer_that_does_not_stand_in_the_index_gets_none(
    assistant: Assistant, harbour: Path
) -> None:
    answer = assistant.ask("What does a copy of the tide tables cost?", min_confidence=0)
    (harbour / "tides.txt").write_text("There are no tide tables any more.", "utf-8")
    assistant.ingest(harbour)
    with pytest.raises(ReceiptError, match=r"docs/tides\.txt is not in the index as it was quoted"):
        assistant.receipt(answer)


def test_a_question_that_is_no_text_gets_none(assistant: Assistant) -> None:
    answer = replace(assistant.ask(CARGO), question="\udcff?")
    with pytest.raises(ReceiptError, match="no text"):
        assistant.receipt(answer)


def test_a_file_that_is_there_is_not_overwritten(receipt: Receipt, tmp_path: Path) -> None:
    receipt.write(tmp_path / "receipt.json")
    assert json.loads((tmp_path / "receipt.json").read_text("utf-8")) == copy_of(receipt)
    with pytest.raises(ReceiptError, match="there already"):
        receipt.write(tmp_path / "receipt.json")
    with pytest.raises(ReceiptError, match="cannot be written"):
        receipt.write(tmp_path / "none" / "receipt.json")


def test_digests_that_others_wrote_into_an_index_are_not_believed(assistant: Assistant) -> None:
    catalog, file = assistant.store.index.catalog, assistant.folder / "digests.json"
    honest = document_digests(catalog, assistant.folder)
    stored = file.read_text("utf-8")
    assert document_digests(catalog, assistant.folder) == honest
    for content in (stored.replace(next(iter(honest.values())).root, "0" * 64), "x", "[]\n{}"):
        file.write_text(content, "utf-8")
        assert document_digests(catalog, assistant.folder) == honest
        assert file.read_text("utf-8") == stored
