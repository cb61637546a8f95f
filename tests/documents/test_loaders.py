from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document
from tests.conftest import HTML, MARKDOWN, TEXT, write_docx, write_pdf


def section_of(document: Document, words: str) -> tuple[str, ...]:
    return document.section_at(document.text.index(words))


def assert_headings_stand_in_the_text(document: Document) -> None:
    for heading in document.headings:
        assert document.text[heading.start :].startswith(heading.title)


def test_markdown_becomes_the_words_of_the_rendered_page() -> None:
    document = load_document(MARKDOWN.encode(), "docs/lighthouse.md")
    assert document.title == "The lighthouse"
    assert document.text == (
        "The lighthouse\n\n"
        "The lighthouse on Gull Rock was lit in 1887. Its lamp burns rapeseed oil.\n\n"
        "Keepers\n\n"
        "- Ada Moor kept it from 1887.\n"
        "- Tom Reed followed her.\n\n"
        "Keeper: Ada Moor; Years: 23\n"
        "Keeper: Tom Reed; Years: 11\n\n"
        "lamp = on"
    )
    assert section_of(document, "Tom Reed followed") == ("The lighthouse", "Keepers")
    assert_headings_stand_in_the_text(document)


def test_markdown_front_matter_nested_lists_and_raw_html_are_not_text() -> None:
    source = (
        "---\ntitle: x\n---\n1. one\n   - two [link](https://x.example)\n\n<script>no</script>\n"
    )
    assert load_document(source.encode(), "a.md").text == "1. one\n- two link"


def test_html_is_its_main_content_without_navigation_footer_or_script() -> None:
    document = load_document(HTML.encode(), "rules.html")
    assert document.title == "Harbour rules"
    assert "Boat: Dinghy; Fee: 4 crowns" in document.text
    assert "arrival & are" in document.text
    assert section_of(document, "Fees are due") == ("Harbour rules", "Fees")
    for unwanted in ("Home", "rights reserved", "alert"):
        assert unwanted not in document.text
    assert_headings_stand_in_the_text(document)


def test_html_without_a_main_part_keeps_its_words() -> None:
    assert "lone words" in load_document(b"<body><div>lone words</div></body>", "a.html").text


@pytest.mark.parametrize("page", [b"\r", b"<!-- nothing -->", b"<script>x = 1</script>"])
def test_html_without_words_is_called_empty(page: bytes) -> None:
    with pytest.raises(DocumentError, match=r"no text|empty"):
        load_document(page, "a.html")


def test_text_joins_lines_that_only_the_margin_broke() -> None:
    document = load_document(TEXT.encode(), "tides.txt")
    assert "printed every winter by the harbour office." in document.text
    assert "one crown.\n\nSpring tides" in document.text
    assert document.title == "Tides"


def test_text_keeps_the_lines_of_lists() -> None:
    assert load_document(b"Bring:\n- rope\n- oil\n", "a.txt").text == "Bring:\n- rope\n- oil\n"


def test_docx_has_headings_lists_and_tables(tmp_path: Path) -> None:
    document = load_document(write_docx(tmp_path / "a.docx").read_bytes(), "a.docx")
    assert document.title == "Rescue plan"
    assert "- Two red flares call the crew.\n- One green flare sends it home." in document.text
    assert "Role: Cox; Name: Jane Park" in document.text
    assert section_of(document, "Two red flares") == ("Rescue plan", "Signals")
    assert_headings_stand_in_the_text(document)


def test_pdf_joins_lines_to_paragraphs_and_knows_pages_and_headings(tmp_path: Path) -> None:
    long = "The keeper wrote the weather down each evening before the lamp was lit. " * 6
    path = write_pdf(tmp_path / "a.pdf", [["One", long.strip()], ["Two", "A short page."]])
    document = load_document(path.read_bytes(), "a.pdf")
    assert document.title == "Boat log"
    assert long.strip() in document.text
    assert document.page_at(document.text.index("The keeper")) == 1
    assert document.page_at(document.text.index("A short page")) == 2
    assert section_of(document, "A short page") == ("Two",)
    assert_headings_stand_in_the_text(document)


def test_pdf_running_footers_are_not_text_and_a_paragraph_continues_over_the_page(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(300, 200))
    filled = ["The first pier is kept by the town.", "The second pier is let to the guild."]
    pages = [[*filled, "The boat was"], ["old and leaked.", *filled], filled, filled]
    for number, lines in enumerate(pages, 1):
        for line, words in enumerate(lines):
            canvas.drawString(40, 150 - 14 * line, words)
        canvas.drawString(40, 20, f"Harbour news, page {number} of 4")
        canvas.showPage()
    canvas.save()
    document = load_document(path.read_bytes(), "a.pdf")
    assert "The boat was old and leaked." in document.text
    (footer,) = (block for block in document.blocks if block.kind == "page footer")
    assert document.text[footer.start : footer.end] == "Harbour news"
    assert document.text.count("Harbour news") == 1
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert document.page_at(document.text.index("old")) == 2


def test_a_pdf_with_a_password_is_named_as_such(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [["One", "Secret."]], encrypt=StandardEncryption("pw"))
    with pytest.raises(DocumentError, match=r"encrypted.*without the password"):
        load_document(path.read_bytes(), "a.pdf")


def test_a_pdf_without_text_is_named_as_a_scan(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.rect(10, 10, 100, 100)
    canvas.save()
    with pytest.raises(DocumentError, match="No text"):
        load_document((tmp_path / "a.pdf").read_bytes(), "a.pdf")


@pytest.mark.parametrize("suffix", [".pdf", ".docx"])
def test_a_truncated_file_is_an_error_that_says_so(tmp_path: Path, suffix: str) -> None:
    whole = (write_docx if suffix == ".docx" else lambda p: write_pdf(p, [["A", "b"]]))(
        tmp_path / f"a{suffix}"
    )
    with pytest.raises(DocumentError, match="not a readable"):
        load_document(whole.read_bytes()[:300], f"a{suffix}")


def test_an_encrypted_word_file_is_named_as_such() -> None:
    with pytest.raises(DocumentError, match="encrypted"):
        load_document(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "a.docx")


@pytest.mark.parametrize("data", [b"", b" \n\t "])
def test_an_empty_file_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(DocumentError, match="empty"):
        load_document((tmp_path / "a.txt").read_bytes(), "a.txt")


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(DocumentError, match=r"no loader for \.exe"):
        load_document(b"MZ", "a.exe")


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Café — “naïve” façade", "utf-8"),
        ("Café — “naïve” façade", "utf-8-sig"),
        ("Café façade", "utf-16"),
        ("The café on the quay closes at ten; its façade was painted in spring. " * 3, "cp1252"),
        ("人工智能产业的发展需要数据和人才，也需要时间。" * 4, "gb18030"),
    ],
)
def test_text_is_decoded_from_common_encodings(words: str, encoding: str) -> None:
    assert load_document(words.encode(encoding), "a.txt").text == words


def test_what_looks_special_is_just_text() -> None:
    words = "<|endoftext|> \u202eabc\u202c 👩‍🚒 a\x00b"
    assert load_document(words.encode() + b"\r\nnext\r\n", "a.txt").text == words + "\nnext\n"


@example("\r")
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_loads_as_text_and_markdown_or_is_called_empty(words: str) -> None:
    for source in ("a.txt", "a.md", "a.html"):
        try:
            document = load_document(words.encode(), source)
        except DocumentError as error:
            told = "no text" if words.encode().strip() else "is empty"
            assert told in str(error)  # noqa: PT017
        else:
            assert document.text.strip()
            assert_headings_stand_in_the_text(document)


@given(st.binary(max_size=400), st.sampled_from(["a.pdf", "a.docx", "a.html", "a.md", "a.txt"]))
def test_any_bytes_load_or_are_refused(data: bytes, source: str) -> None:
    try:
        assert load_document(data, source).text.strip()
    except DocumentError as error:
        assert str(error)  # noqa: PT017
