"""The sentences of the best candidates are read alone, worked by hand."""

from __future__ import annotations

from tokenizers import Tokenizer

from aiqa.reader.sentence_check import (
    MOST_CHECKED,
    SentenceReading,
    check_sentences,
)
from aiqa.reader.span_decoder import Candidate
from aiqa.types import ScoredChunk
from tests.reader.fakes import Pointing, hit, place

UNREAD = SentenceReading(-10.0, -20.0, -20.0, -10.0)


def candidate(of: ScoredChunk, words: str) -> Candidate:
    return Candidate(of, place(of, words), 1.0, 0.0, 0.0, 0.0)


def test_a_sentence_is_read_below_its_headings_and_without_the_others(tokenizer: Tokenizer) -> None:
    own = hit("Ada Moor lit it. Tom Reed kept it.", start=7)
    model = Pointing(tokenizer, {"tom": 3.0, "reed": 2.0, "ada": 9.0})
    check = check_sentences(model, "Who?", [candidate(own, "Reed"), candidate(own, "Tom Reed")])
    assert model.read == ["[CLS] who? [SEP] lamp [SEP] tom reed kept it. [SEP]"]
    # From "Tom" to "Reed": 3 and 2. "Reed" alone is 2 and 2; "kept" has -5 each.
    assert check.of(own.chunk, place(own, "Tom Reed")) == SentenceReading(3.0, 5.0, 6.0, 2.5)
    assert check.of(own.chunk, place(own, "Reed")) == SentenceReading(3.0, 4.0, 6.0, 2.0)
    assert check.of(own.chunk, place(own, "kept")) == SentenceReading(3.0, -10.0, 6.0, -1.0)
    assert check.of(own.chunk, place(own, "Ada")) == UNREAD


def test_the_sentences_of_the_first_candidates_are_read_once_each(tokenizer: Tokenizer) -> None:
    chunks = [hit(f"Ada met {n} gulls. Tom saw none.", f"{n}.txt") for n in range(MOST_CHECKED + 1)]
    model = Pointing(tokenizer, {"ada": 1.0})
    spans = [candidate(chunk, words) for chunk in chunks for words in ("Ada", "met")]
    check = check_sentences(model, "Who?", spans)
    assert [words.split()[7] for words in model.read] == [f"{n}" for n in range(MOST_CHECKED)]
    assert check.of(chunks[-2].chunk, place(chunks[-2], "Ada")).answering == 1.0
    assert check.of(chunks[-1].chunk, place(chunks[-1], "Ada")) == UNREAD


def test_no_candidates_need_no_reading(tokenizer: Tokenizer) -> None:
    model = Pointing(tokenizer, {})
    assert check_sentences(model, "Who?", []).of(hit("Ada.").chunk, place(hit("Ada."), "Ada")) == (
        UNREAD
    )


def test_a_sentence_longer_than_a_window_is_read_in_parts(tokenizer: Tokenizer) -> None:
    own = hit("Ada lit it, " + "and so on, " * 30 + "until Tom came.")
    model = Pointing(tokenizer, {"ada": 2.0, "tom": 1.0}, length=40)
    check = check_sentences(model, "Who?", [candidate(own, "Tom")])
    assert len(model.read) > 1
    told = check.of(own.chunk, place(own, "Tom"))
    assert (told.answering, told.score, told.best, told.evidence) == (2.0, 2.0, 4.0, 1.0)
