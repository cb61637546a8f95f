"""The index: the catalog, and the search structures that are built from it."""

from aiqa.index.catalog import SqliteCatalog
from aiqa.index.catalog_writer import SqliteChanges
from aiqa.index.index import Index
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.stored_file import StoredFile

__all__ = ["Index", "IndexRecipe", "SqliteCatalog", "SqliteChanges", "StoredFile"]
