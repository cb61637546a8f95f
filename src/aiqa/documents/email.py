"""E-mails (RFC 5322 and MIME) as the standard library reads them, and what is attached to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import MIMEPart
from email.utils import parsedate_to_datetime
from itertools import count
from mimetypes import guess_extension
from pathlib import PurePosixPath

from aiqa.documents import calendar, html_blocks
from aiqa.documents.encoding import decode
from aiqa.documents.text import load as load_text
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

_SHOWN = ("From", "To", "Cc", "Date")
_SAME, _TERSE, _FEW = 1 / 4, 1 / 2, 10
"""Share of the words of HTML that its plain alternative may lack and yet say the same; more if
those are few."""

_LONGEST_EXCUSE = 25
"""Words by which a plain part may say that there is more in HTML."""

_IN_FRONT = re.compile(rb"\A(?:\xef\xbb\xbf|\s)*(?:>?From [^\r\n]*\r?\n)?")
"""What mailboxes and editors leave before the first header."""

_BROKEN = (MessageError, LookupError, ValueError, AttributeError, TypeError, AssertionError)
"""What the standard library raises over headers that no mail program would write."""


def load(data: bytes) -> Content:
    """Who wrote to whom and when, then the message: as plain text, or HTML where that says more.

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


def subject(data: bytes) -> str:
    """Return what the e-mail is about, "" if it does not say."""
    with suppress(DocumentError), _explaining():
        return _header(_message(data), "Subject")
    return ""


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
    return message_from_bytes(_in_bytes(data), policy=policy.default)


def _in_bytes(data: bytes) -> bytes:
    """``data`` as it would have been sent: no UTF-16, no mark or blank lines in front."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    elif data[1:400:2].count(0) > len(data[1:400:2]) * 3 // 4:
        data = data.decode("utf-16-le", "replace").encode()
    elif data[:400:2].count(0) > len(data[:400:2]) * 3 // 4:
        data = data.decode("utf-16-be", "replace").encode()
    return _IN_FRONT.sub(b"", data)


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
    """Add ``part`` and the parts in it; of alternatives only one is read, and its invitations."""
    kind = part.get_content_type()
    if kind == "multipart/alternative" and part.is_multipart():
        bodies = _best(part.get_body(("plain",)), part.get_body(("html",)))
        leaves = [leaf for leaf in part.walk() if not leaf.is_multipart()]
        files = [leaf for leaf in leaves if _is_file(leaf)]
        parts.bodies += bodies
        parts.bodies += [leaf for leaf in leaves if _is_invitation(leaf) and leaf not in files]
        parts.files += files
    elif kind.startswith("multipart/") and part.is_multipart():
        for child in part.iter_parts():
            _sort(child, parts)
    elif _is_file(part):
        parts.files.append(part)
    else:
        parts.bodies.append(part)


def _best(plain: MIMEPart | None, styled: MIMEPart | None) -> list[MIMEPart]:
    """Return the plain alternative, or HTML if that says more, or both if neither says it all."""
    if plain is None or styled is None:
        return [one for one in (plain, styled) if one is not None]
    said, shown = _words(plain), _words(styled)
    missing, own = shown - said, said - shown
    if len(missing) <= len(shown) * (_SAME if len(missing) > _FEW else _TERSE):
        return [plain]
    is_excuse = len(own) < len(missing) and len(own) <= _LONGEST_EXCUSE
    return [styled] if is_excuse else [plain, styled]


def _words(body: MIMEPart) -> set[str]:
    text = CanonicalText()
    _add(body, text)
    return set(re.findall(r"\w+", text.content(None).text.casefold()))


def _is_invitation(part: MIMEPart) -> bool:
    return part.get_content_type() == "text/calendar"


def _is_file(part: MIMEPart) -> bool:
    # A part that says it has parts and has none is what its mail program meant to say.
    text = ("text/plain", "text/html", "text/enriched", "text/calendar", "multipart/")
    named = part.is_attachment() or part.get_filename()
    return bool(named) or not part.get_content_type().startswith(text)


def _add(body: MIMEPart, text: CanonicalText) -> None:
    words = _text(body)
    if body.get_content_type() == "text/html":
        if (page := html_blocks.parse(words)) is not None:
            html_blocks.add_body(page, text)
    elif _is_invitation(body):
        calendar.add_calendar(words, text)
    else:
        for block in re.split(r"\n\s*\n", load_text(words.encode()).text):
            text.verbatim("paragraph", block)


def _text(part: MIMEPart) -> str:
    """The text of a part in the encoding it declares, or a guessed one where that is wrong."""
    data, charset = _payload(part), part.get_content_charset("ascii")
    try:
        # A mail saved in UTF-16 as a whole is no longer in the encoding that its parts declare.
        is_saved_anew = charset.startswith("utf-16") and b"\0" not in data
        words = decode(data) if is_saved_anew else data.decode(charset)
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
