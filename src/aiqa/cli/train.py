"""`aiqa train …`: make a reader."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from aiqa.cli.options import INDEX, IndexOption, opened
from aiqa.evaluation.dataset import Split
from aiqa.training.run import MODEL

app = typer.Typer(help="Train readers.")

DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="The files of questions.")]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Where checkpoints and models go.")
]
ValidateOption = Annotated[
    list[Path] | None,
    typer.Option("--validate", metavar="FILE", help="Files of questions to try the model on."),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="Try so many of each file, evenly taken.")
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Processors to use; all unless given.")
]


@app.command()
def reader(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="What to do, see README.")],
    data: DataOption,
    out: OutOption,
    start: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model to start from, not the encoder.")
    ] = None,
    encoder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The larger encoder that the recipe names.")
    ] = None,
    mined: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where mined passages are kept.")
    ] = None,
    validate: ValidateOption = None,
    limit: LimitOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Train a reader after a recipe; run again, it goes on where it was broken off.

    Prints a JSON object a line; the figures go to `report.json` beside the model too.
    """
    from aiqa.training.recipe import Recipe

    wanted = Recipe.read(recipe)
    _prepare(threads)
    from aiqa.training import run

    model = run.train(
        wanted,
        data,
        out,
        start=start,
        encoder=encoder,
        kept=mined,
        on_report=lambda stage, figures: _say({"stage": stage, **figures}),
    )
    _report({"recipe": recipe.stem, "about": wanted.about}, model, out, validate or (), limit)


@app.command()
def gold(
    questions: Annotated[
        Path, typer.Argument(metavar="GOLD", help="A gold set about the index, without test rows.")
    ],
    out: OutOption,
    index: IndexOption = INDEX,
    split: Annotated[Split | None, typer.Option(help="Only this part of the set.")] = None,
    start: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model to start from, not aiqa's own.")
    ] = None,
    passes: Annotated[int, typer.Option(min=1, help="How often each question is seen.")] = 3,
    rate: Annotated[float, typer.Option(min=0.0, help="The highest learning rate.")] = 3e-5,
    threads: ThreadsOption = None,
) -> None:
    """Train the reader on with your own gold questions; run again, it goes on.

    Then set `reader` to OUT/model and refit confidence with `aiqa calibrate GOLD`. Measure with
    questions that were not trained on.
    """
    from aiqa.evaluation import load_dataset
    from aiqa.training.gold import train_on

    _prepare(threads)
    with opened(index) as assistant:
        train_on(
            assistant,
            load_dataset(questions, split).questions,
            out,
            start=start,
            passes=passes,
            rate=rate,
            on_report=_say,
        )
    _say({"model": str(out / MODEL)})


@app.command()
def average(
    models: Annotated[list[Path], typer.Argument(help="Folders of models of the same origin.")],
    out: OutOption,
    validate: ValidateOption = None,
    limit: LimitOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Average the weights of several models."""
    _prepare(threads)
    from aiqa.training import model as space

    model = space.averaged(models)
    space.save(model, out / MODEL)
    _report({"averaged": [str(path) for path in models]}, model, out, validate or (), limit)


def _prepare(threads: int | None) -> None:
    from aiqa.training.memory import keep_memory

    keep_memory()
    import torch
    from transformers.utils import logging

    torch.set_num_threads(threads or os.cpu_count() or 1)
    from aiqa.training.hardware import device

    # On an accelerator, some steps back have no deterministic way.
    torch.use_deterministic_algorithms(mode=device().type == "cpu")
    # Of a new head, which is wanted, transformers warns at length.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _report(
    about: dict[str, Any], model: Any, out: Path, files: list[Path] | tuple[()], limit: int | None
) -> None:
    from aiqa.reader.windows import Windows
    from aiqa.training import model as space
    from aiqa.training.examples import read_examples
    from aiqa.training.validation import validate

    windows = Windows(space.tokenizer())
    figures = {}
    for path in files:
        examples = read_examples(path)
        step = max(1, len(examples) // limit) if limit else 1
        found = validate(model, windows, examples[::step][:limit])
        figures[path.name.split(".")[0]] = asdict(found)
    report = {**about, "figures": figures}
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    _say(report)


def _say(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()
