"""How many contradictions between documents are found, and how many are reported falsely.

``python -m eval.benchmarks.conflicts [--gold GOLD --index INDEX] [--verbose]``

Asks the questions of ``eval/conflicts``: of each pair of small documents in ``planted.jsonl`` the
two contradict each other (a conflict is *found* if ``Answer.positions`` has both values), of each
in ``near_misses.jsonl`` they do not (any conflict is *false*). Only the two documents of a pair
are searched. The rules were chosen on the splits ``train`` and ``dev``; ``test`` was held out.

With ``--gold`` the questions of a gold set are asked of an index, too, whose documents hardly
contradict each other; ``--verbose`` prints what is reported, to be checked by reading.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from aiqa import Answer, Assistant, Filters
from aiqa.evaluation import load_dataset

PAIRS = Path(__file__).parents[1] / "conflicts"
SPLITS = ("train", "dev", "test")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, help="a gold set to ask, too")
    parser.add_argument("--index", default="index", help="the index that it is asked of")
    parser.add_argument("--verbose", action="store_true", help="print what is missed or reported")
    options = parser.parse_args()
    planted, near_misses = (_pairs(name) for name in ("planted", "near_misses"))
    with (
        tempfile.TemporaryDirectory() as folder,
        Assistant.open(Path(folder, "index")) as assistant,
    ):
        _ingest(assistant, Path(folder, "documents"), [*planted, *near_misses])
        found = _reported(assistant, planted, verbose=options.verbose)
        false = _reported(assistant, near_misses, verbose=options.verbose)
    for split in SPLITS:
        of, among = (sum(p["split"] == split for p in pairs) for pairs in (planted, near_misses))
        print(f"{split:6} found {found[split]} of {of}, false {false[split]} of {among}")
    if options.gold:
        _ask_gold(options.index, options.gold, verbose=options.verbose)


def _pairs(name: str) -> list[dict[str, Any]]:
    lines = (PAIRS / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _ingest(assistant: Assistant, folder: Path, pairs: list[dict[str, Any]]) -> None:
    for pair in pairs:
        (folder / pair["id"]).mkdir(parents=True)
        for name, text in pair["documents"].items():
            (folder / pair["id"] / name).write_text(text + "\n", "utf-8")
    assistant.ingest(folder)


def _reported(assistant: Assistant, pairs: list[dict[str, Any]], *, verbose: bool) -> Counter[str]:
    """Count the pairs of each split for which a conflict is reported, with the planted values."""
    reported: Counter[str] = Counter()
    for pair in pairs:
        answer = assistant.ask(pair["question"], filters=Filters(sources=(f"*/{pair['id']}/*",)))
        is_right = len(_documents(answer)) > 1 if "values" in pair else answer.conflicts
        reported[pair["split"]] += is_right
        if verbose and is_right != ("values" in pair):
            print(f"  {pair['id']} {pair['question']} {_told(answer)}")
    return reported


def _documents(answer: Answer) -> set[str]:
    """Return the documents that an answer sets against each other."""
    return {position.citations[0].document_id for position in answer.positions}


def _ask_gold(index: str, gold: Path, *, verbose: bool) -> None:
    questions = load_dataset(gold).questions
    reported = 0
    with Assistant.open(index) as assistant:
        for question in questions:
            answer = assistant.ask(question.question)
            reported += answer.conflicts
            if verbose and answer.conflicts:
                print(f"  {question.id} {question.question} {_told(answer)}")
    print(f"{gold}: a conflict is reported for {reported} of {len(questions)} questions")


def _told(answer: Answer) -> str:
    values = [f"{position.text} ({position.citations[0].source})" for position in answer.positions]
    return f"{answer.outcome}: {'; '.join(values)}"


if __name__ == "__main__":
    main()
