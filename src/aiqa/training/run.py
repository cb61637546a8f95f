"""A recipe carried out: the training set first, then model after model, each kept.

A run that is broken off goes on where it was: the training set and finished models stay, and an
unfinished one resumes from its last checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from aiqa.embedders import Embedder, bundled_path
from aiqa.errors import SettingsError
from aiqa.reader.windows import Windows
from aiqa.training.attention import set_attention
from aiqa.training.data.dataset import read_dataset, write_dataset
from aiqa.training.data.examples import Example
from aiqa.training.data.mixing import mixed
from aiqa.training.device import device
from aiqa.training.model import ReaderModel, from_encoder, load, reader_tokenizer, save
from aiqa.training.onnx_import import unpack
from aiqa.training.quantization import keep_rounded_weights
from aiqa.training.recipe import BUNDLED, PACKAGED, Recipe, Stage
from aiqa.training.trainer import Trainer

MODEL = "model"
"""The folder, within that of a run's stage, that holds the trained model."""

DATASET = "dataset.xz"
MIXTURE = "mixture.json"
"""The training set of a run, and the part of the recipe that it was mixed by."""

Report = Callable[[str, dict[str, float]], None]
"""Called with a stage's name and its figures every now and then."""


def prepare(recipe: Recipe, data: Path | None, out: Path, embedder: Embedder) -> list[Example]:
    """Return the training set of ``recipe``: mixed from the files in ``data``, or as it was before.

    It is written to ``out / "dataset.xz"``; with that file and ``mixture.json`` beside it, another
    machine needs no ``data``.

    Raises:
        GoldError: a file of questions is missing or does not follow its format.
        SettingsError: nothing was mixed for this recipe before, and there is no ``data``.
    """
    file, mixture = out / DATASET, out / MIXTURE
    if file.exists() and mixture.exists() and mixture.read_text("utf-8") == recipe.mixture:
        return read_dataset(file)
    if data is None:
        raise SettingsError(
            f"There is no training set of this recipe in {out}.",
            "Give the folder with the files of questions by `--data DIR`.",
        )
    examples = mixed(recipe, data, embedder.encode)
    out.mkdir(parents=True, exist_ok=True)
    mixture.unlink(missing_ok=True)
    write_dataset(examples, file)
    mixture.write_text(recipe.mixture, "utf-8")
    return examples


def train_stages(
    recipe: Recipe,
    examples: Sequence[Example],
    out: Path,
    *,
    encoder: Path | None = None,
    packaged: Path,
    at_once: int | None = None,
    on_report: Report = lambda *_: None,
) -> dict[str, Path]:
    """Train the models of ``recipe``; return their folders, ``out / stage / "model"``, by stage.

    ``encoder`` is the folder of the public encoder that a stage names, and ``packaged`` the ONNX
    file of the packaged reader. ``at_once`` is as in ``Trainer``.

    Raises:
        SettingsError: there is no such encoder or reader.
    """
    windows = Windows(reader_tokenizer())
    made: dict[str, Path] = {}
    for stage in recipe.stages:
        folder = out / stage.name
        made[stage.name] = folder / MODEL
        if made[stage.name].exists():
            continue
        model = _start(stage, encoder, packaged)
        set_attention(model, device())
        teacher = _teacher(made[stage.teacher]) if stage.teacher else None
        trainer = Trainer(model, windows, stage, folder, teacher=teacher, at_once=at_once)
        trainer.train(examples, lambda figures, name=stage.name: on_report(name, figures))  # type: ignore[misc]
        keep_rounded_weights(model.encoder)
        save(model.cpu(), made[stage.name])
        trainer.delete_checkpoint()
    return made


def _start(stage: Stage, encoder: Path | None, packaged: Path) -> ReaderModel:
    if stage.encoder == PACKAGED:
        return unpack(packaged)
    if stage.encoder == BUNDLED:
        return from_encoder(bundled_path(), stage.seed)
    if encoder is None:
        raise SettingsError(
            f"The stage {stage.name} starts from the encoder {stage.encoder}.",
            "Fetch it, and give its folder by `--encoder DIR`.",
        )
    return from_encoder(encoder, stage.seed)


def _teacher(folder: Path) -> ReaderModel:
    """The model in ``folder`` to learn from: without chance and, on an accelerator, in bfloat16."""
    model = load(folder)
    set_attention(model, device())
    model.to(device(), torch.bfloat16 if device().type == "cuda" else None)
    return model.eval().requires_grad_(requires_grad=False)
