"""Tables: which cells are heads, and the lines that they make."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiqa.documents.tables import TableCell, cells_at, table_lines
from aiqa.documents.text_builder import CanonicalText

Cells = list[list[str | TableCell]]


def text_of(rows: Cells, *, header: bool | None = None) -> str:
    text = CanonicalText()
    text.table(rows, header=header)
    return text.content(title=None).text


def head(text: str, columns: int = 1) -> TableCell:
    return TableCell(text, columns, is_head=True)


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        pytest.param(
            [["Region", "2022", "2023"], ["North", "120", "135"]],
            ["Region: North; 2022: 120; 2023: 135"],
            id="years name columns",
        ),
        pytest.param(
            [["", "2022", "2023"], ["North", "120", "135"], ["Total", "120", "135"]],
            ["North; 2022: 120; 2023: 135", "Total; 2022: 120; 2023: 135"],
            id="the corner is empty",
        ),
        pytest.param(
            [["1887", "Ada"], ["1910", "Tom"]], ["1887; Ada", "1910; Tom"], id="years are values"
        ),
        pytest.param(
            [["Player", "1", "2", "3"], ["Ada", "4", "5", "6"]],
            ["Player: Ada; 1: 4; 2: 5; 3: 6"],
            id="columns are counted",
        ),
        pytest.param(
            [["Rose", "3", "4"], ["Iris", "6", "7"]], ["Rose; 3; 4", "Iris; 6; 7"], id="no names"
        ),
        pytest.param(
            [["Name", "Ada Moor"], ["Age", "41"], ["Rate", "5%"]],
            ["Name: Ada Moor", "Age: 41", "Rate: 5%"],
            id="labels and values",
        ),
        pytest.param(
            [["Item", "Price"], ["Apple", "3"], ["Pear", "4.50"]],
            ["Item: Apple; Price: 3", "Item: Pear; Price: 4.50"],
            id="two columns with names",
        ),
        pytest.param(
            [["Item", "Weight", "Price"], ["", "kg", "€"], ["Nut", "3", "4"], ["Bolt", "5", "2"]],
            ["Item: Nut; Weight kg: 3; Price €: 4", "Item: Bolt; Weight kg: 5; Price €: 2"],
            id="a row of units",
        ),
        pytest.param(
            [
                ["", TableCell("Spring", 2), TableCell("Autumn", 2)],
                ["Field", "Crop", "Yield", "Crop", "Yield"],
                ["Low", "hops", "3", "rye", "2"],
            ],
            ["Field: Low; Spring Crop: hops; Spring Yield: 3; Autumn Crop: rye; Autumn Yield: 2"],
            id="names in two rows",
        ),
        pytest.param(
            [
                ["", "Spring", "", "Autumn", ""],
                ["Field", "Crop", "Yield", "Crop", "Yield"],
                ["Low", "hops", "3", "rye", "2"],
            ],
            ["Field: Low; Spring Crop: hops; Spring Yield: 3; Autumn Crop: rye; Autumn Yield: 2"],
            id="names in two rows, not merged",
        ),
        pytest.param(
            [["Name", TableCell("Address", 2)], ["Ada", "Main Street", "London"]],
            ["Name: Ada; Address: Main Street; Address: London"],
            id="a wide name above values",
        ),
        pytest.param(
            [["Harbour cups"], ["Team", "Town", "Cups"], ["Wrens", "Wick", "4"], ["* shared"]],
            ["Harbour cups", "Team: Wrens; Town: Wick; Cups: 4", "* shared"],
            id="a title above and a note below",
        ),
        pytest.param(
            [["Author", "Ada"], ["Date:", "3 May"], ["Item", "Qty", "Price"], ["Nut", "3", "4"]],
            ["Author: Ada", "Date: 3 May", "Item: Nut; Qty: 3; Price: 4"],
            id="labels above the table",
        ),
        pytest.param(
            [["Day", "Wind"], ["2", "0"], ["Day", "Wind"], ["3", "4"]],
            ["Day: 2; Wind: 0", "Day: 3; Wind: 4"],
            id="the head is repeated",
        ),
        pytest.param(
            [["Name", "Pay"], [TableCell("First watch", 2)], ["Ada", "4"]],
            ["First watch", "Name: Ada; Pay: 4"],
            id="a title between rows",
        ),
        pytest.param(
            [["Field", "Crop", "Ha"], [TableCell("Mill", rows=2), "oats", "4"], ["peas", "2"]],
            ["Field: Mill; Crop: oats; Ha: 4", "Field: Mill; Crop: peas; Ha: 2"],
            id="a label holds for two rows",
        ),
        pytest.param(
            [
                ["Station", "Month", "Rain"],
                ["Arden", "Jan", "88"],
                ["", "Feb", "60"],
                ["Brora", "Jan", "71"],
                ["", "Feb", ""],
            ],
            [
                "Station: Arden; Month: Jan; Rain: 88",
                "Station: Arden; Month: Feb; Rain: 60",
                "Station: Brora; Month: Jan; Rain: 71",
                "Station: Brora; Month: Feb",
            ],
            id="the name of a group stands in its first row",
        ),
        pytest.param(
            [
                ["Kind", "Dish", "Price"],
                ["Soup", "Leek", "4"],
                ["", "Pea", "5"],
                ["", "Crab", "6"],
                ["Main", "Pie", "9"],
                ["", "Cod", "9"],
                ["", "Total", "33"],
            ],
            [
                "Kind: Soup; Dish: Leek; Price: 4",
                "Kind: Soup; Dish: Pea; Price: 5",
                "Kind: Soup; Dish: Crab; Price: 6",
                "Kind: Main; Dish: Pie; Price: 9",
                "Kind: Main; Dish: Cod; Price: 9",
                "Dish: Total; Price: 33",
            ],
            id="groups of other things each",
        ),
        pytest.param(
            [
                ["Nick", "City", "Age"],
                ["Bo", "Leeds", "4"],
                ["", "York", "5"],
                ["Al", "York", "3"],
                ["Cy", "Hull", "6"],
            ],
            [
                "Nick: Bo; City: Leeds; Age: 4",
                "City: York; Age: 5",
                "Nick: Al; City: York; Age: 3",
                "Nick: Cy; City: Hull; Age: 6",
            ],
            id="a name that is missing",
        ),
        pytest.param(
            [
                ["Region", "Item", "Q1"],
                [TableCell("North", rows=2), "Tea", "10"],
                ["Coffee", "7"],
                [TableCell("North total", 2), "17"],
                ["South", "Tea", "5"],
                ["", "Coffee", "3"],
            ],
            [
                "Region: North; Item: Tea; Q1: 10",
                "Region: North; Item: Coffee; Q1: 7",
                "Region: North total; Q1: 17",
                "Region: South; Item: Tea; Q1: 5",
                "Region: South; Item: Coffee; Q1: 3",
            ],
            id="a group that is merged, and one that is not",
        ),
        pytest.param(
            [
                ["Name", "Ada Moor", "Born", "3 May 1981"],
                ["Street", "Quay 4", "Town", ""],
                ["Phone", "", "Boat", "Petrel"],
            ],
            [
                "Name: Ada Moor; Born: 3 May 1981",
                "Street: Quay 4; Town",
                "Phone; Boat: Petrel",
            ],
            id="labels with values, two in a row",
        ),
        pytest.param(
            [["Owner:", "Ada", "Boat:", "Tern"], ["Port:", "Wick", "Crew:", "Cem"]],
            ["Owner: Ada; Boat: Tern", "Port: Wick; Crew: Cem"],
            id="labels with colons, two in a row",
        ),
        pytest.param(
            [["Field", "2024", "Crop", "2025"], ["Low", "3", "rye", "2"]],
            ["Field: Low; 2024: 3; Crop: rye; 2025: 2"],
            id="years are no values of labels",
        ),
        pytest.param(
            [["Employee:", "", "Nils Berg"], ["Section:", "", "Joinery 4"]],
            ["Employee: Nils Berg", "Section: Joinery 4"],
            id="labels with a blank column beside them",
        ),
        pytest.param(
            [["Customer", "Tern Bakery"], ["VAT no.", "GB 123 4567 89"]],
            ["Customer: Tern Bakery", "VAT no.: GB 123 4567 89"],
            id="two labels",
        ),
        pytest.param(
            [["Store", "Inspector", "Date"], ["Quay store", "", ""]],
            ["Store; Inspector; Date", "Store: Quay store"],
            id="names of empty columns are shown",
        ),
        pytest.param(
            [["Name", "Note"], ["short", "it closes at 6 bar"], ["long", "x x x x x"]],
            ["Name: short; Note: it closes at 6 bar", "Name: long; Note: x x x x x"],
            id="a name above definitions",
        ),
        pytest.param([["Apple"], ["Pear"]], ["Apple", "Pear"], id="a single column"),
    ],
)
def test_heads_are_known_by_the_cells(rows: Cells, lines: list[str]) -> None:
    assert text_of(rows).split("\n") == lines


def test_marked_heads_need_no_judging() -> None:
    rows: Cells = [[head("Ada"), head("Tom")], ["pilot", "cook"], ["mate", "boy"]]
    assert text_of(rows) == "Ada: pilot; Tom: cook\nAda: mate; Tom: boy"
    rows = [[head("Crew", 2)], [head("Name"), head("Pay")], ["Ada", "4"]]
    assert text_of(rows) == "Crew\nName: Ada; Pay: 4"


def test_the_first_row_may_be_said_to_hold_names_or_not() -> None:
    rows: Cells = [["Ada", "Tom"], ["pilot", "cook"]]
    assert text_of(rows, header=True) == "Ada: pilot; Tom: cook"
    assert text_of(rows, header=False) == "Ada: Tom\npilot: cook"


def test_an_address_is_that_of_the_cell_in_the_grid() -> None:
    (line,) = table_lines(
        [[TableCell("Team"), TableCell("Cups")], [], [TableCell("Wrens"), TableCell("4")]],
        header=True,
    )
    assert [(cell.row, cell.column) for cell in cells_at(0, line)] == [(2, 0), (2, 1)]


cells = st.builds(
    TableCell,
    st.one_of(
        st.text(alphabet="ab1.:* ", max_size=6),
        st.sampled_from(["", "2024", "12", "Name", "Source: x", "3 May 2024", "5%"]),
    ).map(lambda text: " ".join(text.split())),
    columns=st.integers(1, 3),
    rows=st.integers(1, 3),
    is_head=st.booleans(),
)


@given(
    st.lists(st.lists(cells, max_size=4), min_size=1, max_size=7),
    st.sampled_from([None, True, False]),
)
@example(
    [
        [TableCell(":", rows=3), TableCell("")],
        [TableCell("1")],
        [TableCell("a"), TableCell("2024")],
    ],
    None,
)
def test_every_cell_is_in_the_text_and_sliced_exactly(
    rows: list[list[TableCell]],
    header: bool | None,  # noqa: FBT001
) -> None:
    text = CanonicalText()
    text.paragraph("Above")
    text.table(rows, header=header)
    content = text.content(title=None)
    for given_cell in (cell for row in rows for cell in row):
        assert given_cell.text in content.text
    texts = {cell.text for row in rows for cell in row}
    for block in content.blocks[1:]:
        place = block.start
        for cell in block.cells:
            assert place <= cell.start <= cell.body < cell.end <= block.end
            assert content.text[cell.body : cell.end] in texts
            place = cell.end


def test_a_single_wide_cell_above_the_names_groups_those_below_it() -> None:
    rows: Cells = [
        ["", TableCell("Q1", 2), ""],
        ["Unit", "Plan", "Actual", "Note"],
        ["Mill", "10", "12", "late"],
        ["Barn", "7", "6", "ok"],
    ]
    assert text_of(rows).split("\n") == [
        "Unit: Mill; Q1 Plan: 10; Q1 Actual: 12; Note: late",
        "Unit: Barn; Q1 Plan: 7; Q1 Actual: 6; Note: ok",
    ]
