"""Standing questions while the chat is served."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from aiqa import Assistant, Document
from aiqa.server.standing import StandingWatch, ask_while_serving
from aiqa.standing.check import set_channel, stand
from aiqa.standing.store import Channel, StandingStore

QUESTION = "What is the entrance fee of the museum?"


def fee(words: str, number: int) -> Document:
    text = f"The entrance fee of the museum is {words}."
    return Document(f"{number:064}", "docs/fee.txt", "text", "Fees", text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_changes_while_serving_is_told_without_anybody_asking(
    index: Path, open_assistant: Callable[..., Assistant]
) -> None:
    assistant = open_assistant(index, reader="sentences", min_confidence=0.2)
    assistant.add([fee("4 crowns", 1)])
    stand(assistant, QUESTION)
    path = index.parent / "feed.xml"
    set_channel(StandingStore(index), Channel("feed", str(path)))
    application = FastAPI()
    ask_while_serving(application, StandingWatch(assistant, seconds=0.02))
    with TestClient(application):
        # As an upload in the chat does, or another process.
        assistant.add([fee("5 crowns", 2)])
        until = time.monotonic() + 30
        while "{+5+}" not in path.read_text("utf-8") and time.monotonic() < until:
            time.sleep(0.02)
    assert "[-4-]{+5+} crowns" in path.read_text("utf-8")
    assert len(StandingStore(index).notices(9)) == 1
