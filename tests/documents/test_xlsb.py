"""Binary workbooks (MS-XLSB), written here record by record."""

from __future__ import annotations

import struct

from aiqa.documents import load_document
from aiqa.types import Document
from tests.documents.office_files import MARKUP, package, relations

FORMATS = ["General", "0.0%", "[$€-2] #,##0.00", "dd.mm.yyyy", "00000"]
WORKBOOK = f"""<Types xmlns="{MARKUP}/package/2006/content-types"/>"""


def record(kind: int, content: bytes = b"") -> bytes:
    """A record: kind and size have seven bits in each byte."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size = len(content)
    return head + bytes([size & 127 | 128, size >> 7]) + content


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def styles() -> bytes:
    """A style for each format; the last is bold."""
    fonts = b"".join(
        record(43, struct.pack("<HHH", 220, 0, weight) + bytes(15)) for weight in (400, 700)
    )
    formats = b"".join(
        record(44, struct.pack("<H", 164 + n) + wide(code)) for n, code in enumerate(FORMATS)
    )
    cells = b"".join(
        record(47, struct.pack("<HHH", 0xFFFF, 164 + n, font) + bytes(10))
        for n, font in [*((n, 0) for n in range(len(FORMATS))), (0, 1)]
    )
    default = record(626, struct.pack("<I", 1)) + record(47, bytes(16)) + record(627)
    return (
        record(278) + record(615, struct.pack("<I", len(FORMATS))) + formats + record(616)
        + record(611, struct.pack("<I", 2)) + fonts + record(612) + default
        + record(617, struct.pack("<I", 6)) + cells + record(618) + record(279)
    )  # fmt: skip


def cell(column: int, value: object, style: int) -> bytes:
    place = struct.pack("<II", column, style)
    match value:
        case str():
            return record(6, place + wide(value))
        case int():
            return record(2, place + struct.pack("<i", value << 2 | 2))
        case _:
            return record(5, place + struct.pack("<d", value))


def workbook(rows: list[list[tuple[object, int]]], after: bytes = b"", **parts: bytes) -> bytes:
    """A workbook with one sheet, "Fees"; ``parts`` are related to the sheet by their names."""
    sheet = record(129) + record(148, struct.pack("<4I", 0, len(rows), 0, 9)) + record(145)
    for number, row in enumerate(rows):
        sheet += record(0, struct.pack("<I", number) + bytes(13))
        sheet += b"".join(cell(n, value, style) for n, (value, style) in enumerate(row))
    sheet += record(146) + after + record(130)
    book = (
        record(131) + record(153, bytes(12)) + record(143)
        + record(156, struct.pack("<II", 0, 1) + wide("s1") + wide("Fees")) + record(144)
        + record(132)
    )  # fmt: skip
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": WORKBOOK,
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relations(
            s1="worksheet worksheets/sheet1.bin", t="styles styles.bin"
        ),
        "xl/worksheets/sheet1.bin": sheet,
        "xl/worksheets/_rels/sheet1.bin.rels": relations(
            **{name: f"{name} ../{name}.bin" for name in parts}
        ),
        "xl/styles.bin": styles(),
    }
    return package(files | {f"xl/{n}.bin": part for n, part in parts.items()}, "xl/workbook.bin")


HEADS: list[tuple[object, int]] = [(name, 5) for name in ("Zip", "Share", "Fee", "Since")]
ROW: list[tuple[object, int]] = [(501, 4), (0.256, 1), (1234.5, 2), (45352, 3)]


def read(data: bytes) -> Document:
    return load_document(data, "fees.xlsb")


def test_numbers_are_shown_by_their_formats() -> None:
    document = read(workbook([HEADS, ROW]))
    assert document.text == "Fees\n\nZip: 00501; Share: 25.6%; Fee: € 1,234.50; Since: 01.03.2024"
    assert document.place_at(document.text.index("25.6")) == "Fees!B2"
    assert not document.omissions


def test_numbers_without_a_format_keep_their_digits() -> None:
    document = read(workbook([[("a", 5), ("b", 5), ("c", 5)], [(-7, 0), (0.1 + 0.2, 0), (3.0, 0)]]))
    assert document.text.endswith("a: -7; b: 0.3; c: 3")


def test_merged_cells_and_comments_are_read() -> None:
    merged = record(177, struct.pack("<I", 1)) + record(176, struct.pack("<4I", 0, 0, 1, 2))
    comments = (
        record(632, wide("Ida")) + record(635, struct.pack("<5I", 0, 1, 1, 2, 2) + bytes(16))
        + record(637, b"\0" + wide("Ida:\nToo high?")) + record(636)
    )  # fmt: skip
    rows: list[list[tuple[object, int]]] = [
        [("", 0), ("2024", 5), ("", 0)],
        [("Town", 5), ("Adult", 5), ("Child", 5)],
        [("Ulm", 0), (5, 0), (3, 0)],
    ]
    document = read(workbook(rows, merged + record(178), comments=comments))
    assert "Town: Ulm; 2024 Adult: 5; 2024 Child: 3" in document.text
    (comment,) = [block for block in document.blocks if block.kind == "comment"]
    assert document.text[comment.start : comment.end] == "Too high?"
    assert comment.label == "comment by Ida on C2"


def test_damaged_comments_leave_the_values() -> None:
    document = read(workbook([HEADS, ROW], comments=record(635, b"\0")))
    assert "Share: 25.6%" in document.text
    (omission,) = document.omissions
    assert omission.startswith("What is noted on the sheet 'Fees' was not read whole")
