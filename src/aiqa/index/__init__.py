"""The index: the catalog, and the search structures that are built from it."""

from aiqa.index.catalog import Catalog
from aiqa.index.catalog_writer import Changes, StoredFile
from aiqa.index.index import Index
from aiqa.index.schema import IndexRecipe

__all__ = ["Catalog", "Changes", "Index", "IndexRecipe", "StoredFile"]
