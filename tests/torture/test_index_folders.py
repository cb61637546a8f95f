"""Index folders from strangers: each is read, rebuilt or refused, and nothing worse happens.

``AIQA_TORTURE_INDEX`` mutants (100 by default, 2000 in ``make torture``); see ``index_mutants``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

COUNT = int(os.environ.get("AIQA_TORTURE_INDEX", "100"))


def test_mutated_index_folders_are_answered_from_or_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.index_mutants", str(tmp_path), "0", str(COUNT)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = done.stdout.split()
    assert done.returncode == 0, f"Mutant {told[-1:]}: {done.returncode}\n{done.stderr}"
    assert told[::2] == [str(number) for number in range(COUNT)]
    assert set(told[1::2]) == {"answered", "refused"}
