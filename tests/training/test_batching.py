"""Batches hold every example once, with little padding, and tensors hold the labels."""

from __future__ import annotations

from dataclasses import fields, replace

import torch

from aiqa.reader.windows import Windows
from aiqa.training.batching import Steps, batches, labelled_questions, lengths, tensors
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage
from aiqa.types import Span
from tests.training.samples import TEXT, asked


def numbered(count: int) -> list[Example]:
    return [
        replace(asked(f"Who kept lamp {n}?", f"{TEXT} " * (1 + n % 5), "Tom Reed"), id=str(n))
        for n in range(count)
    ]


def test_batches_hold_every_example_once_and_little_padding(windows: Windows) -> None:
    examples = numbered(100)
    sizes = lengths(examples, windows)
    drawn = batches(examples, sizes, 2000, seed=1)
    assert sorted(e.id for batch in drawn for e in batch) == sorted(e.id for e in examples)
    assert drawn == batches(examples, sizes, 2000, seed=1)
    assert drawn != batches(examples, sizes, 2000, seed=2)
    steps = Steps(drawn, windows)
    made = [steps[number] for number in range(len(steps))]
    assert all(len(parts) == 1 and parts[0].ids.numel() <= 2000 for parts in made)
    used = sum(int(batch.mask.sum()) for (batch,) in made)
    assert used > 0.85 * sum(batch.ids.numel() for (batch,) in made)


def test_a_step_in_parts_has_the_same_windows_in_the_same_words(windows: Windows) -> None:
    examples = [replace(e, heading="Lamps") for e in numbered(30)]
    (whole,) = Steps([examples], windows, seed=5)[0]
    parts = Steps([examples], windows, seed=5, at_once=600)[0]
    assert len(parts) > 3
    assert all(part.ids.numel() <= 600 for part in parts)
    assert all(part.groups[0] == 0 for part in parts)
    rows = [row[: int(mask.sum())] for p in parts for row, mask in zip(p.ids, p.mask, strict=True)]
    for row, ids, mask in zip(rows, whole.ids, whole.mask, strict=True):
        assert torch.equal(row, ids[: int(mask.sum())])


def test_questions_are_typed_anew_in_each_step_and_some_without_heading(windows: Windows) -> None:
    example = replace(asked("Who followed Ada Moor?", TEXT, "Tom Reed"), heading="Keepers")
    steps = Steps([[example]] * 40, windows, seed=1)
    read = [steps[number][0].ids[0].tolist() for number in range(40)]
    assert read[0] == steps[0][0].ids[0].tolist()
    assert len({*map(tuple, read)}) > 10
    plain = Steps([[example]] * 40, windows)
    assert len({tuple(plain[number][0].ids[0].tolist()) for number in range(40)}) == 1


def test_labels_stand_at_their_word_pieces(windows: Windows) -> None:
    text = "It was lit. Ada Moor did it."
    answer = Span(text.index("Ada"), text.index(" did"))
    polar = Example("p", "is it lit", (Passage("Yes, it is.", is_answering=True),), polarity="yes")
    asked_ = with_evidence(Example("q", "Who?", (Passage(text, (answer,)), Passage("No."))))
    batch = tensors(labelled_questions([asked_, polar], windows))
    # [CLS] who ? [SEP] it was lit . ada moor did it . [SEP], [CLS] who ? [SEP] no . [SEP],
    # [CLS] is it lit [SEP] yes , it is . [SEP]
    assert batch.ids.shape == (3, 14)
    assert batch.mask.sum(1).tolist() == [14, 7, 11]
    assert batch.starts[0].nonzero().flatten().tolist() == [8]
    assert batch.ends[0].nonzero().flatten().tolist() == [9]
    assert batch.evidence[0].nonzero().flatten().tolist() == [8, 9, 10, 11, 12]
    # Where nothing answers, the first word piece does.
    assert batch.starts[1].nonzero().flatten().tolist() == [0]
    assert not batch.evidence[1].any()
    # Where nobody said in which words, all of them may.
    assert batch.starts[2].nonzero().flatten().tolist() == [5, 6, 7, 8, 9]
    assert batch.allowed[2].nonzero().flatten().tolist() == [0, 5, 6, 7, 8, 9]
    assert batch.marked.tolist() == [True, True, False]
    assert batch.answering.tolist() == [1, 0, 1]
    assert batch.polarity.tolist() == [2, 2, 0]
    assert batch.groups.tolist() == [0, 0, 1]
    moved = batch.to(torch.device("cpu"))
    assert all(torch.equal(getattr(moved, f.name), getattr(batch, f.name)) for f in fields(batch))


def test_an_example_without_word_pieces_is_left_out(windows: Windows) -> None:
    empty = Example("e", "Who?", (Passage(" "),))
    assert lengths([empty], windows) == [[]]
    assert batches([empty], [[]], 100, seed=0) == []
    assert Steps([[empty]], windows)[0] == []
    long = asked("Who?", f"{TEXT} " * 30)
    assert len(lengths([long], windows)[0]) >= len(labelled_questions([long], windows)[0])
