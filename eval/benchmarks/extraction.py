"""How much of the words of files the loaders find, against a reference text beside each file.

    python -m eval.benchmarks.extraction FOLDER [--references FOLDER] [--missing N]

The reference of ``report.docx`` is ``report.docx.txt`` or ``report.docx.md`` beside it; with
``--references`` it is a file of the same stem (``report.md``, ``report.txt``) in that folder.
Markdown is read by aiqa's own loader. Printed for each format: the number of files, and over all
their words, as multisets and without case, the share of the reference's words that were read
(recall), the share of the words read that the reference has (precision), and the files of which
less than 95 % was read. A file that cannot be read counts with no words.

``python -m eval.benchmarks.extraction corpus --references eval/corpus`` prints it for the documents
of the bundled corpus, which are made from the Markdown files there.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from aiqa.documents import is_supported, load_document
from aiqa.errors import DocumentError

_LOW = 0.95
_WORD = re.compile(r"\w+")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@dataclass(slots=True)
class Tally:
    """Words counted over the files of one format."""

    files: int = 0
    reference: int = 0
    read: int = 0
    common: int = 0
    low: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the reference's words that were read, in [0, 1]."""
        return self.common / self.reference if self.reference else 1.0

    @property
    def precision(self) -> float:
        """Share of the words read that the reference has, in [0, 1]."""
        return self.common / self.read if self.read else 1.0


def words(text: str) -> Counter[str]:
    """Count the words of ``text`` without regard to case."""
    return Counter(_WORD.findall(text.casefold()))


def pairs(folder: Path, references: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yield each file below ``folder`` with its reference; files without one are left out."""
    for path in sorted(folder.rglob("*")):
        if not (path.is_file() and is_supported(path)):
            continue
        names = [f"{path.name}.txt", f"{path.name}.md"]
        if references:
            names = [f"{path.stem}.md", f"{path.stem}.txt"]
        for name in names:
            reference = (references or path.parent) / name
            if reference.is_file() and reference != path:
                yield path, reference
                break


def text_of(path: Path) -> str:
    """Return the text that aiqa stores of the file, "" where it cannot be read."""
    try:
        document = load_document(path.read_bytes(), path.name)
    except DocumentError:
        return ""
    return f"{document.title}\n{document.text}"


def reference_text(path: Path) -> str:
    """Return a reference: Markdown, without its front matter, as aiqa reads it, else the file."""
    source = path.read_text("utf-8")
    if path.suffix != ".md":
        return source
    return load_document(_FRONT_MATTER.sub("", source).encode(), path.name).text


def measure(
    folder: Path, references: Path | None
) -> tuple[dict[str, Tally], dict[str, Counter[str]]]:
    """Return the tally of each suffix, and the words that each file lacks."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    lacking: dict[str, Counter[str]] = {}
    for path, reference in pairs(folder, references):
        wanted, found = words(reference_text(reference)), words(text_of(path))
        common = (wanted & found).total()
        tally = tallies[path.suffix.lower()]
        tally.files += 1
        tally.reference += wanted.total()
        tally.read += found.total()
        tally.common += common
        if common < _LOW * wanted.total():
            tally.low.append(str(path.relative_to(folder)))
        lacking[str(path.relative_to(folder))] = wanted - found
    return dict(tallies), lacking


def main() -> None:
    """Measure a folder and print a row for each format."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", type=Path)
    parser.add_argument("--missing", type=int, default=0, help="words to list of each file")
    options = parser.parse_args()
    tallies, lacking = measure(options.folder, options.references)
    if not tallies:
        parser.exit(2, f"No file below {options.folder} has a reference text.\n")
    console = Console()
    table = Table("format", "files", "words", "recall", "precision", "files below 95 %")
    for suffix, tally in sorted(tallies.items()):
        table.add_row(
            suffix,
            str(tally.files),
            f"{tally.reference:,}",
            f"{tally.recall:.4f}",
            f"{tally.precision:.4f}",
            " ".join(tally.low),
        )
    console.print(table)
    for name, counts in lacking.items():
        if options.missing and counts:
            rarest = " ".join(word for word, _ in counts.most_common(options.missing))
            console.print(f"{name} lacks {counts.total()}: {rarest}", markup=False)


if __name__ == "__main__":
    main()
