"""Options that several commands take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

IndexOption = Annotated[Path, typer.Option("--index", metavar="DIR", help="The index folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ConfidenceOption = Annotated[
    float | None,
    typer.Option("--min-confidence", help="Abstain below this confidence, from 0 to 1."),
]
RiskOption = Annotated[
    float | None,
    typer.Option("--max-risk", help="Show only answers of which at most this share is wrong."),
]

INDEX = Path("index")


def print_result(data: dict[str, Any], for_people: Callable[[], None], *, as_json: bool) -> None:
    """Print ``data`` for machines, or let ``for_people`` tell it."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False), flush=True)  # noqa: T201
    else:
        for_people()
