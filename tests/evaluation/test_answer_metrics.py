import math

import pytest

from aiqa.evaluation.metrics.answers import exact_match, normalise, token_f1
from aiqa.evaluation.metrics.retrieval import RankedGrades, measure


def test_normalisation_is_squads() -> None:
    assert normalise("The  Cat's (an) hat!") == "cats hat"


@pytest.mark.parametrize(
    ("answer", "gold", "em"),
    [
        ("The 60 billion yuan.", ["60 billion yuan"], 1),
        ("60 billion", ["60 billion yuan"], 0),
        ("about 800", ["800", "About 800!"], 1),
        ("", ["x"], 0),
    ],
)
def test_exact_match_by_hand(answer: str, gold: list[str], em: float) -> None:
    assert exact_match(answer, gold) == em


@pytest.mark.parametrize(
    ("answer", "gold", "f1"),
    [
        # 2 common words; precision 2/4, recall 2/2.
        ("it costs 800 dollars", ["800 dollars"], 2 * 0.5 * 1 / 1.5),
        # A word counts as often as both have it: 1 common; precision 1/3, recall 1/1.
        ("go go go", ["go"], 0.5),
        ("chess", ["go"], 0),
        # The best of several wordings.
        ("800 dollars", ["eight hundred", "800 dollars"], 1),
        ("", ["x"], 0),
        ("x", [], 0),
    ],
)
def test_token_f1_by_hand(answer: str, gold: list[str], f1: float) -> None:
    assert token_f1(answer, gold) == pytest.approx(f1)


def test_ranking_counts_what_is_found_within_k_and_keeps_the_unlucky() -> None:
    values = measure(
        {
            "first": RankedGrades((1, 0, 0), (1,)),
            "third": RankedGrades((0, 0, 1), (1,)),
            "never": RankedGrades((0, 0, 0), (1,)),
            "nothing found": RankedGrades((), (1,)),
        }
    )
    assert values["recall@1"] == [1, 0, 0, 0]
    assert values["recall@5"] == [1, 1, 0, 0]
    assert values["mrr"] == pytest.approx([1, 1 / 3, 0, 0])
    # One relevant at rank 3: 1 / log2(4), over the ideal 1 / log2(2).
    assert values["ndcg@10"] == pytest.approx([1, 0.5, 0, 0])


def test_graded_relevance_and_what_was_not_found_count_in_ndcg() -> None:
    # Found: grade 1 at rank 2, grade 2 at rank 4. Ideal: grades 2, 1, 1 at ranks 1, 2, 3.
    gain = 1 / math.log2(3) + 2 / math.log2(5)
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    values = measure({"q": RankedGrades((0, 1, 0, 2), (1, 2, 1))})
    assert values["ndcg@10"] == pytest.approx([gain / ideal])


def test_the_order_of_many_hits_is_kept() -> None:
    values = measure({"q": RankedGrades((0,) * 11 + (1,) + (0,) * 8, (1,))})
    assert values["mrr"] == pytest.approx([1 / 12])
    assert (values["recall@5"], values["recall@20"]) == ([0], [1])
    assert values["ndcg@10"] == [0]
