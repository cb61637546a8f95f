"""Outlook messages (MS-OXMSG), made into the e-mails that they were."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from mimetypes import guess_type

from aiqa.documents import email
from aiqa.documents.code_pages import encoding_of
from aiqa.documents.compound_file import CompoundFile, open_compound
from aiqa.documents.compressed_rtf import decompressed
from aiqa.documents.text_builder import Content, one_line

_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_HEADERS = 0x007D
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_SENT, _DELIVERED = 0x0039, 0x0E06
_RECIPIENT_KIND, _NAME, _ADDRESS, _SMTP = 0x0C15, 0x3001, 0x3003, 0x39FE
_FILE, _LONG_NAME, _SHORT_NAME, _FILE_TITLE, _MEDIA_TYPE = 0x3701, 0x3707, 0x3704, 0x3001, 0x370E
_CODE_PAGE, _HTML_CODE_PAGE = 0x3FFD, 0x3FDE

_UTF_8 = 65001
_FIELDS = {1: "To", 2: "Cc", 3: "Bcc"}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS_PER_MICROSECOND = 10

_Path = tuple[str, ...]


def load(data: bytes) -> Content:
    """Who wrote to whom and when, then the message; see ``email.load``.

    Raises:
        DocumentError: the file is damaged or no message.
    """
    return email.load(_mime(data))


def msg_attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each attachment; an attached message is an e-mail named by its subject.

    Raises:
        DocumentError: the file is damaged or no message.
    """
    return email.attachments(_mime(data))


def _mime(data: bytes) -> bytes:
    with open_compound(data, "Outlook") as folder:
        message = _message(folder, ())
    # Boundaries are drawn by chance otherwise, and an attached message is known by its bytes.
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_part_{number}_=")
    return message.as_bytes()


def _message(folder: CompoundFile, path: _Path) -> EmailMessage:
    """Return the message that the folder at ``path`` holds."""
    fixed = _fixed(folder, path, header=24 if path else 32)
    page = int.from_bytes(fixed.get(_CODE_PAGE, b"")[:4], "little") or 1252
    message = EmailMessage()
    _set(message, "Subject", _text(folder, path, _SUBJECT, page))
    for name, value in _people(folder, path, page).items():
        _set(message, name, value)
    if sent := fixed.get(_SENT) or fixed.get(_DELIVERED):
        message["Date"] = format_datetime(
            _EPOCH + timedelta(microseconds=struct.unpack("<Q", sent)[0] // _TICKS_PER_MICROSECOND)
        )
    body = _text(folder, path, _BODY, page)
    shown = _html(folder, path, int.from_bytes(fixed.get(_HTML_CODE_PAGE, b"")[:4], "little"))
    message.set_content(body, cte="base64")
    if shown:
        message.add_alternative(shown, subtype="html", cte="base64")
    elif not body.strip() and (packed := folder.stream(*path, _name(_RTF, "0102"))):
        message.add_attachment(
            decompressed(packed), maintype="text", subtype="rtf", filename="message.rtf"
        )
    for name in _inside(folder, path, "__attach_version1.0_"):
        _attach(message, folder, (*path, name), page)
    return message


def _attach(message: EmailMessage, folder: CompoundFile, path: _Path, page: int) -> None:
    inner = (*path, _name(_FILE, "000D"))
    if folder.exists(*inner, "__properties_version1.0"):
        message.add_attachment(_message(folder, inner))
        return
    names = [_text(folder, path, one, page) for one in (_LONG_NAME, _SHORT_NAME, _FILE_TITLE)]
    name = one_line(next(filter(None, names), "attachment"))
    kind = _text(folder, path, _MEDIA_TYPE, page) or guess_type(name)[0] or ""
    main, _, sub = kind.partition("/")
    if main in ("message", "multipart") or not re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind):
        main, sub = "application", "octet-stream"
    content = folder.stream(*path, _name(_FILE, "0102"))
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)


def _people(folder: CompoundFile, path: _Path, page: int) -> dict[str, str]:
    """Return the header fields that tell who wrote to whom."""
    name = _text(folder, path, _SENDER_NAME, page)
    addresses = (_text(folder, path, one, page) for one in (_SENDER_SMTP, _SENDER_ADDRESS))
    address = next((one for one in addresses if "@" in one), "")
    people = {"From": [formataddr((name, address), charset="utf-8") if address else name]}
    for inside in _inside(folder, path, "__recip_version1.0_"):
        where = (*path, inside)
        kind = _fixed(folder, where, header=8).get(_RECIPIENT_KIND, b"\1")[0]
        shown = _text(folder, where, _NAME, page)
        found = (_text(folder, where, one, page) for one in (_SMTP, _ADDRESS))
        reached = next((one for one in found if "@" in one), "")
        who = f"{shown} <{reached}>" if shown and reached and shown != reached else shown or reached
        people.setdefault(_FIELDS.get(kind, "To"), []).append(who)
    return {field: ", ".join(filter(None, names)) for field, names in people.items()}


def _set(message: EmailMessage, name: str, value: str) -> None:
    if value := one_line(value):
        # Names as Outlook keeps them need not follow the grammar of addresses.
        message[name] = value


def _html(folder: CompoundFile, path: _Path, page: int) -> str:
    if text := folder.stream(*path, _name(_HTML, "001F")):
        return text.decode("utf-16-le", "replace")
    data = folder.stream(*path, _name(_HTML, "0102"))
    data = data or folder.stream(*path, _name(_HTML, "001E"))
    return data.decode(encoding_of(page or _UTF_8), "replace")


def _text(folder: CompoundFile, path: _Path, identity: int, page: int) -> str:
    """Return a property that is text, "" where there is none."""
    if data := folder.stream(*path, _name(identity, "001F")):
        return data.decode("utf-16-le", "replace").rstrip("\0")
    data = folder.stream(*path, _name(identity, "001E"))
    return data.decode(encoding_of(page), "replace").rstrip("\0")


def _name(identity: int, kind: str) -> str:
    return f"__substg1.0_{identity:04X}{kind}"


def _fixed(folder: CompoundFile, path: _Path, header: int) -> dict[int, bytes]:
    """Return the properties of fixed length, 8 bytes each."""
    data = folder.stream(*path, "__properties_version1.0")[header:]
    rows = (data[start : start + 16] for start in range(0, len(data) - 15, 16))
    return {int.from_bytes(row[2:4], "little"): row[8:16] for row in rows}


def _inside(folder: CompoundFile, path: _Path, prefix: str) -> list[str]:
    return [name for name in folder.folders(*path) if name.startswith(prefix)]
