"""The README's examples run, and its tables say what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from aiqa import Settings
from aiqa.evaluation import EvalExample
from tests.conftest import CORPUS, ROOT

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_examples_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corpus").symlink_to(CORPUS)
    monkeypatch.chdir(tmp_path)
    examples = blocks("python")
    assert len(examples) == 2
    for example in examples:
        scope: dict[str, object] = {}
        exec(example, scope)  # noqa: S102 - our own README
        scope["assistant"].close()  # type: ignore[attr-defined]
    shown = capsys.readouterr().out
    assert "Liang Wenfeng" in shown
    assert "The documents don't say." in shown
    assert "shanghai-ai-expo.html" in shown


def test_the_gold_example_follows_the_format() -> None:
    (example,) = blocks("json")
    assert EvalExample.model_validate_json(example).answerable


def test_the_settings_table_gives_every_setting_and_its_default() -> None:
    table = dict(re.findall(r"^\| (`.*?) \| (.*?) \|", README, re.MULTILINE))
    told = {
        name: value.strip("` ")
        for names, values in table.items()
        for name, value in zip(re.findall(r"`(\w+)`", names), values.split(","), strict=False)
    }
    for name, field in Settings.model_fields.items():
        assert name in told
        default = field.default
        assert told[name] == (f"{default:g}" if isinstance(default, float) else str(default))


def test_the_figures_are_those_of_the_stored_run() -> None:
    stored = json.loads((ROOT / "eval" / "results" / "gold-test" / "run.json").read_text("utf-8"))
    figures = stored["figures"]["values"]
    told = "\n".join(line for line in README.splitlines() if line.startswith("|"))
    for names in (
        ["recall@1", "recall@5", "recall@20"],
        ["em", "f1"],
        ["answered", "abstained"],
        ["citation_precision"],
        ["auroc"],
        ["shown_precision"],
    ):
        assert "| " + " / ".join(f"{figures[name]:.2f}" for name in names) + " |" in told
