"""Whether our exact match and F1 agree with SQuAD's own script, on a run over a real set.

``python -m eval.agreement SCRIPT RUN``

SCRIPT is ``evaluate-v1.1.py`` as SQuAD's authors publish it, RUN the folder of a finished
``aiqa eval``. The script is given the run's questions and answers as it wants them; what it prints
is set beside the run's figures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from aiqa.evaluation.run_store import Run


def main() -> None:
    """Print both, and fail if they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", type=Path)
    parser.add_argument("run", type=Path)
    options = parser.parse_args()
    run = Run.load(options.run)
    rows = [row for row in run.rows if row.question.answers]
    asked = [
        {"id": row.question.id, "answers": [{"text": text} for text in row.question.answers]}
        for row in rows
    ]
    data = {"version": "1.1", "data": [{"paragraphs": [{"qas": asked}]}]}
    answers = {row.question.id: row.answer.text or "" for row in rows}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data.json").write_text(json.dumps(data), "utf-8")
        (folder / "answers.json").write_text(json.dumps(answers), "utf-8")
        done = subprocess.run(  # noqa: S603  # the script that was named
            [sys.executable, options.script, folder / "data.json", folder / "answers.json"],
            check=True,
            capture_output=True,
            text=True,
        )
    theirs = json.loads(done.stdout)
    ours = {"exact_match": run.figures.values["em"], "f1": run.figures.values["f1"]}
    agree = True
    for measure, value in ours.items():
        agree &= value is not None and abs(100 * value - theirs[measure]) < 1e-6  # noqa: PLR2004
        print(f"{measure}: ours {100 * (value or 0):.6f}, theirs {theirs[measure]:.6f}")
    print(f"{len(rows)} rows; {'they agree' if agree else 'THEY DIFFER'}")
    sys.exit(not agree)


if __name__ == "__main__":
    main()
