"""A recipe carried out: stage after stage, each kept, so that a break costs minutes only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aiqa.reader.windows import Windows
from aiqa.training import model as models
from aiqa.training.mixing import mixed
from aiqa.training.recipe import Recipe
from aiqa.training.trainer import Trainer

MODEL = "model"
"""The folder, within that of a run or a stage, that holds the trained model."""


def train(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    start: Path | None = None,
    encoder: Path | None = None,
    kept: Path | None = None,
    on_report: Callable[[str, dict[str, float]], None] = lambda *_: None,
) -> Any:
    """The model that ``recipe`` makes of the files in ``data``; written to ``out / "model"``.

    ``start`` is the folder of a model to start from, in place of the bundled encoder. Carried out
    again with the same ``out``, it goes on where it was broken off: finished stages are not done
    again. ``encoder`` is a folder that stands for the larger encoder that the recipe names, and
    ``kept`` is where mined passages are kept, and what the reader takes for answers, ``out /
    "mined"`` unless given. ``on_report`` is given a stage's name and its figures every now and
    then.

    Raises:
        GoldError: a file of questions is missing or does not follow its format.
        SettingsError: ``start`` holds no model, or there is no such encoder.
    """
    windows = Windows(models.tokenizer())
    made: dict[str, Path] = {}
    before = [start] if start else []
    for number, stage in enumerate(recipe.stages, 1):
        place = out / f"{number}-{stage.name}"
        if not (place / MODEL).exists():
            if stage.encoder:
                model = _teacher(encoder or stage.encoder, stage.seed)
            else:
                model = _from([made[name] for name in stage.start] or before, stage.seed)
            teacher = _teacher(made[stage.teacher]).ready() if stage.teacher else None
            reader = models.InTraining(model, windows)
            examples = mixed(stage, data, kept or out / "mined", reader)
            trainer = Trainer(model, windows, stage.course, place, teacher=teacher)
            trainer.train(examples, lambda figures, name=stage.name: on_report(name, figures))  # type: ignore[misc]
            models.save(model, place / MODEL)
        made[stage.name] = place / MODEL
        if not stage.encoder:
            before = [place / MODEL]
    model = _from([made[name] for name in recipe.result] or before, 0)
    models.save(model, out / MODEL)
    return model


def _teacher(source: Path | str, seed: int = 0) -> Any:
    from aiqa.training.teacher import Teacher

    return Teacher(source, models.tokenizer(), seed)


def _from(folders: Sequence[Path], seed: int) -> Any:
    """The average of the models in ``folders``, or a new one where there are none."""
    return models.averaged(folders) if folders else models.load(None, seed)
