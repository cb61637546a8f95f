"""Parsing of stored JSON, in which an altered file may hold anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from aiqa.index.database import damaged_error
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import Block, Heading, Omission, Page, Span
from aiqa.types.blocks import BlockKind, Cell

_Offset = Annotated[int, Field(ge=0, le=2**40)]
_Level = Annotated[int, Field(ge=0, le=1_000_000)]
_Column = Annotated[int, Field(ge=0, le=1_000_000)]
_Sentences = list[tuple[_Offset, _Offset]]
_Cells = list[tuple[_Offset, _Column, _Offset, _Offset, _Offset, _Column, bool]]

_SECTION = TypeAdapter(tuple[list[str], str])
_SENTENCES = TypeAdapter(_Sentences)
_PAGES = TypeAdapter(list[tuple[int, _Offset]])
_HEADINGS = TypeAdapter(list[tuple[_Level, str, _Offset]])
_BLOCK = TypeAdapter(tuple[BlockKind, _Offset, _Offset, _Level, str, _Cells])
_RECIPE = TypeAdapter(IndexRecipe)
_MOST_DIMENSIONS = 65_536

# Of parsing, and of values of other types than the tables have.
_WRONG = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)


class About(BaseModel):
    """What a document says about itself, and what of it was not read."""

    model_config = ConfigDict(strict=True)

    language: str | None = None
    published: str | None = None
    url: str | None = None
    unread_pages: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    omissions: tuple[str, ...] = ()

    def left_out(self, source: str) -> list[Omission]:
        """Return what was left out of the document at ``source``, pages without text first."""
        numbers = ", ".join(map(str, self.unread_pages))
        pages = [f"There is no text on p. {numbers}, probably scanned."] if numbers else []
        return [Omission(source, what) for what in (*pages, *self.omissions)]


@contextmanager
def parsing(what: str) -> Iterator[None]:
    """Raise ``CatalogError`` that ``what`` is damaged if its values are not what is stored there.

    Raises:
        CatalogError: see above.
    """
    try:
        yield
    except _WRONG as error:
        raise damaged_error(what) from error


def section_of(stored: str) -> tuple[tuple[str, ...], str]:
    """Return the heading path and the lead-in of a chunk."""
    path, lead = _SECTION.validate_json(stored, strict=True)
    return tuple(path), lead


def stored_sentences(stored: str, start: int, end: int) -> tuple[Span, ...]:
    """Return the sentences of the chunk from ``start`` to ``end``.

    Raises:
        ValueError: they are not within the chunk.
    """
    sentences = tuple(Span(*pair) for pair in _SENTENCES.validate_json(stored, strict=True))
    if any(not start <= one.start <= one.end <= end for one in sentences):
        raise ValueError("a sentence is not within its chunk")
    return sentences


def pages_of(stored: str) -> tuple[Page, ...]:
    """Return the pages of a document."""
    return tuple(Page(*page) for page in _PAGES.validate_json(stored, strict=True))


def headings_of(stored: str) -> tuple[Heading, ...]:
    """Return the headings of a document."""
    return tuple(Heading(*heading) for heading in _HEADINGS.validate_json(stored, strict=True))


def block_of(stored: str) -> Block:
    """Return a block of a document."""
    kind, start, end, level, label, cells = _BLOCK.validate_json(stored, strict=True)
    return Block(kind, start, end, level, label, tuple(Cell(*cell) for cell in cells))


def recipe_of(stored: str) -> IndexRecipe:
    """Return a recipe.

    Raises:
        ValueError: no vector has as many dimensions.
    """
    recipe: IndexRecipe = _RECIPE.validate_json(stored, strict=True)
    if not 0 < recipe.dimensions <= _MOST_DIMENSIONS:
        raise ValueError("no vector has as many dimensions")
    return recipe


def about_of(stored: Any) -> About:
    """Return what a document says about itself."""
    return About.model_validate_json(stored)
