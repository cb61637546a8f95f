"""Gold sets kept in spreadsheets: CSV, TSV and Excel files with a head of column names.

``question`` is needed; ``answers`` are parted by ``|`` and ``tags`` by commas; ``source`` and
``quote`` are one piece of evidence. Further rows with the same ``id`` or, without ids, the same
question add to it. ``split`` is as in the JSON-lines format.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalDataset, Split
from aiqa.evaluation.loaders.io import name_of, parsed, text_of

_COLUMNS = ("id", "question", "answers", "source", "quote", "tags", "split")


def read(path: Path, split: Split | None) -> EvalDataset:  # noqa: ARG001
    """The set in the table ``path``; in a workbook its first sheet."""
    head, *rows = _rows(path) or [[]]
    names = [name.strip().lower() for name in head]
    unknown = [name for name in names if name and name not in _COLUMNS]
    if "question" not in names or unknown:
        fault = f"the unknown columns {', '.join(unknown)}" if unknown else "no column question"
        raise GoldError(
            f"{path} has {fault}.",
            f"Its first row names columns among {', '.join(_COLUMNS)}.",
        )
    questions: dict[str, dict[str, Any]] = {}
    for number, cells in enumerate(rows, 2):
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        if row.get("question"):
            identity = row.get("id") or row["question"]
            fields = questions.setdefault(
                identity,
                {"id": identity, "question": row["question"], "place": f"{path}, row {number}"},
            )
            _add(fields, row)
    return EvalDataset(
        name_of(path),
        tuple(parsed(row, row.pop("place")) for row in questions.values()),
    )


def _add(fields: dict[str, Any], row: dict[str, str]) -> None:
    for name, mark in (("answers", "|"), ("tags", ",")):
        parts = [part.strip() for part in row.get(name, "").split(mark) if part.strip()]
        values = fields.setdefault(name, [])
        values.extend(part for part in parts if part not in values)
    if row.get("source"):
        evidence = {"source": row["source"], "quote": row.get("quote") or None}
        fields.setdefault("evidence", []).append(evidence)
    if row.get("split"):
        fields["split"] = row["split"]


def _rows(path: Path) -> Sequence[Sequence[str]]:
    if path.suffix.lower() != ".xlsx":
        mark = "\t" if path.suffix.lower() == ".tsv" else ","
        return list(csv.reader(StringIO(text_of(path)), delimiter=mark))
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except CalamineError as error:
        raise GoldError(f"{path} is no workbook that can be read: {error}.") from error
    return [[_cell(value) for value in row] for row in sheet.to_python()]


def _cell(value: Any) -> str:
    """A cell as people see it: 2017, not 2017.0."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
