"""The documents that come with aiqa, which a visitor without any may add by one click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.errors import SourceError
from aiqa.server.chat import Desk
from aiqa.server.suggestions import Examples
from aiqa.server.write_queue import WriteQueue

Open = Callable[..., Assistant]


def test_they_are_added_to_an_empty_library_only(harbour: Path, open_assistant: Open) -> None:
    assistant = open_assistant(harbour.parent / "index")
    writes = WriteQueue()
    desk = Desk(assistant, Examples(assistant), writes, harbour)
    assert desk.bring_bundled({}) == "5 documents were added."
    with pytest.raises(SourceError, match="There are documents already"):
        desk.bring_bundled({})
    writes.stop(10)


def test_they_are_not_added_where_documents_may_only_be_asked(
    harbour: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    with pytest.raises(SourceError, match="none can be added here"):
        Desk(assistant, Examples(assistant), None, harbour).bring_bundled({})
    assert not assistant.store.has_documents
