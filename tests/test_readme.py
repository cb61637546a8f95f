"""The examples of README and docs run, and their tables and commands say what is so."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.main import get_command

from aiqa import Settings
from aiqa.cli.main import app
from aiqa.evaluation import EvalExample
from tests.conftest import CORPUS, ROOT

DOCS = ROOT / "docs" / "pages"
MODEL_CARD = ROOT / "src" / "aiqa" / "reader" / "model" / "MODEL_CARD.md"
PAGES = {
    path: path.read_text("utf-8")
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
}
README = PAGES[ROOT / "README.md"]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_the_python_examples_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corpus").symlink_to(CORPUS)
    monkeypatch.chdir(tmp_path)
    examples = [example for page in PAGES.values() for example in blocks(page, "python")]
    assert len(examples) == 10
    for example in examples:
        exec(example, {})  # noqa: S102 - our own pages
    shown = capsys.readouterr().out
    assert "Liang Wenfeng" in shown
    assert "The documents don't say." in shown
    assert "shanghai-ai-expo.html" in shown
    assert "Who makes SenseRobot?" in shown
    assert "30 April 2027" in shown
    for framework in ("Haystack", "LangChain", "LlamaIndex"):
        assert re.search(rf"{framework}: .*Liang Wenfeng", shown)


def test_the_gold_example_follows_the_format() -> None:
    (example,) = blocks(PAGES[DOCS / "evaluation.md"], "json")
    assert EvalExample.model_validate_json(example).answerable


def test_the_settings_table_gives_every_setting_and_its_default() -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", PAGES[DOCS / "quickstart.md"], re.MULTILINE)
    told = {
        name: value.strip("` ")
        for names, values in rows
        for name, value in zip(re.findall(r"`(\w+)`", names), values.split(","), strict=False)
    }
    for name, field in Settings.model_fields.items():
        assert name in told
        default = field.default
        assert told[name] == (f"{default:g}" if isinstance(default, float) else str(default))


def test_the_commands_table_has_every_command() -> None:
    group = get_command(app)
    rows = re.findall(r"^\| (`aiqa .*?) \|", PAGES[DOCS / "quickstart.md"], re.MULTILINE)
    told = set(re.findall(r"`aiqa ([\w-]+)", " ".join(rows)))
    assert told == set(group.list_commands(None))  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "evaluation.md"])
def test_the_figures_are_those_of_the_stored_run(page: Path) -> None:
    stored = json.loads((ROOT / "eval" / "results" / "gold-test" / "run.json").read_text("utf-8"))
    figures = stored["figures"]["values"]
    told = "\n".join(line for line in PAGES[page].splitlines() if line.startswith("|"))
    for names in (
        ["recall@1", "recall@5", "recall@20"],
        ["em", "f1"],
        ["answered", "abstained"],
        ["shown_right"],
        ["auroc"],
        ["verbatim"],
    ):
        assert "| " + " / ".join(f"{figures[name]:.2f}" for name in names) + " |" in told


@pytest.mark.parametrize(
    "page", [DOCS / "evaluation.md", ROOT / "src/aiqa/reader/model/MODEL_CARD.md"]
)
def test_the_readers_figures_are_those_that_were_fitted(page: Path) -> None:
    stored = json.loads((ROOT / "eval" / "results" / "reader.json").read_text("utf-8"))
    told = page.read_text("utf-8")
    for reader in ("aiqa-reader", "aiqa-reader-small"):
        for collection, found in stored[reader].items():
            shown = found["shown"][str(stored["min_confidence"])]
            cells = [
                f"{found['em']:.2f} / {found['f1']:.2f}",
                f"{found['right']:.2f}",
                f"{shown['right']:.2f} / {shown['wrong']:.2f}",
            ]
            assert f"| `{reader}` | `{collection}` | {' | '.join(cells)} |" in told


def test_the_commands_exist() -> None:
    """Subcommands and options of ``aiqa``, targets of ``make``, modules of ``python -m``."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES.values():
        script = "\n".join(blocks(page, "sh")).replace("\\\n", " ")
        told = script + "\n" + "\n".join(re.findall(r"`([^`\n]+)`", page))
        for target in re.findall(r"^make ([a-z-]+)", told, re.MULTILINE):
            assert target in targets
        for module in re.findall(r"python -m ([\w.]+)", told):
            assert module == "venv" or module in GONE or find_spec(module)
        for line in re.findall(r"(?:^|&& |\w )aiqa ([a-z].*)", script, re.MULTILINE):
            check(line.partition("#")[0].split("&&")[0].split())


GONE = {"eval.reader"}
"""Modules that pages name to say that they are gone."""


def check(words: list[str]) -> None:
    command = get_command(app)
    # Commands below others are imported when they are asked for.
    while words and (below := getattr(command, "get_command", None)):
        found = below(None, words[0])
        if found is None:  # `aiqa eval GOLD`
            found = below(None, "run")
        else:
            words.pop(0)
        command = found
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
