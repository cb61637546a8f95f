"""Near misses and passages without their answer: about the same, and answering nothing."""

from __future__ import annotations

from aiqa.training.data.augmentation import near_misses, without_answers
from aiqa.training.data.examples import Example, Passage
from tests.training.samples import TEXT, asked


def test_a_near_miss_exchanges_one_name_number_or_word_of_the_question() -> None:
    examples = [
        asked("Who lit the lamp on Gull Rock in 1887?", TEXT, "Ada Moor"),
        asked("Who paid 40 crowns a year?", TEXT, "The harbour office"),
        asked("Which is the largest lamp on North Head?", TEXT),
    ]
    for seed in range(20):
        made = list(near_misses(examples, 1.0, seed))
        assert made
        for near in made:
            assert near.question not in {example.question for example in examples}
            assert near.passages == (Passage(TEXT),)
            assert near.id == "q.near"
            # What stands before or after the exchanged words is as it was.
            assert any(
                near.question.startswith(e.question[:4]) or near.question.endswith(e.question[-4:])
                for e in examples
            )


def test_about_a_share_is_exchanged() -> None:
    examples = [asked("Who lit the lamp in 1887?", TEXT, "Ada Moor")] * 400
    assert 50 < len(list(near_misses(examples, 0.3, seed=1))) < 130  # some come out as they were
    assert not list(near_misses(examples, 0.0, seed=1))


def test_a_passage_loses_every_sentence_that_answers() -> None:
    (made,) = without_answers([asked("When?", TEXT, "1910", heading="Lamps")], 1.0, seed=0)
    text = made.passages[0].text
    assert text.startswith("The lamp on Gull Rock")
    assert "1910" not in text
    assert made.heading == "Lamps"
    assert not made.passages[0].is_answering


def test_what_may_still_be_answered_is_left_out() -> None:
    twice = asked("Who kept it?", TEXT, "Ada Moor")  # named in another sentence, too
    whole = asked("What?", "One sentence.", "sentence")
    polar = Example("p", "Is it lit?", (Passage(TEXT, is_answering=True),), polarity="yes")
    assert not list(without_answers([twice, whole, polar], 1.0, seed=0))
