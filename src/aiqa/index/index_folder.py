"""The folder of an index, which there may not be yet."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiqa.feedback import FeedbackFile
from aiqa.index.index import Index
from aiqa.storage.recipe import IndexRecipe
from aiqa.types import IndexCheck


@dataclass(frozen=True, slots=True)
class IndexFolder:
    """Where an index on this machine is; see ``storage.Location``."""

    folder: Path

    @property
    def name(self) -> str:
        """The path of the folder."""
        return str(self.folder)

    @property
    def is_exposed(self) -> bool:
        """Whether other users of this machine may read the folder."""
        return bool(self.folder.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))

    def exists(self) -> bool:
        """Tell whether there is an index in the folder."""
        return Index.exists(self.folder)

    def open(self, recipe: Callable[[], IndexRecipe] | None = None) -> Index:
        """Open the index, or create it with ``recipe``; see ``Index``."""
        return Index(self.folder, recipe)

    def examine(self) -> IndexCheck:
        """Verify all stored data and measure the recall of the vector index."""
        return Index.examine(self.folder)

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def feedback(self, most_bytes: int) -> FeedbackFile:
        """Return the feedback file, which may become as large as ``most_bytes``."""
        return FeedbackFile(self.folder, most_bytes)

    def import_from(self, file: Path) -> None:
        """Create the index from an exported ``file``; see ``Index.import_from``."""
        Index.import_from(file, self.folder)
