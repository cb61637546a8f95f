"""What the page says of the errors that people often meet, in its language.

The library says in English what has happened, and what to do about it at a command line or in a
program. Other errors, and what their causes say, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from markupsafe import Markup

from aiqa.server.interface_language import current_language, t

ERRORS: Mapping[str, str] = {
    "The question is empty.": "The question is empty.",
    "Ask in a few words.": "Ask in a few words.",
    "The question has {length} characters; at most {most} are taken.": (
        "The question has {length} characters; at most {most} are taken."
    ),
    "Ask the one thing you want to know, or raise max_question_chars.": (
        "Ask the one thing you want to know."
    ),
    "No document fits the given filters.": "No document is among those that you chose.",
    "`aiqa status` lists the sources; loosen the source, title or format filter.": (
        "Ask all documents, or choose others."
    ),
    "There is no document {id} in the index {folder}.": (
        "The document is no longer among those that are searched."
    ),
    "It may have been changed or removed since; ask again.": (
        "It may have been changed or removed since; ask again."
    ),
    "{files} is gone or has changed since it was read.": (
        "{files} is gone or has changed since it was read."
    ),
    "Ingest it again to see the present one.": "Read it again on the page of the documents.",
    "Ingest it again to get the present one.": "Read it again on the page of the documents.",
    "The file of {source} is gone.": "The file of {source} is gone.",
    "Delete it, or add it again.": "Delete it, or add it again.",
    "It was deleted more than a minute ago.": "It was deleted more than a minute ago.",
    "Add the file again.": "Add the file again.",
    "There is another {name} now.": "There is another {name} now.",
    "Delete or rename that one first.": "Delete or rename that one first.",
    "There is no room left.": "There is no room left.",
    "Delete conversations.": "Delete conversations.",
    "This answer is too large to be kept.": "This answer is too large to be kept.",
    "This file is empty.": "This file is empty.",
    "There is no text in this file.": "There is no text in this file.",
    "There is no loader for {suffix} files.": "There is no loader for {suffix} files.",
    "This PDF is encrypted and asks for a password.": (
        "This PDF is encrypted and asks for a password."
    ),
    "Save a copy without the password.": "Save a copy without the password.",
    "This {kind} file is encrypted.": "This {kind} file is encrypted.",
    "Save it without a password.": "Save it without a password.",
    "This {kind} file is encrypted or in a format from before 2007.": (
        "This {kind} file is encrypted or in a format from before 2007."
    ),
    "Save it in the present format without a password.": (
        "Save it in the present format without a password."
    ),
    "This is a picture; its text is not read without OCR.": (
        "This is a picture; its text is not read without OCR."
    ),
    "Run `pip install 'aiqa[ocr]'` and ingest again.": (
        "Run `pip install 'aiqa[ocr]'` and ingest again."
    ),
    "No text on the {pages} pages of this PDF.": "No text on the {pages} pages of this PDF.",
    "This file has {size} MB; at most {most} MB are read.": (
        "This file has {size} MB; at most {most} MB are read."
    ),
    "Split it, or raise max_file_mb.": "Split it.",
    "It has more than {most} characters of text; divide it.": (
        "It has more than {most} characters of text; divide it."
    ),
}
"""The library's sentences, with their ``{values}``, and those of the page."""


_IN_FILE = re.compile(r"(\S+\.\w+:) ")
"""Before what is said of a file in a folder that was read as one."""


def error_text(message: str) -> str:
    """Return the ``message`` of an error as the page says it; as it is if not all is known."""
    said: list[str] = []
    rest = message.strip()
    while rest:
        if inner := _IN_FILE.match(rest):
            said.append(inner[1])
            rest = rest[inner.end() :]
        for pattern, text in _patterns().items():
            if found := pattern.match(rest):
                said.append(t(text, **found.groupdict()))
                rest = rest[found.end() :].lstrip()
                break
        else:
            return message
    return ("" if current_language() == "zh" else " ").join(said)


def error_html(message: str) -> Markup:
    """Return the same as HTML that says which words are English."""
    said = error_text(message)
    language = "en" if said == message else current_language()
    return Markup('<span lang="{}">{}</span>').format(language, said)


@cache
def _patterns() -> Mapping[re.Pattern[str], str]:
    """Return the page's sentences by patterns of the library's, the most specific first."""
    known = sorted(ERRORS, key=lambda text: text.count("{"))
    return {re.compile(_pattern(text), re.DOTALL): ERRORS[text] for text in known}


def _pattern(text: str) -> str:
    parts = re.split(r"\{(\w+)\}", text)
    values = [f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return "".join(values) + r"(?=\s|$)"
