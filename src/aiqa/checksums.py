"""Checksums of files, documents and chunks."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path


def sha256(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_id(data: bytes) -> str:
    """Return the id of a document with these bytes: their SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def document_checksum(
    title: str, text: str, pages: str, headings: str, blocks: Sequence[str]
) -> str:
    """Return the BLAKE2b, in hexadecimal, of the stored parts of a document."""
    checksum = hashlib.blake2b(digest_size=16)
    for part in (title, text, pages, headings, *blocks):
        checksum.update(f"{len(part)}:".encode())
        checksum.update(part.encode("utf-8", "surrogatepass"))
    return checksum.hexdigest()


def chunk_checksum(
    start: int, end: int, text: str, lead: str, vector: bytes, sentences: str
) -> int:
    """Return the CRC-32 of a chunk's place, text, lead-in, vector and sentences."""
    checksum = zlib.crc32(f"{start}:{end}:".encode())
    for words in (text, lead):
        checksum = zlib.crc32(words.encode("utf-8", "surrogatepass"), checksum)
    return checksum_with_sentences(zlib.crc32(vector, checksum), sentences)


def checksum_with_sentences(checksum: int, sentences: str) -> int:
    """Extend the CRC-32 of the other parts of a chunk by its ``sentences``."""
    return zlib.crc32(sentences.encode(), checksum)
