import pytest

from aiqa.evaluation.metrics import auroc, exact_match, normalise, success_at, token_f1


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


def test_success_counts_questions_with_evidence_within_k_and_keeps_the_unlucky() -> None:
    runs = {
        "first": [True, False, False],
        "third": [False, False, True],
        "never": [False, False, False],
        "nothing": [],
    }
    assert success_at([1, 2, 3], runs) == {1: 0.25, 2: 0.25, 3: 0.5}
    assert success_at([1], {}) == {1: None}


def test_success_keeps_the_order_of_many_hits() -> None:
    runs = {"q": [False] * 11 + [True] + [False] * 8}
    assert success_at([5, 11, 12, 20], runs) == {5: 0.0, 11: 0.0, 12: 1.0, 20: 1.0}


def test_auroc_by_hand() -> None:
    # Pairs (right, wrong): .9>.4, .9>.6, .5>.4, .5<.6: three of four.
    assert auroc([0.9, 0.5, 0.4, 0.6], [True, True, False, False]) == 0.75
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5, 0.7], [True, True]) is None
