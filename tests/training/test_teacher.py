"""A larger model that teaches: given the reader's word pieces, followed where it is sure."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForQuestionAnswering

from aiqa.errors import SettingsError
from aiqa.reader.windows import Windows
from aiqa.training import model as models
from aiqa.training.batches import Batch, tensors
from aiqa.training.examples import Example, Passage
from aiqa.training.loss import taught_loss
from aiqa.training.teacher import Teacher
from aiqa.training.trainer import Course, Trainer
from aiqa.types import Span


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return models.tokenizer()


@pytest.fixture
def batch(tokenizer: Tokenizer) -> Batch:
    """Two windows of one question; in each "no answer" and two words may be chosen."""
    passages = (Passage("a b", (Span(0, 1),)), Passage("c d"))
    made = tensors([Example("q", "Which?", passages)], Windows(tokenizer))
    assert made
    assert made.allowed.sum(1).tolist() == [3, 3]
    return made


def test_it_is_given_the_readers_word_pieces_under_its_own_numbers(
    encoder: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    teacher = Teacher(encoder, tokenizer).eval()
    models.save(teacher, tmp_path / "teacher")
    whole = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "teacher").eval()
    known = json.loads((encoder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    encoded = tokenizer.encode("Who lit it?", "Ada Moor lit the lamp.")
    special = {"[CLS]": "<s>", "[SEP]": "</s>"}
    theirs = torch.tensor([[known[special.get(piece, piece)] for piece in encoded.tokens]])
    mask = torch.ones_like(theirs)
    with torch.inference_mode():
        expected = whole(input_ids=theirs, attention_mask=mask)
        found = teacher(torch.tensor([encoded.ids]), mask, torch.tensor([encoded.type_ids]))
    assert torch.allclose(found.start_logits, expected.start_logits, atol=1e-6)
    assert torch.allclose(found.end_logits, expected.end_logits, atol=1e-6)
    again = Teacher(tmp_path / "teacher", tokenizer).ready()
    with torch.inference_mode():
        kept = again(torch.tensor([encoded.ids]), mask, torch.tensor([encoded.type_ids]))
    assert torch.allclose(kept.end_logits, expected.end_logits, atol=1e-6)


def test_an_encoder_without_the_readers_word_pieces_cannot_teach(
    encoder: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    for file in encoder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "tokenizer.json"
    described = json.loads(path.read_text("utf-8"))
    number = described["model"]["vocab"].pop("lamp")
    described["model"]["vocab"]["lantern-jawed"] = number
    path.write_text(json.dumps(described), "utf-8")
    with pytest.raises(SettingsError, match=r"1 of the reader's word pieces.*'lamp'"):
        Teacher(tmp_path, tokenizer)


def test_a_folder_without_a_teacher_is_named(tmp_path: Path, tokenizer: Tokenizer) -> None:
    with pytest.raises(SettingsError, match=str(tmp_path)):
        Teacher(tmp_path, tokenizer)


def test_the_distance_to_a_teacher_worked_by_hand(batch: Batch) -> None:
    ours = torch.zeros(batch.ids.shape)
    theirs = torch.zeros(batch.ids.shape)
    assert float(taught_loss((ours, ours), (theirs, theirs), batch, shared=1)) == pytest.approx(0)
    # Softened by 2, the second word of the first window has odds of 2 to 1 to 1 there.
    theirs[0, -2] = 2 * math.log(2)
    found = taught_loss((ours, ours), (theirs, theirs), batch, shared=0)
    one = (0.5 * math.log(0.5 * 3) + 2 * 0.25 * math.log(0.25 * 3)) * 2**2
    assert float(found) == pytest.approx(one / 2)
    # Over both windows, without "no answer", of 2 to 1 to 1 to 1, which are equal to the reader.
    both = taught_loss((ours, ours), (theirs, theirs), batch, shared=1)
    other = (0.4 * math.log(0.4 * 4) + 3 * 0.2 * math.log(0.2 * 4)) * 2**2
    assert float(both - found) == pytest.approx(other)


def test_a_reader_comes_to_say_what_its_teacher_says(
    encoder: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    examples = [
        Example(str(n), f"Who kept lamp {n}?", (Passage(f"Lamp {n} was kept by Tom Reed."),))
        for n in range(8)
    ]
    windows = Windows(tokenizer)
    teacher = Teacher(encoder, tokenizer, seed=3).ready()
    course = Course(rate=1e-3, passes=30, word_pieces=400, shared=1.0, dropout=0.0, taught=1.0)
    losses = []
    Trainer(models.load(None), windows, course, tmp_path, teacher=teacher, every=1).train(
        examples, lambda figures: losses.append(figures["loss"])
    )
    assert losses[-1] < losses[0] / 4
