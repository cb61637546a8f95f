"""The hash tree of RFC 6962, and proofs of runs of its leaves."""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.receipts.checker import digest


class MerkleTree:
    """A hash tree over ``leaves``."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        # A node without a neighbour is moved up as it is, which gives the tree of RFC 6962.
        self._levels = [[digest(b"\0", leaf) for leaf in leaves]]
        while len(below := self._levels[-1]) > 1:
            pairs = zip(below[::2], below[1::2], strict=False)
            level = [digest(b"\1", left, right) for left, right in pairs]
            self._levels.append(level + below[len(level) * 2 :])

    @property
    def root(self) -> str:
        """The hash over all leaves, in hexadecimal."""
        return (self._levels[-1] or [digest()])[0].hex()

    def proof(self, first: int, last: int) -> list[str]:
        """Return the hashes that lead from leaves ``first`` up to before ``last`` to the root.

        They are those of the largest subtrees without these leaves, from left to right, as
        ``checker.proves`` takes them.
        """
        hashes: list[str] = []

        def collect(low: int, high: int) -> None:
            depth = (high - low - 1).bit_length()
            if high <= first or low >= last:
                hashes.append(self._levels[depth][low >> depth].hex())
            elif depth:
                middle = low + (1 << depth - 1)
                collect(low, middle)
                collect(middle, high)

        collect(0, len(self._levels[0]))
        return hashes
