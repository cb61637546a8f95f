"""Receipts of a small index, broken and verified: what is noticed, and by both checkers alike."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from eval.receipt_mutations.broken_receipts import RECEIPT_MUTATIONS, means_the_same
from eval.receipt_mutations.edited_documents import edited

from aiqa import Assistant, Receipt, Verification
from aiqa.documents.sandbox.pool import Limits, Parsing
from aiqa.receipts import checker
from aiqa.receipts.document_folder import DocumentFolder
from aiqa.receipts.verification import verify

_LIMITS = Limits(60, 2048, 64)
_TEXTS = (".md", ".txt", ".html")


@dataclass
class Figures:
    """Mutations by kind: how many were noticed, how many mean the same, and what went wrong."""

    noticed: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of mutations."""
        return self.noticed.total() + self.same.total() + len(self.failures)

    def add(self, kind: str, *, holds: bool, same: bool) -> None:
        """Count a mutation that was verified: it may only hold if it means the same."""
        if not holds:
            self.noticed[kind] += 1
        elif same:
            self.same[kind] += 1
        else:
            self.failures.append(f"{kind}: not noticed")


@dataclass(frozen=True)
class Subject:
    """Receipts of answers from the documents below ``folder``, signed with ``key``."""

    folder: Path
    receipts: Sequence[bytes]
    key: str

    @classmethod
    def of(cls, assistant: Assistant, folder: Path, questions: Sequence[str]) -> Subject:
        """Ask ``questions`` and issue a receipt for each answer that quotes something."""
        receipts: list[Receipt] = []
        for question in questions:
            receipt = assistant.receipt(assistant.ask(question))
            if receipt.body["quotes"]:
                receipts.append(receipt)
        return cls(folder, [one.to_json().encode() for one in receipts], receipts[0].key)


def stand_alone() -> ModuleType:
    """Import the checker from its file alone, as a third party has it."""
    spec = importlib.util.spec_from_file_location("stand_alone_checker", checker.__file__)
    if not spec or not spec.loader:
        raise ImportError(f"{checker.__file__} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def break_receipts(subject: Subject, count: int, random: Random, figures: Figures) -> None:
    """Try ``count`` mutations of receipts, of all kinds in turn."""
    alone, kinds = stand_alone(), list(RECEIPT_MUTATIONS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        original = broken = random.choice(subject.receipts)
        while broken == original:
            broken = RECEIPT_MUTATIONS[kind](random, original, subject.receipts)
        found = verify(broken, key=subject.key)
        verify(broken, documents=lambda *_: None)  # it must not fail
        if all(one.holds for one in alone.check(broken, subject.key)[1]) != found.is_sound:
            figures.failures.append(f"{kind}: the two checkers differ")
            continue
        same = any(means_the_same(broken, one) for one in subject.receipts)
        figures.add(kind, holds=found.holds, same=same)


def edit_documents(subject: Subject, count: int, random: Random, figures: Figures) -> None:
    """Try ``count`` mutations of text files that receipts quote."""
    receipts = [one for one in subject.receipts if _text_quotes(one)]
    with TemporaryDirectory() as folder, Parsing(1, _LIMITS) as parsing:
        for _ in range(count):
            receipt = random.choice(receipts)
            quote = random.choice(_text_quotes(receipt))
            _copy(receipt, subject.folder, Path(folder))
            file = Path(folder, quote["source"])
            data = now = file.read_bytes()
            start = max(data.decode().find(quote["quote"]), 0)
            while now == data:
                now = edited(random, data, start, start + len(quote["quote"]))
            file.write_bytes(now)
            documents = DocumentFolder(Path(folder), parsing)
            found = verify(receipt, key=subject.key, documents=documents)
            same = _are_read_as_signed(receipt, documents)
            states = {one.state for one in found.quotes} - {"holds"}
            kind = f"document edited, quotes {' and '.join(sorted(states)) or 'hold'}"
            if wrong := _misplaced(found, receipt, documents):
                figures.failures.append(f"{kind}: {wrong}")
            else:
                figures.add(kind, holds=found.holds, same=same)


def _text_quotes(receipt: bytes) -> list[Any]:
    quotes = json.loads(receipt)["body"]["quotes"]
    return [quote for quote in quotes if quote["source"].endswith(_TEXTS)]


def _copy(receipt: bytes, source: Path, target: Path) -> None:
    """Copy the documents of ``receipt`` as they were to the folder ``target``."""
    for quote in json.loads(receipt)["body"]["quotes"]:
        copy = target / quote["source"]
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((source / quote["source"]).read_bytes())


def _are_read_as_signed(receipt: bytes, documents: DocumentFolder) -> bool:
    """Tell whether the files are read as the texts whose digests were signed."""
    body = json.loads(receipt)["body"]
    signed = {one["id"]: one for one in body["documents"]}
    for quote in body["quotes"]:
        document = signed[quote["document"]]
        found = documents(document, quote["source"])
        if not found or checker.digest(found.text.encode()).hex() != document["text"]:
            return False
    return True


def _misplaced(found: Verification, receipt: bytes, documents: DocumentFolder) -> str:
    """Return what is wrong of what is said of the quotes; empty if nothing is."""
    body = json.loads(receipt)["body"]
    signed = {one["id"]: one for one in body["documents"]}
    for quote, standing in zip(body["quotes"], found.quotes, strict=True):
        now = documents(signed[quote["document"]], quote["source"])
        text = now.text if now else ""
        if standing.state in ("holds", "moved"):
            place = standing.start or 0
            if text[place : place + len(quote["quote"])] != quote["quote"]:
                return f"{standing.state}, but not where it is said to be"
        elif quote["sentence"] in text:
            return f"{standing.state}, but it is there"
    return ""
