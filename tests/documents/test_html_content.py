"""What a reader sees of a web page is read, in order and told apart; what is not seen is not."""

from __future__ import annotations

import pytest

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document

PROSE = "<p>The boats leave the north pier every morning unless the bar is closed by swell.</p>"


def page(body: str) -> Document:
    return load_document(f"<html><body>{body}</body></html>".encode(), "a.html")


def blocks(document: Document) -> list[tuple[str, str, str]]:
    return [(b.kind, b.label, document.text[b.start : b.end]) for b in document.blocks]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("10<sup>6</sup> m<sup>3</sup> x<sup>ab</sup> 1<sup>st</sup>", "10⁶ m³ x^ab 1st"),
        ("x<sup>a + b</sup> H<sub>2</sub>O v<sub>max</sub>", "x^(a + b) H2O v_max"),
        ('30 pounds<sup><a href="#n">2</a></sup> a trip', "30 pounds [2] a trip"),
        ("<ruby>東京<rp>(</rp><rt>とうきょう</rt></ruby>の塔", "東京の塔"),
        ("<q>Aye</q>, she said<br>softly", "“Aye”, she said softly"),
        ("<span>Price</span><span>45 pounds</span>", "Price 45 pounds"),
        ("<svg><text>Ninety</text><text>steps</text></svg>", "Ninety steps"),
        (
            ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac><mo>=</mo>"
            "<msqrt><msup><mi>x</mi><mn>2</mn></msup></msqrt></math>"),
            "(a+b)/2 = √(x²)",
        ),
        ('<a href="#"><div>One</div></a><div>Two</div>', "One\n\nTwo"),
        ("One<br><br>Two", "One\n\nTwo"),
        ("Ada Moor<br>Quay 3<br>Gull Rock", "Ada Moor\nQuay 3\nGull Rock"),
        ("<table><tr><td>A</td><td>1</td></tr></table>after", "A: 1\n\nafter"),
        ("<pre>a\n<b>b</b>\n  c</pre>", "a\nb\n  c"),
        ('<ol start="5"><li>five<li value="9">nine</ol>', "5. five\n9. nine"),
        ('<ol type="a"><li>one</ol><ol type="I"><li>x<li>y</ol>', "a. one\nI. x\nII. y"),
        (("<dl><dt>A</dt><dt>B</dt><dd>one</dd><dd>two</dd>"
            "<dt>C</dt><dd><p>x</p><p>y</p></dd></dl>"), "A, B: one; two\nC: x\ny"),
        ('<h2>Oil<a class="headerlink" href="#oil">¶</a></h2>lamp', "Oil\n\nlamp"),
        ('<label>Name <input value="Ada"></label>', "Name: Ada"),
        ('<input type="checkbox" checked> Oil <input type="checkbox"> Gas', "☒ Oil ☐ Gas"),
        ("<select><option>38<option>46</select>", "38, 46"),
    ],
)  # fmt: skip
def test_markup_becomes_what_it_shows(body: str, text: str) -> None:
    assert page(body).text == text


def test_cells_keep_their_lines_apart_and_what_they_cover() -> None:
    document = page(
        "<table><caption>Crew</caption><tr><th>Boat</th><th>Crew</th></tr>"
        "<tr><td rowspan=2>Wren</td><td><ul><li>Ola Birch<li>Sam Reed</ul></td></tr>"
        "<tr><td>Ben Marsh<br>Cy Holt</td></tr></table>"
    )
    assert blocks(document) == [
        ("caption", "", "Crew"),
        (
            "table",
            "table 1",
            "Boat: Wren; Crew: Ola Birch, Sam Reed\nBoat: Wren; Crew: Ben Marsh, Cy Holt",
        ),
    ]


def test_a_table_that_only_places_things_is_read_as_what_it_holds() -> None:
    document = page(
        "<table><tr><td><h1>News</h1><table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td>"
        "</tr></table></td><td>Side</td></tr></table>"
    )
    assert document.text == "News\n\nA: 1; B: 2\n\nSide"


def test_notes_are_notes_with_the_number_that_refers_to_them() -> None:
    document = page(
        '<p>Raised by 40<a epub:type="noteref" href="#n1"><sup>2</sup></a> feet.</p>'
        '<aside epub:type="footnote" id="n1"><p>By Odo. <a href="#r">↩</a></p></aside>'
    )
    assert blocks(document) == [
        ("paragraph", "", "Raised by 40 [2] feet."),
        ("note", "footnote 2", "[2] By Odo."),
    ]


def test_captions_and_descriptions_of_pictures_are_captions() -> None:
    document = page(
        '<figure><img src="a.png" alt="Map of routes"><figcaption>Figure 3</figcaption></figure>'
        '<img src="b.png" alt="logo.png"><img alt=""><aside>Kiosk nine.</aside>'
    )
    assert blocks(document) == [
        ("caption", "", "Map of routes"),
        ("caption", "", "Figure 3"),
        ("paragraph", "", "Kiosk nine."),
    ]


def test_what_a_page_hides_is_not_text() -> None:
    document = page(
        "<details><summary>Dogs?</summary>In the yard.</details><div hidden>a</div>"
        '<p style="color: red; DISPLAY:none">b</p><template>c</template><dialog>d</dialog>'
        "<noscript>e</noscript><iframe>f</iframe><!-- g -->"
    )
    assert document.text == "Dogs?\n\nIn the yard."


def test_menus_banners_and_rights_are_left_out_but_not_what_says_something() -> None:
    links = "".join(f'<li><a href="/{n}">Topic {n}</a></li>' for n in range(5))
    document = page(
        f'<a href="#main">Skip to content</a><header>Gull Rock<ul>{links}</ul></header>'
        f'<div class="cookie-banner">We use cookies. <button>Accept</button></div>'
        f"<main><h1>Boats</h1>{PROSE}<p>See:</p><ul>{links}</ul>"
        f'<ul class="social-share">{links}</ul></main><div>{links}</div>'
        "<footer>Office, telephone 01955 7733 <small>© 2024 Gull Rock. All rights reserved.</small>"
        "</footer>"
    )
    items = "\n".join(f"- Topic {n}" for n in range(5))
    prose = PROSE.removeprefix("<p>").removesuffix("</p>")
    assert document.text == (f"Boats\n\n{prose}\n\nSee:\n\n{items}\n\nOffice, telephone 01955 7733")


def test_a_page_that_leaves_out_the_tag_of_its_body_is_read() -> None:
    source = b"<title>x</title><main><h2>Oil</h2><p>It burns.</p></main><p>end"
    document = load_document(source, "a.html")
    assert (document.title, document.text) == ("x", "Oil\n\nIt burns.\n\nend")


def test_a_page_of_links_alone_is_read() -> None:
    links = "".join(f'<li><a href="/{n}">Report {n}</a></li>' for n in range(5))
    assert "Report 3" in page(f"<ul>{links}</ul>").text


def test_repeated_paragraphs_cost_nothing() -> None:
    assert page(PROSE * 3 + "<p>end</p>").text.count("north pier") == 3


def test_a_cell_cannot_cover_more_than_a_table_holds() -> None:
    cell = '<td colspan="1000" rowspan="60000">{}</td>'
    rows = (f"<tr>{cell.format(number) * 20}</tr>" for number in range(100))
    (table,) = page(f"<table>{''.join(rows)}</table>").blocks
    assert {cell.columns for cell in table.cells} == {1}
    assert len(table.row_cells(99)) == 20


def test_frames_are_read_where_the_page_holds_them_and_named_where_not() -> None:
    read = page(
        '<p>Times:</p><iframe srcdoc="&lt;p&gt;Opens at &lt;b&gt;9.15&lt;/b&gt;.">'
        "</iframe>"
        '<iframe srcdoc="secret" hidden></iframe><iframe src="map.html"></iframe>'
        '<iframe src="https://ads.example/"></iframe><iframe src="px.html" style="display:none">'
    )
    assert read.text == "Times:\n\nOpens at 9.15."
    assert [*read.omissions] == [
        "The frame map.html is a page of its own and was not read with this one."
    ]
    frames = '<frameset cols="20%,80%"><frame src="main.html">'
    instead = "<noframes><body><p>Oil is changed yearly.</p></body></noframes></frameset>"
    whole = f"<html><head><title>Pump</title></head>{frames}{instead}</html>"
    read = load_document(whole.encode(), "a.html")
    assert (read.title, read.text) == ("Pump", "Oil is changed yearly.")
    assert "main.html" in read.omissions[0]
    with pytest.raises(DocumentError) as refused:
        page(f"{frames}</frameset>")
    assert "main.html" in str(refused.value)


def test_what_a_tab_or_a_button_opens_is_read() -> None:
    read = page(
        '<h1>Tent</h1><button role="tab" aria-controls="ship">Delivery</button>'
        '<div role="tabpanel" id="ship" hidden>Three days.</div>'
        '<h3><button aria-expanded="false" aria-controls="back">Returns?</button></h3>'
        '<div id="back" style="display: none">Within 60 days.</div>'
        '<div id="error" hidden>Sold out</div>'
    )
    assert read.text.split("\n\n") == [
        "Tent", "Delivery", "Three days.", "Returns?", "Within 60 days.",
    ]  # fmt: skip


def test_tables_built_of_other_elements_are_tables() -> None:
    roles = (
        '<div role="table"><div role="rowgroup"><div role="row"><b role="columnheader">Day</b>'
        '<b role="columnheader">High</b></div></div><div role="row"><i role="cell">Mon</i>'
        '<i role="cell">06:12</i></div></div>after'
    )
    read = page(f"<p>Tides</p>{roles}")
    assert read.text == "Tides\n\nDay: Mon; High: 06:12\n\nafter"
    assert [block.kind for block in read.blocks] == ["paragraph", "table", "paragraph"]
    cell = '<div style="display:table-cell">{}</div>'.format
    rows = '<div style="display:table-row">{}{}</div>'.format
    styled = rows(cell("Depth"), cell("4 m")) + rows(cell("Width"), cell("9 m"))
    assert page(f'<div style="display:table">{styled}</div>').text == "Depth: 4 m\nWidth: 9 m"


def test_a_grid_with_words_outside_of_its_cells_keeps_them() -> None:
    grid = '<div role="grid"><div role="row"><p role="cell">a</p>Loose</div></div>'
    assert page(grid).text.split() == ["a", "Loose"]


def test_a_sign_says_what_it_is_labelled_with() -> None:
    sign = '<i role="img" aria-label="{}"></i>'.format
    table = (
        "<table><tr><th>Plan</th><th>Roaming</th></tr>"
        f"<tr><td>Basic</td><td>{sign('Not included')}</td></tr></table>"
    )
    assert page(table).text == "Plan: Basic; Roaming: Not included"
