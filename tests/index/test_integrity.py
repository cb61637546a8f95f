"""Damage of every kind: what can be mended is, and what cannot is told."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from aiqa.documents import LOADER_VERSION
from aiqa.errors import CatalogError
from aiqa.index import Index
from aiqa.types import Document
from tests.conftest import Open
from tests.index.inspection import QUESTION, derived, run, told
from tests.index.small import TEXT, change
from tests.ingestion.test_pipeline import counts


def test_a_changed_text_is_never_quoted_and_can_be_read_again(
    harbour: Path, index: Path, open_assistant: Open
) -> None:
    with sqlite3.connect(index / "catalog.sqlite3") as catalog:
        catalog.execute("UPDATE documents SET text = replace(text, 'salt', 'gold')")
    catalog.close()
    with open_assistant(index) as assistant, pytest.raises(CatalogError, match=r"log.pdf.*damaged"):
        assistant.ask(QUESTION, min_confidence=0)
    code, words = run(index, "doctor")
    assert code == CatalogError.exit_code
    assert "Lost: docs/log.pdf" in words
    assert "docs/tides.txt" not in words
    assert run(index, "doctor", "--repair")[0] == 0
    with open_assistant(index) as assistant:
        assert counts(assistant.ingest(harbour)) == (1, 0, 0, 4, 0)
        assert "salt" in (assistant.ask(QUESTION, min_confidence=0).text or "")
    assert run(index, "doctor") == (
        0,
        (
            "The index is whole: all texts and vectors are as they were stored. Vector search "
            "(exact) finds 100.0% of the 20 nearest passages, over 200 questions at most."
        ),
    )


def test_a_changed_vector_is_found(index: Path, open_assistant: Open) -> None:
    with sqlite3.connect(index / "catalog.sqlite3") as catalog:
        ((key,),) = catalog.execute("SELECT key FROM chunks WHERE number = 2")
        catalog.execute("UPDATE chunks SET vector = zeroblob(length(vector)) WHERE number = 2")
    catalog.close()
    shutil.rmtree(derived(index))
    with open_assistant(index) as assistant, pytest.raises(CatalogError, match=f"passage {key}"):
        assistant.ask(QUESTION)
    code, words = run(index, "status", "--check")
    assert code == CatalogError.exit_code
    assert "Lost: docs/" in words


def test_a_passage_that_only_the_search_structures_know_is_told_of(
    index: Path, open_assistant: Open
) -> None:
    with sqlite3.connect(index / "catalog.sqlite3") as catalog:
        ((key,),) = catalog.execute("SELECT key FROM chunks WHERE number = 2")
        catalog.execute("UPDATE chunks SET key = key - 1000 WHERE number = 2")
    catalog.close()
    with open_assistant(index) as assistant, pytest.raises(CatalogError, match=f"Passage {key} in"):
        assistant.ask(QUESTION, min_confidence=0)


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.9])
def test_a_catalog_overwritten_anywhere_gives_right_answers_or_a_clear_error(
    index: Path, open_assistant: Open, where: float
) -> None:
    with open_assistant(index) as assistant:
        before = told(assistant)
    path = index / "catalog.sqlite3"
    data = bytearray(path.read_bytes())
    start = int(len(data) * where)
    data[start : start + 8192] = b"\xa5" * 8192
    path.write_bytes(bytes(data))
    shutil.rmtree(derived(index))
    code, words = run(index, "doctor")
    assert "Traceback" not in words
    error: CatalogError | None = None
    after: object = None
    try:
        with open_assistant(index) as assistant:
            after = told(assistant)
    except CatalogError as raised:
        error = raised
    if error:
        assert error.remedy
        assert code == CatalogError.exit_code
        assert "Lost: " in words
    else:
        assert after == before


def test_a_document_and_its_chunks_must_agree(small_index: Index) -> None:
    (document,) = small_index.catalog.documents()
    other = Document(document.id, "a.txt", "text", "Tides", TEXT.upper())
    with small_index.catalog.transaction() as changes:
        changes.put(other, LOADER_VERSION)
    small_index.refresh_snapshot()
    assert small_index.check().lost == ("a.txt", "b.txt")


@pytest.mark.parametrize("table", ["documents", "chunks"])
def test_a_repair_deletes_a_damaged_document_so_that_it_is_read_again(
    small_index: Index, table: str
) -> None:
    keys = small_index.catalog.keys().tolist()
    change(small_index, f"UPDATE {table} SET text = upper(text)")
    with pytest.raises(CatalogError, match="damaged") as error:
        _ = list(small_index.catalog.documents()), small_index.catalog.chunks(keys)
    assert "`aiqa doctor --repair`" in error.value.remedy
    small_index.repair()
    assert not list(small_index.catalog.all_files())
    assert not small_index.check().lost
