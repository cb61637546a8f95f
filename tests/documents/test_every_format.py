"""For arbitrary words in every format: quotes slice the document, and pages and sections are right.

Each file is made of places (pages, slides, chapters, sections) with paragraphs that nothing else
in it repeats, so that where a paragraph is found can be compared with where it was put.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from html import escape
from io import BytesIO, StringIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
import pptx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiqa.documents import load_document, source_code, supported
from aiqa.embedders import Embedder
from aiqa.ingestion.chunker import Chunker
from tests.conftest import write_pdf
from tests.documents.test_mail import msg, outlook
from tests.documents.test_open_document import file as open_document
from tests.documents.test_tables_slides_books import book, workbook
from tests.documents.test_xls_ods import cell as ods_cell
from tests.documents.test_xls_ods import ods
from tests.documents.test_xls_ods import row as ods_row

Places = list[tuple[str, list[str]]]
"""Headings, each with the paragraphs under it."""

words = st.text("abcdefghéößñ", min_size=1, max_size=8)
paragraphs = st.lists(words, min_size=1, max_size=6).map(" ".join)
drawn = st.lists(
    st.tuples(words, st.lists(paragraphs, min_size=1, max_size=3)), min_size=1, max_size=3
)


def marked(places: Places) -> Places:
    """The same, each heading and paragraph with a number of its own."""
    number = count(1)
    return [
        (f"{heading}h{next(number)}", [f"Then {said} went to x{next(number)}." for said in below])
        for heading, below in places
    ]


def _markdown(places: Places) -> bytes:
    return "\n\n".join("\n\n".join([f"# {h}", *ps]) for h, ps in places).encode()


def _text(places: Places) -> bytes:
    return "\n\n".join("\n\n".join([h, *ps]) for h, ps in places).encode()


def _body(places: Places) -> str:
    return "".join(f"<h2>{h}</h2>" + "".join(f"<p>{p}</p>" for p in ps) for h, ps in places)


def _html(places: Places) -> bytes:
    head = '<!doctype html><meta charset="utf-8"><title>x</title>'
    return f"{head}<main>{_body(places)}</main>".encode()


def _rst(places: Places) -> bytes:
    titled = [[f"{h}\n{'=' * len(h)}", *ps] for h, ps in places]
    return "\n\n".join("\n\n".join(parts) for parts in titled).encode()


def _tex(places: Places) -> bytes:
    return "\n\n".join("\n\n".join([f"\\section{{{h}}}", *ps]) for h, ps in places).encode()


def _adoc(places: Places) -> bytes:
    return "\n\n".join("\n\n".join([f"== {h}", *ps]) for h, ps in places).encode()


def _org(places: Places) -> bytes:
    return "\n\n".join("\n\n".join([f"* {h}", *ps]) for h, ps in places).encode()


def _ini(places: Places) -> bytes:
    return "\n\n".join("\n\n".join([f"[{h}]", *ps]) for h, ps in places).encode()


def _xml(places: Places) -> bytes:
    sections = (
        f"<section><title>{h}</title>{''.join(f'<para>{p}</para>' for p in ps)}</section>"
        for h, ps in places
    )
    return f"<article>{''.join(sections)}</article>".encode()


def _ipynb(places: Places) -> bytes:
    cells = [{"cell_type": "markdown", "source": _markdown([place]).decode()} for place in places]
    return json.dumps({"cells": cells}).encode()


def _srt(places: Places) -> bytes:
    cues = (f"1\n00:00:01,000 --> 00:00:02,000\n{p}" for _, ps in places for p in ps)
    return "\n\n".join(cues).encode()


def _pdf(places: Places) -> bytes:
    with TemporaryDirectory() as folder:
        pages = [[heading, *below] for heading, below in places]
        return write_pdf(Path(folder, "a.pdf"), pages).read_bytes()


def _docx(places: Places) -> bytes:
    document = docx.Document()
    for heading, below in places:
        document.add_heading(heading, 1)
        for said in below:
            document.add_paragraph(said)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _pptx(places: Places) -> bytes:
    presentation = pptx.Presentation()
    for heading, below in places:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = heading
        slide.placeholders[1].text_frame.text = below[0]
        for said in below[1:]:
            slide.placeholders[1].text_frame.add_paragraph().text = said
    out = BytesIO()
    presentation.save(out)
    return out.getvalue()


def _rows(places: Places) -> list[list[str]]:
    """A table with the paragraphs of a place as the cells of a row."""
    return [["One", "Two", "Three"], *(below for _, below in places)]


def _xlsx(places: Places) -> bytes:
    return workbook(Sheet=[list(row) for row in _rows(places)])


def _ods(places: Places) -> bytes:
    rows = [[escape(cell) for cell in row] for row in _rows(places)]
    table = "".join(ods_row(*map(ods_cell, row)) for row in rows)
    return ods(
        "<office:body><office:spreadsheet><table:table table:name='Sheet'>"
        f"{table}</table:table></office:spreadsheet></office:body>"
    )


def _csv(places: Places) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(_rows(places))
    return out.getvalue().encode()


def _tsv(places: Places) -> bytes:
    return "\n".join("\t".join(row) for row in _rows(places)).encode()


def _records(places: Places) -> list[dict[str, list[str]]]:
    return [{heading: below} for heading, below in places]


def _json(places: Places) -> bytes:
    return json.dumps(_records(places)).encode()


def _jsonl(places: Places) -> bytes:
    return "\n".join(map(json.dumps, _records(places))).encode()


def _epub(places: Places) -> bytes:
    return book(*(_body([place]) for place in places))


def _eml(places: Places) -> bytes:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content(_text(places).decode())
    return message.as_bytes()


def _ics(places: Places) -> bytes:
    entries = (
        "\n".join(
            [
                "BEGIN:VEVENT",
                f"SUMMARY:{heading}",
                *(f"COMMENT:{said}" for said in below),
                "END:VEVENT",
            ]
        )
        for heading, below in places
    )
    return "\n".join(["BEGIN:VCALENDAR", *entries, "END:VCALENDAR"]).encode()


def _odt(places: Places) -> bytes:
    return open_document(
        "".join(
            f"<text:h>{h}</text:h>" + "".join(f"<text:p>{p}</text:p>" for p in ps)
            for h, ps in places
        )
    )


def _odp(places: Places) -> bytes:
    slides = (
        f'<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>{h}</text:p>'
        "</draw:text-box></draw:frame><draw:frame><draw:text-box>"
        + "".join(f"<text:p>{p}</text:p>" for p in ps)
        + "</draw:text-box></draw:frame></draw:page>"
        for h, ps in places
    )
    return open_document("".join(slides), "presentation")


def _rtf(places: Places) -> bytes:
    body = "".join(
        f"\\pard\\s1 {h}\\par" + "".join(f"\\pard {p}\\par" for p in ps) for h, ps in places
    )
    coded = "".join(c if c.isascii() else f"\\u{ord(c)} ?" for c in body)
    return ("{\\rtf1{\\stylesheet{\\s1 heading 1;}}" + coded + "}").encode()


def _msg(places: Places) -> bytes:
    return msg(outlook(x0037="x", x1000=_text(places).decode()))


@pytest.fixture(scope="module")
def chunker(embedder: Embedder) -> Chunker:
    return Chunker(target=160, overlap=0, limit=256, count_pieces=embedder.count_tokens)


Write = Callable[[Places], bytes]
FORMATS: dict[str, tuple[Write, int | None, bool]] = {
    ".md": (_markdown, None, True),
    ".txt": (_text, None, False),
    ".html": (_html, None, True),
    ".rst": (_rst, None, True),
    ".pdf": (_pdf, 1, True),
    ".xlsx": (_xlsx, 2, False),
    ".ods": (_ods, 2, False),
    ".docx": (_docx, None, True),
    ".pptx": (_pptx, 1, True),
    ".csv": (_csv, 2, False),
    ".tsv": (_tsv, 2, False),
    ".json": (_json, 1, False),
    ".jsonl": (_jsonl, 1, False),
    ".epub": (_epub, None, True),
    ".eml": (_eml, None, False),
    ".xhtml": (_html, None, True),
    ".xml": (_xml, None, True),
    ".ipynb": (_ipynb, None, True),
    ".tex": (_tex, None, True),
    ".adoc": (_adoc, None, True),
    ".org": (_org, None, True),
    ".srt": (_srt, None, False),
    ".ini": (_ini, None, True),
    ".py": (_text, None, False),
    ".msg": (_msg, None, False),
    ".ics": (_ics, None, True),
    ".odt": (_odt, None, True),
    ".odp": (_odp, 1, True),
    ".rtf": (_rtf, None, True),
}
"""What writes a format, the page that its first place is, and whether headings are its sections."""


LIKE = {
    ".md": (".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"),
    ".txt": (".text", ".log"),
    ".html": (".htm", ".shtml"),
    ".xlsx": (".xlsm", ".xltx", ".xltm"),
    ".docx": (".docm", ".dotx", ".dotm"),
    ".pptx": (".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    ".csv": (".tab",),
    ".json": (".geojson", ".jsonc", ".json5"),
    ".jsonl": (".ndjson",),
    ".xml": (".dita", ".opml", ".rss", ".atom", ".svg"),
    ".adoc": (".asciidoc",),
    ".srt": (".vtt", ".sbv"),
    ".ini": (".yaml", ".yml", ".toml", ".cfg", ".conf", ".properties", ".vcf"),
    ".py": source_code.SUFFIXES[1:],
    ".eml": (".mht", ".mhtml"),
    ".msg": (".oft",),
    ".odt": (".ott", ".fodt"),
    ".odp": (".otp", ".fodp"),
    ".ods": (".ots", ".fods"),
}
"""Other names of these formats."""


def test_no_format_is_left_out() -> None:
    # What only old or closed programs write is tested by files of theirs; containers hold others.
    left = {".doc", ".dot", ".ppt", ".pps", ".pot", ".xls", ".xlt", ".xlsb", ".mbox", ".zip"}
    # See test_ocr.
    left |= {".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
    others = {other for names in LIKE.values() for other in names}
    assert {*FORMATS} | others == {*supported().split()} - left


@pytest.mark.parametrize("suffix", LIKE)
def test_other_names_of_a_format_are_read_alike(suffix: str) -> None:
    write, _, _ = FORMATS[suffix]
    data = write(marked([("Fees", ["Nine crowns a night."]), ("Oil", ["Rape oil."])]))
    document = load_document(data, f"a{suffix}")
    for other in LIKE[suffix]:
        named = load_document(data, f"a{other}")
        assert replace(named, source=document.source) == document, other


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=15)
@given(drawn=drawn)
@example(drawn=[("a", ["a"])] * 3)  # pages that differ in numbers only
def test_what_is_written_is_found_verbatim_in_its_place(
    suffix: str, chunker: Chunker, drawn: Places
) -> None:
    write, first_page, has_sections = FORMATS[suffix]
    places = marked(drawn)
    document = load_document(write(places), f"a{suffix}")
    chunks = chunker.chunks(document)
    for chunk in chunks:
        assert document.text[chunk.start : chunk.end] == chunk.text
        assert chunk.page == document.page_at(chunk.start)
    for number, (heading, below) in enumerate(places):
        page = None if first_page is None else first_page + number
        for said in below:
            assert document.text.count(said) == 1
            start = document.text.index(said)
            assert document.page_at(start) == page  # as a citation has it
            (chunk,) = (c for c in chunks if c.start <= start and start + len(said) <= c.end)
            if has_sections:
                assert document.section_at(start)[-1:] == (heading,)
                assert chunk.section[-1:] == (heading,) or document.title == heading
