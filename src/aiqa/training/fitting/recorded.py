"""A model whose logits are kept on disk, so that fitting again costs no reading."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from aiqa.reader.qa_models import Logits, SpanModel
from aiqa.reader.windows import Window, Windows


class Recorded:
    """Asks ``model`` about each window once, ever; what it says is kept in the file ``path``."""

    def __init__(self, model: SpanModel, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._model = model
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS said (window BLOB PRIMARY KEY, logits BLOB)")

    @property
    def identity(self) -> str:
        """That of the model."""
        return self._model.identity

    @property
    def windows(self) -> Windows:
        """Those of the model."""
        return self._model.windows

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """Return the logits of each window, in order."""
        keys = [
            hashlib.blake2b(np.array(w.ids, np.int32).tobytes(), digest_size=16).digest()
            for w in windows
        ]
        new = {key: w for key, w in zip(keys, windows, strict=True) if self._known(key) is None}
        said = self._model.logits(list(new.values())) if new else []
        self._db.executemany(
            "INSERT OR IGNORE INTO said VALUES (?, ?)",
            [
                (
                    key,
                    np.array(
                        [*one.starts, *one.ends, *one.evidence, one.answering], "f4"
                    ).tobytes(),
                )
                for key, one in zip(new, said, strict=True)
            ],
        )
        return [self._read(key) for key in keys]

    def _known(self, key: bytes) -> bytes | None:
        row = self._db.execute("SELECT logits FROM said WHERE window = ?", (key,)).fetchone()
        return row[0] if row else None

    def _read(self, key: bytes) -> Logits:
        values = np.frombuffer(self._known(key) or b"", np.float32)
        starts, ends, evidence = values[:-1].reshape(3, -1)
        return Logits(starts, ends, evidence, float(values[-1]))
