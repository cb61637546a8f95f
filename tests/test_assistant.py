"""The assistant has the public methods of its parts."""

import inspect

import pytest

from aiqa import Assistant
from aiqa.document_store import DocumentStore
from aiqa.ingestion.indexer import Indexer

INTERNAL = {"index", "has_index", "create_index"}


def public(part: type) -> list[str]:
    names = [name for name in vars(part) if not name.startswith("_") and name not in INTERNAL]
    return [name for name in names if inspect.isfunction(getattr(part, name))]


@pytest.mark.parametrize("part", [DocumentStore, Indexer])
def test_the_assistant_offers_the_methods_of_its_parts(part: type) -> None:
    assert not issubclass(Assistant, part)
    for name in public(part):
        own, theirs = getattr(Assistant, name), getattr(part, name)
        assert inspect.signature(own) == inspect.signature(theirs)
        assert own.__doc__


def test_what_is_asked_of_the_assistant_is_asked_of_its_store(assistant: Assistant) -> None:
    (first, *_) = assistant.documents()
    assert assistant.store.document(first.id) == assistant.document(document_id=first.id) == first
    assert assistant.chunks(first.id) == assistant.store.chunks(first.id)
    with assistant as same:
        assert same is assistant
