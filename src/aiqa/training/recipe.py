"""Recipes: what readers are trained on, in which order and how, as TOML files say."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aiqa.errors import SettingsError
from aiqa.validation_errors import validation_message

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]

BUNDLED, PACKAGED = "bundled", "packaged"
"""Names of what a stage may start from: the bundled embedder's encoder, the packaged reader."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSource(_Table):
    """One file of questions, and how it is sampled and augmented.

    ``limit``: draw so many. ``repeat``: take it so often, with other negatives each time.
    ``mined``: add so many passages that search finds and that do not answer. ``digest``: the share
    of questions put to single sentences of such passages, as one passage. ``company``: put the
    passage among up to so many others. ``near_misses`` and ``cut``: the shares also asked with a
    name, number or word exchanged, and of the passage less the sentences that answer.
    ``written_out``: the share of piped tables written as aiqa writes tables. ``lookups``: also ask
    for a cell of each table. ``headings``: the titles of the file are those of documents.
    """

    file: str
    limit: Count | None = None
    repeat: Count = 1
    mined: Annotated[int, Field(ge=0)] = 0
    digest: Share = 0.0
    company: Annotated[int, Field(ge=0)] = 0
    near_misses: Share = 0.0
    cut: Share = 0.0
    written_out: Share = 0.0
    lookups: bool = False
    headings: bool = True

    @model_validator(mode="after")
    def _are_mined(self) -> DataSource:
        if self.digest and not self.mined:
            raise ValueError("digest puts together what is mined, and nothing is")
        return self


class TrainingConfig(_Table):
    """How to train a model.

    ``rate``: the highest learning rate. ``passes``: how often each example is seen; a part of a
    pass sees that share of them. ``word_pieces``: the size of a step, padding included. ``warm_up``
    is the share of the steps in which the rate rises; then it falls to nothing. ``taught``: the
    share of a teacher's view in what is minimised, where there is a teacher. ``typed``: put
    questions the way people type them, anew in each pass. ``four_bits``: from that share of the
    steps on, matrices are trained as four bits give them back; None for never. ``seconds``: train
    for so long, with the schedule stretched to fit; ``passes`` is then the most.
    """

    rate: Annotated[float, Field(gt=0)]
    passes: Annotated[float, Field(gt=0)] = 1.0
    word_pieces: Count = 4096
    warm_up: Share = 0.06
    dropout: Share = 0.1
    seed: int = 0
    taught: Share = 0.0
    typed: bool = True
    four_bits: Share | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None


class Stage(TrainingConfig):
    """A model to train on the recipe's mixture.

    ``encoder`` is what it starts from: "bundled", "packaged", or the public name of an encoder,
    for whose folder the user is asked. ``teacher`` names an earlier stage, whose model it learns
    from beside the labels.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    encoder: Annotated[str, Field(min_length=1)] = BUNDLED
    teacher: str = ""

    @model_validator(mode="after")
    def _is_taught(self) -> Stage:
        if bool(self.teacher) != bool(self.taught):
            raise ValueError(f"{self.name} needs both a teacher and a share taught, or none")
        return self


class Recipe(_Table):
    """The sources of the mixture, drawn by ``seed``, and the stages in order.

    ``about`` says in a sentence what the recipe is for.
    """

    about: str
    seed: int = 0
    sources: Annotated[tuple[DataSource, ...], Field(min_length=1)]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names(self) -> Recipe:
        known: list[str] = []
        for stage in self.stages:
            if stage.name in known:
                raise ValueError(f"there are two stages {stage.name}")
            if stage.teacher and stage.teacher not in known:
                raise ValueError(f"{stage.name} cannot be taught by {stage.teacher}")
            known.append(stage.name)
        return self

    @property
    def mixture(self) -> str:
        """What decides the training set, as JSON."""
        return self.model_dump_json(include={"seed", "sources"})

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """Read the recipe in a TOML file.

        Raises:
            SettingsError: the file cannot be read or does not follow the format.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"The recipe {path} cannot be read: {error}.") from error
        except ValidationError as error:
            raise SettingsError(
                f"The recipe {path} cannot be used: {validation_message(error)}.",
                "See src/aiqa/training/recipes/ for one that works.",
            ) from error
