"""The documents in a folder, parsed anew to be compared with those that a receipt signs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from aiqa.checksums import sha256
from aiqa.documents.sandbox.pool import Parsing, Request
from aiqa.ingestion.file_discovery import discover
from aiqa.types import Document


class DocumentFolder:
    """Looks up documents in ``folder``, as ``verification.DocumentLookup``; only these are parsed.

    Raises:
        SourceError: the folder is missing or empty; from the first look-up.
    """

    def __init__(self, folder: Path, parsing: Parsing) -> None:
        """Look documents up in the files of ``folder`` as they are now, parsed by ``parsing``."""
        self._folder = folder
        self._parsing = parsing
        self._parsed: dict[str, list[Document]] = {}

    def __call__(self, signed: Mapping[str, Any], source: str) -> Document | None:
        """Return the present document; None if there is none or it cannot be read.

        It is read from the file with the bytes that were signed, or else from the one whose path
        has most in common with that of the file that was.
        """
        file = signed["file"]
        same = [name for name, checksum in self._checksums.items() if checksum == file["sha256"]]
        for name in same or self._alike(file["source"]):
            inside = source.removeprefix(file["source"])
            documents = self._documents(name)
            ids = {document.id: document for document in documents}
            sources = {document.source.removeprefix(name): document for document in documents}
            if found := ids.get(signed["id"]) or sources.get(inside):
                return found
        return None

    def _alike(self, source: str) -> list[str]:
        """Return the files called like ``source``, first those that are in the same folders."""
        wanted = PurePosixPath(source).parts[::-1]

        def common(name: str) -> int:
            parts = PurePosixPath(name).parts[::-1]
            differing = [at for at, (a, b) in enumerate(zip(parts, wanted, strict=False)) if a != b]
            return differing[0] if differing else min(len(parts), len(wanted))

        named = [name for name in self._files if common(name)]
        return sorted(named, key=lambda name: (-common(name), name))

    def _documents(self, name: str) -> list[Document]:
        if name not in self._parsed:
            path = self._files[name]
            request = Request(name, path, path.stat().st_size)
            self._parsed[name] = [
                outcome
                for _, outcomes in self._parsing.outcomes([request])
                for outcome in outcomes
                if isinstance(outcome, Document)
            ]
        return self._parsed[name]

    @cached_property
    def _files(self) -> dict[str, Path]:
        # There is no index in it, not even in a folder of that name.
        found = discover([self._folder], self._folder / ".index")
        return {
            name: path
            for name, path in found.files.items()
            if path.is_file() and name not in found.outside
        }

    @cached_property
    def _checksums(self) -> dict[str, str]:
        return {name: sha256(path) for name, path in self._files.items()}
