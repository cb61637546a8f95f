"""Paths to files: what there is to ingest, and by which source each file is known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aiqa.documents import is_supported, supported
from aiqa.errors import SourceError


@dataclass(frozen=True, slots=True)
class Found:
    """Files by source, in order of source, and the folders (as sources) that were given whole."""

    files: dict[str, Path]
    roots: tuple[str, ...]


def discover(paths: Iterable[str | Path], index_folder: Path) -> Found:
    """Files under ``paths`` that have a loader.

    A source is the file's path relative to the folder that the index folder stands in, or absolute
    if it is elsewhere: so a project can be moved as a whole. Hidden files and the index folder
    itself are passed over, and links to folders are not followed.

    Raises:
        SourceError: a path is missing or of no known format, or a folder holds no documents.
    """
    base = _absolute(index_folder).parent
    files: dict[str, Path] = {}
    roots: list[str] = []
    for path in map(Path, paths):
        if path.is_dir():
            roots.append(_source(path, base))
            inside = list(_walk(path, index_folder.resolve()))
            if not inside:
                raise SourceError(
                    f"There are no documents in the folder {path}.",
                    f"Formats read: {supported()}.",
                )
            files.update((_source(file, base), file) for file in inside)
        elif not path.exists():
            raise SourceError(
                f"There is no file or folder {path}.", "Check its spelling and the working folder."
            )
        elif not is_supported(path):
            raise SourceError(f"There is no loader for {path}.", f"Formats read: {supported()}.")
        else:
            files[_source(path, base)] = path
    if not files:
        raise SourceError("No path was given.", "Name the files or folders to ingest.")
    return Found(dict(sorted(files.items())), tuple(roots))


def is_under(source: str, folder: str) -> bool:
    """Whether ``source`` stands in ``folder``, itself a source; "." is where the index stands."""
    if folder == ".":
        return not source.startswith("/")
    return source.startswith(folder.rstrip("/") + "/")


def _walk(folder: Path, without: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (here / name).resolve() != without
        )
        for name in sorted(names):
            if not name.startswith(".") and is_supported(here / name):
                yield here / name


def _source(path: Path, base: Path) -> str:
    absolute = _absolute(path)
    if absolute.is_relative_to(base):
        absolute = absolute.relative_to(base)
    # File names may hold bytes that are no text; a source always is.
    return os.fsencode(absolute.as_posix()).decode("utf-8", "replace")


def _absolute(path: Path) -> Path:
    # Not resolve(): a link is known by its own name, not by its target's.
    return Path(os.path.abspath(path))  # noqa: PTH100
