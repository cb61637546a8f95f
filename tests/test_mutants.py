"""Damage done on purpose is caught by the gate; ``python -m eval.mutants`` tries all ten."""

from __future__ import annotations

from pathlib import Path

import pytest
from eval.mutants import GATE, MUTANTS, caught, evaluated

LIMIT = 20
"""Enough questions that some are answered wrongly: else to be sure of all is no fault."""


def test_there_are_ten_mutants_and_each_still_fits_the_source(tmp_path: Path) -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 10
    kinds = {mutant.breaks.split(":")[0] for mutant in MUTANTS}
    assert kinds == {"retrieval", "spans", "citations", "calibration"}
    for mutant in MUTANTS:
        mutant.write(tmp_path / mutant.name)


@pytest.fixture(scope="module")
def baseline(corpus_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run by aiqa as it is."""
    folder = tmp_path_factory.mktemp("baseline")
    assert evaluated(corpus_index.parent, folder, LIMIT)[0] == 0
    return folder


def test_what_is_not_broken_passes(corpus_index: Path, baseline: Path, tmp_path: Path) -> None:
    gate = ("--baseline", str(baseline), *GATE)
    code, figures = evaluated(corpus_index.parent, tmp_path / "again", LIMIT, gate=gate)
    assert (code, figures["fell_short"]) == (0, [])


@pytest.mark.parametrize("name", ["worst-first", "overconfident"])
def test_a_mutant_is_caught(corpus_index: Path, baseline: Path, name: str) -> None:
    (mutant,) = (mutant for mutant in MUTANTS if mutant.name == name)
    assert caught(mutant, corpus_index.parent, baseline, LIMIT)
