"""Numbers of spreadsheets as their cells show them."""

from __future__ import annotations

import pytest

from aiqa.documents.spreadsheet.number_formats import builtin_code, shown_number

ACCOUNTING = '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (1412000000, "General", "1412000000"),
        (0.00001, "General", "0.00001"),
        (0.25, "0%", "25%"),
        (0.0375, "0.00%", "3.75%"),
        (-0.25, "0%", "-25%"),
        (1.005, "0.00", "1.01"),
        (1250.5, '"$"#,##0.00', "$1,250.50"),
        (980, "#,##0 [$€-407]", "980 €"),
        (-4500, "#,##0;[Red]-#,##0", "-4,500"),
        (-4500, "#,##0_);(#,##0)", "(4,500)"),
        (-0.4, "0", "0"),
        (1250.5, ACCOUNTING, "$ 1,250.50"),
        (-1250.5, ACCOUNTING, "$ (1,250.50)"),
        (0, ACCOUNTING, "$ -"),
        (1234, "00000", "01234"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (1412000000, '0.0,,"M"', "1412.0M"),
        (1500, '[>=1000]0.0,"k";0', "1.5k"),
        (500, '[>=1000]0.0,"k";0', "500"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (1.5, "# ?/?", "1 1/2"),
        (1.375, "# ?/8", "1 3/8"),
        (1.5, "0.##", "1.5"),
        (0.25, "#.00", ".25"),
        (12.5, 'General" kg"', "12.5 kg"),
        (0, '0;-0;"none"', "none"),
        (7, ";;;", "7"),
        (45725, "d mmmm yyyy", "9 March 2025"),
        (45725, "dddd\\, mmmm dd\\, yyyy", "Sunday, March 09, 2025"),
        (45725.4375, "dd/mm/yyyy hh:mm", "09/03/2025 10:30"),
        (45725, "mmm-yy", "Mar-25"),
        (0.375, "h:mm AM/PM", "9:00 AM"),
        (45725.999999, "h:mm:ss", "0:00:00"),
        (1.5625, "[h]:mm", "37:30"),
        (0.0210648148, "mm:ss.0", "30:20.0"),
        (1, "yyyy-mm-dd", "1900-01-01"),
        (-5, "yyyy-mm-dd", "-5"),
    ],
)
def test_a_number_is_shown_by_its_format(value: float, code: str, shown: str) -> None:
    assert shown_number(value, code) == shown


def test_days_may_count_from_1904() -> None:
    assert shown_number(43939, "yyyy-mm-dd", from_1904=True) == "2024-04-19"


def test_formats_known_by_number_alone() -> None:
    shown = [shown_number(45725.5, builtin_code(number)) for number in (1, 4, 10, 14, 20, 22, 199)]
    assert shown == [
        "45726", "45,725.50", "4572550.00%", "2025-03-09", "12:00", "2025-03-09 12:00", "45725.5",
    ]  # fmt: skip
