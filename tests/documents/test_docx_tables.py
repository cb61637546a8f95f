"""Tables of Word: merged cells, heads, boxes, tables in tables, and rows that fit no grid."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.types import Document
from tests.documents.office_files import cell, paragraph, row, run, table, word

DOWN, ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def read(body: str) -> Document:
    return load_document(word(body), "a.docx")


def span(columns: int) -> str:
    return f'<w:gridSpan w:val="{columns}"/>'


def bold(words: str) -> str:
    return cell(paragraph(run(words, "<w:b/>")))


def test_merged_cells_hold_for_all_that_they_cover() -> None:
    document = read(
        table(
            row("Hall", "Day", "Hours"),
            row(cell("Glass hall", DOWN), "Weekdays", "9 to 17"),
            row(cell("", ON), "Sundays", "11 to 15"),
            row("Palm house", cell("closed for repairs", span(2))),
        )
    )
    assert document.text == (
        "Hall: Glass hall; Day: Weekdays; Hours: 9 to 17\n"
        "Hall: Glass hall; Day: Sundays; Hours: 11 to 15\n"
        "Hall: Palm house; Day: closed for repairs"
    )
    (block,) = document.blocks
    assert block.cells[-1].columns == 2


def test_rows_that_fit_no_grid_keep_their_words() -> None:
    document = read(
        table(
            row("Only cell"),
            row("A", cell("without a cell above", ON)),
            row(cell("late", '<w:gridSpan w:val="x"/>'), properties='<w:gridBefore w:val="2"/>'),
            "<w:tr/>",
        )
    )
    for words in ("Only cell", "without a cell above", "late"):
        assert words in document.text
    assert not document.omissions


def test_the_first_row_is_a_head_if_it_is_marked_or_bold() -> None:
    numbers = ("1", "2"), ("3", "4")
    plain = read(table(row("10", "20"), *(row(*cells) for cells in numbers)))
    marked = read(
        table(row("10", "20", properties="<w:tblHeader/>"), *(row(*cells) for cells in numbers))
    )
    thick = read(table(row(bold("10"), bold("20")), *(row(*cells) for cells in numbers)))
    assert plain.text == "10; 20\n1; 2\n3; 4"
    assert marked.text == thick.text == "10: 1; 20: 2\n10: 3; 20: 4"


def test_bold_labels_head_their_rows_and_not_the_columns() -> None:
    document = read(
        table(
            row(bold("Supplier"), "Brant and Pike"),
            row(bold("Delivery"), "end of May"),
            row(bold("Contact"), "Ola Finch"),
        )
    )
    assert document.text == ("Supplier: Brant and Pike\nDelivery: end of May\nContact: Ola Finch")
    assert [c.is_head for c in document.blocks[0].cells] == [True, False] * 3


def test_a_box_is_read_as_what_stands_in_it() -> None:
    inner = paragraph("Kiln rules", '<w:pStyle w:val="Heading1"/>') + paragraph("Ask the warden.")
    document = read(table(row(cell(inner))) + table(row("Warden", "Petra Lund")))
    assert [h.title for h in document.headings] == ["Kiln rules"]
    assert document.text == "Kiln rules\n\nAsk the warden.\n\nWarden: Petra Lund"


def test_a_table_in_a_cell_follows_the_table() -> None:
    inner = table(row("Room", "Capacity"), row("Heron hall", "340 seats"))
    document = read(table(row("Left panel", cell(f"<w:p/>{inner}"))))
    assert document.text == "Left panel\n\nRoom: Heron hall; Capacity: 340 seats"
    assert [b.label for b in document.blocks] == ["table 1", "table 2"]


def test_a_label_may_be_merged_over_thousands_of_rows() -> None:
    rows = [row("Year", "Boat"), row(cell("1887", DOWN), "Boat 1")]
    rows += [row(cell("", ON), f"Boat {number}") for number in range(2, 3001)]
    lines = read(table(*rows)).text.split("\n")
    assert lines[-1] == "Year: 1887; Boat: Boat 3000"
    assert len(lines) == 3000


def test_a_table_of_which_nothing_is_left_is_no_table() -> None:
    gone = row("Boat", "Fee", properties="<w:del/>")
    document = read(paragraph("Words.") + table(gone, gone) + table())
    assert document.text == "Words."
    assert not document.omissions


words = st.text("abcdefgh", min_size=1, max_size=6)
merges = st.sampled_from(["", DOWN, ON, span(2), span(3), f"{span(2)}{ON}", "<w:hMerge/>"])


@settings(max_examples=50)
@given(st.lists(st.lists(st.tuples(words, merges), min_size=1, max_size=4), min_size=1, max_size=5))
def test_every_word_of_any_table_is_in_its_text(grid: list[list[tuple[str, str]]]) -> None:
    numbered = [
        [(f"{text}{number}x{index}", merge) for index, (text, merge) in enumerate(line)]
        for number, line in enumerate(grid)
    ]
    body = table(*(row(*(cell(text, merge) for text, merge in line)) for line in numbered))
    document = read(body)
    for line in numbered:
        for text, _ in line:
            assert text in document.text
    for block in document.blocks:
        for one in block.cells:
            assert block.start <= one.start <= one.body <= one.end <= block.end
