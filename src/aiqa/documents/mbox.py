"""Mailboxes (mbox, RFC 4155): one file of many e-mails."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiqa.documents.email import subject

_BETWEEN = re.compile(rb"(?:\A|(?<=\n)\r?\n)From [^\r\n]*\r?\n(?=[!-9;-~]+:|>?From )")
"""The line before a message: after an empty line, and before a header."""

_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LONGEST = 80


def messages(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and source of each message, in order; the names are unique."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    between = list(_BETWEEN.finditer(data))
    starts = [found.end() for found in between] or [0]
    ends = [*(found.start() for found in between[1:]), len(data)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        message = _QUOTED.sub(rb"\1", data[start:end])
        name = re.sub(r"[/\\:]", "-", subject(message))
        shown = "".join(filter(str.isprintable, name)).strip(" .")[:_LONGEST]
        yield f"{number} {shown or 'message'}.eml", message
