"""What the commands share: options, the assistant they name, and how facts are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from aiqa.assistant import Assistant

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


@contextmanager
def opened(
    index: Path, min_confidence: float | None = None, max_risk: float | None = None
) -> Iterator[Assistant]:
    """The assistant over ``index``, with the settings that are given."""
    given = {"min_confidence": min_confidence, "max_risk": max_risk}
    overrides: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    with Assistant.open(index, **overrides) as assistant:
        yield assistant


def emit(data: dict[str, Any], for_people: Callable[[], None], *, as_json: bool) -> None:
    """Tell machines ``data`` as one JSON object, or people the same facts."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False), flush=True)  # noqa: T201
    else:
        for_people()
