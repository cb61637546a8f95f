"""Asks mutated copies of an index folder: ``index_mutants.py FOLDER FIRST LAST``.

Prints the number of each mutant before it is opened, and then what became of it: "answered" or
"refused". Anything else that happens ends the process. The same number makes the same mutant.
"""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from random import Random

from eval.benchmarks.hashing import HashEmbedder

from aiqa import Assistant, Settings
from aiqa.checksums import chunk_checksum, content_id, document_checksum
from aiqa.errors import AiqaError
from aiqa.types import Document

QUESTION = "What does the gauge of station 3 show?"
TEXTS = ["", "[]", "{}", "null", "1", '"x"', "[[]]", "[[1]]", "[1,2]", '[["a","b"],"c"]', "\x00",
         "[" * 5000, "\ud7ff", "1e999", "[-1,-1]", '[["x"],7]', "../../etc/passwd", "a" * 100_000,
         '{"embedder":1}', "[[0,9223372036854775808]]", '{"published":[]}']  # fmt: skip
NUMBERS = [0, -1, 1, 2**31, 2**63 - 1, -(2**63), 7]
BLOBS = [b"", b"\x00", b"\xff" * 16, b"\x00\x00\xc0\x7f" * 300, b"x" * 1200]
STATEMENTS = [
    "DELETE FROM {table}",
    "DROP TABLE {table}",
    "CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM documents; END",
    "CREATE VIEW v AS SELECT 1",
    "PRAGMA user_version = 77",
    "PRAGMA application_id = 1",
    "UPDATE {table} SET rowid = rowid + 7",
    "INSERT INTO meta VALUES ('recipe', 'x') ON CONFLICT DO UPDATE SET value = 'x'",
    "UPDATE sources SET document_id = (SELECT max(id) FROM documents)",
]


def main() -> None:
    """Make the index, then ask its mutants."""
    logging.getLogger("aiqa").setLevel(logging.ERROR)
    folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    embedder, settings = HashEmbedder(), Settings.load(reader="sentences")
    whole, mutant = folder / "whole", folder / "mutant"
    with Assistant(whole, settings, embedder) as assistant:
        assistant.add([_document(number) for number in range(12)])
        assistant.ask(QUESTION)
    for number in range(first, last):
        print(number, flush=True)
        shutil.rmtree(mutant, ignore_errors=True)
        shutil.copytree(whole, mutant)
        random = Random(number)
        random.choice((_change_bytes, _change_bytes, _change_row, _change_row, _change_tables))(
            mutant, random
        )
        try:
            with Assistant(mutant, settings, embedder) as assistant:
                assistant.ask(QUESTION, min_confidence=0)
                assistant.status()
                for held in assistant.holdings():
                    assistant.document(held.document_id)
        except AiqaError:
            print("refused", flush=True)
        else:
            print("answered", flush=True)


def _document(number: int) -> Document:
    text = f"Station {number}\n\nThe gauge of station {number} shows {number} metres.\n" * 20
    return Document(content_id(text.encode()), f"{number}.txt", "text", f"Station {number}", text)


def _change_bytes(folder: Path, random: Random) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    path = random.choice([folder / "catalog.sqlite3", *files])
    data = bytearray(path.read_bytes())
    for _ in range(random.choice((1, 1, 5, 100))):
        at, end = random.randrange(len(data) + 1), random.randrange(len(data) + 1)
        match random.randrange(5):
            case 0:
                data[at : at + random.choice((1, 4, 64, 4096))] = random.randbytes(4)
            case 1:
                data[at : at + 1] = bytes([random.choice((0, 1, 127, 128, 255))])
            case 2:
                data = data[:at] or data
            case 3:
                data[at:at] = data[end : end + 512]
            case _:
                data[at : at + 8] = random.choice((b"\xff" * 8, bytes(8), b"\x7f" + b"\xff" * 7))
    path.write_bytes(data)


def _change_row(folder: Path, random: Random) -> None:
    """Give a value of a row another of its type; its checksum is made to fit half of the time."""
    with closing(sqlite3.connect(folder / "catalog.sqlite3")) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        table = random.choice(_tables(db))
        _, column, kind, *_ = random.choice(db.execute(f"PRAGMA table_info({table})").fetchall())
        values = {"TEXT": TEXTS, "BLOB": BLOBS, "REAL": [0.0, -1.0, 1e308]}.get(kind, NUMBERS)
        value: object = random.choice(values)  # type: ignore[arg-type]
        for _ in range(random.choice((1, 20))):
            # Not by SQLite's random(), which no seed governs.
            before = db.execute(f'SELECT "{column}" FROM {table} ORDER BY 1').fetchall()
            if before:
                db.execute(
                    f'UPDATE OR IGNORE {table} SET "{column}" = ? WHERE "{column}" = ?',
                    (value, *random.choice(before)),
                )
        if random.random() < 0.8:
            _fit_checksums(db)


def _fit_checksums(db: sqlite3.Connection) -> None:
    for key, *parts, section in db.execute(
        'SELECT key, start, "end", text, vector, sentences, section FROM chunks'
    ).fetchall():
        start, end, text, vector, sentences = parts
        try:
            lead = json.loads(section)[1]
            checksum = chunk_checksum(start, end, text, lead, vector, sentences)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue
        db.execute("UPDATE chunks SET checksum = ? WHERE key = ?", (checksum, key))
    for identity, title, text, pages, headings in db.execute(
        "SELECT id, title, text, pages, headings FROM documents"
    ).fetchall():
        rows = db.execute(
            "SELECT block FROM blocks WHERE document_id = ? ORDER BY start", (identity,)
        )
        whole = document_checksum(title, text, pages, headings, [row[0] for row in rows])
        db.execute("UPDATE documents SET checksum = ? WHERE id = ?", (whole, identity))


def _change_tables(folder: Path, random: Random) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite3")) as db:
        statement = random.choice(STATEMENTS).format(table=random.choice(_tables(db)))
        try:
            with db:
                db.execute(statement)
        except sqlite3.Error:
            _change_bytes(folder, random)


def _tables(db: sqlite3.Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


if __name__ == "__main__":
    main()
