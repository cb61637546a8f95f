"""Logits to spans: whole numbers, never over a line's end, with what their window says of them."""

from __future__ import annotations

from tokenizers import Tokenizer

from aiqa.reader.span_decoder import candidates, read_windows
from aiqa.types import Span
from tests.reader.fakes import TEXT, Pointing, hit, place, read_window


def test_an_answer_of_part_of_a_number_is_the_whole_number(tokenizer: Tokenizer) -> None:
    of = hit("It cost $18,870 in all.", start=7)
    found = candidates([read_window(tokenizer, of, {"18": 9.0}, {"18": 9.0}, {})])
    best = max(found, key=lambda c: c.score)
    assert (best.text, best.score, best.span) == ("$18,870", 18.0, place(of, "$18,870"))


def test_no_answer_runs_over_the_end_of_a_line(tokenizer: Tokenizer) -> None:
    read = read_window(tokenizer, hit("Ada\nMoor"), {"Ada": 9.0}, {"Moor": 9.0}, {})
    assert {candidate.text for candidate in candidates([read])} == {"Ada", "Moor"}


def test_a_second_place_is_a_candidate_however_many_spans_of_the_first_are_better(
    tokenizer: Tokenizer,
) -> None:
    starts, ends = {"Ada": 20.0, "Tom": 3.0}, {"Moor": 9.0, "Reed": 3.0}
    read = read_window(tokenizer, hit(TEXT), starts, ends, {})
    found = {candidate.text: candidate.score for candidate in candidates([read])}
    assert found["Tom Reed"] == 6.0
    assert sum(score > 6.0 for score in found.values()) > 10


def test_the_marker_of_a_list_item_is_no_candidate(tokenizer: Tokenizer) -> None:
    read = read_window(tokenizer, hit("3. Oil\n4. Wick"), {"4": 9.0}, {"4": 9.0}, {})
    assert "4" not in {candidate.text for candidate in candidates([read])}


def test_an_answer_at_a_windows_border_is_found_once_and_whole(tokenizer: Tokenizer) -> None:
    windows = set()
    for count in range(30):
        of = hit(f"{'lamp ' * count}Ada Moor kept it. {'and so on ' * 30}")
        model = Pointing(tokenizer, {"ada moor": 4.0}, length=40)
        read = read_windows(model, "Who?", [of], headings=False)
        windows.add(sum("ada moor" in words for words in model.read))
        assert [c.text for c in candidates(read) if c.score == 8.0] == ["Ada Moor"]
    assert windows == {1, 2}


def test_a_candidate_knows_what_its_best_window_says_of_it(tokenizer: Tokenizer) -> None:
    of = hit("Ada Moor came.", start=7)
    worse = read_window(tokenizer, of, {"Ada": 3.0}, {"Moor": 2.0}, {}, answering=9.0, null=1.0)
    better = read_window(
        tokenizer, of, {"Ada": 4.0}, {"Moor": 2.0}, {"Ada": 1.0, "Moor": 2.0}, 5.0, 0.5
    )
    for read in ([worse, better], [better, worse]):
        (found,) = (c for c in candidates(read) if c.text == "Ada Moor")
        assert (found.score, found.null, found.answering) == (6.0, 0.5, 5.0)
        assert found.evidence == 1.5
        assert found.position == ("a.txt", 7)


def test_chunks_are_read_below_their_headings_only_if_asked_to(tokenizer: Tokenizer) -> None:
    for headings in (True, False):
        model = Pointing(tokenizer, {})
        read = read_windows(model, "Who?", [hit("Ada."), hit("Tom.", "b.txt")], headings=headings)
        assert [item.hit.chunk.source for item in read] == ["a.txt", "b.txt"]
        heading = " lamp [SEP]" if headings else ""
        assert model.read == [f"[CLS] who? [SEP]{heading} {name}. [SEP]" for name in ("ada", "tom")]


def test_a_windows_evidence_for_a_place_is_the_mean_of_its_word_pieces(
    tokenizer: Tokenizer,
) -> None:
    of = hit(TEXT, start=7)
    read = read_window(tokenizer, of, {}, {}, {"lamp": 3.0, "on": 1.0})
    assert read.evidence(place(of, "lamp on")) == 2.0
    assert read.evidence(Span(0, 7)) is None
