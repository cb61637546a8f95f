"""Ten thousand mutations of receipts and documents: each is noticed or means the same.

``python -m eval.receipt_mutations [--count 10000] [--seed 1]``

The bundled corpus is indexed, questions of the gold set are asked, and a receipt is issued for
each. Receipts (four of five mutations) and the documents they quote are broken in every way known
here. Each mutant is verified as `aiqa verify` does and by the stand-alone checker. A receipt
*means the same* if its values, in canonical JSON, are those of one that was issued; a document, if
the text that is read from it is the one that was signed. The exit status is 0 only if every mutant
is noticed or means the same, and both checkers judge alike.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from eval.receipt_mutations.trial import Figures, Subject, break_receipts, edit_documents

from aiqa import Assistant

ROOT = Path(__file__).parents[2]
_QUESTIONS = 40


def main() -> int:
    """Run the trial that the command line asks for."""
    options = argparse.ArgumentParser(description="Break receipts, and see that it is noticed.")
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    figures, random = Figures(), Random(given.seed)  # noqa: S311
    with TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.symlink_to(ROOT / "corpus")
        with Assistant.open(Path(folder, "index")) as assistant:
            assistant.ingest(corpus)
            subject = Subject.of(assistant, Path(folder), _questions())
        edit_documents(subject, given.count // 5, random, figures)
        break_receipts(subject, given.count - given.count // 5, random, figures)
    _print(figures, len(subject.receipts))
    return int(bool(figures.failures))


def _questions() -> list[str]:
    lines = (ROOT / "eval" / "gold.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[:_QUESTIONS]]


def _print(figures: Figures, receipts: int) -> None:
    print(f"{figures.count} mutations of {receipts} receipts and of the documents they quote")
    for kind in sorted(figures.noticed.keys() | figures.same.keys()):
        print(f"{kind:50}  noticed {figures.noticed[kind]:5}  same {figures.same[kind]:5}")
    print(f"noticed {figures.noticed.total()}, same {figures.same.total()}")
    for failure in figures.failures:
        print(f"FAILED: {failure}")
    print(f"failures {len(figures.failures)}")


if __name__ == "__main__":
    sys.exit(main())
