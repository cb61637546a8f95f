"""Reading by spans: two models, one ranking over all chunks, and exact places."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from aiqa.reader.qa_models import Logits
from aiqa.reader.span_decoder import Candidate
from aiqa.reader.span_features import CONFIDENCE
from aiqa.reader.span_reader import MOST_READ_AGAIN, SpanReader
from aiqa.reader.windows import Window
from aiqa.types import ScoredChunk, ScoredSpan, Span
from tests.reader.fakes import TEXT, Pointing, hit, weights


def pointing(tokenizer: Tokenizer, words: Sequence[str], **spans: float) -> SpanReader:
    """A reader of one model that takes any of these words for an answer, all alike."""
    model = Pointing(tokenizer, dict.fromkeys(words, 4.0))
    return SpanReader(model, None, weights(spans=spans))


def test_the_bundled_reader_lifts_the_exact_words(reader: SpanReader) -> None:
    (best,) = reader.read("When was the lamp lit?", [hit(TEXT, start=7)]).answer
    assert best.text == "1887"
    assert (" " * 7 + TEXT)[best.span.start : best.span.end] == "1887"
    assert (best.kind, best.stated, len(best.evidence)) == ("span", True, len(CONFIDENCE))


def test_the_passage_that_answers_wins_over_one_that_was_found_before_it(
    reader: SpanReader,
) -> None:
    other = hit("The gulls of Gull Rock are fed in the morning by the harbour office.", "b.txt")
    reading = reader.read("Who lit the lamp on Gull Rock?", [other, hit(TEXT)])
    assert reading.answer[0].text == "Ada Moor"
    assert reading.answer[0].chunk.source == "a.txt"


def test_chunks_are_reranked_by_what_is_read_in_them(reader: SpanReader) -> None:
    other = hit("The gulls of Gull Rock are fed in the morning by the harbour office.", "b.txt")
    first, second = reader.rerank("Who lit the lamp on Gull Rock?", [other, hit(TEXT)])
    assert (first.chunk.source, second.chunk) == ("a.txt", other.chunk)
    assert first.relevance is not None
    assert second.relevance is not None
    assert first.relevance > second.relevance > 0
    assert first.relevance + second.relevance == pytest.approx(1)
    assert reader.rerank("Who lit the lamp?", []) == []


def test_the_same_question_is_read_the_same_way_again(reader: SpanReader) -> None:
    chunks = [hit(TEXT), hit("Tom Reed lit no lamps.", "b.txt")]
    first, again = (reader.read("Who followed Ada Moor?", chunks) for _ in range(2))
    assert first == again


def test_an_explanation_is_given_as_whole_sentences_in_their_order(reader: SpanReader) -> None:
    text = (
        "Oil was burnt in the lamp because it was cheap. It was also easy to keep in the dry. "
        "The harbour has a dog called Bosun."
    )
    reading = reader.read("Why was oil burnt in the lamp?", [hit(text)])
    assert reading.answer[0].text == "Oil was burnt in the lamp because it was cheap."
    assert {span.kind for span in reading.answer} == {"sentence"}
    assert "Bosun" not in " ".join(span.text for span in reading.answer)
    places = [span.span.start for span in reading.answer]
    assert places == sorted(places)


def test_a_passage_without_words_has_no_answer(reader: SpanReader, tokenizer: Tokenizer) -> None:
    assert reader.read("Who?", [hit("\n \n")]).answer == ()
    assert reader.read("Who?", []).answer == ()
    assert reader.read("Who?", [hit("\n \n", "b.txt"), hit(TEXT)]).answer
    assert not pointing(tokenizer, ["ada"]).read("Who?", [hit("\n")]).answer


@settings(max_examples=25)
@given(text=st.text(min_size=1, max_size=300), question=st.text(min_size=1, max_size=60))
def test_every_proposal_slices_its_document(reader: SpanReader, text: str, question: str) -> None:
    reading = reader.read(question, [hit(text, start=5), hit(text, "b.txt", start=5)])
    for proposal in (*reading.answer, *reading.others):
        begin, end = proposal.span.start, proposal.span.end
        assert 5 <= begin < end <= 5 + len(text)
        assert proposal.text == (" " * 5 + text)[begin:end]
        assert proposal.text == proposal.text.strip()
        assert np.isfinite([proposal.score, *proposal.evidence]).all()


def test_the_second_model_reads_the_chunks_that_promise_most_below_their_headings(
    tokenizer: Tokenizer,
) -> None:
    first, second = (Pointing(tokenizer, {"ada": 4.0}, identity=name) for name in ("one", "two"))
    dense = [0.2, 0.9, 0.4, 0.7, 0.1, 0.5, 0.3, 0.6, 0.8]
    chunks = [hit(f"Ada {n}.", f"{n}.txt", dense=d) for n, d in enumerate(dense)]
    reader = SpanReader(first, second, weights(chunks={"dense": 1.0}))
    reading = reader.read("Who?", chunks)
    assert first.read == [f"[CLS] who? [SEP] ada {n}. [SEP]" for n in range(9)]
    best = (1, 8, 3, 7, 5, 2, 6)
    assert len(best) == MOST_READ_AGAIN
    # Then the sentences of the five best candidates alone; all are as good, so by their sources.
    again = [f"[CLS] who? [SEP] lamp [SEP] ada {n}. [SEP]" for n in (*best, 1, 2, 3, 5, 6)]
    assert second.read == again
    read = {span.chunk.source for span in (*reading.answer, *reading.others)}
    assert read == {f"{n}.txt" for n in best}
    assert reader.identity == "one+two"


@pytest.mark.parametrize(("ahead", "count"), [(2.9, 2), (3.0, 1), (0.0, 2)])
def test_no_more_is_read_again_than_holds_the_answer_with_near_certainty(
    tokenizer: Tokenizer, ahead: float, count: int
) -> None:
    # The softmax gives the first of two chunks 0.948, 0.953 and 0.5.
    first, second = (Pointing(tokenizer, {"ada": 4.0}) for _ in range(2))
    chunks = [hit("Ada 1.", "1.txt", dense=ahead), hit("Ada 2.", "2.txt", dense=0.0)]
    SpanReader(first, second, weights(chunks={"dense": 1.0})).read("Who?", chunks)
    assert len(second.read) == 2 * count  # the passages, and their one sentence each


def test_what_the_first_model_makes_of_a_chunk_helps_to_choose_what_is_read_again(
    tokenizer: Tokenizer,
) -> None:
    first, second = (Pointing(tokenizer, {"ada": 4.0}) for _ in range(2))
    chunks = [hit(f"{'Ada' if n == 5 else 'Tom'} {n}.", f"{n}.txt") for n in range(9)]
    SpanReader(first, second, weights(chunks={"first_answering": 0.5})).read("Who?", chunks)
    passages = second.read[:MOST_READ_AGAIN]
    assert [words.split()[-3] for words in passages] == ["ada"] + ["tom"] * 6


def test_the_candidates_are_the_second_models_if_there_is_one(tokenizer: Tokenizer) -> None:
    small, base = Pointing(tokenizer, {"1887": 9.0}), Pointing(tokenizer, {"ada moor": 4.0})
    both = SpanReader(small, base, weights()).read("Who?", [hit(TEXT)])
    assert (both.answer[0].text, both.answer[0].score) == ("Ada Moor", 8.0)
    alone = SpanReader(small, None, weights())
    assert alone.read("Who?", [hit(TEXT)]).answer[0].text == "1887"
    assert alone.identity == "pointing"


def test_a_sentence_that_answers_alone_can_win(tokenizer: Tokenizer) -> None:
    class Believing(Pointing):
        """Believes a sentence if it reads no other."""

        def _logits(self, window: Window) -> Logits:
            logits = super()._logits(window)
            alone = len(window.ids) < 20 and logits.answering > 0
            return logits._replace(answering=3.0 if alone else 0.0)

    # The words of the second sentence are the better span of the passage.
    text = "Ada Moor lit the lamp. " + "The gulls sleep there, and " * 8 + "Tom Reed is far away."
    model = Believing(tokenizer, {"ada moor": 3.0, "tom reed": 4.0})
    for weight, expected in ((0.0, "Tom Reed"), (1.0, "Ada Moor")):
        reader = SpanReader(model, None, weights(spans={"score": 1.0, "alone_answering": weight}))
        assert reader.read("Who lit it?", [hit(text)]).answer[0].text == expected


def test_several_things_asked_for_are_several_answers(tokenizer: Tokenizer) -> None:
    reader = pointing(tokenizer, ["ada moor", "tom reed"])
    listed = reader.read("Which two keepers were there?", [hit(TEXT), hit(TEXT, "b.txt")])
    assert {span.text for span in listed.answer} == {"Ada Moor", "Tom Reed"}
    assert len(listed.answer) == 2
    assert not set(listed.answer) & set(listed.others)
    assert len(reader.read("Who kept the lamp?", [hit(TEXT)]).answer) == 1


def test_a_list_has_what_is_nearly_as_good_as_the_best_and_beats_no_answer(
    tokenizer: Tokenizer,
) -> None:
    words = {"ada moor": 4.0, "tom reed": 2.5, "1887": 2.4, "1910": -1.0}
    model = Pointing(tokenizer, words)
    (ada, tom) = (
        SpanReader(model, None, weights()).read("Which keepers are there?", [hit(TEXT)]).answer
    )
    assert (ada.text, tom.text, ada.score - tom.score) == ("Ada Moor", "Tom Reed", 3.0)
    model = Pointing(tokenizer, {"1910": -0.5, "1887": -1.0})
    (only,) = SpanReader(model, None, weights()).read("Which years are there?", [hit(TEXT)]).answer
    assert (only.text, only.stated) == ("1910", False)


def test_of_words_that_overlap_and_score_alike_the_fewer_are_chosen(tokenizer: Tokenizer) -> None:
    reading = pointing(tokenizer, ["ada moor", "1910"]).read("Who kept it?", [hit(TEXT)])
    spans = (*reading.answer, *reading.others)
    assert {"Ada Moor", "1910"} <= {span.text for span in spans}
    assert "Ada Moor. Ada Moor kept it until 1910" not in {span.text for span in spans}
    assert not any(a.span.overlaps(b.span) for a in spans for b in spans if a is not b)


@pytest.mark.parametrize("feature", ["coverage", "sentence", "pairs", "lexical", "fused"])
def test_of_chunks_that_are_read_alike_the_one_that_speaks_of_the_question_is_chosen(
    tokenizer: Tokenizer, feature: str
) -> None:
    other = hit("The lamp of Mole End was lit by Tom Reed.", "b.txt", score=0.9, lexical=None)
    own = hit("The lamp of Gull Rock was lit by Ada Moor.", "c.txt")

    def answer(**spans: float) -> str:
        reader = pointing(tokenizer, ["ada moor", "tom reed"], score=1.0, **spans)
        return reader.read("Who lit the lamp of Gull Rock?", [other, own]).answer[0].text

    assert answer() == "Tom Reed"  # as good: that of the first source
    assert answer(**{feature: 1.0}) == "Ada Moor"
    assert answer(**{feature: -1.0}) == "Tom Reed"


@given(st.permutations(range(6)))
def test_the_order_of_the_chunks_does_not_matter(tokenizer: Tokenizer, order: list[int]) -> None:
    chunks = [hit(TEXT, f"{n}.txt", dense=0.1 * n) for n in range(6)]
    model = Pointing(tokenizer, {"ada moor": 4.0, "tom reed": 4.0})
    reader = SpanReader(model, model, weights(spans={"score": 1.0, "dense": 1.0}))
    expected = reader.read("Who kept the lamp?", chunks)
    found = reader.read("Who kept the lamp?", [chunks[i] for i in order])
    assert places(found.answer) == places(expected.answer)
    assert places(found.others) == places(expected.others)
    assert found.answer[0].evidence == pytest.approx(expected.answer[0].evidence)


def places(spans: Sequence[ScoredSpan]) -> list[tuple[str, Span]]:
    return [(span.chunk.source, span.span) for span in spans]


def candidate(of: ScoredChunk, start: int, end: int, score: float) -> Candidate:
    return Candidate(of, Span(start, end), score, 0.0, 0.0, 0.0)


def test_sixteen_candidates_are_ranked_at_most(tokenizer: Tokenizer) -> None:
    of = hit(" ".join(f"Lamp{number:02}." for number in range(30)))
    found = [candidate(of, 7 * n, 7 * n + 6, float(n)) for n in range(30)]
    assert pointing(tokenizer, []).apart(found) == list(range(29, 13, -1))


def test_longer_words_must_be_better_by_what_length_counts(tokenizer: Tokenizer) -> None:
    of = hit(TEXT)
    # Half the log of what they are longer by: 0.5 * ln(21 / 11) = 0.32.
    assert math.isclose(0.5 * math.log(21 / 11), 0.3233, abs_tol=1e-4)
    reader = pointing(tokenizer, [])
    assert reader.apart([candidate(of, 0, 10, 2.0), candidate(of, 0, 20, 2.32)]) == [0]
    assert reader.apart([candidate(of, 0, 10, 2.0), candidate(of, 0, 20, 2.33)]) == [1]
    # Places in other documents do not overlap.
    assert reader.apart([candidate(of, 0, 10, 2.0), candidate(hit(TEXT, "b"), 0, 20, 2.0)]) == [
        0,
        1,
    ]
