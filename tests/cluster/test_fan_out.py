"""The simulation of searches by many shards: what can be told without it comes out of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from eval.benchmarks.fan_out import Scenario, Times, simulate

ALIKE = Times(search=np.array([20.0]), call=1.0, send=0.1, merge=0.05)
CHANCE = np.random.default_rng(1)
VARIED = replace(ALIKE, search=np.concatenate([CHANCE.uniform(15, 25, 970), np.full(30, 200.0)]))


def run(scenario: Scenario, times: Times = VARIED, seed: int = 5) -> dict[str, float]:
    return simulate(scenario, times, 1500, seed)


def test_the_same_seed_gives_the_same_figures() -> None:
    scenario = Scenario(8, load=0.3, lost=0.125, patience_ms=30)
    assert run(scenario) == run(scenario)
    assert run(scenario) != run(scenario, seed=6)


def test_searches_that_are_alike_and_meet_nobody_take_the_sum_of_their_parts() -> None:
    found = run(Scenario(64, load=1e-6), ALIKE)
    # The last of 64 calls is sent after 6.4 ms, and 64 lists are merged.
    assert found["p50_ms"] == found["p99_ms"] == pytest.approx(6.4 + 20 + 1 + 64 * 0.05, abs=0.06)
    assert found["asked_twice"] == found["refused"] == 0


def test_slow_searches_are_met_by_nearly_every_question_that_many_shards_answer() -> None:
    few, many = (run(Scenario(count, load=0.01)) for count in (1, 64))
    assert few["p50_ms"] < 30
    # 3 % of searches are slow: 0.97 ** 64 = 14 % of the questions meet none.
    assert many["p50_ms"] > 200
    hedged = run(Scenario(64, load=0.01, patience_ms=40))
    assert hedged["p50_ms"] < 80
    assert hedged["asked_twice"] == pytest.approx(0.03, abs=0.01)


def test_a_lost_replica_costs_the_time_limit_once_and_refuses_nothing() -> None:
    whole, broken = (run(Scenario(8, 0.05, lost), ALIKE) for lost in (0.0, 1.0))
    assert broken["refused"] == 0
    assert whole["p50_ms"] == broken["p50_ms"]
    assert broken["asked_twice"] > 0
    # Whichever is asked first then rests for half a minute, which is most of the time.
    assert broken["asked_twice"] < 0.1


def test_replicas_that_are_too_busy_let_questions_wait() -> None:
    calm, busy = (run(Scenario(8, load), ALIKE)["p95_ms"] for load in (0.1, 0.8))
    assert busy > 1.5 * calm
