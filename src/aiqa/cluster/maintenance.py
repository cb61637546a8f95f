"""Maintenance of an index in a cluster: compaction, and deletion of what no generation has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from aiqa.cluster.catalog_view import Publication
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.postgres_schema import ALIVE
from aiqa.cluster.publication import tables_name

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Maintained:
    """What was done: the generations and rows deleted, and the bytes of tables and copies."""

    generation: int
    generations_deleted: int
    rows_deleted: int
    bytes_deleted: int


def maintain(store: ClusterStore, keep_hours: float, *, rebuild: bool = False) -> Maintained:
    """Compact the search tables, and delete what only generations older than ``keep_hours`` have.

    What is read at the time goes on being read if it is younger. With ``rebuild`` the search tables
    are first made again from the catalog.

    Raises:
        CatalogError: the database or the object store cannot be used.
    """
    store.publisher.publish(compact=True, rebuild=rebuild)
    with store.publisher.alone():
        before = store.view.all_publications()
        store.postgres.rows(
            "DELETE FROM publications WHERE published < now() - make_interval(secs => :seconds) "
            "AND generation < (SELECT max(generation) FROM publications)",
            seconds=keep_hours * 3600,
        )
        kept = store.view.all_publications()
        return Maintained(
            generation=kept[-1].generation,
            generations_deleted=len(before) - len(kept),
            rows_deleted=_delete_rows(store, kept[0].generation),
            bytes_deleted=_sweep(store, kept) + _sweep_originals(store),
        )


def _delete_rows(store: ClusterStore, oldest: int) -> int:
    """Delete the rows that died before the ``oldest`` generation that is kept; count them."""
    deleted = 0
    for table in ("chunks", "sources", "documents"):
        while True:
            with store.postgres.transaction() as connection:
                some = connection.change(
                    f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} "
                    f"WHERE died <= :oldest AND died < {ALIVE} LIMIT {_ROWS_AT_ONCE}))",
                    oldest=oldest,
                )
            deleted += some
            if some < _ROWS_AT_ONCE:
                break
    return deleted


def _sweep(store: ClusterStore, kept: list[Publication]) -> int:
    """Delete the search tables, and versions of them, that no generation that is kept has."""
    current = [one.search for one in kept if one.recipe == kept[-1].recipe]
    return store.tables.sweep(tables_name(kept[-1].recipe), current) + store.tables.drop_others(
        {tables_name(one.recipe) for one in kept}
    )


def _sweep_originals(store: ClusterStore) -> int:
    """Delete the copies of files that the catalog does not name any more."""

    def named(checksums: Collection[str]) -> Collection[str]:
        rows = store.postgres.rows(
            "SELECT checksum FROM files WHERE checksum = ANY(CAST(:checksums AS text[]))",
            checksums=list(checksums),
        )
        return [checksum for (checksum,) in rows]

    return store.originals.sweep(named) if store.originals else 0
