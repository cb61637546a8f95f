"""A small index that is written without any loader, and changes that nothing in aiqa would make."""

from __future__ import annotations

import sqlite3

from aiqa.index import Index, IndexRecipe

RECIPE = IndexRecipe("none", 2, 0, 0)
TEXT = (
    "A \N{GRINNING FACE} tide. \N{MUSICAL SYMBOL G CLEF}\x00 e\N{COMBINING ACUTE ACCENT}bb. Flood"
)
PLACES = [(0, 9), (4, 16), (10, 22)]


def change(index: Index, statement: str) -> None:
    """Change the file as nothing in aiqa would."""
    with sqlite3.connect(index.folder / "catalog.sqlite3") as connection:
        connection.execute(statement)
    connection.close()
