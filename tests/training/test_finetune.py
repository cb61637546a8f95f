"""A reader that learns one's own questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aiqa import Assistant
from aiqa.checksums import sha256
from aiqa.cli.main import app
from aiqa.errors import GoldError
from aiqa.evaluation import load_dataset
from aiqa.reader.qa_models import OnnxModel
from aiqa.reader.windows import Windows
from aiqa.training.data.dataset import write_dataset
from aiqa.training.data.examples import Example, Passage
from aiqa.training.finetune import gold_examples, train_on_gold, with_few_passages
from aiqa.training.model import load, reader_tokenizer, save
from aiqa.training.onnx_import import unpack
from aiqa.training.quantization import decode_blocks, encode_blocks
from aiqa.training.run import MODEL
from aiqa.training.validation import validate
from aiqa.types import Span
from tests.training.samples import tiny_model

QUESTION, WANTED = "What did the schooner Petrel come in with?", "with a broken mast"


def row(**changes: object) -> str:
    evidence = [{"source": "docs/log.pdf", "quote": WANTED}]
    kept = {"id": "mast", "question": QUESTION, "answers": ["a broken mast"], "evidence": evidence}
    return json.dumps({**kept, "split": "dev", **changes})


def test_a_reader_learns_from_a_gold_set_what_is_wanted(
    assistant: Assistant, index: Path, tmp_path: Path, windows: Windows
) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(row(), "utf-8")
    save(tiny_model(), tmp_path / "start")
    options = ["--index", str(index), "--out", str(tmp_path / "own"), "--threads", "1"]
    options += ["--start", str(tmp_path / "start")]
    command = ["train", "gold", str(gold), *options, "--passes", "80", "--rate", "2e-3"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0
    said = [json.loads(line) for line in done.stdout.splitlines()]
    folder = tmp_path / "own" / MODEL
    assert said[-1] == {"model": str(folder), "weights": str(folder / "small.onnx")}
    assert said[-2]["loss"] < said[0]["loss"] / 2
    examples = gold_examples(assistant, load_dataset(gold).questions)
    assert validate(load(tmp_path / "start"), windows, examples).em == 0
    assert validate(load(folder), windows, examples).em == 1
    assert validate(unpack(folder / "small.onnx"), windows, examples).em == 1
    checksums = {"small.onnx": sha256(folder / "small.onnx")}
    passage = examples[0].passages[0].text
    (window,) = windows.cut(QUESTION, passage)
    (logits,) = OnnxModel("own", folder, "small.onnx", checksums, windows).logits([window])
    inside = slice(window.first, -1)
    first, last = (window.first + int(v[inside].argmax()) for v in (logits.starts, logits.ends))
    best = window.span(first, last, passage)
    assert passage[best.start : best.end] == "a broken mast"

    gold.write_text(row(evidence=[{"source": "docs/other.txt", "quote": WANTED}]), "utf-8")
    with pytest.raises(GoldError, match="nothing to learn from"):
        CliRunner().invoke(app, command, catch_exceptions=False)


def test_several_gold_sets_are_learned_from_each_with_its_own_index(
    index: Path, tmp_path: Path
) -> None:
    here, elsewhere = tmp_path / "here.jsonl", tmp_path / "elsewhere.jsonl"
    here.write_text(row(), "utf-8")
    elsewhere.write_text(row(evidence=[{"source": "docs/other.txt", "quote": WANTED}]), "utf-8")
    save(tiny_model(), tmp_path / "start")
    options = ["--index", str(index), "--out", str(tmp_path / "own"), "--threads", "1"]
    options += ["--start", str(tmp_path / "start"), "--passes", "1"]
    command = ["train", "gold", str(here), *options, "--further"]
    done = CliRunner().invoke(app, [*command, f"{here}={index}"], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "own" / MODEL / "small.onnx").exists()
    with pytest.raises(GoldError, match="nothing to learn from"):
        CliRunner().invoke(app, [*command, f"{elsewhere}={index}"], catch_exceptions=False)
    refused = CliRunner().invoke(app, [*command, str(here)])
    assert refused.exit_code == 2
    assert "--further" in refused.output


def test_gold_questions_have_what_search_finds_with_evidence_first(
    assistant: Assistant, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    rows = row(tags=["yesno", "polarity:no"]) + "\n" + row(id="b", answers=["thirty metres"])
    gold.write_text(rows, "utf-8")
    words, quote = gold_examples(assistant, load_dataset(gold).questions)
    assert (words.polarity, quote.polarity) == ("no", None)
    assert words.wordings == ["a broken mast"]  # the answer within the quote
    assert quote.wordings == [WANTED]  # all of it, where the answer is worded otherwise
    for example in (words, quote):
        first, *others = example.passages
        assert first.is_answering
        assert first.text[slice(first.evidence[0].start, first.evidence[0].end)].startswith("The")
        assert others
        assert not any(passage.answers for passage in others)


def test_few_passages_are_trained_on_and_some_questions_without_those_that_answer() -> None:
    answering = [Passage(f"right {n}", (Span(0, 5),)) for n in range(2)]
    others = [Passage(f"wrong {n}") for n in range(9)]
    examples = [Example(str(n), "Why?", (*answering, *others)) for n in range(100)]
    found = with_few_passages(examples)
    hidden = [example for example in found if example.id.endswith("-hidden")]
    assert 5 < len(hidden) < 40
    assert not any(passage.answers for example in hidden for passage in example.passages)
    for example in found:
        own, *rest = [p.text for p in example.passages]
        assert (own == "right 0") != example.id.endswith("-hidden")
        assert "wrong 0" in {own, *rest}
        assert len(example.passages) == (2 if example.id.endswith("-hidden") else 3)
    assert len({example.passages for example in found}) > 3  # which one is further varies


def test_what_was_learned_before_is_trained_on_again(index: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(row(), "utf-8")
    write_dataset(
        [Example(str(n), "Who sang?", (Passage("Ann sang.", (Span(0, 3),)),)) for n in range(40)],
        tmp_path / "dataset.xz",
    )
    save(tiny_model(), tmp_path / "start")
    options = ["--index", str(index), "--out", str(tmp_path / "own"), "--threads", "1"]
    options += ["--start", str(tmp_path / "start"), "--rate", "2e-3", "--passes", "10"]
    options += ["--replay", str(tmp_path / "dataset.xz"), "--replayed", "10"]
    CliRunner().invoke(app, ["train", "gold", str(gold), *options], catch_exceptions=False)
    windows = Windows(reader_tokenizer())
    sang = Example("sang", "Who sang?", (Passage("Bob sang.", (Span(0, 3),)),))
    before, after = load(tmp_path / "start"), load(tmp_path / "own" / MODEL)
    assert validate(after, windows, [sang]).f1 > validate(before, windows, [sang]).f1


def test_the_packaged_reader_is_taken_unless_another_is_given(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiqa.training import onnx_import

    save(tiny_model("mpnet"), tmp_path / "folder")
    command = ["train", "export", str(tmp_path / "folder"), "--four-bits"]
    target = tmp_path / "base.onnx"
    CliRunner().invoke(app, [*command, "--out", str(target)], catch_exceptions=False)
    monkeypatch.setitem(onnx_import.PACKAGED_READERS, "base", target)
    gold = tmp_path / "gold.jsonl"
    gold.write_text(row(), "utf-8")
    options = ["--index", str(index), "--out", str(tmp_path / "own"), "--threads", "1"]
    command = ["train", "gold", str(gold), "--size", "base", "--passes", "1", *options]
    CliRunner().invoke(app, command, catch_exceptions=False)
    before, after = unpack(target), unpack(tmp_path / "own" / MODEL / "base.onnx")
    name = "encoder.encoder.layer.0.output.dense.weight"
    weight = after.state_dict()[name]
    assert (weight != before.state_dict()[name]).any()
    assert (decode_blocks(*encode_blocks(weight), weight.shape) == weight).all()


def test_a_run_goes_on_where_it_was_broken_off(
    open_assistant: Callable[..., Assistant], index: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(row(), "utf-8")
    examples = gold_examples(open_assistant(index), load_dataset(gold).questions)
    reports: list[dict[str, float]] = []
    for _ in range(2):
        train_on_gold(
            examples, tiny_model(), tmp_path / "own",
            passes=5, rate=1e-3, on_report=reports.append,
        )  # fmt: skip
    assert [report["step"] for report in reports] == [5]  # the second had nothing left to do
