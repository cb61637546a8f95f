"""What a file is by its content, for names that do not tell or tell wrongly."""

from __future__ import annotations

import json
import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from aiqa.documents.compound_file import open_compound
from aiqa.documents.encoding import decode
from aiqa.errors import DocumentError

HEAD_BYTES = 4096
"""As many bytes tell whether a file has a signature, though not always which."""

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ZIP = b"PK\x03\x04"

_OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/epub+zip": ".epub",
}
_OFFICE_PARTS = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.xml": ".xlsx",
}
_OLE_STREAMS = {
    "WordDocument": ".doc",
    "PowerPoint Document": ".ppt",
    "Workbook": ".xls",
    "Book": ".xls",
    "__properties_version1.0": ".msg",
}

_BEGINNINGS = (
    (re.compile(rb"%PDF-"), ".pdf"),
    (re.compile(rb"\{\\rtf"), ".rtf"),
    (re.compile(rb"(?is)(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)\b"), ".html"),
    *(
        (re.compile(rb"<[^>]*>\s*<[^>]*" + mark, re.DOTALL), suffix)
        for mark, suffix in (
            (rb"application/vnd\.oasis\.opendocument\.text", ".fodt"),
            (rb"application/vnd\.oasis\.opendocument\.presentation", ".fodp"),
            (rb"application/vnd\.oasis\.opendocument\.spreadsheet", ".fods"),
            (rb"""progid=["'](?:Word\.Document|Excel\.Sheet)["']""", ".xml"),
        )
    ),
    (re.compile(rb"(?i)BEGIN:VCALENDAR"), ".ics"),
    (
        re.compile(rb"(?i)(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?MIME-Version:"),
        ".eml",
    ),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FEWEST_HEADERS = 3
_MAIL_HEAD = re.compile(
    r"(?:From |>?(?:From|To|Cc|Subject|Date|Received|Return-Path|Delivered-To|Message-ID|"
    r"MIME-Version|Content-Type|X-[\w-]+|Reply-To):)[^\n]*\n",
    re.IGNORECASE,
)


def signature(data: bytes) -> str:
    """Return the suffix of the format that ``data`` plainly is: a PDF, an Office file, a page.

    The result is "" for content that may be anything, such as plain text.
    """
    if data.startswith(_ZIP):
        return _zip_kind(data)
    if data.startswith(_OLE):
        return _ole_kind(data)
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:HEAD_BYTES]
    return next((suffix for pattern, suffix in _BEGINNINGS if pattern.match(head)), "")


def has_signature(head: bytes) -> bool:
    """Whether a file that begins with ``head``, ``HEAD_BYTES`` long, may have a signature."""
    return head.startswith((_ZIP, _OLE)) or bool(signature(head))


def text_kind(data: bytes) -> str:
    """Return the suffix of what ``data`` is as text: JSON, an e-mail, a mailbox or plain text.

    The result is "" if it is not text.
    """
    try:
        text = decode(data)
    except DocumentError:
        return ""
    if _CONTROL.search(text[:HEAD_BYTES]):
        return ""
    if text.lstrip()[:1] in ("{", "["):
        return ".json" if _is_json(text) else ".txt"
    if len(_MAIL_HEAD.findall(text.lstrip().split("\n\n")[0] + "\n")) < _FEWEST_HEADERS:
        return ".txt"
    is_mailbox = text.startswith("From ") and re.search(r"\n\nFrom \S+ ", text)
    return ".mbox" if is_mailbox else ".eml"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _zip_kind(data: bytes) -> str:
    try:
        with ZipFile(BytesIO(data)) as folder:
            names = set(folder.namelist())
            for part, suffix in _OFFICE_PARTS.items():
                if part in names:
                    return suffix
            if "mimetype" in names and folder.getinfo("mimetype").file_size < HEAD_BYTES:
                kind = folder.read("mimetype").decode("ascii", "replace").strip()
                return _OPEN_DOCUMENT.get(kind.removesuffix("-template"), ".zip")
    except (BadZipFile, RuntimeError, NotImplementedError, ValueError, OSError, EOFError):
        return ".zip"
    return ".zip"


def _ole_kind(data: bytes) -> str:
    """Return the kind of a compound file; "" for an encrypted one, whose name alone tells."""
    try:
        with open_compound(data, "compound") as file:
            found = (suffix for name, suffix in _OLE_STREAMS.items() if file.exists(name))
            return next(found, "")
    except DocumentError:
        return ""
