"""The tree over all documents of an index, whose root stands for its texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiqa.receipts.checker import LEAF
from aiqa.receipts.document_digests import TextDigest, document_digests
from aiqa.receipts.merkle_tree import MerkleTree
from aiqa.storage import Catalog


class IndexTree:
    """The documents of one generation, in order of id, and the tree over their digests."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        with catalog.reading():
            self.generation = catalog.generation
            self.digests = document_digests(catalog, folder)
        self._positions = {document_id: at for at, document_id in enumerate(self.digests)}
        self._tree = MerkleTree([_canonical(self._leaf(one)).encode() for one in self.digests])

    def as_dict(self) -> dict[str, Any]:
        """Return generation, number of documents and root."""
        root = self._tree.root
        return {"generation": self.generation, "documents": len(self.digests), "root": root}

    def digest(self, document_id: str) -> TextDigest:
        """Return the digest of a document of the index."""
        return self.digests[document_id]

    def membership(self, document_id: str) -> dict[str, Any]:
        """Return the leaf of a document, its position, and the proof that leads to the root."""
        position = self._positions[document_id]
        proof = self._tree.proof(position, position + 1)
        return {**self._leaf(document_id), "position": position, "proof": proof}

    def _leaf(self, document_id: str) -> dict[str, str | int]:
        one = self.digests[document_id]
        return dict(zip(LEAF, (document_id, one.sha256, one.root, one.characters), strict=True))


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""Returns a leaf as RFC 8785 has it: of ASCII and integers, sorted keys are all it takes."""
