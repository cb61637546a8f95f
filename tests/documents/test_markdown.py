"""Markdown with what GitHub, MkDocs and site builders add to it."""

from __future__ import annotations

import pytest

from aiqa.documents import load_document
from aiqa.types import Document


def md(source: str) -> Document:
    return load_document(source.encode(), "a.md")


def test_notes_tasks_and_definitions() -> None:
    document = md("Pruned.[^1]\n\n- [x] done\n- [ ] open\n\nTerm\n: Meaning\n\n[^1]: By Dole.\n")
    assert document.text == ("Pruned. [1]\n\n- ☒ done\n- ☐ open\nTerm: Meaning\n\n[1] By Dole.")
    assert document.blocks[-1].kind == "note"
    assert document.place_at(document.text.index("By Dole")) == "footnote 1"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter_gives_title_day_and_fields(end: str) -> None:
    source = "---\ntitle: Pump\ndate: 2023-05-14\nauthor: Ida\ntags: [a, b]\nlayout: x\n---\nOil.\n"
    document = md(source.replace("\n", end))
    assert (document.title, document.published) == ("Pump", "2023-05-14")
    assert document.text == "author: Ida\ntags: a, b\n\nOil."
    assert [block.kind for block in document.blocks] == ["form field", "form field", "paragraph"]


def test_front_matter_says_what_is_asked_for_and_not_how_the_page_is_shown() -> None:
    source = (
        "---\norder: 1\nnav-order: 2\ncategory: manage-your-account\nweight: 20\n"
        "versions:\n  fpt: '*'\nredirect_from:\n  - /help/old/\n"
        "updated: May 3, 2024\nversion: 2\nposition: Senior nurse\nsection: Staff\n---\nOil.\n"
    )
    fields = ["updated: May 3, 2024", "version: 2", "position: Senior nurse", "section: Staff"]
    assert md(source).text == "\n".join([*fields, "\nOil."])


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("1. Oil it.\n2. Wind it.\n{: .number-list}\n", "1. Oil it.\n2. Wind it."),
        ('See [the pump](p.md){:target="_blank"} and **oil**{: .red}.', "See the pump and oil."),
        ("{: .note }\nOil it.\n{: #oil}\nWind it.", "Oil it. Wind it."),
        ("## Oil {#oil}\n\nWind. {: .b}", "Oil\n\nWind."),
        ("Oil {:x} it with `{: .b}`", "Oil {:x} it with {: .b}"),
    ],
)
def test_attributes_of_markdown_are_not_words(source: str, shown: str) -> None:
    assert md(source).text == shown


def test_front_matter_may_be_toml_and_rules_are_none() -> None:
    assert md('+++\ntitle = "Pump"\n+++\nOil.\n').title == "Pump"
    assert md("---\nOil.\n\n---\n\nMore.\n").text == "Oil.\n\nMore."


def test_aliases_of_front_matter_cannot_explode() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    assert len(md("---\n" + "\n".join(lines) + "\n---\nOil.\n").text) < 1_000_000


def test_raw_html_is_read_but_placeholders_are_words() -> None:
    source = (
        "<table><tr><th>Port</th><th>Use</th></tr><tr><td>1</td><td>a</td></tr></table>\n\n"
        "<details>\n<summary>Fee</summary>\n75 pounds.\n</details>\n\nRun `x` <file> <b>now</b>.\n"
    )
    assert md(source).text == "Port: 1; Use: a\n\nFee\n\n75 pounds.\n\nRun x <file> now."


def test_alerts_and_admonitions_have_their_names() -> None:
    source = '> [!WARNING]\n> Mind the step.\n\n!!! note "Oil"\n    It burns.\n'
    assert md(source).text == "Warning\n\nMind the step.\n\nOil\n\nIt burns."


def test_line_breaks_in_cells_keep_names_apart() -> None:
    assert md("| A | B |\n|--|--|\n| x | Ada<br>Ben |\n").text == "A: x; B: Ada, Ben"


def test_tabs_boxes_and_links_by_title_are_read_as_shown() -> None:
    source = (
        '=== "Beginner"\n\n    The paddle is 220 cm.\n\n=== "Expert"\n\n    It is 205 cm.\n\n'
        "::: tip\nRoll first.\n:::\n\n:::note[Mind the weir]\nCarry on the left.\n:::\n\n"
        "See [[Sites|the launch]], [[Rivers#Tyne]], ![[map.png]] and `[[ -f x ]]`.\n"
    )
    document = load_document(source.encode(), "a.md")
    assert document.text.split("\n\n") == [
        "Beginner", "The paddle is 220 cm.", "Expert", "It is 205 cm.", "Roll first.",
        "Mind the weir", "Carry on the left.",
        "See the launch, Rivers > Tyne, and [[ -f x ]].",
    ]  # fmt: skip
    assert {block.kind for block in document.blocks} == {"paragraph"}
