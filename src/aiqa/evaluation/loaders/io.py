"""What the formats share: files, packed or not, to lines and objects."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalExample
from aiqa.validation_errors import validation_message


def text_of(path: Path) -> str:
    """The text of a UTF-8 file; one that ends in ``.gz`` is unpacked."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")


def objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The object on each line of a JSON-lines file, after what to call its place.

    Raises:
        GoldError: a line holds no object.
    """
    # Not splitlines(): JSON may hold U+2028 and others that it would split at.
    for number, line in enumerate(text_of(path).split("\n"), 1):
        if line.strip():
            place = f"{path}, line {number}"
            try:
                row = json.loads(line)
            except ValueError as error:
                raise GoldError(f"{place}: {error}.") from error
            if not isinstance(row, dict):
                raise GoldError(f"{place}: This is not a JSON object.")
            yield place, row


def name_of(path: Path) -> str:
    """The file's name without its endings: what to call the set."""
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def parsed(row: dict[str, Any], place: str) -> EvalExample:
    """The question that ``row`` describes.

    Raises:
        GoldError: it breaks the format.
    """
    try:
        # As JSON: what a list of strings is taken for does not depend on how it came.
        return EvalExample.model_validate_json(json.dumps(row))
    except ValidationError as error:
        raise GoldError(
            f"{place}: {validation_message(error, whole='line')}.",
            "The page Evaluation of the documentation describes the format.",
        ) from error
