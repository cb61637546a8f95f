"""Separated values: dialects, stray quotes, titles and names of columns."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document


def read(source: str) -> Document:
    return load_document(source.encode(), "a.csv")


def pages(document: Document) -> list[int]:
    return [page.number for page in document.pages]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("a;b;c\nA;4,1;5,2\nB;4,2;5,4\n", "a: A; b: 4,1; c: 5,2\na: B; b: 4,2; c: 5,4",
                     id="decimal commas"),
        pytest.param('"Item, size";"Price, net"\n"Board, oak";"14,90"\n',
                     "Item, size: Board, oak; Price, net: 14,90", id="commas in quotes"),
        pytest.param('Rope,"Price, net"\n"Hemp, 8 mm","14,75"\n',
                     "Rope: Hemp, 8 mm; Price, net: 14,75", id="commas in and out of quotes"),
        pytest.param("Output, net, all\n\na;b;c\nA;4,1;5,2\n",
                     "Output, net, all\n\na: A; b: 4,1; c: 5,2", id="a title with commas"),
        pytest.param("Name|Age\nAda|4\n", "Name: Ada; Age: 4", id="bars"),
        pytest.param("Name\tAge\nAda, Moor\t4\n", "Name: Ada, Moor; Age: 4", id="tabs"),
        pytest.param("Ada, pilot\nTom\nUma\nPiet\nInes\nOtto\n",
                     "Ada, pilot\nTom\nUma\nPiet\nInes\nOtto", id="a single column"),
        pytest.param("Region,2022,2023\nNorth,120,135\n", "Region: North; 2022: 120; 2023: 135",
                     id="years"),
        pytest.param("Club,Player,Club,Player\nReed,Ines,Fen,Uma\n",
                     "Club: Reed; Player: Ines; Club: Fen; Player: Uma", id="the same name twice"),
        pytest.param("Store,Town,Inspector\nQuay,Ull,\n",
                     "Store; Town; Inspector\nStore: Quay; Town: Ull",
                     id="a column without values"),
        pytest.param("City,Ull\nPeople,400\nMayor,Ada\n", "City: Ull\nPeople: 400\nMayor: Ada",
                     id="labels and values"),
        pytest.param("Author;Ada\nDate;2024-01-01\na;b;c\nA;1;2\n",
                     "Author: Ada\nDate: 2024-01-01\na: A; b: 1; c: 2", id="labels above"),
        pytest.param('Name,Note\nAda,"said \\"hi, you\\""\nTom,x\n',
                     'Name: Ada; Note: said "hi, you"\nName: Tom; Note: x', id="backslashes"),
    ],
)  # fmt: skip
def test_each_dialect_is_read(source: str, text: str) -> None:
    assert read(source).text == text


def test_a_first_line_may_name_the_separator() -> None:
    document = read("sep=;\nPlant;Output\nAlder, Birch;412,5\n")
    assert document.text == "Plant: Alder, Birch; Output: 412,5"
    assert pages(document) == [3]


def test_stray_quotes_do_not_swallow_rows() -> None:
    document = read(
        'Part,Size,Stock\nBolt,"3/8"" zinc",40\nPipe,"2 inch,17\nNut,M6,900\nRod,3 inch",5\n'
    )
    assert document.text == (
        'Part: Bolt; Size: 3/8" zinc; Stock: 40\nPart: Pipe; Size: "2 inch; Stock: 17\n'
        'Part: Nut; Size: M6; Stock: 900\nPart: Rod; Size: 3 inch"; Stock: 5'
    )
    assert pages(document) == [2, 3, 4, 5]


def test_a_cell_may_go_on_over_lines() -> None:
    document = read('Name,Note,Age\nAda,"one, two\nthree\nfour",41\nTom,x,9\n')
    assert (
        document.text == "Name: Ada; Note: one, two three four; Age: 41\nName: Tom; Note: x; Age: 9"
    )
    assert pages(document) == [2, 3]


def test_a_cell_may_be_longer_than_the_csv_module_allows() -> None:
    words = "oil the hinge " * 10_000
    assert read(f"Name,Note\nshort,x\nlong,{words}\n").text.endswith(words.strip())


def test_blank_rows_set_tables_apart_and_count() -> None:
    document = read("Field,Ha\nLow,9\n\nBarn,Built\nGreat,in 1894\n\n\nSource: office\n")
    assert document.text == "Field: Low; Ha: 9\n\nBarn: Great; Built: in 1894\n\nSource: office"
    assert pages(document) == [2, 5, 8]


cells = st.text(alphabet='ab1,;"\n |\t', max_size=8)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=8))
def test_every_word_is_in_the_text_whatever_the_quotes(rows: list[list[str]]) -> None:
    out = StringIO()
    csv.writer(out).writerows(rows)
    try:
        text = read(out.getvalue()).text
    except DocumentError:
        assert not any(character.isalnum() for row in rows for cell in row for character in cell)
        return
    for mark in "ab1":
        assert (mark in text) == any(mark in cell for row in rows for cell in row)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('id, name, note\n1, "Vale, Ida", ok\n2, "Orn, Max", no\n', id="padded"),
        pytest.param("id,name,note\n1,'Vale, Ida',ok\n2,'Orn, Max',no\n", id="single quotes"),
    ],
)
def test_quotes_that_other_programs_write_keep_a_cell_whole(source: str) -> None:
    lines = ["id: 1; name: Vale, Ida; note: ok", "id: 2; name: Orn, Max; note: no"]
    assert read(source).text.split("\n") == lines


def test_blank_lines_between_all_rows_do_not_part_them_from_their_names() -> None:
    document = read("id,name\n\n1,Ida\n\n2,Max\n\n3,Bo\n")
    assert document.text.split("\n") == ["id: 1; name: Ida", "id: 2; name: Max", "id: 3; name: Bo"]
    assert pages(document) == [3, 5, 7]
