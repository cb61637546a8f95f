"""Options that several commands have, and how a command opens the assistant and prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, get_args

import typer

from aiqa.assistant import Assistant
from aiqa.types import Format

IndexOption = Annotated[
    str,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar="AIQA_INDEX",
        help="The index folder, or the address of a cluster.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ConfidenceOption = Annotated[
    float | None,
    typer.Option("--min-confidence", help="Abstain below this confidence, from 0 to 1."),
]
RiskOption = Annotated[
    float | None,
    typer.Option("--max-risk", help="Show only answers of which at most this share is wrong."),
]

SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="PATTERN", help="Only sources like this, e.g. 'docs/a*'."),
]
TitleOption = Annotated[
    str | None, typer.Option("--title", help="Only documents with this in their title.")
]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format", metavar="|".join(get_args(Format)), help="Only documents of this format."
    ),
]
CollectionOption = Annotated[
    list[str] | None,
    typer.Option("--collection", metavar="NAME", help="Only documents of this collection."),
]

INDEX = "index"


@contextmanager
def opened(
    index: str, min_confidence: float | None = None, max_risk: float | None = None
) -> Iterator[Assistant]:
    """Open the assistant for ``index``; options that are not None override the settings."""
    options = {"min_confidence": min_confidence, "max_risk": max_risk}
    overrides: dict[str, Any] = {
        name: value for name, value in options.items() if value is not None
    }
    with Assistant.open(index, **overrides) as assistant:
        yield assistant


def emit(data: dict[str, Any], for_people: Callable[[], None], *, as_json: bool) -> None:
    """Print ``data`` as one JSON object, or call ``for_people``, which prints it as text."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False), flush=True)  # noqa: T201
    else:
        for_people()
