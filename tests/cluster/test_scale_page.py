"""The figures of the page on clusters are those that were stored."""

from __future__ import annotations

import json
from typing import Any

from eval.benchmarks.cluster_sizes import table

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "pages" / "scale.md").read_text("utf-8")


def stored(name: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((ROOT / "eval" / "results" / name).read_text("utf-8"))
    return kept


def test_searches() -> None:
    for size, figures in stored("cluster_search.json").items():
        for found in figures.values():
            if not isinstance(found, dict) or "local" not in found:
                continue
            here, there = found["local"], found["cluster"]
            row = (
                f"{here['p50_ms']} / {here['p95_ms']} | {there['p50_ms']} / {there['p95_ms']} | "
                f"{here['processor_ms']} / {there['processor_ms']} |"
            )
            assert f"| {int(size.split(',')[0]):,} | " in PAGE
            assert row in PAGE


def test_ingests() -> None:
    for name, found in stored("cluster_ingest.json").items():
        assert f"| {name} | {found['passages_per_s']} | " in PAGE


def test_fan_out() -> None:
    rows = stored("fan_out.json")["rows"]
    assert len(rows) == 24
    for late, row in zip(rows[::2], rows[1::2], strict=True):
        cells = [row["p50_ms"], row["p95_ms"], row["p99_ms"], late["p99_ms"]]
        assert " | ".join(f"{cell:.0f}" for cell in cells) in PAGE


def test_sizes() -> None:
    assert "\n".join(table()) in PAGE
