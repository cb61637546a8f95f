"""How many chunks have each word: the statistics that BM25 scores need, of all shards together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

_KEPT = 100_000
"""Words whose counts are remembered."""

_LAST = "\U0010ffff"

Counts = tuple[int, int]
"""The numbers of chunks that have a word in their text and in their context."""


def words_schema() -> Any:
    """Return the Arrow schema of the table of words, which has a row for each change of a count."""
    import pyarrow as pa

    columns = {
        "word": pa.string(),
        "reversed": pa.string(),
        "text": pa.int64(),
        "context": pa.int64(),
    }
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns.items()])


class WordChanges:
    """What a publication changes of the counts of words, and of the lengths of all chunks."""

    def __init__(self) -> None:
        self.chunks = 0
        self.lengths = [0, 0]
        self._counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def add(self, columns: Sequence[Any], sign: int) -> None:
        """Count chunks by their columns of words, text and context; ``sign`` is -1 if they go."""
        import pyarrow as pa
        import pyarrow.compute as pc

        self.chunks += sign * len(columns[0])
        for at, (column, counts) in enumerate(zip(columns, self._counts, strict=True)):
            split = pc.split_pattern(column, " ")
            pairs = pa.table({"row": pc.list_parent_indices(split), "word": pc.list_flatten(split)})
            pairs = pairs.filter(pc.not_equal(pairs["word"], ""))
            self.lengths[at] += sign * len(pairs)
            distinct = pairs.group_by(["row", "word"]).aggregate([])
            for entry in pc.value_counts(distinct["word"]).to_pylist():
                counts[entry["values"]] += sign * entry["counts"]

    def table(self) -> Any:
        """Return the rows for ``words_schema``, in order."""
        text, context = self._counts
        return words_table(
            (word, text[word], context[word])
            for word in sorted(text.keys() | context.keys())
            if text[word] or context[word]
        )


def words_table(rows: Iterable[tuple[str, int, int]]) -> Any:
    """Return rows of words with their counts in text and context."""
    import pyarrow as pa

    listed = list(rows)
    words, text, context = zip(*listed, strict=True) if listed else ((), (), ())
    columns = {
        "word": list(words),
        "reversed": [word[::-1] for word in words],
        "text": list(text),
        "context": list(context),
    }
    return pa.table(columns, words_schema())


class WordCounts:
    """The counts of one version of the table of words. Any thread may ask."""

    def __init__(self, table: Any) -> None:
        """Read from the Lance dataset ``table``."""
        self._table = table
        self._known = dict[str, Counts]()

    def counts(self, words: Sequence[str]) -> dict[str, Counts]:
        """Return the counts of those of ``words`` that any chunk has."""
        if missing := [word for word in words if word not in self._known]:
            found = self._sums(f"word IN ({', '.join(map(_text, missing))})")
            if len(self._known) > _KEPT:
                self._known = {}
            self._known |= {word: found.get(word, (0, 0)) for word in missing}
        known = {word: self._known.get(word) for word in words}
        return {word: counts for word, counts in known.items() if counts and any(counts)}

    def similar(self, word: str) -> tuple[str, ...]:
        """Return the words that differ from ``word`` by one letter, in order.

        A letter may be missing, added or another one, or two neighbours may be swapped. Then one
        half of the word is as it was, unless they were swapped in the middle.
        """
        from rapidfuzz.distance import OSA

        half = len(word) // 2
        swapped = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
        first, second = word[:half], word[half:][::-1]
        where = (
            f"(word >= {_text(first)} AND word < {_text(first + _LAST)}) "
            f"OR (reversed >= {_text(second)} AND reversed < {_text(second + _LAST)}) "
            f"OR word = {_text(swapped)}"
        )
        found = self._sums(where)
        return tuple(
            sorted(
                other
                for other, counts in found.items()
                if any(counts) and OSA.distance(word, other, score_cutoff=1) <= 1
            )
        )

    def _sums(self, where: str) -> dict[str, Counts]:
        rows = self._table.scanner(columns=["word", "text", "context"], filter=where).to_table()
        sums = rows.group_by("word").aggregate([("text", "sum"), ("context", "sum")])
        columns = (sums[name].to_pylist() for name in ("word", "text_sum", "context_sum"))
        return {word: (text, context) for word, text, context in zip(*columns, strict=True)}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
