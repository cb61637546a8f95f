"""Indexes by address: a folder of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aiqa.errors import DependencyError
from aiqa.index.index_folder import IndexFolder
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.store import Location, Store

Address = str | Path
"""An index folder, or ``postgresql://USER@HOST/DATABASE?lance=s3://BUCKET/PREFIX``."""

_SCHEMES = ("postgresql://", "postgres://")


def is_cluster(address: Address) -> bool:
    """Tell whether ``address`` is of a cluster."""
    return isinstance(address, str) and address.startswith(_SCHEMES)


def locate(address: Address) -> Location:
    """Return the place that ``address`` names.

    Raises:
        SettingsError: it is the address of a cluster and cannot be used.
        DependencyError: the packages for clusters are not installed.
    """
    if is_cluster(address):
        try:
            from aiqa.cluster.cluster_location import ClusterLocation
        except ImportError as error:
            raise DependencyError(
                "Indexes in a cluster need packages that are not installed.",
                'Install them with `pip install "aiqa[cluster]"`.',
            ) from error
        return ClusterLocation(str(address))
    return IndexFolder(Path(address))


def open_store(address: Address, recipe: Callable[[], IndexRecipe] | None = None) -> Store:
    """Open the index at ``address``; with ``recipe``, create it if it is missing.

    Raises:
        CatalogError: there is no index, it is damaged or of another version.
    """
    return locate(address).open(recipe)
