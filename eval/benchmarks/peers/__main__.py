"""aiqa, Haystack and txtai: the same passages, questions, embedder and reader, on one machine.

``python -m eval.benchmarks.peers FILE [--passages N] [--questions N] [--rounds N]``

FILE has rows with a context each, as SQuAD's. Each system has its own defaults; aiqa also reads,
with the small reader alone, as many passages as each of the others. Each runs in an environment of
its own, made in ``--venvs`` at the first time from the versions pinned beside this file, and is run
``--rounds`` times in turn, forwards and backwards, so that a busy moment of the machine falls on no
one alone. The table is printed and kept in
eval/results/peers.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from eval.benchmarks import startup
from eval.benchmarks.peers.measuring import CALLERS

from aiqa.embedders import bundled_path
from aiqa.evaluation import load_dataset
from aiqa.evaluation.metrics.answers import exact_match, token_f1
from aiqa.training.model import ReaderModel
from aiqa.training.onnx_import import PACKAGED_READERS, unpack

HERE = Path(__file__).parent
RESULTS = Path("eval/results/peers.json")
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "TOKENIZERS_PARALLELISM": "false",
}
SMALL = {"AIQA_READER": "aiqa-reader-small"}
SYSTEMS: dict[str, tuple[str, dict[str, str]]] = {
    "aiqa": ("aiqa", {}),
    "aiqa, small reader, 10 passages": ("aiqa", {**SMALL, "AIQA_READ_CHUNKS": "10"}),
    "aiqa, small reader, 3 passages": ("aiqa", {**SMALL, "AIQA_READ_CHUNKS": "3"}),
    "haystack": ("haystack", {}),
    "txtai": ("txtai", {}),
}
"""Each row of the table: the product that answers and its settings in the environment.

Haystack reads ten passages and txtai three by default; aiqa reads as many with the same weights.
"""

COLD = 3
"""How often each product is started anew; the median is told."""

Item = TypeVar("Item")


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--passages", type=int, default=300)
    parser.add_argument("--questions", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--venvs", type=Path, default=Path(".venv-peers"))
    given = parser.parse_args()
    os.environ.update(OFFLINE)
    pythons = {product: python(product, given.venvs) for product, _ in SYSTEMS.values()}
    with TemporaryDirectory() as name:
        folder = Path(name)
        gold = write_work(given.file, given.passages, given.questions, folder)
        runs: dict[str, list[dict[str, Any]]] = {system: [] for system in SYSTEMS}
        for number in range(given.rounds):
            for system in SYSTEMS if number % 2 == 0 else reversed(SYSTEMS):
                print(f"round {number + 1}: {system}", file=sys.stderr, flush=True)
                product, settings = SYSTEMS[system]
                runs[system].append(run(product, pythons[product], folder, settings))
        cold: dict[str, list[float]] = {product: [] for product in pythons}
        for _ in range(COLD):
            for product, interpreter in pythons.items():
                command = cold_command(product, interpreter, folder)
                cold[product].append(startup.measured(command)["seconds"])
    table = {system: figures(found, gold) for system, found in runs.items()}
    told = {
        "set": given.file.name.split(".")[0],
        "passages": given.passages,
        "questions": len(gold),
        "rounds": given.rounds,
        "cold_s": {product: median(seconds) for product, seconds in cold.items()},
        "systems": table,
    }
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(markdown(table))
    print("\nFrom the start of a process to its first answer:")
    for product, seconds in told["cold_s"].items():
        print(f"{product} {seconds:.2f} s")


def cold_command(product: str, interpreter: Path, folder: Path) -> list[str]:
    """Return what answers one question in a new process: aiqa from an index that it made before.

    The others keep their passages in memory, so they take in a single one first.
    """
    work = json.loads((folder / "work.json").read_text("utf-8"))
    if product != "aiqa":
        file = folder / "cold.json"
        file.write_text(json.dumps({**work, "passages": work["passages"][:1], "questions": []}))
        module = f"eval.benchmarks.peers.run_{product}"
        return [str(interpreter), "-m", module, str(file), str(folder / "cold-answers.json")]
    index = str(folder / "index")
    if not Path(index).exists():
        documents = folder / "documents"
        documents.mkdir()
        for number, text in enumerate(work["passages"]):
            (documents / f"{number:05d}.txt").write_text(text, "utf-8")
        ingest = ["-m", "aiqa", "ingest", str(documents), "--index", index]
        subprocess.run([interpreter, *ingest], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return [str(interpreter), "-m", "aiqa", "ask", work["warm_up"], "--index", index]


def python(product: str, venvs: Path) -> Path:
    """The interpreter of a product's own environment; this one for aiqa."""
    if product == "aiqa":
        return Path(sys.executable)
    folder = venvs / product
    pinned = HERE / f"{product}.txt"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text("utf-8") != pinned.read_text("utf-8"):
        venv.create(folder, with_pip=True, clear=True)
        install = ["-m", "pip", "install", "--quiet", "-r", str(pinned)]
        subprocess.run([folder / "bin" / "python", *install], check=True)  # noqa: S603 - pinned above
        done.write_text(pinned.read_text("utf-8"), "utf-8")
    return (folder / "bin" / "python").absolute()


def write_question_answering(model: ReaderModel, folder: Path) -> None:
    """Write the small reader's encoder and span head as a Hugging Face question-answering model."""
    from transformers import BertForQuestionAnswering

    spans = BertForQuestionAnswering(model.config)
    spans.bert.load_state_dict(model.encoder.state_dict())
    heads = {name: value[:2] for name, value in model.tokens.state_dict().items()}
    spans.qa_outputs.load_state_dict(heads)
    spans.save_pretrained(folder)


def spread(items: Sequence[Item], most: int) -> Sequence[Item]:
    """Return ``most`` of the items at most, evenly chosen, in order."""
    count = len(items)
    return items if count <= most else [items[i * count // most] for i in range(most)]


def write_work(file: Path, passages: int, questions: int, folder: Path) -> list[Sequence[str]]:
    """Passages, questions and models for every system; returns the accepted answers.

    Evenly chosen passages, and questions that one of them answers.
    """
    gold = load_dataset(file)
    chosen = spread(gold.passages, passages)
    sources = {passage.source for passage in chosen}
    answerable = [q for q in gold.questions if q.answers and q.evidence[0].source in sources]
    asked = spread(answerable, questions)
    write_question_answering(unpack(PACKAGED_READERS["small"]), folder / "reader")
    # The bundled encoder's tokeniser is the reader's too; these are the settings that go with it.
    for path in bundled_path().glob("*token*.json"):
        shutil.copy(path, folder / "reader")
    shutil.copytree(bundled_path(), folder / "embedder")
    work = {
        "passages": [passage.text for passage in chosen],
        "questions": [question.question for question in asked],
        "warm_up": "What is this about?",
        "reader": str(folder / "reader"),
        "embedder": str(folder / "embedder"),
    }
    (folder / "work.json").write_text(json.dumps(work), "utf-8")
    return [question.answers for question in asked]


def run(product: str, interpreter: Path, folder: Path, settings: dict[str, str]) -> dict[str, Any]:
    """One system's answers and times, in a process of its own that reaches no network."""
    out = folder / f"{product}.json"
    subprocess.run(  # noqa: S603 - our own scripts
        [interpreter, "-m", f"eval.benchmarks.peers.run_{product}", folder / "work.json", out],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **settings},
    )
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def figures(runs: Sequence[dict[str, Any]], gold: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Quality of the first run; times of all. An exception is a wrong answer."""
    answers = runs[0]["answers"]
    seconds = [one["seconds"] for run in runs for one in run["answers"]]
    rates = [len(gold) / run["together_s"] for run in runs]
    return {
        "versions": runs[0]["versions"],
        "em": float(
            np.mean([exact_match(a["text"], g) for a, g in zip(answers, gold, strict=True)])
        ),
        "f1": float(np.mean([token_f1(a["text"], g) for a, g in zip(answers, gold, strict=True)])),
        "unanswered": sum(not a["text"] for a in answers),
        "exceptions": sum(a["error"] is not None for a in answers),
        "errors": sorted({a["error"] for a in answers if a["error"]}),
        "latency_ms_p50": float(np.percentile(seconds, 50)) * 1000,
        "latency_ms_p95": float(np.percentile(seconds, 95)) * 1000,
        "ingest_s": median(run["ingest_s"] for run in runs),
        "peak_mib": max(run["peak_bytes"] for run in runs) / 2**20,
        "answers_per_s": median(rates),
        "exceptions_together": runs[0]["together_errors"],
        "other_answers_together": len(gold) - runs[0]["together_same"],
    }


def markdown(table: dict[str, Any]) -> str:
    """The table for people."""
    columns = ("EM", "F1", "no answer", "exceptions", "median", "p95", "ingest", "peak memory")
    lines = [
        f"| | {' | '.join(columns)} | answers/s, {CALLERS} callers |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for system, row in table.items():
        cells = (
            system,
            f"{row['em']:.2f}",
            f"{row['f1']:.2f}",
            f"{row['unanswered']}",
            f"{row['exceptions']}",
            f"{row['latency_ms_p50']:.0f} ms",
            f"{row['latency_ms_p95']:.0f} ms",
            f"{row['ingest_s']:.1f} s",
            f"{row['peak_mib']:,.0f} MiB",
            f"{row['answers_per_s']:.1f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
