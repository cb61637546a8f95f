"""Training: exact alignment, honest labels, and runs that a break does not change."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import BertConfig, BertForQuestionAnswering

from aiqa.checksums import sha256
from aiqa.embedders import bundled_path
from aiqa.errors import GoldError
from aiqa.reader.factory import FOLDER
from aiqa.reader.qa_models import OnnxModel, read_tokenizer
from aiqa.reader.windows import Windows
from aiqa.text.sentences import sentences
from aiqa.training.alone import alone
from aiqa.training.batches import batches, labelled, lengths, tensors
from aiqa.training.digests import by_reader, by_words, digests
from aiqa.training.examples import Example, Passage, read_examples
from aiqa.training.loss import span_loss
from aiqa.training.negatives import near_misses, with_mined, without_answers
from aiqa.training.recurring import recurring_span_examples
from aiqa.training.trainer import Course, Trainer
from aiqa.types import Span

TEXT = (
    "The lamp on Gull Rock was lit in 1887 by Ada Moor. Ada Moor kept it until 1910, when Tom Reed "
    "followed her. The harbour office paid 40 crowns a year for the oil of the lamp."
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return read_tokenizer(bundled_path() / "tokenizer.json")


def span_of(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


TRICKY = [
    ("In 2024 DeepSeek (深度求索) spent $5.6m.", "深度求索"),
    ("The Café de\u0301ja\u0300 closed.", "de\u0301ja\u0300"),
    ("Naïve fiancé’s résumé", "résumé"),
    ("A\U0001d505B costs 3.5% less", "3.5%"),
    ("İstanbul ve ﬁnans", "ﬁnans"),
    ("tabs\tand\u00a0blanks", "and\u00a0blanks"),
    ("don't stop", "don't"),
]


@pytest.mark.parametrize(("text", "words"), TRICKY)
def test_an_answer_survives_the_way_to_word_pieces_and_back(
    tokenizer: Tokenizer, text: str, words: str
) -> None:
    (window,) = Windows(tokenizer).cut("What is it?", text)
    pieces = window.pieces(span_of(text, words))
    assert pieces
    found = window.span(*pieces, text)
    assert text[found.start : found.end] == words


@given(st.text(min_size=1, max_size=200), st.data())
def test_every_run_of_word_pieces_is_a_slice_and_holds_what_it_was_made_of(
    tokenizer: Tokenizer, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    for window in Windows(tokenizer, length=24, overlap=6).cut("Who?", text):
        if pieces := window.pieces(span):
            found = window.span(*pieces, text)
            assert 0 <= found.start < found.end <= len(text)
            held = {at for start, end in window.places for at in range(start, end)}
            # Blanks at an end of what was given belong to no word piece.
            assert held & {*range(span.start, span.end)} <= {*range(found.start, found.end)}


def test_windows_overlap_and_leave_nothing_out(tokenizer: Tokenizer) -> None:
    text = " ".join(f"word{number}" for number in range(200))
    windows = Windows(tokenizer, length=64, overlap=20).cut("Which word?", text)
    assert len(windows) > 5
    assert all(len(window.ids) <= 64 for window in windows)
    parts = [{*map(tuple, window.places.tolist())} for window in windows]
    (whole,) = Windows(tokenizer, length=9999).cut("Which word?", text)
    assert set.union(*parts) == {*map(tuple, whole.places.tolist())}
    assert min(len(part & following) for part, following in pairwise(parts)) >= 20


def test_every_given_place_counts_and_no_other(tokenizer: Tokenizer) -> None:
    first = span_of(TEXT, "Ada Moor")
    second = Span(TEXT.index("Ada Moor kept"), TEXT.index(" kept"))
    windows = Windows(tokenizer)
    (both,) = labelled(windows, "Who kept the lamp?", Passage(TEXT, (first, second)))
    (one,) = labelled(windows, "Who kept the lamp?", Passage(TEXT, (second,)))
    assert len(both.answers) == 2
    assert len(one.answers) == 1
    start, end = one.answers[0]
    assert one.window.span(start, end, TEXT) == second


def test_a_window_that_cuts_an_answer_is_not_called_unanswerable(tokenizer: Tokenizer) -> None:
    text = " ".join(f"w{number}" for number in range(60))
    answer = Span(text.index("w20"), text.index("w40") - 1)
    windows = Windows(tokenizer, length=40, overlap=8)
    whole = windows.cut("Which?", text)
    kept = labelled(windows, "Which?", Passage(text, (answer,)))
    assert len(kept) < len(whole)
    for item in kept:
        places = item.window.places
        assert item.answers or places[-1, 1] <= answer.start or places[0, 0] >= answer.end


def example(number: int, *passages: Passage) -> Example:
    return Example(f"q{number}", f"Who kept lamp {number}?", passages)


def test_batches_hold_every_example_once_and_little_padding(tokenizer: Tokenizer) -> None:
    windows = Windows(tokenizer)
    examples = [example(n, Passage(f"{TEXT} " * (1 + n % 5))) for n in range(100)]
    drawn = batches(examples, lengths(examples, windows), 2000, seed=1)
    assert sorted(e.id for batch in drawn for e in batch) == sorted(e.id for e in examples)
    assert drawn == batches(examples, lengths(examples, windows), 2000, seed=1)
    assert drawn != batches(examples, lengths(examples, windows), 2000, seed=2)
    made = [tensors(batch, windows) for batch in drawn]
    assert all(batch and batch.ids.numel() <= 2000 for batch in made)
    used = sum(int(batch.mask.sum()) for batch in made if batch)
    assert used > 0.85 * sum(batch.ids.numel() for batch in made if batch)


def test_the_loss_worked_by_hand(tokenizer: Tokenizer) -> None:
    # Two windows of one question, three places each; the answer is place 1 of the first.
    batch = tensors([example(0, Passage("a b", (Span(0, 1),)), Passage("c d"))], Windows(tokenizer))
    assert batch
    length = batch.ids.shape[1]
    logits = torch.zeros(2, length)
    allowed = int(batch.allowed[0].sum())
    assert allowed == 3  # "a", "b", and no answer
    alone = span_loss(logits, logits, batch, shared=0, smoothing=0)
    assert float(alone) == pytest.approx(float(torch.log(torch.tensor(3.0))))
    # Over both windows there are four words to choose from.
    both = span_loss(logits, logits, batch, shared=1, smoothing=0)
    assert float(both - alone) == pytest.approx(float(torch.log(torch.tensor(4.0))))


def tiny() -> Any:
    torch.manual_seed(7)
    return BertForQuestionAnswering(
        BertConfig(
            hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
            vocab_size=30522,
        )
    )  # fmt: skip


ANSWERED = [
    Example(f"q{n}", f"Who kept lamp {n}?", (Passage(TEXT, (span_of(TEXT, "Tom Reed"),)),))
    for n in range(24)
]


def trained(folder: Path, windows: Windows, stop_after: int = 0, first: int = 1) -> dict[str, Any]:
    class StopError(Exception):
        pass

    model = tiny()
    course = Course(rate=3e-3, passes=4, word_pieces=300, average=0.5)
    seen = []

    def report(figures: dict[str, float]) -> None:
        seen.append(figures)
        if stop_after and figures["step"] >= stop_after:
            raise StopError

    trainer = Trainer(model, windows, course, folder, every=1, checkpoint_s=0)
    if stop_after:
        with pytest.raises(StopError):
            trainer.train(ANSWERED, report)
    else:
        trainer.train(ANSWERED, report)
        assert seen[-1]["step"] == seen[-1]["steps"] > 8
        assert seen[0]["step"] == first
    state: dict[str, Any] = model.state_dict()
    return state


def test_training_repeats_exactly_and_goes_on_after_a_break_as_if_there_were_none(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    windows = Windows(tokenizer)
    whole = trained(tmp_path / "whole", windows)
    again = trained(tmp_path / "again", windows)
    trained(tmp_path / "broken", windows, stop_after=5)
    resumed = trained(tmp_path / "broken", windows, first=6)
    for name, value in whole.items():
        assert torch.equal(value, again[name]), name
        assert torch.equal(value, resumed[name]), name


def test_it_learns(tmp_path: Path, tokenizer: Tokenizer) -> None:
    windows = Windows(tokenizer)
    model = tiny()
    losses = []
    course = Course(rate=3e-3, passes=30, word_pieces=600, dropout=0.0)
    Trainer(model, windows, course, tmp_path, every=1).train(
        ANSWERED, lambda figures: losses.append(figures["loss"])
    )
    assert losses[-1] < losses[0] / 4


def test_mined_passages_that_hold_the_answer_are_no_negatives() -> None:
    asked = Example("q", "Who followed?", (Passage(TEXT, (span_of(TEXT, "Tom Reed"),)),))
    retrieved = {"q": [TEXT, "It was TOM REED.", "The gulls were fed.", "Nobody came."]}
    (found,) = with_mined([asked], retrieved, most=5, seed=0)
    assert {p.text for p in found.passages[1:]} == {"The gulls were fed.", "Nobody came."}
    assert all(not passage.answers for passage in found.passages[1:])


def test_a_near_miss_asks_for_what_its_passage_does_not_say() -> None:
    asked = [
        Example("a", "What did Ada Moor keep in 1887?", (Passage(TEXT, (span_of(TEXT, "lamp"),)),)),
        Example("b", "Where did Jane Park live in 1955?", (Passage("Jane Park, 1955."),)),
    ]
    misses = list(near_misses(asked, share=1.0, seed=3))
    assert misses
    for miss in misses:
        original = next(e for e in asked if miss.id.startswith(e.id))
        assert miss.question != original.question
        assert miss.passages == (Passage(original.passages[0].text),)
        assert not miss.wordings


def test_a_passage_without_its_answer_is_what_is_left_of_it() -> None:
    text = "The lamp was lit by Ada Moor. Gulls came at noon. Nobody fed them."
    asked = Example("a", "Who lit the lamp?", (Passage(text, (span_of(text, "Ada Moor"),)),))
    (left,) = without_answers([asked], share=1.0, seed=0)
    assert left.question == asked.question
    assert left.passages == (Passage("Gulls came at noon. Nobody fed them."),)


def test_no_passage_is_left_that_still_has_the_answers_words() -> None:
    twice = "Ada Moor lit the lamp. The lamp was ADA MOOR's. Gulls came."
    alone = "Ada Moor lit the lamp."
    asked = [
        Example("a", "Who lit it?", (Passage(text, (span_of(text, "Ada Moor"),)),))
        for text in (twice, alone)
    ]
    assert list(without_answers(asked, share=1.0, seed=0)) == []


def test_a_sentence_that_answers_is_read_alone_and_beside_it_one_that_does_not() -> None:
    text = "Gulls came in 1887. The lamp was lit by Ada Moor. Ada Moor fed the gulls."
    spans = (span_of(text, "Ada Moor"), span_of(text, "lit by Ada Moor"))
    asked = Example("a", "Who lit the lamp?", (Passage(text, spans),))
    (made,) = alone([asked], share=1.0, seed=0)
    answering, other = made.passages
    assert answering.text == "The lamp was lit by Ada Moor."
    assert made.wordings == ["Ada Moor", "lit by Ada Moor"]
    # The last sentence has an answer's words, so that nobody can say that it does not answer.
    assert other == Passage("Gulls came in 1887.")
    across = Example("b", "When?", (Passage(text, (span_of(text, "1887. The lamp"),)),))
    assert not list(alone([across], share=1.0, seed=0))


def test_a_digest_has_one_sentence_that_answers_among_the_likeliest_of_all_passages() -> None:
    text = "Gulls came in 1887. The lamp was lit by Ada Moor. Ada Moor fed the gulls."
    spans = (span_of(text, "Ada Moor"), span_of(text, "lit by Ada Moor"))
    asked = [Example(str(n), "Who lit the lamp?", (Passage(text, spans),)) for n in range(200)]
    lamps = [f"Lamp {number} was lit by Tom Reed." for number in range(9)]
    found = " ".join(["Nobody came to lunch.", *lamps, "Another lamp was lit by ADA MOOR."])
    likely = by_words(asked, {e.id: [found] for e in asked})
    made = list(digests(asked, likely, seed=0))
    answered = [e for e in made if e.passages[0].answers]
    assert 150 < len(answered) < 190  # 15 % have no answer
    for example in made:
        (passage,) = example.passages
        cut = [passage.text[s.start : s.end] for s in sentences(passage.text)]
        others = [sentence for sentence in cut if sentence != "The lamp was lit by Ada Moor."]
        assert len(others) == 7
        # Those that share no word come after those that do; one with the answer's words never.
        assert set(others) <= set(lamps)
        assert example.wordings == (["Ada Moor", "lit by Ada Moor"] if len(cut) == 8 else [])
    assert len({e.passages[0].text for e in answered}) > 100
    across = Example("b", "When?", (Passage(text, (span_of(text, "1887. The lamp"),)),))
    assert list(digests([across], {}, seed=0)) == [across]


def test_the_reader_puts_first_what_looks_most_like_an_answer() -> None:
    weights = FOLDER / "reader.onnx"
    reader = OnnxModel("packaged", weights, sha256(weights))
    text = "Nobody lit the lamp that day. The lantern was lighted by Ada Moor."
    asked = Example("a", "Who lit the lamp?", (Passage(text, (span_of(text, "Ada Moor"),)),))
    found = {"a": ["It is a lamp that is lit at night. Another one was lighted by Tom Reed."]}
    by_name = {"The lantern was lighted by Ada Moor.", "Another one was lighted by Tom Reed."}
    assert set(by_reader([asked], found, reader)["a"][:2]) == by_name
    assert not by_name & set(by_words([asked], found)["a"][:2])


def test_recurring_words_answer_for_where_they_stood() -> None:
    made = list(recurring_span_examples([TEXT], per_context=9, seed=0))
    assert made
    for item in made:
        (passage,) = item.passages
        assert "[MASK]" in item.question
        assert len({wording.casefold() for wording in item.wordings}) == 1
        assert item.question.replace("[MASK]", item.wordings[0]).casefold() in TEXT.casefold()
        assert item.question not in passage.text


@pytest.mark.parametrize(
    "row",
    [
        "{",
        '{"id": 1}',
        '{"id": 1, "question": "q", "context": "abc", "answers": [{"text": "b", "start": 0}]}',
    ],
)
def test_a_row_that_is_no_question_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    good = json.dumps({"id": 1, "question": "q", "context": "abc", "answers": []})
    (tmp_path / "a.jsonl").write_text(f"{good}\n{row}\n", "utf-8")
    with pytest.raises(GoldError, match="line 2"):
        read_examples(tmp_path / "a.jsonl")
