"""Text for benchmarks: as much as is asked for, always the same, and never the same twice."""

from __future__ import annotations

import random
import re
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "corpus"


def sentences() -> list[str]:
    """Sentences of the bundled corpus."""
    text = " ".join(path.read_text("utf-8") for path in sorted(CORPUS.rglob("*.md")))
    found = re.split(r"(?<=[.!?])\s+", text)
    return [words for words in found if re.fullmatch(r"[^|#\n]{40,300}", words)]


def article(chance: random.Random, stock: list[str], size: int) -> str:
    """A Markdown article of at least ``size`` characters, sections and paragraphs included."""
    parts = [f"# Report {chance.randrange(10**9)}\n"]
    length = 0
    while length < size:
        if len(parts) % 6 == 1:
            parts.append(f"## Part {chance.randrange(10**6)}\n")
        said = [chance.choice(stock) for _ in range(5)]
        number = chance.randrange(10**6)
        paragraph = f"{' '.join(said)} It is filed under number {number}.\n"
        parts.append(paragraph)
        length += len(paragraph) + 1
    return "\n".join(parts)


def write_tree(folder: Path, files: int, size: int) -> int:
    """Write ``files`` articles of ``size`` characters, 100 to a folder; the bytes written."""
    chance, stock, total = random.Random(1), sentences(), 0  # noqa: S311
    for number in range(files):
        path = folder / f"{number // 100:04}" / f"{number % 100:02}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        total += path.write_bytes(article(chance, stock, size).encode())
    return total
