"""Compound files as Outlook writes them, for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Folder: TypeAlias = "Mapping[str, bytes | Folder]"

_SECTOR, _SMALL_SECTOR, _SMALL = 512, 64, 4096
_END, _TABLE, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_FOLDER, _STREAM, _ROOT = 1, 2, 5


@dataclass
class _Space:
    """Sectors of one size, and which follows which."""

    size: int
    data: bytes = b""
    follows: list[int] = field(default_factory=list)

    def store(self, data: bytes) -> int:
        """Add ``data`` and return the number of its first sector."""
        if not data:
            return _END
        start, count = len(self.follows), -(-len(data) // self.size)
        self.data += data.ljust(count * self.size, b"\0")
        self.follows += [*range(start + 1, start + count), _END]
        return start


def compound_file(root: Folder) -> bytes:
    """Return the file with these streams and folders."""
    space, small = _Space(_SECTOR), _Space(_SMALL_SECTOR)
    entries: list[list[int | str]] = []
    """Name, kind, right sibling, first child, first sector and size of each entry."""

    def add(folder: Folder) -> int:
        following = _FREE
        for name, content in reversed(list(folder.items())):
            if isinstance(content, bytes):
                start = (small if len(content) < _SMALL else space).store(content)
                entries.append([name, _STREAM, following, _FREE, start, len(content)])
            else:
                entries.append([name, _FOLDER, following, add(content), 0, 0])
            following = len(entries)
        return following

    child = add(root)
    shared = space.store(small.data)
    entries.insert(0, ["Root Entry", _ROOT, _FREE, child, shared, len(small.data)])
    small_table = space.store(struct.pack(f"<{len(small.follows)}I", *small.follows))
    rows = b""
    for name, kind, right, inside, start, size in entries:
        coded = str(name).encode("utf-16-le") + b"\0\0"
        rows += coded.ljust(64, b"\0") + struct.pack("<HBB", len(coded), kind, 1)
        rows += struct.pack("<III", _FREE, right, inside) + bytes(36)
        rows += struct.pack("<IQ", start, size)
    directory = space.store(rows)
    first = len(space.follows)
    count = -(-(first + 1) // (_SECTOR // 4 - 1))
    table = [*space.follows, *[_TABLE] * count]
    table += [_FREE] * (count * _SECTOR // 4 - len(table))
    small_sectors = -(-len(small.follows) * 4 // _SECTOR)
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, count, directory, 0, _SMALL, small_table, small_sectors, _END, 0)
    head += struct.pack("<109I", *range(first, first + count), *[_FREE] * (109 - count))
    return head + space.data + struct.pack(f"<{len(table)}I", *table)
