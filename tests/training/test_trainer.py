"""Training: runs that a break does not change, four bits, teachers, and parts of steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from aiqa.reader.windows import Windows
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example
from aiqa.training.model import ReaderModel
from aiqa.training.quantization import decode_blocks, encode_blocks, keep_rounded_weights
from aiqa.training.recipe import TrainingConfig
from aiqa.training.trainer import Trainer
from tests.training.samples import TEXT, asked, tiny_model

EXAMPLES = [
    with_evidence(replace(asked(f"Who kept lamp {n}?", TEXT, "Tom Reed"), heading="Lamps"))
    for n in range(16)
]
CONFIG = TrainingConfig(rate=3e-3, passes=1.5, word_pieces=300, four_bits=0.5, seed=3)

State = dict[str, torch.Tensor]


class BreakError(Exception):
    """A run that is broken off."""


def trained(
    folder: Path,
    windows: Windows,
    config: TrainingConfig = CONFIG,
    *,
    stop_after: int = 0,
    examples: list[Example] = EXAMPLES,
    **options: Any,
) -> tuple[ReaderModel, list[dict[str, float]]]:
    """A model trained by ``config``, and its reports; broken off after ``stop_after`` steps."""
    model = tiny_model()
    reports: list[dict[str, float]] = []

    def report(figures: dict[str, float]) -> None:
        reports.append(figures)
        if stop_after and figures["step"] >= stop_after:
            raise BreakError

    trainer = Trainer(model, windows, config, folder, every=1, checkpoint_s=0, **options)
    if stop_after:
        with pytest.raises(BreakError):
            trainer.train(examples, report)
    else:
        trainer.train(examples, report)
    return model, reports


def same(one: ReaderModel, two: ReaderModel) -> bool:
    first, second = one.state_dict(), two.state_dict()
    return first.keys() == second.keys() and all(
        torch.equal(v, second[n]) for n, v in first.items()
    )


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, windows: Windows
) -> tuple[ReaderModel, list[dict[str, float]]]:
    """A run without a break."""
    return trained(tmp_path_factory.mktemp("whole"), windows)


def test_a_course_takes_its_steps_and_repeats_exactly(
    whole: tuple[ReaderModel, list[dict[str, float]]], tmp_path: Path, windows: Windows
) -> None:
    model, reports = whole
    assert [r["step"] for r in reports] == [*range(1, len(reports) + 1)]
    assert reports[-1]["step"] == reports[-1]["steps"]
    once = trained(tmp_path / "once", windows, CONFIG.model_copy(update={"passes": 1.0}))[1]
    assert len(reports) == pytest.approx(1.5 * len(once), abs=1)
    assert reports[-1]["loss"] < reports[0]["loss"]
    again, _ = trained(tmp_path / "again", windows)
    assert same(model, again)
    other, _ = trained(tmp_path / "other", windows, CONFIG.model_copy(update={"seed": 4}))
    assert not torch.equal(other.tokens.weight, model.tokens.weight)


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_a_break_before_or_after_four_bits_begin_changes_no_weight(
    share: float,
    whole: tuple[ReaderModel, list[dict[str, float]]],
    tmp_path: Path,
    windows: Windows,
) -> None:
    model, reports = whole
    stop = round(share * len(reports))
    trained(tmp_path, windows, stop_after=stop)
    resumed, rest = trained(tmp_path, windows)
    assert rest[0]["step"] == stop + 1
    assert same(model, resumed)
    finished, nothing = trained(tmp_path, windows)
    assert not nothing
    assert same(model, finished)


def test_another_course_begins_anew(tmp_path: Path, windows: Windows) -> None:
    trained(tmp_path, windows, stop_after=2)
    _, reports = trained(tmp_path, windows, CONFIG.model_copy(update={"rate": 1e-3}))
    assert reports[0]["step"] == 1


def test_what_was_trained_in_four_bits_is_encoded_exactly(
    whole: tuple[ReaderModel, list[dict[str, float]]],
) -> None:
    model = tiny_model()
    model.load_state_dict(_settled(whole[0]))
    linears = [m for m in model.encoder.modules() if isinstance(m, torch.nn.Linear)]
    assert len(linears) == 6
    for linear in linears:
        weight = linear.weight.detach()
        assert torch.equal(decode_blocks(*encode_blocks(weight), weight.shape), weight)
    heads = model.tokens.weight.detach()
    assert not torch.equal(decode_blocks(*encode_blocks(heads), heads.shape), heads)


def _settled(model: ReaderModel) -> State:
    other = tiny_model()
    from aiqa.training.quantization import quantise_linears

    quantise_linears(other.encoder)
    other.load_state_dict(model.state_dict())
    keep_rounded_weights(other.encoder)
    return other.state_dict()


def test_steps_in_parts_learn_alike(tmp_path: Path, windows: Windows) -> None:
    config = CONFIG.model_copy(update={"dropout": 0.0, "passes": 2.0, "word_pieces": 600})
    whole, reports = trained(tmp_path / "whole", windows, config)
    parts, others = trained(tmp_path / "parts", windows, config, at_once=120)
    assert len(reports) == len(others)
    # All windows are alike, so that the parts' mean is the whole's.
    for one, two in zip(reports, others, strict=True):
        assert two["loss"] == pytest.approx(one["loss"], rel=0.02)
    assert not same(whole, parts)


def test_a_course_may_be_bounded_by_time(tmp_path: Path, windows: Windows) -> None:
    config = CONFIG.model_copy(update={"passes": 10_000.0, "seconds": 0.5, "four_bits": None})
    _, reports = trained(tmp_path, windows, config, examples=EXAMPLES[:4])
    assert 0 < reports[-1]["step"] < reports[-1]["steps"]
    _, more = trained(tmp_path, windows, config, examples=EXAMPLES[:4])
    assert not more  # the time is spent, a break does not give it anew


def test_a_reader_comes_to_say_what_its_teacher_says(tmp_path: Path, windows: Windows) -> None:
    teacher = tiny_model("mpnet", seed=5).eval()
    with torch.no_grad():
        teacher.tokens.weight *= 20  # so that it has opinions
        teacher.window.weight *= 20
    config = TrainingConfig(
        rate=3e-3, passes=20, word_pieces=800, dropout=0.0, taught=1.0, typed=False
    )
    _, reports = trained(tmp_path, windows, config, teacher=teacher)
    assert reports[-1]["loss"] < 0.6 * reports[0]["loss"]


def test_forgetting_leaves_nothing_to_resume_from(tmp_path: Path, windows: Windows) -> None:
    trainer = Trainer(tiny_model(), windows, CONFIG, tmp_path, checkpoint_s=0)
    trainer.train(EXAMPLES[:4], lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]
    trainer.delete_checkpoint()
    assert not [*tmp_path.iterdir()]


def test_the_rate_rises_and_falls(tmp_path: Path, windows: Windows) -> None:
    rates = rates_of(Trainer(tiny_model(), windows, CONFIG, tmp_path), steps=4000)
    top = max(rates)
    assert top == CONFIG.rate
    assert rates[0] == pytest.approx(CONFIG.rate / 100)
    assert rates.index(top) == 99  # a share of 0.06 would be 240 steps
    assert rates == sorted(rates[:100]) + sorted(rates[100:], reverse=True)
    assert rates[-1] < CONFIG.rate / 1000


def rates_of(trainer: Trainer, steps: int) -> list[float]:
    rate: Callable[[float, int], float] = trainer._rate
    return [rate(number / steps, number) for number in range(steps)]
