"""Small valid files of every format that aiqa reads, by the libraries people make them with."""

from __future__ import annotations

import json
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw

from tests.conftest import HTML, MARKDOWN, TEXT, write_docx, write_pdf
from tests.documents.test_every_format import FORMATS, Places, marked
from tests.documents.test_mail import INVITATION, attached, msg, outlook
from tests.documents.test_more_formats import ADOC, ORG, TEX
from tests.documents.test_old_office import SLIDES, WORD
from tests.documents.test_rst_email import MAIL, RST
from tests.documents.test_tables_slides_books import book, slides, workbook
from tests.ingestion.test_change_detection import zipped

_CASES = Path(__file__).parent / "documents" / "files" / "cases"
_PLACES: Places = marked([("Lamps", ["oil", "wick and glass"]), ("Bells", ["rope"])])
_CREW: list[list[object]] = [["Name", "Age"], ["Ada Moor", 41], ["Tom Reed", 29.5]]
_RECORDS = [{"boat": {"name": "Petrel", "masts": 2}, "crew": ["Ada", "Tom"]}, {"boat": None}, 7]
_CHAPTER = (
    "<h1>The storm</h1><p>It blew <em>hard</em>.</p><ul><li>one<ol><li>in</li></ol></li></ul>"
    "<table><tr><th>Day</th></tr><tr><td>2</td></tr></table>"
)


def samples() -> dict[str, list[bytes]]:
    """At least two different files for each loader, by the first of its suffixes.

    A loader of several formats, such as that of all workbooks, has files of each.
    """
    markdown = [
        MARKDOWN.encode(),
        b"---\nkey: x\n---\n1. one\n   - two\n\n> quoted\n\n<b>raw</b>\n",
    ]
    text = [TEXT.encode(), b"Bring:\n- rope\n- oil\n", "Café – 人工智能。".encode("utf-16")]
    html = [HTML.encode(), f"<body><h2>Tale</h2>{_CHAPTER}<pre>a\n b</pre>loose</body>".encode()]
    lines = "\n".join(map(json.dumps, _RECORDS)).encode()
    table = b'Boat,Fee\nDinghy,"4 crowns, half"\nYacht,9\n'
    return {
        ".md": markdown,
        ".txt": text,
        ".html": html,
        ".csv": [
            table,
            b"1887;Ada\n1910;Tom\n",
            table.replace(b",", b"\t"),
            b"a|b\n1|2\n",
        ],
        ".json": [
            json.dumps(_RECORDS).encode(),
            b'{"a": {"b": [1, "x", true, null, {"c": 2}]}}',
            lines,
            b'"one"\n\n[2, 3]\n',
        ],
        ".rst": [RST.encode(), _sphinx()],
        ".xlsx": [
            workbook(Crew=_CREW, Empty=[]),
            workbook(One=[["Total 3"]], Two=[[1, "x"]]),
            _case("apples.xls"),
            _case("apples.ods"),
        ],
        ".pptx": [slides(), _slide()],
        ".epub": [book(_CHAPTER, "<p>No wind<br/>at all</p>"), book("<h2>Calm</h2>none")],
        ".zip": [
            zipped({"a/note.md": markdown[0], "boats.csv": table, "photo.jpg": b"x"}),
            zipped({"inner.zip": zipped({"tides.txt": text[0]}), "two.jsonl": lines}),
        ],
        **_marked_up(),
        **_letters(),
        **_office(),
        ".png": _pictures(),
        **_printed(),
    }


def _case(name: str) -> bytes:
    return (_CASES / name).read_bytes()


def _written(suffix: str) -> bytes:
    """A file with headings and paragraphs and nothing else."""
    return FORMATS[suffix][0](_PLACES)


def _marked_up() -> dict[str, list[bytes]]:
    """The formats of documents, settings and programs that are written by hand."""
    records = b"<all><b id='1'><n>Wren</n>&amp;</b><b id='2'><n>Lark</n></b></all>"
    entities = b"<!DOCTYPE a [<!ENTITY a 'boom'>]><a><![CDATA[x]]>&a;<?p q?><b c='d'>e</b></a>"
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n"]},
        {"output_type": "execute_result", "data": {"text/html": [_CHAPTER], "text/plain": "no"}},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "Spring."]},
        {"cell_type": "code", "source": "print(1)", "outputs": outputs},
    ]
    cue = b"WEBVTT\n\nNOTE no\n\n01:04.000 --> 01:06.000\n<v>She left\nat dawn."
    code = b'import os\n\n\ndef f():\n    """Shine."""\n\n    return 1  # lit\n'
    return {
        ".xml": [_written(".xml"), records, entities],
        ".ipynb": [_written(".ipynb"), json.dumps({"cells": cells}).encode()],
        ".tex": [_written(".tex"), TEX.encode()],
        ".adoc": [_written(".adoc"), ADOC.encode()],
        ".org": [_written(".org"), ORG.encode()],
        ".yaml": [b"# all\nserver:\n  port: 80\n  on: [a, b]\n", _written(".ini")],
        ".srt": [_written(".srt"), cue],
        ".py": [code, b"<?php\n/* lamp */\n\n$oil = 4;\n"],
    }


def _letters() -> dict[str, list[bytes]]:
    """The formats of mail programs."""
    box = b"".join(
        b"From ada@gull.example Mon Mar  3 10:00:00 2025\n" + letter + b"\n"
        for letter in (MAIL.encode(), _mail())
    )
    styled = outlook(x0037="Oil", x1013=_CHAPTER.encode())
    styled["__attach_version1.0_#00000000"] = attached("plan.txt", b"The plan has nine steps.")
    return {
        ".eml": [MAIL.encode(), _mail()],
        ".mbox": [box, b"From tom@gull.example Mon Mar  3 10:00:00 2025\n" + _mail()],
        ".msg": [_written(".msg"), msg(styled)],
        ".ics": [_written(".ics"), INVITATION.encode()],
    }


def _office() -> dict[str, list[bytes]]:
    """The formats of OpenDocument and of the office programs before 2007."""
    return {
        ".odt": [_written(".odt"), _case("smokehouse.odt")],
        ".odp": [_written(".odp"), _case("mill.odp")],
        ".rtf": [_written(".rtf"), _case("quilt.rtf")],
        ".doc": [WORD, _reworded(WORD, "Herring", "Haddock")],
        ".ppt": [SLIDES, _reworded(SLIDES, "Spelt", "Wheat")],
    }


def _reworded(data: bytes, word: str, other: str) -> bytes:
    """A file that only closed programs write, with another word of the same length."""
    changed = data
    for encoding in ("ascii", "utf-16-le"):
        changed = changed.replace(word.encode(encoding), other.encode(encoding))
    return changed


def _pictures() -> list[bytes]:
    """Photographs and scans of every format, with a few words each."""
    kinds = ["PNG", "JPEG", "TIFF", "WEBP", "BMP"]
    return [_picture("Fee: 4", kind) for kind in kinds]


def _picture(words: str, kind: str) -> bytes:
    picture = Image.new("L", (160, 48), "white")
    ImageDraw.Draw(picture).text((10, 6), words, fill="black", font_size=28)
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def _printed() -> dict[str, list[bytes]]:
    """The formats whose libraries write to a path."""
    words = "The keeper wrote the weather down each evening before the lamp was lit. " * 3
    with TemporaryDirectory() as folder:
        path = Path(folder, "a")
        return {
            ".pdf": [
                write_pdf(path, pages, invariant="1").read_bytes()
                for pages in ([["One", words], ["Two", "A short page."]], [["Öl", "für die Lampe"]])
            ],
            ".docx": [write_docx(path).read_bytes(), _contract(path)],
        }


def _slide() -> bytes:
    import pptx

    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    slide.shapes.add_textbox(0, 0, 1_000_000, 1_000_000).text_frame.text = "Only a box"
    out = BytesIO()
    presentation.save(out)
    return out.getvalue()


def _contract(path: Path) -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Contract", 0)
    document.add_paragraph("Signed on the quay.", style="List Number")
    document.add_paragraph("Witnessed.", style="Quote")
    document.save(str(path))
    return path.read_bytes()


def _sphinx() -> bytes:
    return b"""\
.. |lamp| replace:: the *lamp*

Guide
=====

.. toctree::
   :maxdepth: 2

   install

.. function:: shine(lamp)

   Lights |lamp|, see :ref:`fuel <oil>`. [#a]_

.. code-block:: python
   :emphasize-lines: 1

   shine()

.. csv-table:: Boats
   :header: Boat, Fee

   Dinghy, 4

-v, --bright=N  More light.

| line
|   block

.. [#a] A note.
"""


def _mail() -> bytes:
    """With alternatives, files and another mail attached."""
    inner = EmailMessage()
    inner["Subject"] = "Re: oil"
    inner.set_content("It burns well.\n")
    message = EmailMessage()
    message["From"] = "Ada Möller <ada@gull.example>"
    message["To"] = "Tom <tom@gull.example>, office@gull.example"
    message["Subject"] = "Öl"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0100"
    message.set_content("Für die Lampe.\n\n> quoted\n", charset="iso-8859-1")
    message.add_alternative("<p>For the <b>lamp</b>.</p>", subtype="html")
    message.add_attachment(b"Boat,Fee\n", maintype="text", subtype="csv", filename="größe.csv")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf")
    message.add_attachment(inner)
    message.set_boundary("=oil=")
    return bytes(message)
