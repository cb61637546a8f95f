"""What one publication of the search tables is made of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Published:
    """The versions of the search tables that belong together, and what scores need to know.

    ``shards`` and ``words`` are versions of tables. ``chunks`` is the number of chunks, and
    ``text_words`` and ``context_words`` are those of all their words. ``probes`` are the lists of
    vectors that a search looks at in each shard; 0 where it looks at all vectors.
    """

    shards: tuple[int, ...]
    words: int
    chunks: int
    text_words: int
    context_words: int
    probes: tuple[int, ...]

    @classmethod
    def parse(cls, stored: str) -> Self:
        """Read what ``stored`` returned."""
        values = json.loads(stored)
        return cls(**values | {name: tuple(values[name]) for name in ("shards", "probes")})

    @property
    def stored(self) -> str:
        """The JSON text by which a catalog knows the publication."""
        return json.dumps(asdict(self))

    @property
    def lengths(self) -> tuple[float, float]:
        """The mean numbers of words of text and context."""
        chunks = self.chunks or 1
        return self.text_words / chunks, self.context_words / chunks
