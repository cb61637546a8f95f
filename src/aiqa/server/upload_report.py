"""What a report of an ingestion says of one upload."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from aiqa.ingestion.file_discovery import is_under
from aiqa.types import Failure, Omission


class UploadReport(NamedTuple):
    """Why an upload was not read, or which parts of it were not.

    ``error`` tells it in sentences, empty if all of it was read. ``is_unread``: the file as a whole
    was not read; ``has_unread_parts``: files in it were not.
    """

    error: str
    is_unread: bool
    has_unread_parts: bool

    @classmethod
    def of(
        cls, source: str, failures: Collection[Failure], omissions: Collection[Omission]
    ) -> UploadReport:
        """Return what is reported of ``source`` and what is in it."""
        whole = [one.error for one in failures if one.source == source]
        inside = [
            f"{one.source.removeprefix(f'{source}/')}: {one.error}"
            for one in failures
            if is_under(one.source, source)
        ]
        left_out = [one.what for one in omissions if is_of(source, one.source)]
        return cls(" ".join(whole or [*inside, *left_out]), bool(whole), bool(inside))


def is_of(file: str, source: str) -> bool:
    """Tell whether ``source`` is a file or in it: parts of a ZIP folder or e-mail are under it."""
    return source == file or is_under(source, file)
