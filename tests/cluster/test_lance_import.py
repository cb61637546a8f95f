"""What Lance logs while aiqa uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import Open

MAINTAIN = """
import sys
from aiqa.cli import main
from aiqa.cluster import vector_lists
vector_lists._INDEXED_FROM, vector_lists._LEAST_IN_LIST = 1, 1
sys.argv = ["aiqa", "maintain", "--rebuild", "--index", *sys.argv[1:]]
main()
"""
"""`aiqa maintain`, which makes lists of vectors also where there are few."""


def test_warnings_of_lance_are_shown_only_to_those_who_ask_for_them(
    cluster: str, tmp_path: Path, open_assistant: Open
) -> None:
    # The same passage again and again: nearly all lists of vectors are empty.
    passage = "The Petrel carried tea and a little salt to the harbour of Leith. " * 10
    (tmp_path / "log.txt").write_text("\n\n".join([passage] * 30))
    open_assistant(cluster, reader="sentences").ingest(tmp_path / "log.txt")
    environment = {name: value for name, value in os.environ.items() if name != "LANCE_LOG"}
    assert not maintained(cluster, environment).strip()
    assert "WARN" in maintained(cluster, {**environment, "LANCE_LOG": "warn"})


def maintained(cluster: str, environment: dict[str, str]) -> str:
    """Maintain the index and return what is printed beside the outcome."""
    run = subprocess.run(
        [sys.executable, "-c", MAINTAIN, cluster],
        capture_output=True, check=True, text=True, env=environment,
    )  # fmt: skip
    return run.stderr
