"""Questions as typed keep what they ask for."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.training.data import phrasing

QUESTIONS = [
    "How long is the notice period for fixed-term contracts?",
    "When is the VAT return due?",
    "Can I carry over 5.5 days of leave to 2025?",
    "Who approves travel above €500?",
    "What colour is the licence?",
]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@given(st.sampled_from(QUESTIONS), st.integers(0, 10_000))
def test_every_way_keeps_the_words_that_carry_meaning_and_every_figure(
    question: str, seed: int
) -> None:
    chance = random.Random(seed)
    said = words(phrasing.as_typed(question, chance))
    content = words(phrasing.keywords(question))
    # At most two words are mistyped, or spelled as elsewhere; figures never are.
    assert len([word for word in content if word not in said]) <= 2
    assert {word for word in content if word.isdigit()} <= {*said}


def test_keywords_leave_function_words_out_and_question_words_in() -> None:
    assert phrasing.keywords("When is the VAT return due?") == "when vat return due"
    assert phrasing.keywords("Who pays for the return of 2,5 kg?") == "who pays return 2,5 kg"
    assert phrasing.keywords("What is it?") == "what is it"  # else nothing would be left


def test_half_of_the_questions_stay_and_the_rest_varies() -> None:
    chance = random.Random(1)
    found = Counter(phrasing.as_typed(QUESTIONS[0], chance) for _ in range(4000))
    assert found[QUESTIONS[0]] / 4000 == pytest.approx(0.53, abs=0.03)  # respelled: the same here
    assert found[phrasing.lowered(QUESTIONS[0])] / 4000 == pytest.approx(0.16, abs=0.03)
    assert found[phrasing.keywords(QUESTIONS[0])] / 4000 == pytest.approx(0.10, abs=0.03)
    assert len(found) > 300


@given(st.sampled_from(QUESTIONS), st.integers(0, 10_000))
def test_a_typo_spares_first_letters_and_short_words(question: str, seed: int) -> None:
    typed = phrasing.mistyped(question, random.Random(seed))
    before, after = question.split(), typed.split()
    assert [word[0] for word in after] == [word[0] for word in before]
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) <= 2
    assert all(len(a) >= 4 and abs(len(a) - len(b)) <= 1 for a, b in changed)


@given(st.integers(0, 10_000))
def test_frames_stand_around_the_whole_question(seed: int) -> None:
    said = phrasing.framed(QUESTIONS[1], random.Random(seed))
    assert QUESTIONS[1] in said
    assert said != QUESTIONS[1]


@given(st.integers(0, 10_000))
def test_a_statement_holds_a_wh_question_and_leaves_others(seed: int) -> None:
    chance = random.Random(seed)
    assert "who approves travel above €500" in phrasing.as_statement(QUESTIONS[3], chance)
    assert phrasing.as_statement(QUESTIONS[2], chance) == QUESTIONS[2].rstrip("?")


def test_spelling_is_exchanged_both_ways() -> None:
    assert phrasing.respelled("What colour is it?") == "What color is it?"
    assert phrasing.respelled("What color is it?") == "What colour is it?"
    assert phrasing.respelled("Who organized it?") == "Who organised it?"
    assert phrasing.respelled("Who?") == "Who?"
