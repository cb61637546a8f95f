"""What people see in the terminal of receipts and of the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from aiqa.cli.output import line, shown
from aiqa.receipts.audit_log import AuditCheck
from aiqa.receipts.replay import Replayed
from aiqa.receipts.verification import Verification

_out = Console()
_STYLES = {"holds": "green", "moved": "yellow", "changed": "red", "missing": "red"}


def print_verification(found: Verification, key: str | None) -> None:
    """What holds of a receipt, and what does not."""
    if found.body:
        answer = found.body["text"] or found.body.get("outcome")
        _out.print(line(f"Question: {found.body.get('question')}"))
        _out.print(line(f"Answer: {answer}", "bold"))
    # What is an answer may be a position, too.
    for one in dict.fromkeys(found.checks):
        words, style = ("holds", "green") if one.holds else ("FAILS", "bold red")
        _out.print(shown(f"{words:8}", style) + line(one.words), soft_wrap=True)
    for quote in dict.fromkeys(found.quotes):
        place = ", ".join(part for part in (quote.source, quote.place) if part)
        words = f"“{quote.quote}” ({place}): {quote.words}"
        told = shown(f"{quote.state:8}", _STYLES[quote.state]) + line(words)
        _out.print(told, soft_wrap=True)
    if found.holds:
        _out.print(shown("Everything that was looked at holds.", "bold green"))
    elif found.is_sound:
        _out.print(shown("The receipt is sound, but the documents are not as they were.", "bold"))
    else:
        _out.print(shown("This receipt is not to be relied upon.", "bold red"))
    if found.is_sound and key is None:
        _out.print(
            line("Anybody can sign: compare the key with the one its signer gave you.", "dim")
        )


def print_key(public: str) -> None:
    """The public key alone, so that it can be piped."""
    _out.print(public, soft_wrap=True)


def print_audit_check(found: AuditCheck) -> None:
    """Whether the chain of an audit log holds."""
    for fault in found.faults:
        _out.print(line(fault, "red"), soft_wrap=True)
    if not found.faults:
        _out.print(shown(f"The log is whole: each of its {found.lines} lines follows the last."))
    _out.print(
        f"The last line has the hash {found.head}; note it to notice a log cut short.",
        soft_wrap=True,
    )


def print_replay(found: Sequence[Replayed], faults: Sequence[str]) -> None:
    """Which questions are answered as they were, and what differs for the others."""
    for fault in faults:
        _out.print(line(fault, "red"), soft_wrap=True)
    for one in found:
        style = "green" if one.is_same else "yellow"
        words = "same" if one.is_same else "differs"
        question = line(f"{one.number}: {one.question}")
        _out.print(shown(f"{words:8}", style) + question, soft_wrap=True)
        for told in (*one.answer, *one.causes):
            _out.print(line(f"        {told}", "dim"), soft_wrap=True)
    same = sum(one.is_same for one in found)
    _out.print(f"{same} of {len(found)} answers are the same, byte for byte.")
