"""Digests of the weights that answer: what has to be the same for an answer to be the same."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rfc8785

from aiqa.checksums import sha256
from aiqa.config import Settings
from aiqa.embedders import BUNDLED as BUNDLED_EMBEDDER
from aiqa.embedders import bundled_path
from aiqa.reader.factory import BUNDLED, BUNDLED_SMALL, FOLDER, SENTENCES

_PACKAGES = ("aiqa", "faiss-cpu", "numpy", "onnxruntime", "tantivy", "tokenizers")
"""Distributions whose version may make a difference to an answer."""


def canonical_digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value in its form by RFC 8785."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def model_digests(settings: Settings) -> dict[str, str]:
    """Return the digest of the files of the reader and of the embedder that ``settings`` name."""
    return {"reader": _reader(settings.reader), "embedder": _embedder(settings.embedder)}


@cache
def software() -> dict[str, str]:
    """Return the versions of aiqa and of the packages that it computes answers with."""
    return {name: version(name) for name in _PACKAGES}


@cache
def _reader(name: str) -> str:
    if name == SENTENCES:
        return canonical_digest({})
    if name not in (BUNDLED, BUNDLED_SMALL):
        return _folder_digest(Path(name))
    return _folder_digest(FOLDER, without="base" if name == BUNDLED_SMALL else None)


@cache
def _embedder(name: str) -> str:
    return _folder_digest(bundled_path() if name == BUNDLED_EMBEDDER else Path(name))


def _folder_digest(folder: Path, without: str | None = None) -> str:
    """Return the digest of the files in ``folder``, of which a model known by its name has none.

    Those whose name begins with ``without`` and those for people are left out.
    """
    files = (file for file in folder.rglob("*") if file.is_file() and file.suffix != ".md")
    return canonical_digest(
        {
            file.relative_to(folder).as_posix(): sha256(file)
            for file in files
            if without is None or not file.name.startswith(without)
        }
    )
