"""Presentations: merged tables, charts, comments, notes, groups, and slides that are damaged."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pptx
import pytest
from pptx.chart import data as chart_data
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from aiqa.documents import load_document
from aiqa.types import Document, locator
from tests.documents.office_files import CHART, DIAGRAM, at, part, presentation, replaced, shape

CASES = Path(__file__).parent / "files" / "cases"
TITLE = '<p:ph type="title"/>'
BODY = '<p:ph idx="1"/>'


def read(*slides: dict[str, str] | str, **parts: str) -> Document:
    return load_document(presentation(*slides, **parts), "a.pptx")


def blocks(document: Document) -> list[tuple[str, str, str]]:
    """Kind, label and text of each block."""
    return [(b.kind, b.label, document.text[b.start : b.end]) for b in document.blocks]


def frame(content: str) -> str:
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="3" name="x"/></p:nvGraphicFramePr>'
        f"<a:graphic><a:graphicData>{content}</a:graphicData></a:graphic></p:graphicFrame>"
    )


@pytest.mark.parametrize("suffix", [".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"])
def test_shows_templates_and_files_with_macros_are_presentations(suffix: str) -> None:
    document = load_document((CASES / "show.pptx").read_bytes(), f"a{suffix}")
    assert document.format == "pptx"
    assert document.text == "Show\n\nThe harvest festival begins on 12 September."
    assert locator(f"a{suffix}", 1, "Show") == "slide 1, § Show"


def test_merged_cells_of_a_table_hold_for_all_that_they_cover() -> None:
    out = BytesIO()
    file = pptx.Presentation()
    slide = file.slides.add_slide(file.slide_layouts[6])
    table = slide.shapes.add_table(4, 3, 0, 0, Inches(6), Inches(2)).table
    for row, texts in enumerate(
        (
            ("Hall", "Hours", ""),
            ("", "Day", "Time"),
            ("Glass", "Weekdays", "9"),
            ("", "Sunday", "11"),
        )
    ):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(2, 0).merge(table.cell(3, 0))
    file.save(out)
    assert load_document(out.getvalue(), "a.pptx").text == (
        "Hall: Glass; Hours Day: Weekdays; Hours Time: 9\n"
        "Hall: Glass; Hours Day: Sunday; Hours Time: 11"
    )


CHARTS: Any = chart_data


def chart(kind: XL_CHART_TYPE, data: Any) -> str:
    out = BytesIO()
    file = pptx.Presentation()
    slide = file.slides.add_slide(file.slide_layouts[6])
    frame = slide.shapes.add_chart(kind, 0, 0, Inches(5), Inches(4), data)
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "Ore exports"
    file.save(out)
    return load_document(out.getvalue(), "a.pptx").text


def test_a_chart_is_its_title_and_a_table_of_its_values() -> None:
    data = CHARTS.CategoryChartData()
    data.categories = ["Copper", "Tin"]
    data.add_series("2021", (731, 264.5))
    data.add_series("2022", (None, 300))
    assert chart(XL_CHART_TYPE.COLUMN_CLUSTERED, data) == (
        "Ore exports\n\nCopper; 2021: 731\nTin; 2021: 264.5; 2022: 300"
    )


def test_categories_of_several_levels_are_said_in_full() -> None:
    data = CHARTS.CategoryChartData()
    for year in ("2021", "2022"):
        group = data.add_category(year)
        group.add_sub_category("Tin")
        group.add_sub_category("Zinc")
    data.add_series("Tonnes", (1, 2, 3, 4))
    assert chart(XL_CHART_TYPE.BAR_CLUSTERED, data) == (
        "Ore exports\n\n2021, Tin; Tonnes: 1\n2021, Zinc; Tonnes: 2\n"
        "2022, Tin; Tonnes: 3\n2022, Zinc; Tonnes: 4"
    )


def test_points_of_a_scatter_chart_are_rows_of_their_series() -> None:
    data = CHARTS.XyChartData()
    for name, points in (("Old", ((1, 10), (2, 20))), ("New", ((5, 50),))):
        series = data.add_series(name)
        for x, y in points:
            series.add_data_point(x, y)
    assert chart(XL_CHART_TYPE.XY_SCATTER, data) == (
        "Ore exports\n\n1; Old: 10\n2; Old: 20\n\n5; New: 50"
    )


NEW_CHART = part(
    "cx:chartSpace",
    '<cx:chartData><cx:data id="0"><cx:strDim type="cat"><cx:lvl><cx:pt idx="0">Start</cx:pt>'
    '<cx:pt idx="1">Fees</cx:pt></cx:lvl></cx:strDim><cx:numDim type="val"><cx:lvl>'
    '<cx:pt idx="0">90</cx:pt><cx:pt idx="1">-12.5</cx:pt></cx:lvl></cx:numDim></cx:data>'
    "</cx:chartData><cx:chart>"
    "<cx:title><cx:tx><cx:txData><cx:v>Cash flow</cx:v></cx:txData></cx:tx>"
    '</cx:title><cx:plotArea><cx:plotAreaRegion><cx:series layoutId="waterfall"><cx:tx><cx:txData>'
    '<cx:v>Crowns</cx:v></cx:txData></cx:tx><cx:dataId val="0"/></cx:series></cx:plotAreaRegion>'
    "</cx:plotArea></cx:chart>",
)


def test_charts_of_the_new_kinds_and_diagrams_are_read() -> None:
    new = (
        "<mc:AlternateContent><mc:Choice>"
        + frame('<cx:chart r:id="chartEx"/>')
        + "</mc:Choice><mc:Fallback>"
        + shape("This chart is not available in your version.")
        + "</mc:Fallback></mc:AlternateContent>"
    )
    document = read(
        {
            "shapes": new
            + frame('<dgm:relIds r:dm="diagramData"/>')
            + frame('<c:chart r:id="chart"/>'),
            "chartEx": NEW_CHART,
            "diagramData": DIAGRAM,
            "chart": CHART,
        }
    )
    assert document.text.startswith(
        "Cash flow\n\nStart; Crowns: 90\nFees; Crowns: -12.5\n\n"
        "- First\n- Under first\n- Second\n\nExports\n\nTin; Tonnes: 264"
    )


def test_alternative_texts_are_captions_but_names_of_files_are_not() -> None:
    picture = (
        '<p:pic><p:nvPicPr><p:cNvPr id="4" name="x" descr="{}"/><p:cNvPicPr/><p:nvPr>{}</p:nvPr>'
        "</p:nvPicPr><p:spPr/></p:pic>"
    )
    document = read(
        picture.format("logo-2.png", TITLE)
        + picture.format("Map of the ferry routes", "")
        + shape("Words.", BODY)
    )
    assert blocks(document) == [
        ("caption", "", "Map of the ferry routes"),
        ("paragraph", "", "Words."),
    ]


def test_shapes_are_read_from_the_top_and_the_title_first() -> None:
    inner = f"<p:grpSpPr>{at(0, 50)}</p:grpSpPr>{shape('In a group')}"
    group = f"<p:grpSp><p:nvGrpSpPr/>{inner}</p:grpSp>"
    document = read(
        shape("Last", place=at(0, 90))
        + group
        + shape("Second", place=at(70, 40))
        + shape("First", place=at(10, 40))
        + shape("Plan", TITLE, at(0, 99))
    )
    assert document.text == "Plan\n\nFirst\n\nSecond\n\nIn a group\n\nLast"
    assert [h.title for h in document.headings] == ["Plan"]


def test_placeholders_without_a_place_stand_where_the_layout_puts_them() -> None:
    out = BytesIO()
    file = pptx.Presentation()
    slide = file.slides.add_slide(file.slide_layouts[1])
    box = slide.shapes.add_textbox(0, 0, Inches(2), Inches(0.3))
    box.text_frame.text = "Above the title"
    slide.shapes.title.text = "Title"
    slide.placeholders[1].text_frame.text = "In the middle"
    box = slide.shapes.add_textbox(0, Inches(7), Inches(2), Inches(0.3))
    box.text_frame.text = "At the bottom"
    file.save(out)
    text = load_document(out.getvalue(), "a.pptx").text
    assert text == "Title\n\nAbove the title\n\nIn the middle\n\nAt the bottom"


def item(words: str, level: int = 0, bullet: str = "") -> str:
    return f'<a:p><a:pPr lvl="{level}">{bullet}</a:pPr><a:r><a:t>{words}</a:t></a:r></a:p>'


def test_lists_have_their_levels_and_numbers() -> None:
    number = '<a:buAutoNum type="alphaLcParenR"/>'
    from_three = '<a:buAutoNum type="arabicPeriod" startAt="3"/>'
    document = read(
        shape(item("Rope") + item("thick", 1) + item("No bullet", 0, "<a:buNone/>"), BODY)
        + shape(
            item("one", 0, number)
            + item("three", 1, from_three)
            + item("four", 1, from_three)
            + item("two", 0, number)
        )
        + shape(item("A line") + item("and another"))
    )
    assert document.text == (
        "- Rope\n- thick\n\nNo bullet\n\na) one\n3. three\n4. four\nb) two\n\nA line\n\nand another"
    )
    assert [b.level for b in document.blocks if b.kind == "list item"] == [1, 2, 1, 2, 2, 1]


NOTES = part(
    "p:notes",
    "<p:cSld><p:spTree>"
    + shape("Mention the subsidy.", '<p:ph type="body" idx="1"/>')
    + shape("7", '<p:ph type="sldNum"/>')
    + "</p:spTree></p:cSld>",
)
OLD_COMMENTS = part("p:cmLst", '<p:cm authorId="0"><p:text>Is this right?</p:text></p:cm>')
NEW_COMMENTS = part(
    "p188:cmLst",
    '<p188:cm authorId="{A}"><p188:replyLst><p188:reply authorId="{B}"><p188:txBody><a:p><a:r>'
    "<a:t>It is.</a:t></a:r></a:p></p188:txBody></p188:reply></p188:replyLst><p188:txBody><a:p>"
    "<a:r><a:t>Check the sum.</a:t></a:r></a:p></p188:txBody></p188:cm>",
)


def test_notes_and_comments_say_what_they_are() -> None:
    document = read(
        {"shapes": shape("Costs", TITLE), "notesSlide": NOTES, "comments": OLD_COMMENTS},
        {"shapes": shape("Sums", TITLE), "comments": NEW_COMMENTS},
        commentAuthors=part("p:cmAuthorLst", '<p:cmAuthor id="0" name="Ada Birch"/>'),
        authors=part(
            "p188:authorLst",
            '<p188:author id="{A}" name="Tom Reed"/><p188:author id="{B}" name="Jane Park"/>',
        ),
    )
    assert blocks(document) == [
        ("heading", "", "Costs"),
        ("comment", "comment by Ada Birch", "Is this right?"),
        ("note", "speaker notes", "Mention the subsidy."),
        ("heading", "", "Sums"),
        ("comment", "comment by Tom Reed", "Check the sum."),
        ("comment", "comment by Jane Park", "It is."),
    ]
    assert document.page_at(document.text.index("Mention")) == 1
    assert document.page_at(document.text.index("It is.")) == 2


def test_footers_stand_once_and_hidden_slides_are_read() -> None:
    footer = shape("Kestrel 2025", '<p:ph type="ftr"/>') + shape("3", '<p:ph type="sldNum"/>')
    document = read(
        shape("One", TITLE) + footer,
        {"shapes": shape("Hidden", TITLE) + footer, "attributes": 'show="0"'},
    )
    assert [kind for kind, _, _ in blocks(document)] == ["heading", "page footer", "heading"]
    assert document.text == "One\n\nKestrel 2025\n\nHidden"


def test_equations_and_breaks_are_in_the_text() -> None:
    formula = (
        "<a:p><a:r><a:t>Force</a:t></a:r><a:br/><a:r><a:t>is </a:t></a:r><mc:AlternateContent>"
        "<mc:Choice><m:oMath><m:r><m:t>F=ma</m:t></m:r></m:oMath></mc:Choice>"
        "<mc:Fallback><a:r><a:t>picture</a:t></a:r></mc:Fallback></mc:AlternateContent></a:p>"
    )
    assert read(shape(formula)).text == "Force is F=ma"
    assert read(shape("Two_x000B_lines", TITLE)).text == "Two lines"


def test_a_subtitle_is_no_list() -> None:
    lines = item("Ada Birch") + item("May 2025")
    assert read(shape(lines, '<p:ph type="subTitle" idx="1"/>')).text == "Ada Birch\n\nMay 2025"


def test_a_damaged_slide_does_not_cost_the_others() -> None:
    whole = presentation(shape("One", TITLE), shape("Two", TITLE), shape("Three", TITLE))
    document = load_document(replaced(whole, "ppt/slides/slide2.xml", b"no xml"), "a.pptx")
    assert document.text == "One\n\nThree"
    assert [page.number for page in document.pages][-1] == 3
    assert document.page_at(document.text.index("Three")) == 3
    assert "Slide 2" in document.omissions[0]
    missing = load_document(replaced(whole, "ppt/slides/slide1.xml", None), "a.pptx")
    assert missing.text == "Two\n\nThree"
    assert missing.omissions


def test_a_chart_that_is_missing_is_told_of() -> None:
    document = read(shape("One", TITLE) + frame('<c:chart r:id="no"/>') + frame("<p:oleObj/>"))
    assert document.text == "One"
    assert len(document.omissions) == 2


def test_a_raised_digit_is_no_digit_of_the_number() -> None:
    raised = '<a:r><a:rPr baseline="30000"/><a:t>{}</a:t></a:r>'
    words = f"<a:p><a:r><a:t>10</a:t></a:r>{raised.format(6)}<a:r><a:t> m, 2</a:t></a:r>"
    document = read(shape(f"{words}{raised.format('nd')}</a:p>"))
    assert document.text == "10⁶ m, 2nd"
