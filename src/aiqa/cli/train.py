"""The commands ``aiqa train …``: train, average and export readers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aiqa.cli.gold_options import SplitOption
from aiqa.cli.options import INDEX, IndexOption, opened

if TYPE_CHECKING:
    from aiqa.training.data.examples import Example

app = typer.Typer(help="Train readers.")

OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Where checkpoints and models go.")
]
ValidateOption = Annotated[
    list[Path] | None,
    typer.Option("--validate", metavar="FILE", help="Files of questions to validate on."),
]
QuestionsOption = Annotated[
    int | None,
    typer.Option("--questions", min=1, help="Validate on at most this many per file."),
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Processors to use; all unless given.")
]


@app.command()
def reader(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="The training recipe.")],
    out: OutOption,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The files of questions; once OUT has dataset.xz, none."),
    ] = None,
    encoder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The public encoder that the recipe names.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Train on this many examples only, evenly spaced.")
    ] = None,
    at_once: Annotated[
        int | None,
        typer.Option(min=1, help="Word pieces held in memory; 4096 on a processor, else a step."),
    ] = None,
    validate: ValidateOption = None,
    questions: QuestionsOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Train readers by a recipe; an interrupted run resumes when it is started again.

    Prints one JSON object per line; the figures are also in OUT/report.json.
    """
    from aiqa.training.recipe import Recipe

    settings = Recipe.read(recipe)
    _prepare(threads)
    from aiqa.embedders import open_embedder
    from aiqa.training import run
    from aiqa.training.onnx_import import PACKAGED_READERS

    examples = run.prepare(settings, data, out, open_embedder())
    _print_json({"examples": len(examples)})
    models = run.train_stages(
        settings,
        _sampled(examples, limit),
        out,
        encoder=encoder,
        packaged=PACKAGED_READERS["small"],
        at_once=at_once,
        on_report=lambda stage, figures: _print_json({"stage": stage, **figures}),
    )
    about = {"recipe": recipe.stem, "about": settings.about}
    _report(about, models, out, validate or (), questions)


@app.command()
def gold(
    questions: Annotated[
        Path, typer.Argument(metavar="GOLD", help="A gold set about the index, without test rows.")
    ],
    out: OutOption,
    index: IndexOption = INDEX,
    split: SplitOption = None,
    further: Annotated[
        list[str] | None,
        typer.Option(metavar="GOLD=INDEX", help="Another gold set and its index; repeatable."),
    ] = None,
    size: Annotated[
        Literal["small", "base"], typer.Option(help="The packaged reader to start from.")
    ] = "small",
    start: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A model to start from, not aiqa's own.")
    ] = None,
    passes: Annotated[int, typer.Option(min=1, help="How often each question is seen.")] = 3,
    rate: Annotated[float, typer.Option(min=0.0, help="The highest learning rate.")] = 3e-5,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The training set of a recipe, to train on again."),
    ] = None,
    replayed: Annotated[int, typer.Option(min=1, help="How many of its examples.")] = 400,
    threads: ThreadsOption = None,
) -> None:
    """Fine-tune the reader on your own gold questions; an interrupted run resumes.

    OUT/model contains the model for further training and the ONNX files that aiqa runs. Set
    `reader` to OUT/model and refit confidence with `aiqa calibrate GOLD`. Evaluate on other
    questions.
    """
    from aiqa.evaluation import load_dataset

    _prepare(threads)
    from aiqa.training.data.dataset import read_dataset
    from aiqa.training.finetune import gold_examples, train_on_gold
    from aiqa.training.model import load
    from aiqa.training.onnx_export import export_reader
    from aiqa.training.onnx_import import PACKAGED_READERS, unpack
    from aiqa.training.reader_graph import write_graph

    model = load(start) if start else unpack(PACKAGED_READERS[size])
    is_base = model.kind == "mpnet"
    examples: list[Example] = []
    for gold_set, its_index in ((questions, index), *map(_gold_and_index, further or ())):
        with opened(its_index) as assistant:
            examples += gold_examples(assistant, load_dataset(gold_set, split).questions)
    folder = train_on_gold(
        examples,
        model,
        out,
        passes=passes,
        rate=rate,
        four_bits=is_base,
        replay=_sampled(read_dataset(replay), replayed) if replay else (),
        on_report=_print_json,
    )
    weights = folder / PACKAGED_READERS["base" if is_base else "small"].name
    export_reader(folder, weights, four_bits=is_base)
    write_graph(weights)
    _print_json({"model": str(folder), "weights": str(weights)})


@app.command()
def average(
    models: Annotated[list[Path], typer.Argument(help="Folders of models of the same origin.")],
    out: OutOption,
    validate: ValidateOption = None,
    questions: QuestionsOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Average the weights of several models."""
    _prepare(threads)
    from aiqa.training.model import averaged, save
    from aiqa.training.run import MODEL

    save(averaged(models), out / MODEL)
    about = {"averaged": [str(path) for path in models]}
    _report(about, {"average": out / MODEL}, out, validate or (), questions)


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="The folder of a model.")],
    out: Annotated[Path, typer.Option(metavar="FILE.onnx", help="The file to write.")],
    *,
    four_bits: Annotated[
        bool, typer.Option("--four-bits", help="Quantise matrices to 4 bits, if it was trained so.")
    ] = False,
    split: Annotated[
        bool, typer.Option("--split", help="Write the embeddings to a separate file.")
    ] = False,
) -> None:
    """Write a model as ONNX with quantised weights, as aiqa runs it."""
    from aiqa.training.onnx_export import export_reader

    export_reader(model, out, four_bits=four_bits, split=split)
    _print_json({"written": str(out), "bytes": out.stat().st_size})


def _prepare(threads: int | None) -> None:
    from aiqa.training.device import device, keep_freed_memory

    keep_freed_memory()
    import torch
    from transformers.utils import logging

    torch.set_num_threads(threads or os.cpu_count() or 1)
    # On an accelerator, some gradients have no deterministic algorithm.
    torch.use_deterministic_algorithms(mode=device().type == "cpu")
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _report(
    about: dict[str, Any],
    models: Mapping[str, Path],
    out: Path,
    files: Sequence[Path],
    questions: int | None,
) -> None:
    from aiqa.reader.windows import Windows
    from aiqa.training.data.examples import read_examples
    from aiqa.training.model import load, reader_tokenizer
    from aiqa.training.validation import validate

    windows = Windows(reader_tokenizer())
    read = {path.name.split(".")[0]: _sampled(read_examples(path), questions) for path in files}
    figures = {}
    for name, folder in models.items() if read else ():
        model = load(folder)
        figures[name] = {
            file: asdict(validate(model, windows, examples)) for file, examples in read.items()
        }
    report = {**about, "models": {name: str(f) for name, f in models.items()}, "figures": figures}
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    _print_json(report)


def _gold_and_index(given: str) -> tuple[Path, str]:
    gold, separator, index = given.partition("=")
    if not (gold and separator and index):
        raise typer.BadParameter(f"{given!r} is not GOLD=INDEX.", param_hint="--further")
    return Path(gold), index


def _sampled(items: Sequence[Example], most: int | None) -> Sequence[Example]:
    """Return ``most`` of ``items``, evenly spaced; all if it is None."""
    step = max(1, len(items) // most) if most else 1
    return items[::step][:most]


def _print_json(data: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()
