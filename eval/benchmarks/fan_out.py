"""How long a search takes that many shards answer: a simulation from measured times.

``python -m eval.benchmarks.fan_out [--questions 4000] [--seed 23]``

It needs no cluster and gives the same figures on every machine: the times that it draws from are
those of eval/results/shard_calls.json, which ``eval.benchmarks.shard_calls`` measures, and chance
is seeded. What is simulated:

- Questions arrive at random (a Poisson process). Each is sent to every shard, one call after the
  other, and is answered when the last shard has answered and the lists are merged.
- A shard has replicas, which take turns. A replica searches one question at a time; the others
  wait. ``load`` is the share of its time that a replica would search if nothing was asked twice.
- The time of each search is drawn from the measured ones, independently of other shards.
- A shard that has not answered ``patience_ms`` after the last call was sent is asked again at its
  other replica, and the earlier answer counts. A search that is no longer needed is not broken off.
- With ``lost``, one replica of this share of the shards stops answering halfway. A replica
  that kept a call waiting for the time limit is not asked for 30 s.
- A question that a shard has not answered after twice the time limit is refused.

Not simulated: more than one search at a time in a replica, the reader, the embedding of the
question, and servers that are themselves too busy to send. Figures are kept in
eval/results/fan_out.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from eval.benchmarks.shard_calls import RESULT as MEASURED
from numpy.typing import NDArray

from aiqa.cluster.replicated_calls import Patience

RESULT = Path(__file__).parents[1] / "results" / "fan_out.json"
SHARDS = (8, 64, 512)
_LOADS = (0.1, 0.4)
_LOST = (0.0, 0.125)
_LIMIT_MS = 1000 * Patience().limit
_PATIENCE_MS = 1000 * Patience().second

_REST_MS = 30_000.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Times:
    """Measured milliseconds: searches of one shard, a call's way, sending one, merging one list."""

    search: Floats
    call: float
    send: float
    merge: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked of how many shards; ``patience_ms`` is at most the time limit."""

    shards: int
    load: float
    lost: float = 0.0
    patience_ms: float = _LIMIT_MS
    replicas: int = 2


class Replicas:
    """The replicas of all shards: when each is free, and until when it is passed over."""

    def __init__(self, scenario: Scenario, times: Times, random: np.random.Generator) -> None:
        size = scenario.shards, scenario.replicas
        self._times = times
        self._random = random
        self._free = np.zeros(size)
        self._passed_over = np.zeros(size)
        self._shards = np.arange(scenario.shards)
        self._count = scenario.replicas
        self._dead = np.zeros(size, dtype=bool)

    def lose(self, share: float) -> None:
        """Let the first replica of this share of the shards answer no more."""
        self._dead[: round(share * len(self._shards)), 0] = True

    def turn(self, number: int, now: float) -> NDArray[np.int64]:
        """Return for each shard the replica that question ``number`` is sent to."""
        replica = (number + self._shards) % self._count
        rests = self._passed_over[self._shards, replica] > now
        return np.where(rests, (replica + 1) % self._count, replica)

    def ask(self, shards: NDArray[np.int64], replica: NDArray[np.int64], now: float) -> Floats:
        """Return when these replicas of ``shards`` answer what is sent ``now``."""
        sent = now + self._times.send * (shards + 1)
        search = self._random.choice(self._times.search, len(shards))
        ready = np.maximum(sent, self._free[shards, replica]) + search
        dead = self._dead[shards, replica]
        self._free[shards, replica] = np.where(dead, self._free[shards, replica], ready)
        return np.where(dead, np.inf, ready + self._times.call)

    def pass_over(self, shards: NDArray[np.int64], replica: NDArray[np.int64], now: float) -> None:
        """Ask these replicas no more for a while."""
        self._passed_over[shards, replica] = now + _REST_MS

    def next_to(self, replica: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each replica the one to ask instead."""
        return (replica + 1) % self._count


def simulate(scenario: Scenario, times: Times, questions: int, seed: int) -> dict[str, float]:
    """Return the quantiles of the latency in milliseconds, and the shares of second and refused."""
    random = np.random.default_rng(seed)
    gap = times.search.mean() / (scenario.replicas * scenario.load)
    arrivals = np.cumsum(random.exponential(gap, questions))
    replicas = Replicas(scenario, times, random)
    done = np.zeros((questions, scenario.shards))
    first = np.zeros((questions, scenario.shards))
    asked = np.zeros((questions, scenario.shards), dtype=np.int64)
    second = 0
    sending = times.send * scenario.shards
    for number, what, now in _events(arrivals, sending + scenario.patience_ms, sending + _LIMIT_MS):
        if what == "arrival":
            if number == questions // 2:
                replicas.lose(scenario.lost)
            asked[number] = replicas.turn(number, now)
            every = np.arange(scenario.shards)
            first[number] = done[number] = replicas.ask(every, asked[number], now)
            continue
        late = np.flatnonzero(first[number] > now)
        if what == "limit":
            replicas.pass_over(late, asked[number][late], now)
        else:
            second += len(late)
            other = replicas.ask(late, replicas.next_to(asked[number][late]), now)
            done[number][late] = np.minimum(done[number][late], other)
    latency = done.max(axis=1) - arrivals + times.merge * scenario.shards
    refused = latency > sending + 2 * _LIMIT_MS
    p50, p95, p99 = np.quantile(latency[~refused], (0.5, 0.95, 0.99)).round(1)
    return {
        "p50_ms": float(p50),
        "p95_ms": float(p95),
        "p99_ms": float(p99),
        "asked_twice": round(second / done.size, 4),
        "refused": round(float(refused.mean()), 4),
        "questions_per_s": round(1000 / gap, 1),
    }


def _events(arrivals: Floats, patience: float, limit: float) -> Iterator[tuple[int, str, float]]:
    """Yield what happens to which question when, in order of time."""
    kinds = ("arrival", "patience", "limit")
    moments = np.concatenate([arrivals, arrivals + patience, arrivals + limit])
    for place in np.argsort(moments, kind="stable"):
        what, number = divmod(int(place), len(arrivals))
        yield number, kinds[what], float(moments[place])


def scenarios() -> Iterator[Scenario]:
    """Yield every scenario: with patience up to the time limit, and with that of aiqa."""
    for count, load, lost, patience in product(SHARDS, _LOADS, _LOST, (_LIMIT_MS, _PATIENCE_MS)):
        yield Scenario(count, load, lost, patience)


def measured() -> Times:
    """Return the times that were measured."""
    found = json.loads(MEASURED.read_text("utf-8"))
    return Times(
        np.array(found["search_ms"]), found["call_ms"], found["send_ms"], found["merge_ms"]
    )


def main() -> None:
    """Simulate every scenario, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=23)
    options = parser.parse_args()
    times = measured()
    rows: list[dict[str, Any]] = []
    for scenario in scenarios():
        figures = simulate(scenario, times, options.questions, options.seed)
        rows.append(asdict(scenario) | figures)
        print(json.dumps(rows[-1]), flush=True)
    p50, p95, p99 = np.quantile(times.search, (0.5, 0.95, 0.99)).round(1).tolist()
    kept = {
        "questions": options.questions,
        "seed": options.seed,
        "one_search_ms": {"p50": p50, "p95": p95, "p99": p99, "most": float(times.search.max())},
        "rows": rows,
    }
    RESULT.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
