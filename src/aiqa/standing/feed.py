"""The changes of standing questions as an Atom feed (RFC 4287) in a file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker

from aiqa.errors import SettingsError
from aiqa.standing.redline import html_redline, plain_redline
from aiqa.standing.store import Notice, StandingStore

_ATOM = "http://www.w3.org/2005/Atom"
_E = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
_MOST_ENTRIES = 100
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feed(store: StandingStore, path: Path) -> None:
    """Write the last changes to ``path``, at once and in place of what was there.

    Raises:
        SettingsError: the file cannot be written.
    """
    notices = store.notices(_MOST_ENTRIES)
    updated = notices[0].time if notices else datetime.now(UTC).isoformat(timespec="seconds")
    feed = _E.feed(
        _E.id(f"urn:uuid:{store.feed_id()}"),
        _E.title(_xml(f"Standing questions of {store.folder.absolute().name}")),
        _E.author(_E.name("aiqa")),
        _E.updated(updated),
        *(_entry(notice) for notice in notices),
    )
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_bytes(etree.tostring(feed, xml_declaration=True, encoding="utf-8"))
        draft.replace(path)
    except OSError as error:
        raise SettingsError(
            f"The feed {path} cannot be written: {error.strerror}.", "Choose another --feed."
        ) from error


def _entry(notice: Notice) -> etree._Element:
    before, after = notice.before.text(), notice.after.text()
    return _E.entry(
        _E.id(f"urn:uuid:{notice.id}"),
        _E.title(_xml(notice.question)),
        _E.updated(notice.time),
        _E.summary(_xml(plain_redline(before, after))),
        # Escaped twice: the texts within the HTML, and the HTML within the feed.
        _E.content(_xml(str(html_redline(before, after))), type="html"),
    )


def _xml(text: str) -> str:
    """Return ``text`` without the characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
