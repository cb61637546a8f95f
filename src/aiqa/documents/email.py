"""E-mails (RFC 5322 and MIME) as the standard library reads them, and what is attached to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import MIMEPart
from email.utils import parsedate_to_datetime
from itertools import count
from mimetypes import guess_extension
from pathlib import PurePosixPath

from aiqa.documents import html_blocks
from aiqa.documents.encoding import decode
from aiqa.documents.text import load as load_text
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

_SHOWN = ("From", "To", "Cc", "Date")
_BROKEN = (MessageError, LookupError, ValueError, AttributeError, TypeError, AssertionError)
"""What the standard library raises over headers that no mail program would write."""


def load(data: bytes) -> Content:
    """Who wrote to whom and when, then the message: as plain text if it is sent as such, or HTML.

    Raises:
        DocumentError: the structure is damaged, nests too deeply, or is in no known encoding.
    """
    text = CanonicalText()
    with _explaining():
        message = _message(data)
        for name in _SHOWN:
            if value := _header(message, name):
                text.list_item(f"{name}: {value}", "")
        for body in _parts(message).bodies:
            _add(body, text)
        content = text.content(title=_header(message, "Subject"))
        return replace(content, published=_date(_header(message, "Date")))


def attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each attachment; an attached e-mail is named after its subject.

    The names are unique, and safe to use as those of files in one folder.

    Raises:
        DocumentError: the structure is damaged or nests too deeply.
    """
    with _explaining():
        files = _parts(_message(data)).files
        contents = [(_name(part, number), _bytes(part)) for number, part in enumerate(files, 1)]
    taken: set[str] = set()
    for name, content in contents:
        yield _unique(name, taken), content


@contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except RecursionError as error:
        raise DocumentError("This e-mail nests too deeply.") from error
    except _BROKEN as error:
        raise DocumentError(
            f"This is not a readable e-mail: {error}.", "Save it anew in its mail program."
        ) from error


def _message(data: bytes) -> MIMEPart:
    return message_from_bytes(data, policy=policy.default)


def _header(message: MIMEPart, name: str) -> str:
    """The value of a header; as it was sent, where it cannot be decoded."""
    try:
        return str(message.get(name, ""))
    except _BROKEN:
        values = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
        return values[0].encode(errors="replace").decode()


def _date(header: str) -> str | None:
    try:
        return parsedate_to_datetime(header).date().isoformat()
    except (ValueError, OverflowError):
        return None


@dataclass(slots=True)
class _Parts:
    """What a message is made of: the parts to be read in a row, and the parts attached."""

    bodies: list[MIMEPart] = field(default_factory=list)
    files: list[MIMEPart] = field(default_factory=list)


def _parts(message: MIMEPart) -> _Parts:
    parts = _Parts()
    _sort(message, parts)
    return parts


def _sort(part: MIMEPart, parts: _Parts) -> None:
    """Add ``part`` and the parts in it; of alternatives only one is read, preferably plain text."""
    kind = part.get_content_type()
    if kind == "multipart/alternative" and part.is_multipart():
        body = part.get_body(("plain", "html"))
        parts.bodies += [body] if body else []
        parts.files += [leaf for leaf in part.walk() if not leaf.is_multipart() and _is_file(leaf)]
    elif kind.startswith("multipart/") and part.is_multipart():
        for child in part.iter_parts():
            _sort(child, parts)
    elif _is_file(part):
        parts.files.append(part)
    else:
        parts.bodies.append(part)


def _is_file(part: MIMEPart) -> bool:
    # A part that says it has parts and has none is what its mail program meant to say.
    text = ("text/plain", "text/html", "text/enriched", "multipart/")
    named = part.is_attachment() or part.get_filename()
    return bool(named) or not part.get_content_type().startswith(text)


def _add(body: MIMEPart, text: CanonicalText) -> None:
    words = _text(body)
    if body.get_content_type() == "text/html":
        if (page := html_blocks.parse(words)) is not None:
            html_blocks.add_body(page, text)
    else:
        for block in re.split(r"\n\s*\n", load_text(words.encode()).text):
            text.verbatim("paragraph", block)


def _text(part: MIMEPart) -> str:
    """The text of a part in the encoding it declares, or a guessed one where that is wrong."""
    data = _payload(part)
    try:
        words = data.decode(part.get_content_charset("ascii"))
    except (LookupError, ValueError):
        words = decode(data)
    # Some encodings can spell halves of characters.
    return words.encode(errors="replace").decode()


def _payload(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _bytes(part: MIMEPart) -> bytes:
    """The file that a part is; of an attached e-mail or report, its source."""
    if not part.is_multipart():
        return _payload(part)
    # As it came: the default policy would parse the headers and write them anew.
    return b"\n".join(inner.as_bytes(policy=policy.compat32) for inner in part.iter_parts())


def _name(part: MIMEPart, number: int) -> str:
    """What to call an attachment: the last part of its path, no control characters in it."""
    kind, main = part.get_content_type(), part.get_content_maintype()
    suffix = guess_extension(kind) or (".txt" if main in ("message", "text") else ".bin")
    given = part.get_filename()
    if not given and kind == "message/rfc822" and part.is_multipart():
        subject = _header(next(part.iter_parts()), "Subject")
        given = re.sub(r"[/\\]", "-", subject)
    last = re.split(r"[/\\]", given or "")[-1]
    safe = "".join(filter(str.isprintable, last)).strip(" .")
    name = safe or f"attachment-{number}{suffix}"
    is_message = kind == "message/rfc822" and not name.lower().endswith(".eml")
    return f"{name}.eml" if is_message else name


def _unique(name: str, taken: set[str]) -> str:
    """``name``, with a number in front of its suffix if another file already has it."""
    path = PurePosixPath(name)
    numbered = (f"{path.stem}-{number}{path.suffix}" for number in count(2))
    free = name
    while free.casefold() in taken:
        free = next(numbered)
    taken.add(free.casefold())
    return free
