"""Recipes: what a reader is trained on, in which order and how, as TOML files say."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aiqa.errors import SettingsError
from aiqa.training.trainer import Course

Share = Annotated[float, Field(ge=0, le=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ingredient(_Table):
    """One file of questions, and what is made of it.

    ``limit``: take so many, drawn by chance. ``use``: the questions themselves; or "recurring",
    sentences with a gap made of the passages alone (``per_passage`` of each). ``company``: put each
    passage among so many others of the file. ``mined``: to a ``mined_share`` of the questions, add
    so many passages that the retriever finds and that do not answer; to a share ``digest`` of these
    questions give single sentences of such passages instead, as one; ``digest_by``: those that have
    most of the question's words, or those that the reader takes for answers so far. ``strangers``:
    the share of questions also asked of a passage drawn by chance. ``near_misses``: the share of
    questions also asked with a name, number or word exchanged, so that nothing answers. ``cut``
    and ``alone``: the shares also asked of their passage less the sentences that answer, and of one
    that answers and another, each by itself.
    """

    file: str
    limit: Annotated[int, Field(ge=1)] | None = None
    use: Literal["questions", "recurring"] = "questions"
    per_passage: Annotated[int, Field(ge=1)] = 1
    company: Annotated[int, Field(ge=0)] = 0
    mined: Annotated[int, Field(ge=0)] = 0
    mined_share: Share = 1.0
    digest: Share = 0.0
    digest_by: Literal["words", "reader"] = "words"
    strangers: Share = 0.0
    near_misses: Share = 0.0
    cut: Share = 0.0
    alone: Share = 0.0

    @model_validator(mode="after")
    def _are_mined(self) -> Ingredient:
        if self.digest and not self.mined:
            raise ValueError("digest is a share of the questions that are mined for")
        if self.digest_by == "reader" and not self.digest:
            raise ValueError("digest_by says how the digests are made, but there are none")
        return self


class Stage(_Table):
    """Ingredients that are mixed and trained on together; the rest is as in ``Course``.

    ``start`` names the stages that it goes on from, their weights averaged, one named twice
    counting twice; the one before unless given. With an ``encoder``, a public name, a model of its
    kind is trained, which may be the ``teacher`` of later stages: these name the stage.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    start: tuple[str, ...] = ()
    encoder: str = ""
    teacher: str = ""
    ingredients: Annotated[tuple[Ingredient, ...], Field(min_length=1)]
    rate: Annotated[float, Field(gt=0)]
    passes: Annotated[int, Field(ge=1)] = 1
    word_pieces: Annotated[int, Field(ge=1)] = 4096
    warm_up: Share = 0.06
    shared: Annotated[float, Field(ge=0)] = 0.0
    smoothing: Share = 0.0
    dropout: Share = 0.0
    average: Share = 0.0
    floor: Share = 0.0
    stop: Share = 1.0
    taught: Share = 0.0
    seed: int = 0

    @property
    def course(self) -> Course:
        """How to train in this stage."""
        return Course(
            **self.model_dump(exclude={"name", "start", "encoder", "teacher", "ingredients"})
        )


class Recipe(_Table):
    """The stages in order; ``about`` says in a sentence what the recipe is for.

    ``result`` names the stages whose averaged weights it comes to, likewise; the last unless given.
    """

    about: str
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    result: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names(self) -> Recipe:
        known: list[str] = []
        teachers: list[str] = []
        for stage in self.stages:
            if unknown := set(stage.start) - set(known):
                raise ValueError(f"{stage.name} cannot start from {', '.join(sorted(unknown))}")
            if stage.teacher and stage.teacher not in teachers:
                raise ValueError(f"{stage.name} cannot be taught by {stage.teacher}")
            if bool(stage.teacher) != bool(stage.taught):
                raise ValueError(f"{stage.name} needs both a teacher and a share taught, or none")
            (teachers if stage.encoder else known).append(stage.name)
        if unknown := set(self.result) - set(known):
            raise ValueError(f"there is no stage {', '.join(sorted(unknown))}")
        return self

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """The recipe in a TOML file.

        Raises:
            SettingsError: the file cannot be read or does not follow the format.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"The recipe {path} cannot be read: {error}.") from error
        except ValidationError as error:
            complaints = "; ".join(
                f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
            )
            raise SettingsError(
                f"The recipe {path} cannot be used: {complaints}.",
                "See src/aiqa/training/recipes/ for one that works.",
            ) from error


class Source(_Table):
    """One file of questions, and what is made of it.

    ``limit``: draw so many. ``repeat``: take it so often, with other negatives each time.
    ``mined``: add so many passages that search finds and that do not answer. ``digest``: the share
    of questions put to single sentences of such passages, as one passage. ``company``: put the
    passage among up to so many others. ``near_misses`` and ``cut``: the shares also asked with a
    name, number or word exchanged, and of the passage less the sentences that answer.
    ``written_out``: the share of piped tables written as aiqa writes tables. ``lookups``: also ask
    for a cell of each table. ``headings``: the titles of the file are those of documents.
    """

    file: str
    limit: Annotated[int, Field(ge=1)] | None = None
    repeat: Annotated[int, Field(ge=1)] = 1
    mined: Annotated[int, Field(ge=0)] = 0
    digest: Share = 0.0
    company: Annotated[int, Field(ge=0)] = 0
    near_misses: Share = 0.0
    cut: Share = 0.0
    written_out: Share = 0.0
    lookups: bool = False
    headings: bool = True


class Mixture(_Table):
    """The sources of a training set; ``about`` says in a sentence what it is for."""

    about: str
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    seed: int = 0
