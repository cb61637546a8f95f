"""Reading by spans: exact places, one scale for all chunks, and any model in the same seat."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import BertConfig, BertForQuestionAnswering
from typer.testing import CliRunner

from aiqa import Assistant
from aiqa.cli.main import app
from aiqa.embedders import SentenceTransformerEmbedder, Vectors, bundled_path
from aiqa.errors import DependencyError
from aiqa.reader.factory import BUNDLED, FITTED, FOLDER, open_reader
from aiqa.reader.features import Support, consensus, likeness
from aiqa.reader.qa_models import Logits, OnnxModel, read_tokenizer
from aiqa.reader.question_type import how_many, question_type
from aiqa.reader.second_pass import reread
from aiqa.reader.sentence_selector import Sentence, in_order, likeliest
from aiqa.reader.span_decoder import Candidate, ReadWindow, candidates, read_windows, trimmed
from aiqa.reader.span_ranker import SpanRanker, apart, span_features
from aiqa.reader.span_reader import EVIDENCE, SpanReader
from aiqa.reader.windows import Window, Windows
from aiqa.types import Chunk, ScoredChunk, ScoredSpan, Span

TEXT = (
    "The lamp on Gull Rock was lit in 1887 by Ada Moor. Ada Moor kept it until 1910, when Tom Reed "
    "followed her. The harbour office paid 40 crowns a year for the oil of the lamp."
)


def hit(text: str, source: str = "a.txt", start: int = 0) -> ScoredChunk:
    chunk = Chunk(source, source, "Lamp", "text", (), None, start, start + len(text), text)
    return ScoredChunk(chunk, 1.0, 0.5, 2.0)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return read_tokenizer(bundled_path() / "tokenizer.json")


@pytest.fixture(scope="module")
def reader(embedder: SentenceTransformerEmbedder) -> SpanReader:
    opened = open_reader(BUNDLED, embedder).reader
    assert isinstance(opened, SpanReader)
    return opened


def test_the_bundled_reader_lifts_the_exact_words(reader: SpanReader) -> None:
    (best,) = reader.read("When was the lamp lit?", [hit(TEXT, start=7)]).answer
    assert best.text == "1887"
    assert (" " * 7 + TEXT)[best.span.start : best.span.end] == "1887"
    assert (best.kind, best.stated) == ("span", True)


def test_the_passage_that_answers_wins_over_one_that_was_found_before_it(
    reader: SpanReader,
) -> None:
    other = hit("The gulls of Gull Rock are fed in the morning by the harbour office.", "b.txt")
    reading = reader.read("Who lit the lamp on Gull Rock?", [other, hit(TEXT)])
    assert reading.answer[0].text == "Ada Moor"
    assert reading.answer[0].chunk.source == "a.txt"


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


def test_a_passage_without_words_has_no_answer(reader: SpanReader) -> None:
    assert reader.read("Who?", [hit("\n \n")]).answer == ()
    assert reader.read("Who?", []).answer == ()


@pytest.mark.parametrize(
    ("probabilities", "chosen"),
    [
        # One: 2 * 0.9 / (1 + 1.5) = 0.72; two: 2 * 1.4 / (2 + 1.5) = 0.8; three: 3 / 4.5 = 0.67.
        ([0.1, 0.9, 0.5], [1, 2]),
        # One: 1.8 / 2.1 = 0.86; two: 2 / 3.1 = 0.65.
        ([0.1, 0.1, 0.9], [2]),
        # However unlikely they are by themselves: 0.2 / 1.3 = 0.15, 0.4 / 2.3, 0.6 / 3.3 = 0.18.
        ([0.1, 0.1, 0.1], [0, 1, 2]),
        ([0.9] * 7, [0, 1, 2, 3, 4]),  # five at most
    ],
)
def test_an_explanation_has_the_sentences_whose_expected_f1_is_best(
    probabilities: list[float], chosen: list[int]
) -> None:
    shares = np.array(probabilities)
    assert likeliest(np.log(shares / (1 - shares))) == chosen
    assert likeliest(np.array([-1000.0, 1000.0])) == [1]


def test_an_explanation_is_read_passage_by_passage_that_of_the_best_sentence_first() -> None:
    first, second = hit(TEXT), hit(TEXT, "b.txt")
    found = [
        Sentence(chunk, Span(at, at + 5), 0.0, 0.0, 0.0)
        for chunk, at in ((first, 0), (first, 10), (first, 20), (second, 0), (second, 10))
    ]
    assert in_order(found, [1, 0]) == [0, 1]
    assert in_order(found, [4, 0, 3, 2]) == [3, 4, 0, 2]


@given(text=st.text(min_size=1, max_size=300), question=st.text(min_size=1, max_size=60))
def test_every_proposal_slices_its_document(reader: SpanReader, text: str, question: str) -> None:
    reading = reader.read(question, [hit(text, start=5), hit(text, "b.txt", start=5)])
    for proposal in (*reading.answer, *reading.others):
        begin, end = proposal.span.start, proposal.span.end
        assert 5 <= begin < end <= 5 + len(text)
        assert proposal.text == (" " * 5 + text)[begin:end]
        assert proposal.text == proposal.text.strip()


class Pointing:
    """A span model that starts and ends answers at given words, and prefers them to nothing."""

    identity = "pointing"

    def __init__(self, tokenizer: Tokenizer, words: Sequence[str], length: int) -> None:
        self.windows = Windows(tokenizer, length=length, overlap=8)
        self._ids = [tokenizer.encode(w, add_special_tokens=False).ids for w in words]

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        found = []
        for window in windows:
            starts, ends = (np.full(len(window.ids), -5.0, np.float32) for _ in range(2))
            starts[0] = ends[0] = 0.0
            for ids in self._ids:
                for at in range(window.first, len(window.ids) - len(ids)):
                    if list(window.ids[at : at + len(ids)]) == ids:
                        starts[at], ends[at + len(ids) - 1] = 4.0, 4.0
            found.append((starts, ends))
        return found


class Alike:
    """An embedder to which all sentences are alike, but those that name the rock."""

    identity, dimensions, max_tokens = "alike", 2, 256

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    def encode(
        self,
        texts: Sequence[str],
        on_progress: Callable[[int], None] | None = None,  # noqa: ARG002 - it takes no time
    ) -> Vectors:
        return np.array([[1, 0] if "Rock" in text else [0.6, 0.8] for text in texts], np.float32)


def asking(model: Pointing, ranking: SpanRanker) -> SpanReader:
    return SpanReader(model, ranking, explaining=None, embedder=Alike())  # type: ignore[arg-type]  # not asked why


def pointing(
    tokenizer: Tokenizer, *words: str, length: int = 384, ranking: SpanRanker | None = None
) -> SpanReader:
    model = Pointing(tokenizer, words, length)
    return asking(model, ranking or SpanRanker())


def test_an_answer_at_a_window_s_border_is_found_once_and_whole(tokenizer: Tokenizer) -> None:
    before = " ".join(f"w{number}" for number in range(60))
    text = f"{before} Ada Moor kept it. {'and so on ' * 30}"
    reading = pointing(tokenizer, "ada moor", length=40).read("Who?", [hit(text)])
    places = [span for span in (*reading.answer, *reading.others) if "Ada Moor" in span.text]
    assert [span.text for span in places] == ["Ada Moor"]


def test_several_things_asked_for_are_several_answers(tokenizer: Tokenizer) -> None:
    reader = pointing(tokenizer, "ada moor", "tom reed")
    listed = reader.read("Which two keepers were there?", [hit(TEXT), hit(TEXT, "b.txt")])
    assert {span.text for span in listed.answer} == {"Ada Moor", "Tom Reed"}
    assert len(listed.answer) == 2
    assert len(reader.read("Who kept the lamp?", [hit(TEXT)]).answer) == 1


def test_the_evidence_tells_how_a_passage_stands_beside_those_that_say_something_else(
    tokenizer: Tokenizer,
) -> None:
    near, far = hit(TEXT), replace(hit("Gulls came.", "b.txt"), dense=0.3)
    reader = pointing(tokenizer, "ada moor")

    def told(*chunks: ScoredChunk) -> list[float]:
        (best,) = reader.read("Who kept the lamp?", chunks).answer
        evidence = dict(zip(EVIDENCE, best.evidence, strict=True))
        return [evidence[name] for name in ("dense_lead", "elsewhere")]

    # Where the words do not stand, both ends have logits of -5, and "no answer" has 0.
    assert told(near, far) == pytest.approx([0.5 - 0.3, -10.0])
    assert told(near, replace(far, dense=0.6)) == pytest.approx([0.5 - 0.6, -10.0])
    assert told(near) == [0.0, 0.0]
    # One that says the same is no rival.
    assert told(near, replace(hit(TEXT, "c.txt"), dense=0.9)) == [0.0, 0.0]


def test_words_that_overlap_speak_for_each_other() -> None:
    shares = {name: math.log(p) for name, p in (
        ("the gull rock", 0.3), ("gull rock light", 0.2), ("a harbour", 0.4), ("in 1887", 0.0009),
    )}  # fmt: skip
    found = consensus(["the gull rock", "a harbour", "in 1887"], shares)
    # Two terms of two and three are the same: 2 * 2 / 5.
    assert math.exp(found["the gull rock"]) == pytest.approx(0.3 + 0.8 * 0.2)
    assert math.exp(found["a harbour"]) == pytest.approx(0.4)
    assert math.exp(found["in 1887"]) == pytest.approx(0.0009)


def test_of_words_that_overlap_and_score_alike_the_fewer_are_chosen(tokenizer: Tokenizer) -> None:
    reading = pointing(tokenizer, "ada moor", "1910").read("Who kept it?", [hit(TEXT)])
    found = {span.text for span in (*reading.answer, *reading.others)}
    assert {"Ada Moor", "1910"} <= found
    assert "Ada Moor. Ada Moor kept it until 1910" not in found


class Comparing(Pointing):
    """Takes any of its words for an answer, but the last alone where it has all before it."""

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        every, found = self._ids, []
        for window in windows:
            has_all = all(set(ids) <= set(window.ids) for ids in every)
            self._ids = every[-1:] if has_all else every
            found += super().logits([window])
        self._ids = every
        return found


def test_the_best_of_all_chunks_are_weighed_against_each_other(tokenizer: Tokenizer) -> None:
    model = Comparing(tokenizer, ["ada moor", "tom reed"], 384)
    chunks = [hit("Gulls came. Ada Moor kept it.", start=7), hit("Tom Reed kept it.", "b.txt")]

    def answer(ranking: SpanRanker) -> ScoredSpan:
        return asking(model, ranking).read("Who?", chunks).answer[0]

    assert answer(SpanRanker(score=1.0)).text == "Ada Moor"
    best = answer(SpanRanker(score=1.0, again=1.0))
    assert best.text == "Tom Reed"
    # Both ends have logits of 4, in the passage and beside the other, and "no answer" has 0.
    assert best.score == 16.0
    assert dict(zip(EVIDENCE, best.evidence, strict=True))["again"] == 8.0


def test_of_chunks_that_are_read_alike_the_one_that_speaks_of_the_question_is_chosen(
    tokenizer: Tokenizer,
) -> None:
    other = hit("The lamp of Mole End was lit by Tom Reed.", "b.txt")
    own = hit("The lamp of Gull Rock was lit by Ada Moor.", "c.txt")

    def answer(**weights: float) -> str:
        ranking = SpanRanker(score=1.0, **weights)
        reader = pointing(tokenizer, "ada moor", "tom reed", ranking=ranking)
        return reader.read("Who lit the lamp of Gull Rock?", [other, own]).answer[0].text

    assert answer() == "Tom Reed"
    for weights in ({"coverage": 1.0}, {"sentence": 1.0}, {"pairs": 1.0}, {"likeness": 1.0}):
        assert answer(**weights) == "Ada Moor"


def test_what_the_ranking_weighs_is_known_by_name() -> None:
    text = "The lamp of Gull Rock was lit by Ada Moor. Jane never paid Tom Reed."
    chunk = Chunk("c", "c.txt", "", "text", (), None, 7, 7 + len(text), text)
    own = ScoredChunk(chunk, score=0.5, dense=0.25, lexical=3.0)
    start = 7 + text.index("Tom Reed")
    place = Span(start, start + len("Tom Reed"))
    one = Candidate(own, place, score=8.0, null=1.0, again=6.0, again_null=7.5)
    other = replace(one, again_null=2.0)
    support = Support("Who paid Tom for Mole End?", [own, replace(hit("Gulls."), lexical=6.0)])
    names = [field.name for field in fields(SpanRanker)]
    first, second = (
        dict(zip(names, map(float, row), strict=True))
        for row in span_features([one, other], support, [0.75, 0.5])
    )
    # Paid, Tom, Mole and End: two are said. Of five pairs, one is.
    half = pytest.approx(2 * math.log(2) / (2 * math.log(2) + 2 * math.log(3)))
    assert first.pop("coverage") == half
    assert first == {
        "score": 8.0, "beats_null": 7.0, "dense": 0.25, "lexical": 0.5,
        "again": 6.0, "again_beats_null": -1.5, "sentence": first["sentence"],
        "pairs": 0.2, "likeness": 0.75,
    }  # fmt: skip
    assert 0.3 < first["sentence"] < 0.5
    assert second["again_beats_null"] == 0  # how far it is above says no more


def test_a_candidate_is_as_like_the_question_as_its_sentence_is() -> None:
    text = "The lamp of Gull Rock was lit by Ada Moor. Jane never paid Tom Reed.\nOthers did."
    chunk = hit(text, start=7)

    def candidate(words: str) -> Candidate:
        start = 7 + text.index(words)
        return Candidate(chunk, Span(start, start + len(words)), 1.0, 0.0, 1.0, 0.0)

    ada, gull, tom, others = map(candidate, ("Ada Moor", "Gull Rock", "Tom Reed", "Others"))
    question = "Who lit the Rock?"
    support, embedder = Support(question, [chunk]), Alike()
    found = likeness(question, [ada, gull, tom, others], [ada, tom], support, embedder)
    # Gull Rock stands in a sentence that is embedded already; Others has the cosine of its chunk.
    assert found == pytest.approx([1.0, 1.0, 0.6, 0.5])


def test_ten_candidates_are_weighed_at_most() -> None:
    text = " ".join(f"Lamp{number:02}." for number in range(30))
    found = [
        Candidate(hit(text), Span(7 * n, 7 * n + 6), float(n), 0.0, float(n), 0.0)
        for n in range(30)
    ]
    assert [c.score for c in apart(found)] == [float(n) for n in range(29, 19, -1)]


def test_only_the_likeliest_sentences_are_read_again(tokenizer: Tokenizer) -> None:
    model = Comparing(tokenizer, ["ada moor", "tom reed"], 384)
    text = "\n".join(f"Ada Moor kept lamp {number} on the rock." for number in range(12))
    chunks = [hit("Tom Reed kept none.", "a.txt"), hit(text, "b.txt", start=7)]
    found = candidates(read_windows(model, "Who?", chunks))
    seen = [c for c in reread(model, "Who?", found) if c.text in ("Ada Moor", "Tom Reed")]
    assert [c.again for c in seen] == [8.0, *[-10.0] * 7, *[8.0] * 5]
    assert {c.score for c in seen} == {8.0}


def test_no_answer_runs_over_the_end_of_a_line(tokenizer: Tokenizer) -> None:
    window, *_ = Windows(tokenizer).cut("Who?", "Ada\nMoor")
    starts, ends = (np.zeros(len(window.ids), np.float32) for _ in range(2))
    starts[window.first], ends[window.first + 1] = 9.0, 9.0
    found = candidates([ReadWindow(hit("Ada\nMoor"), window, (starts, ends))])
    assert {candidate.text for candidate in found} == {"Ada", "Moor"}


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("kept by (Ada Moor).", "(Ada Moor", "(Ada Moor)"),
        ("kept by (Ada Moor).", "Ada Moor)", "Ada Moor"),
        ("it is “new”, they say", "“new", "“new”"),
        ('the "lamp" burns', 'lamp"', "lamp"),
        ("in 1887, then", " 1887, ", "1887"),
        ("costs .5 crowns", ".5", ".5"),
        ("he worked at Moor Inc. then", "Moor Inc.", "Moor Inc."),
        ("f(x) is a function", "f(x", "f(x)"),
        ("nothing: (, )", "(, )", None),
    ],
)
def test_ends_are_trimmed_to_the_words(text: str, words: str, expected: str | None) -> None:
    start = text.index(words)
    span = trimmed(text, Span(start, start + len(words)))
    assert (text[span.start : span.end] if span else None) == expected


@given(text=st.text(alphabet='ab ()[]“”",.:', max_size=30), data=st.data())
def test_trimming_ends_and_leaves_no_blanks(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = trimmed(text, Span(start, end))
    if span:
        words = text[span.start : span.end]
        assert words == words.strip() != ""
        assert start <= span.start < span.end <= min(end + 1, len(text))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who lit the lamp?", "fact"),
        ("How many keepers were there?", "fact"),
        ("How old is the lamp?", "fact"),
        ("Why was oil burnt?", "explanation"),
        ("How did the keepers get their oil?", "explanation"),
        ("Which three keepers were there?", "list"),
        ("What are the duties of a keeper?", "list"),
        ("What is a vector index?", "explanation"),
        ("What are the Two Sessions?", "explanation"),
        ("What are the sessions?", "list"),
        ("What’s catch-up mode?", "explanation"),
        ("what are tariffs", "explanation"),
        ("What does calibration mean?", "explanation"),
        ("What is the meaning of Eid?", "explanation"),
        ("Who is Bao Yu?", "explanation"),
        ("Who is the keeper?", "fact"),
        ("What is the price of oil?", "fact"),
        ("What is Ada's job?", "fact"),
        ("What is located there?", "fact"),
        ("What is required?", "fact"),
        ("What is lit by the keeper?", "fact"),
    ],
)
def test_what_is_asked_for(question: str, expected: str) -> None:
    assert question_type(question) == expected
    assert how_many("Which three keepers?", 8) == 3
    assert how_many("Which keepers?", 8) == 8


@pytest.fixture(scope="module")
def hub_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny question-answering model with random weights, as it would come from a hub."""
    folder = tmp_path_factory.mktemp("hub") / "tiny-qa"
    torch.manual_seed(7)
    BertForQuestionAnswering(
        BertConfig(
            hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
            vocab_size=30522,
        )
    ).save_pretrained(folder)  # fmt: skip
    shutil.copy(bundled_path() / "tokenizer.json", folder)
    return folder


def test_a_hub_model_takes_the_same_seat_by_its_folder(
    hub_model: Path, embedder: SentenceTransformerEmbedder
) -> None:
    reader, calibrations, is_borrowed = open_reader(str(hub_model), embedder)
    assert is_borrowed
    reading = reader.read("Who lit the lamp?", [hit(TEXT)])
    assert reader.identity.startswith("tiny-qa@")
    assert reading.answer[0].text in TEXT
    assert 0 <= calibrations["span"].confidence(reading.answer[0].evidence) <= 1
    again = open_reader(str(hub_model), embedder)
    assert again.reader.read("Who lit the lamp?", [hit(TEXT)]) == reading


def test_borrowed_confidence_is_said_to_be(
    hub_model: Path,
    harbour: Path,
    open_assistant: Callable[..., Assistant],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = harbour.parent / "index"
    open_assistant(index).ingest(harbour)
    command = ["ask", "Who lit the lamp?", "--index", str(index)]
    assert "not fitted" not in CliRunner().invoke(app, command).stderr
    monkeypatch.setenv("AIQA_READER", str(hub_model))
    assert "confidence was not fitted to the reader" in CliRunner().invoke(app, command).stderr
    assistant = open_assistant(index, reader=str(hub_model))
    assert not assistant.is_calibrated
    assistant.keep_calibrations(assistant.brought_calibrations)
    assert assistant.is_calibrated


def test_a_model_of_pickles_is_not_loaded(
    hub_model: Path, tmp_path: Path, embedder: SentenceTransformerEmbedder
) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(hub_model, folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(DependencyError, match=r"model\.safetensors"):
        open_reader(str(folder), embedder)


def test_a_reader_that_is_not_there_is_named(embedder: SentenceTransformerEmbedder) -> None:
    with pytest.raises(DependencyError, match="deepset/roberta"):
        open_reader("deepset/roberta-base-squad2", embedder)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "tokenizer.json", tmp_path)
    whole = bytearray((FOLDER / "reader.onnx").read_bytes())
    whole[len(whole) // 2] ^= 1
    (tmp_path / "reader.onnx").write_bytes(whole)
    digest = json.loads((FOLDER / FITTED).read_text("utf-8"))["weights_sha256"]
    with pytest.raises(DependencyError, match="not the ones aiqa was made with"):
        OnnxModel("aiqa-reader", tmp_path / "reader.onnx", digest)


def test_how_much_is_covered_is_the_same_in_every_process() -> None:
    script = (
        "from aiqa.reader.features import shares\n"
        f"text = {TEXT!r}\n"
        "print(shares(text, [text[:n] for n in range(20, len(text), 7)]))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in map(str, range(5))
    }
    assert len(told) == 1
