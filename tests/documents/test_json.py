"""JSON: dialects, records within objects, and files that are not whole."""

from __future__ import annotations

import pytest

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document, locator


def read(source: str, name: str = "a.json") -> Document:
    return load_document(source.encode(), name)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{"a": 1.10, "b": 1e5, "c": 12345678901234567890}',
         "a: 1.10; b: 1e5; c: 12345678901234567890"),
        ('{"on": true, "off": null, "name": "", "a": 1, "a": 2}', "on: true; a: 1; a: 2"),
        ('{"// a": "http://x.org/#b", "c": [1, 2,],}', "// a: http://x.org/#b; c: 1; c: 2"),
        ("{a: 'x # y', b: .5, c: 0x1F,}", "a: x # y; b: .5; c: 0x1F"),
        ('{"day": "may", "crew": [{"name": "Ada"}, {"name": "Tom"}]}',
         "day: may\ncrew.name: Ada\ncrew.name: Tom"),
        ('{"data": {"total": 2, "items": [{"n": 1}, {"n": 2}]}}',
         "data.total: 2\ndata.items.n: 1\ndata.items.n: 2"),
        ('{"pump": {"bar": 4}, "fan": {"rpm": 900}}', "pump.bar: 4\nfan.rpm: 900"),
        ('{"name": "Ada", "home": {"town": "Ull"}}', "name: Ada; home.town: Ull"),
        ('[["Name", "Age"], ["Ada", 41]]', "Name: Ada; Age: 41"),
        ('[{"note": "Closed."}, {"note": "Open."}, {"note": "Shut."}]',
         "note: Closed.\nnote: Open.\nnote: Shut."),
        ('{"a": 1}\n\n{\n"a": 2\n}\n', "a: 1\na: 2"),
    ],
)  # fmt: skip
def test_values_are_written_with_their_paths(source: str, text: str) -> None:
    assert read(source).text == text


def test_comments_are_kept_beside_what_they_explain() -> None:
    document = read('{\n// how long it lasts\n"minutes": 45, # of work\n/* in the\nwest */ "b": 1}')
    assert document.text == "how long it lasts\n\nof work\n\nin the west\n\nminutes: 45; b: 1"
    assert [block.kind for block in document.blocks] == ["comment"] * 3 + ["table"]


def test_each_record_is_a_page_and_each_value_a_cell_under_its_path() -> None:
    document = read('{"day": "may", "crew": [{"name": "Ada"}, {"name": "Tom", "age": 9}]}')
    tom = document.text.index("Tom")
    assert document.page_at(tom) == 3
    cell = document.blocks[0].cell_at(tom)
    assert cell
    assert document.text[cell.start : cell.body] == "crew.name: "
    assert locator("a.json", 3, "", document.place_at(tom)) == "record 3"


def test_a_bad_line_is_noted_and_the_others_keep_their_numbers() -> None:
    document = read('{"a": 1}\n{"a": \n{"a": 3}\n', "a.jsonl")
    assert document.text == "a: 1\na: 3"
    assert document.page_at(document.text.index("3")) == 3
    assert len(document.omissions) == 1
    assert document.omissions[0].startswith("Line 2 is left out")


def test_many_bad_lines_are_counted() -> None:
    document = read('{"a": 1}\n' * 20 + "{bad\n" * 15)
    assert len(document.omissions) == 11
    assert document.omissions[-1].startswith("5 more lines")


@pytest.mark.parametrize(
    "source", ['[{"a": "x"}, {"a": "y"}, {"a": "z', '[{"a": "x"},\n{"a": "y"},\n{"a": "z" "b"}]']
)
def test_what_stands_before_an_error_is_read(source: str) -> None:
    document = read(source)
    assert document.text.startswith("a: x\na: y")
    assert "left out" in document.omissions[0]


@pytest.mark.parametrize("source", ["not json", '{"x": }', "[[[", "<html>"])
def test_what_is_no_json_is_refused(source: str) -> None:
    with pytest.raises(DocumentError, match="not JSON"):
        read(source)
