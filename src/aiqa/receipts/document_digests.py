"""Digests of the canonical texts of an index, kept in its folder from one receipt to the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from aiqa.index.seal import is_sealed, sealed
from aiqa.receipts.checker import PIECE
from aiqa.receipts.merkle_tree import MerkleTree
from aiqa.storage import Catalog

_FILE = "digests.json"


@dataclass(frozen=True, slots=True)
class TextDigest:
    """SHA-256 of a text in UTF-8, the root of the tree over its pieces, and its length."""

    sha256: str
    root: str
    characters: int

    @classmethod
    def of(cls, text: str) -> TextDigest:
        """Compute the digest of ``text``."""
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return cls(sha256, text_tree(text).root, len(text))


def text_tree(text: str) -> MerkleTree:
    """Return the tree over the pieces of ``text``, each of ``PIECE`` characters but the last."""
    return MerkleTree([text[at : at + PIECE].encode() for at in range(0, len(text), PIECE)])


def document_digests(catalog: Catalog, folder: Path) -> dict[str, TextDigest]:
    """Return the digest of every document in ``catalog``, in order of id.

    What was computed before is read from ``folder``, where it stands with this user's seal.

    Raises:
        CatalogError: the text of a document is damaged.
    """
    checksums = dict(catalog.checksums())
    known = _read(folder / _FILE)
    digests: dict[str, TextDigest] = {}
    for document_id, checksum in checksums.items():
        found = known.get(f"{document_id} {checksum}")
        if found is None and (document := catalog.document(document_id)):
            found = TextDigest.of(document.text)
        if found:
            digests[document_id] = found
    named = {f"{document_id} {checksums[document_id]}": one for document_id, one in digests.items()}
    if named != known:
        _write(folder / _FILE, named)
    return digests


def _read(file: Path) -> dict[str, TextDigest]:
    """Return what ``_write`` wrote; nothing if that is not there or not of this user."""
    try:
        seal, _, content = file.read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return {}
    if not is_sealed(content, seal):
        return {}
    return {name: TextDigest(*values) for name, values in json.loads(content).items()}


def _write(file: Path, digests: Mapping[str, TextDigest]) -> None:
    content = json.dumps({name: astuple(one) for name, one in digests.items()})
    if (seal := sealed(content)) is None:
        return
    draft = file.with_name(f".{file.name}.part")
    # In a folder that cannot be written they are computed each time.
    with suppress(OSError):
        draft.write_text(f"{seal}\n{content}", "utf-8")
        draft.replace(file)
