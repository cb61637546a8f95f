"""The commands for indexes in a cluster: ``move`` and ``maintain``."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from aiqa.cli import output
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit
from aiqa.errors import SettingsError
from aiqa.index_move import move
from aiqa.storage.opening import locate


def move_command(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The index, which stays.")],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TO", help="A new folder, or postgresql://USER@HOST/NAME?lance=s3://PLACE."
        ),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Copy an index from a folder to a cluster or back, and compare the two."""
    with (
        closing(locate(source)) as old,
        closing(locate(target)) as new,
        output.progress_bar(quiet=as_json) as bar,
    ):
        task = bar.add_task("Moving", total=None)
        moved = move(old, new, lambda done, total: bar.update(task, completed=done, total=total))
        name = new.name
    emit(
        asdict(moved),
        lambda: output.print_done(
            f"{name} now holds the same {moved.documents} documents in {moved.chunks} passages."
        ),
        as_json=as_json,
    )


def maintain_command(
    index: IndexOption = INDEX,
    keep_hours: Annotated[
        float, typer.Option(min=0, help="Keep what was searched within so many hours.")
    ] = 24,
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the search tables again from the catalog.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compact an index in a cluster, and delete what no generation that is kept has."""
    with closing(locate(index)) as place, closing(place.open()) as store:
        # Only what was located there has the packages for it.
        from aiqa.cluster.cluster_store import ClusterStore
        from aiqa.cluster.maintenance import maintain

        if not isinstance(store, ClusterStore):
            raise SettingsError(
                f"{index} is a folder, which sees to itself.", "Name the address of a cluster."
            )
        done = maintain(store, keep_hours, rebuild=rebuild)
    emit(
        asdict(done),
        lambda: output.print_done(
            f"Generation {done.generation} is compact. {done.generations_deleted} generations, "
            f"{done.rows_deleted} rows and {done.bytes_deleted / 1e6:.1f} MB were deleted."
        ),
        as_json=as_json,
    )
