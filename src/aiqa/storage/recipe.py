"""The recipe of chunks and vectors."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class IndexRecipe:
    """The parameters of chunks and vectors; an index is searched only with the same embedder."""

    embedder: str
    dimensions: int
    chunk_tokens: int
    chunk_overlap: int

    @property
    def stored(self) -> str:
        """The JSON text by which a catalog knows the recipe."""
        return json.dumps(asdict(self))
