"""Indexes by address: a folder of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aiqa.index.index_folder import IndexFolder
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.store import Location, Store

Address = str | Path
"""An index folder."""


def locate(address: Address) -> Location:
    """Return the place that ``address`` names."""
    return IndexFolder(Path(address))


def open_store(address: Address, recipe: Callable[[], IndexRecipe] | None = None) -> Store:
    """Open the index at ``address``; with ``recipe``, create it if it is missing.

    Raises:
        CatalogError: there is no index, it is damaged or of another version.
    """
    return locate(address).open(recipe)
