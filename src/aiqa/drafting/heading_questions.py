"""Questions that a heading asks, or promises to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiqa.drafting.wording import has_name, is_unclear, of_reader
from aiqa.query_rewriting.noun_phrases import AUXILIARY, WH, words
from aiqa.text.analysis import content_terms

_LEAST_TERMS = 2
_MOST_WORDS = 10

_READER = frozenset({"i", "my", "me", "we", "our", "us", "you", "your"})
"""Words of a question that its reader asks: it is clear without a name."""

_ACTS = frozenset({
    "add", "apply", "approve", "backup", "book", "build", "calculate", "cancel", "change", "choose",
    "claim", "close", "configure", "connect", "contact", "convert", "create", "delete", "deploy",
    "disable", "download", "edit", "enable", "enrol", "enroll", "enter", "export", "extend", "file",
    "find", "fix", "get", "import", "install", "invite", "join", "log", "make", "manage", "measure",
    "merge", "migrate", "open", "order", "pay", "prepare", "print", "publish", "record", "recover",
    "register", "remove", "renew", "replace", "report", "request", "reset", "restart", "restore",
    "return", "review", "run", "schedule", "search", "select", "send", "set", "share", "sign",
    "start", "stop", "submit", "transfer", "troubleshoot", "uninstall", "update", "upgrade",
    "upload", "use", "verify", "view", "withdraw", "write",
})  # fmt: skip
"""Verbs of headings that say what is to be done: "Delete your account"."""

_HOW_TO = re.compile(r"(?:how )?to (?=[a-z])", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:(?:step )?[\d.]+[.):—–-]?|[a-z]\))\s*", re.IGNORECASE)


def heading_questions(title: str) -> Iterator[str]:
    """Yield the question that the heading ``title`` is, or "How do I …?" for one of instructions.

    Only questions that are clear by themselves are yielded, not "And since then?".
    """
    if title.endswith(("?", "？")):
        if _stands_alone(title):
            yield title
        return
    plain = _NUMBERED.sub("", title).strip(" :.")
    act = _HOW_TO.sub("", plain, count=1)
    tokens = words(act)
    if not 2 < len(tokens) <= _MOST_WORDS or tokens[0].lower not in _ACTS:  # noqa: PLR2004
        return
    if any(mark in act for mark in "/:;()|") or is_unclear(act):
        return
    if len(set(content_terms(act))) >= _LEAST_TERMS and tokens[1].tag != "IN":
        yield f"How do I {of_reader(act[0].lower() + act[1:])}?"


def _stands_alone(title: str) -> bool:
    tokens = words(title)
    if len(set(content_terms(title))) < _LEAST_TERMS:
        return False
    if tokens[0].lower not in WH | AUXILIARY or is_unclear(title):
        return False
    return has_name(title[1:]) or any(word.lower in _READER for word in tokens)
