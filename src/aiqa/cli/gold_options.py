"""Options of the commands that read a gold set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aiqa.evaluation.dataset import Split
from aiqa.evaluation.loaders import DatasetFormat

GoldArgument = Annotated[Path, typer.Argument(metavar="GOLD", help="The gold set.")]
DatasetFormatOption = Annotated[
    DatasetFormat, typer.Option("--format", help="Format of the gold set; auto: by its name.")
]
SplitOption = Annotated[Split | None, typer.Option("--split", help="Only this split of the set.")]
