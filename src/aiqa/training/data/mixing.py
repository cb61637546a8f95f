"""The training mixture: sources, negatives and augmentation put together as a recipe says."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aiqa.training.data.augmentation import near_misses, without_answers
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage, contexts, read_examples
from aiqa.training.data.hard_negatives import hard_negatives
from aiqa.training.data.multi_sentence import assembled
from aiqa.training.data.tables import as_table_text, lookups
from aiqa.training.recipe import DataSource, Recipe

_DEPTH = 8
"""Hard negatives kept for each question, of which each repetition draws anew."""

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, ``(n, size)``, which hard negatives are searched for by."""


def mixed(recipe: Recipe, data: Path, encode: Encode) -> list[Example]:
    """Return the mixture of ``recipe``, from files in ``data``; the same for the same seed.

    Raises:
        GoldError: a file is missing or does not follow its format.
    """
    return [
        with_evidence(example)
        for number, source in enumerate(recipe.sources)
        for example in _prepared(source, data, recipe.seed * 1000 + number, encode)
    ]


def _prepared(source: DataSource, data: Path, seed: int, encode: Encode) -> list[Example]:
    everything = [
        replace(e, heading=e.heading.replace("_", " ") if source.headings else "")
        for e in read_examples(data / source.file)
    ]
    negatives: dict[str, list[str]] = {}
    if source.mined:
        questions = encode([example.question for example in everything])
        passages = encode(contexts(everything))
        negatives = hard_negatives(everything, questions, passages, _DEPTH)
    found: list[Example] = []
    for turn in range(source.repeat):
        chance = random.Random(seed * 10 + turn)
        examples = everything
        if source.limit is not None and source.limit < len(everything):
            examples = chance.sample(everything, source.limit)
        found += _pass(source, examples, everything, negatives, chance)
        found += near_misses(examples, source.near_misses, seed * 10 + turn)
        found += without_answers(examples, source.cut, seed * 10 + turn)
        if source.lookups:
            found += _written(list(lookups(examples, seed * 10 + turn)), source, chance)
    return found


def _pass(
    source: DataSource,
    examples: Sequence[Example],
    everything: Sequence[Example],
    negatives: dict[str, list[str]],
    chance: random.Random,
) -> list[Example]:
    texts = contexts(everything)
    found = []
    for example in _written(examples, source, chance):
        mined = negatives.get(example.id, [])
        made = example
        if chance.random() < source.digest and (of_sentences := assembled(example, mined, chance)):
            found.append(of_sentences)
            continue
        if source.company:
            made = _among_passages(made, texts, chance.randint(0, source.company), chance)
        picked = chance.sample(mined, min(source.mined, len(mined)))
        if picked:
            made = replace(made, passages=(*made.passages, *map(Passage, picked)))
        found.append(made)
    return found


def _written(
    examples: Sequence[Example], source: DataSource, chance: random.Random
) -> list[Example]:
    return [
        (as_table_text(example) or example) if chance.random() < source.written_out else example
        for example in examples
    ]


def _among_passages(
    example: Example, texts: Sequence[str], count: int, chance: random.Random
) -> Example:
    """Return the example with ``count`` other passages around its own, as one longer passage."""
    first, *rest = example.passages
    others = [text for text in chance.sample(texts, min(count, len(texts))) if text != first.text]
    others = [text for text in others if not example.may_be_answered_by(text)]
    place = chance.randint(0, len(others))
    return replace(example, passages=(first.among(others, place), *rest))
