"""An index as one file: taken elsewhere, and refused if it is not sound."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from aiqa.errors import CatalogError
from aiqa.index import Index
from tests.conftest import Open
from tests.index.inspection import run, told


def test_an_index_can_be_taken_elsewhere_as_one_file(
    harbour: Path, index: Path, open_assistant: Open
) -> None:
    with open_assistant(index) as assistant:
        before = told(assistant)
    file = harbour.parent / "harbour.aiqa"
    assert run(index, "export", str(file))[0] == 0
    refused = f"Error: {file} is there already. Choose another name or remove it."
    assert run(index, "export", str(file)) == (CatalogError.exit_code, refused)
    elsewhere = harbour.parent / "elsewhere"
    code, words = run(elsewhere, "import", str(file))
    assert (code, words) == (0, f"The index {elsewhere} holds 5 documents.")
    with open_assistant(elsewhere) as assistant:
        assert told(assistant) == before
    assert "index in" in run(elsewhere, "import", str(file))[1]


@pytest.mark.parametrize("case", ["text", "truncated", "trigger", "other", "missing"])
def test_only_a_sound_export_is_brought_in(harbour: Path, index: Path, case: str) -> None:
    file = harbour.parent / "harbour.aiqa"
    run(index, "export", str(file))
    match case:
        case "text":
            file.write_text("no index", "utf-8")
        case "truncated":
            file.write_bytes(file.read_bytes()[:20_000])
        case "missing":
            file.unlink()
        case _:
            with sqlite3.connect(file) as catalog:
                catalog.execute(
                    "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM meta; END"
                    if case == "trigger"
                    else "DROP TABLE chunks"
                )
            catalog.close()
    elsewhere = harbour.parent / "elsewhere"
    code, words = run(elsewhere, "import", str(file))
    assert code == CatalogError.exit_code
    assert "harbour.aiqa" in words
    assert "Traceback" not in words
    assert [path.name for path in elsewhere.iterdir()] == []


@pytest.mark.parametrize("recipe", ["", "[]", '{"dimensions": "many"}', "null"])
def test_an_export_with_a_recipe_that_is_none_is_refused(
    small_index: Index, tmp_path: Path, recipe: str
) -> None:
    file = tmp_path / "small.aiqa"
    small_index.export(file)
    with sqlite3.connect(file) as catalog:
        catalog.execute("UPDATE recipes SET recipe = ?", (recipe,))
    catalog.close()
    with pytest.raises(CatalogError, match=r"small.aiqa is not an index that can be read"):
        Index.import_from(file, tmp_path / "elsewhere")
    assert list((tmp_path / "elsewhere").iterdir()) == []
