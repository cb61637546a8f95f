"""Paths to files: what there is to ingest, and by which source each file is known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wcmatch import glob

from aiqa.documents.passed_over import is_passed_over
from aiqa.errors import SourceError

_PATTERNS = glob.GLOBSTAR | glob.MATCHBASE | glob.BRACE | glob.FORCEUNIX


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """Files by source, in order of source, and the folders (as sources) that were given whole.

    ``closed`` are folders in them that cannot be looked into, ``outside`` links in them to files
    elsewhere; both are among the files, too.
    """

    files: dict[str, Path]
    roots: tuple[str, ...]
    closed: tuple[str, ...] = ()
    outside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files of a folder are meant.

    Patterns are matched with the path inside the folder (``reports/**/*.pdf``), or, if they hold
    no slash, with the name of a file or folder at any depth (``*.pdf``, ``drafts``). ``exclude``
    wins over ``include``, which, if empty, takes everything.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def leaves_out(self, path: str) -> bool:
        """Tell whether the file or folder at ``path`` is excluded."""
        return bool(self.exclude) and bool(glob.globmatch(path, self.exclude, flags=_PATTERNS))

    def takes(self, path: str) -> bool:
        """Tell whether the file at ``path`` is meant."""
        wanted = not self.include or glob.globmatch(path, self.include, flags=_PATTERNS)
        return bool(wanted) and not self.leaves_out(path)


def discover(
    paths: Iterable[str | Path], index_folder: Path, selection: Selection | None = None
) -> FoundFiles:
    """Find the files under ``paths`` of any format, in folders those of ``selection``.

    A source is the file's path relative to the folder that the index folder stands in, or absolute
    if it is elsewhere: so a project can be moved as a whole. The index folder and what
    ``is_passed_over`` are left out. Links to folders, and to files outside, are not followed, but
    stand among the files, as do folders that cannot be looked into: they are then reported.

    Raises:
        SourceError: a path is missing, or a folder holds no files.
    """
    base = _absolute(index_folder).parent
    files: dict[str, Path] = {}
    outside: set[str] = set()
    roots: list[str] = []
    closed: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            roots.append(source_of(path, base))
            inside = list(_walk(path, index_folder.resolve(), selection or Selection(), closed))
            if not inside:
                raise SourceError(
                    f"There are no documents{' that are meant' if selection else ''} in the "
                    f"folder {path}.",
                    "To delete what it held from the index, use `aiqa remove`.",
                )
            files.update((source_of(file, base), file) for file in inside)
            outside.update(source_of(file, base) for file in inside if _leaves(file, path))
        elif not os.path.lexists(path):
            raise SourceError(
                f"There is no file or folder {path}.", "Check its spelling and the working folder."
            )
        else:
            files[source_of(path, base)] = path
    if not files:
        raise SourceError("No path was given.", "Name the files or folders to ingest.")
    sources = tuple(source_of(folder, base) for folder in closed)
    return FoundFiles(dict(sorted(files.items())), tuple(roots), sources, frozenset(outside))


def is_under(source: str, folder: str) -> bool:
    """Tell whether ``source`` is in ``folder``, a source too; "." is where the index stands."""
    if folder == ".":
        return not source.startswith("/")
    return source.startswith(folder.rstrip("/") + "/")


def _walk(folder: Path, without: Path, selection: Selection, closed: list[Path]) -> Iterator[Path]:
    """Yield the files in ``folder``; folders that cannot be opened are added to ``closed``."""

    def refused(error: OSError) -> None:
        closed.append(Path(os.fsdecode(error.filename)))

    for place, folders, names in os.walk(folder, onerror=refused):
        here = Path(place)
        inside = here.relative_to(folder).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = _visible(
            name
            for name in folders
            if (here / name).resolve() != without and not selection.leaves_out(prefix + name)
        )
        links = [name for name in folders if (here / name).is_symlink()]
        for name in _visible([*names, *links]):
            if selection.takes(prefix + name):
                yield here / name
    yield from closed


def _leaves(file: Path, folder: Path) -> bool:
    """Tell whether ``file`` is a link to a file that is not in ``folder``."""
    return file.is_symlink() and not file.resolve().is_relative_to(folder.resolve())


def _visible(names: Iterable[str]) -> Sequence[str]:
    return sorted(name for name in names if not is_passed_over(name))


def source_of(path: Path, base: Path) -> str:
    """Return the source that a file is known by; ``base`` is the folder of the index folder."""
    absolute = _absolute(path)
    if absolute.is_relative_to(base):
        absolute = absolute.relative_to(base)
    # File names may hold bytes that are no text; a source always is.
    return os.fsencode(absolute.as_posix()).decode("utf-8", "replace")


def _absolute(path: Path) -> Path:
    # Not resolve(): a link is known by its own name, not by its target's.
    return Path(os.path.abspath(path))  # noqa: PTH100
