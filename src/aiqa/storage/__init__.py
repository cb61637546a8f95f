"""What an index is made of, wherever it is stored: a catalog, its changes, and a search."""

from aiqa.storage.catalog import Catalog
from aiqa.storage.changes import Changes
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.search import Search
from aiqa.storage.store import Location, Store
from aiqa.storage.stored_file import StoredFile

__all__ = ["Catalog", "Changes", "IndexRecipe", "Location", "Search", "Store", "StoredFile"]
