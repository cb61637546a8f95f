"""Receipts of answers from the harbour's documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aiqa import Assistant, Receipt
from tests.conftest import Open

CARGO = "What cargo did the schooner Petrel carry?"


@pytest.fixture
def assistant(index: Path, open_assistant: Open) -> Assistant:
    """An assistant over the harbour's documents that quotes sentences and has nothing to load."""
    return open_assistant(index, reader="sentences")


@pytest.fixture
def receipt(assistant: Assistant) -> Receipt:
    """A receipt of an answer from the harbour's PDF."""
    return assistant.receipt(assistant.ask(CARGO, min_confidence=0), min_confidence=0)


@pytest.fixture
def data(receipt: Receipt) -> bytes:
    """The content of its file."""
    return receipt.to_json().encode()


def copy_of(receipt: Receipt) -> Any:
    """The receipt as JSON that may be changed."""
    return json.loads(receipt.to_json())


def written(value: Any) -> bytes:
    """The content of a receipt's file."""
    return json.dumps(value).encode()


def edit(file: Path, old: str, new: str) -> None:
    """Replace ``old``, which ``file`` has, by ``new``."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
