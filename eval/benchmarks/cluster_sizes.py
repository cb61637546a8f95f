"""What an index of many passages needs in a cluster, and what that costs: a model on paper.

``python -m eval.benchmarks.cluster_sizes``

Nothing of this size was measured. Bytes of a passage are those that ``eval.benchmarks.shard_calls``
found in search tables and ``eval.benchmarks.cluster_ingest`` in PostgreSQL, taken to stay the same;
machines and prices are assumptions, which stand below. The table is that of docs/pages/scale.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import ceil
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"
SIZES = (10_000_000, 100_000_000, 1_000_000_000)

PASSAGES_OF_A_SHARD = 100_000_000
REPLICAS = 2

CORE_PRICE = 0.059
"""US dollars for a virtual core and hour on demand, with 8 GB of memory to each."""

OBJECT_PRICE = 0.023
DISK_PRICE = 0.08
"""US dollars for a gigabyte and month, of an object store and of a network disk."""

HOURS = 730
"""Hours of a month."""

FILLED = 0.6
"""The share of a node's memory that what is searched may fill."""

CACHED = 0.15
"""The share of the catalog that its server should have in memory."""

LARGEST = 32
"""Cores of the largest machine that searches; where it is too small, there are more of them."""

LARGEST_DATABASE = 128
"""Cores of the largest machine for the catalog, which is not divided."""

PASSAGES_A_CORE = 10
"""Passages that a core embeds in a second; see README.md."""

_GB = 1e9


@dataclass(frozen=True, slots=True)
class Nodes:
    """So many machines of so many cores, with 8 GB of memory to each core."""

    count: int
    cores: int

    @classmethod
    def that_hold(cls, gigabytes: float, least: int, largest: int = LARGEST) -> Nodes:
        """Return at least ``least`` alike machines that hold as much in their memory together."""
        cores = 2
        while cores < largest and least * cores * 8 * FILLED < gigabytes:
            cores *= 2
        return cls(max(least, ceil(gigabytes / (cores * 8 * FILLED))), cores)

    @property
    def dollars(self) -> float:
        """Return what they cost a month."""
        return self.count * self.cores * CORE_PRICE * HOURS

    def __str__(self) -> str:
        return f"{self.count} x {self.cores} cores, {self.cores * 8} GB"


def cells(passages: int, bytes_of: dict[str, float]) -> list[str]:
    """Return what an index of so many ``passages`` needs, as the rows of the table have it."""
    stored = passages * (bytes_of["rows"] + bytes_of["indexes"]) / _GB
    searched = passages * bytes_of["indexes"] / _GB
    catalog = passages * bytes_of["catalog"] / _GB
    shards = ceil(passages / PASSAGES_OF_A_SHARD)
    searchers = Nodes.that_hold(REPLICAS * searched, REPLICAS)
    # The primary and each standby have all of the catalog.
    database = Nodes(3, Nodes.that_hold(catalog * CACHED, 1, LARGEST_DATABASE).cores)
    month = (
        searchers.dollars
        + database.dollars
        + 3 * 1.5 * catalog * DISK_PRICE
        + (stored + 2 * catalog) * OBJECT_PRICE
    )
    core_hours = passages / PASSAGES_A_CORE / 3600
    return [
        f"{passages:,}",
        f"{stored:,.0f} GB",
        f"{searched:,.0f} GB",
        f"{shards}, {REPLICAS} replicas",
        str(searchers),
        f"{catalog:,.0f} GB",
        str(database),
        f"$ {round(month, -2):,.0f}",
        f"{core_hours:,.0f} h, $ {core_hours * CORE_PRICE:,.0f}",
    ]


def table() -> list[str]:
    """Return the lines of the table."""
    tables = json.loads((RESULTS / "shard_calls.json").read_text("utf-8"))["bytes"]
    ingested = json.loads((RESULTS / "cluster_ingest.json").read_text("utf-8"))
    catalog = ingested["cluster, in one process"]["catalog_bytes_per_passage"]
    heads = (
        "Passages",
        "Search tables in the object store",
        "of these, indexes, which should be in memory",
        "Shards",
        "Nodes that search",
        "Catalog",
        "Nodes of PostgreSQL, two of them standbys",
        "A month on demand",
        "Embedding once, core hours",
    )
    columns = [cells(size, tables | {"catalog": catalog}) for size in SIZES]
    lines = [[head, *(column[row] for column in columns)] for row, head in enumerate(heads)]
    lines.insert(1, ["---"] * len(lines[0]))
    return [f"| {' | '.join(line)} |" for line in lines]


def main() -> None:
    """Print the table."""
    print("\n".join(table()))


if __name__ == "__main__":
    main()
