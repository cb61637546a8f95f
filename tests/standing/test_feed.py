"""The Atom feed of changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree, html

from aiqa.errors import SettingsError
from aiqa.standing.answer import StandingAnswer
from aiqa.standing.feed import write_feed
from aiqa.standing.store import StandingStore

_ATOM = {"a": "http://www.w3.org/2005/Atom"}


def changed(folder: Path, *words: str) -> StandingStore:
    """A question whose answer was each of these words in turn."""
    store = StandingStore(folder)
    first, *others = (StandingAnswer("answered", one, ("fees.md",)) for one in words)
    store.add("What is the <fee>?", first, "0")
    for number, answer in enumerate(others, 1):
        store.keep(store.questions()[0], answer, str(number))
    return store


def test_each_change_is_an_entry_that_keeps_its_id(tmp_path: Path) -> None:
    store = changed(tmp_path, "4 <b>", "5 <b>", "6 \x0c&")
    path = tmp_path / "feed.xml"
    write_feed(store, path)
    feed = etree.parse(path)
    entries = feed.xpath("//a:entry", namespaces=_ATOM)
    titles = [one.findtext("a:title", namespaces=_ATOM) for one in entries]
    assert titles == ["What is the <fee>?"] * 2
    newest, oldest = (
        html.fromstring(one.findtext("a:content", namespaces=_ATOM)) for one in entries
    )
    assert oldest.text_content() == "45 <b>— fees.md"
    assert [one.tag for one in oldest.iter() if one.tag in ("del", "ins", "b")] == ["del", "ins"]
    assert "\N{REPLACEMENT CHARACTER}" in newest.text_content()
    first = feed.xpath("//a:id/text()", namespaces=_ATOM)
    store.keep(store.questions()[0], StandingAnswer("not found", None, ()), "9")
    write_feed(store, path)
    second = etree.parse(path).xpath("//a:id/text()", namespaces=_ATOM)
    assert (second[0], second[2:]) == (first[0], first[1:])
    assert len(set(second)) == 4


def test_a_feed_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        write_feed(StandingStore(tmp_path), tmp_path / "nowhere" / "feed.xml")
