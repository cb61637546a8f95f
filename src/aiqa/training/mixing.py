"""A stage's ingredients to the examples that it trains on."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from aiqa.reader.qa_models import SpanModel
from aiqa.training.alone import alone
from aiqa.training.digests import by_reader, by_words, digests
from aiqa.training.examples import Example, Passage, contexts, read_examples
from aiqa.training.mining import retrieved
from aiqa.training.negatives import near_misses, with_mined, without_answers
from aiqa.training.recipe import Ingredient, Stage
from aiqa.training.recurring import recurring_span_examples

_DEPTH = 10
"""Chunks looked at for passages that do not answer: as many as the reader is given to read."""


def mixed(stage: Stage, data: Path, kept: Path, model: SpanModel) -> list[Example]:
    """All examples of ``stage``, from files in ``data``; the same for the same seed and model.

    ``model`` is what the stage starts from. What the retriever found, and what the model takes for
    answers, is kept in the folder ``kept``, where later runs look for it.

    Raises:
        GoldError: a file is missing or does not follow its format.
    """
    return [
        example
        for number, ingredient in enumerate(stage.ingredients)
        for example in _prepared(ingredient, data, kept, stage.seed * 1000 + number, model)
    ]


def _prepared(
    ingredient: Ingredient, data: Path, kept: Path, seed: int, model: SpanModel
) -> list[Example]:
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    everything = read_examples(data / ingredient.file)
    examples = everything
    if ingredient.use == "recurring":
        made = recurring_span_examples(contexts(everything), ingredient.per_passage, seed)
        examples = [replace(e, id=f"{ingredient.file}:{e.id}") for e in made]
    if ingredient.limit is not None and ingredient.limit < len(examples):
        examples = chance.sample(examples, ingredient.limit)
    besides = [
        *alone(examples, ingredient.alone, seed),
        *near_misses(examples, ingredient.near_misses, seed),
        *without_answers(examples, ingredient.cut, seed),
    ]
    if ingredient.mined:
        examples = _with_mined(examples, everything, ingredient, kept, seed, model)
    texts = contexts(everything)
    if ingredient.strangers:
        examples = [
            replace(e, passages=(*e.passages, Passage(chance.choice(texts))))
            if chance.random() < ingredient.strangers
            else e
            for e in examples
        ]
    if ingredient.company:
        examples = [_in_company(e, texts, ingredient.company, chance) for e in examples]
    return examples + besides


def _with_mined(
    examples: Sequence[Example],
    everything: Sequence[Example],
    ingredient: Ingredient,
    kept: Path,
    seed: int,
    model: SpanModel,
) -> list[Example]:
    chance = random.Random(seed + 1)  # noqa: S311  # not for secrets
    asked = [e for e in examples if chance.random() < ingredient.mined_share]
    found = _kept(
        kept,
        [ingredient.file, [e.id for e in everything]],
        lambda: retrieved(everything, _DEPTH),
    )
    to_digest = {e.id for e in asked if chance.random() < ingredient.digest}
    besides = [e for e in asked if e.id not in to_digest]
    digested = [e for e in asked if e.id in to_digest]
    if ingredient.digest_by == "reader":
        likely = _kept(
            kept,
            [model.identity, [[e.question, found.get(e.id)] for e in digested]],
            lambda: by_reader(digested, found, model),
        )
    else:
        likely = by_words(digested, found)
    made = [*with_mined(besides, found, ingredient.mined, seed), *digests(digested, likely, seed)]
    by_id = {e.id: e for e in made}
    return [by_id.get(e.id, e) for e in examples]


def _kept(
    folder: Path, about: list[object], make: Callable[[], dict[str, list[str]]]
) -> dict[str, list[str]]:
    """What ``make`` gives, made once; ``about`` says of what."""
    identity = hashlib.sha256(json.dumps(about).encode())
    path = folder / f"{identity.hexdigest()[:16]}.json"
    if path.exists():
        found: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
        return found
    found = make()
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(found), "utf-8")
    draft.replace(path)
    return found


def _in_company(
    example: Example, texts: Sequence[str], count: int, chance: random.Random
) -> Example:
    """The example's first passage with others around it, as sentences of a longer one."""
    first, *rest = example.passages
    others = [text for text in chance.sample(texts, min(count, len(texts))) if text != first.text]
    others = [text for text in others if not example.may_be_answered_by(text)]
    place = chance.randint(0, len(others))
    return replace(example, passages=(first.among(others, place), *rest))
