"""What the first model makes of chunks and spans, worked by hand."""

from __future__ import annotations

from tokenizers import Tokenizer

from aiqa.reader.first_reading import ChunkReading, FirstReading, SpanReading
from tests.reader.fakes import hit, place, read_window

ADA = hit("Ada Moor lit it.", start=5)
TOM = hit("Ada Moor paid Tom Reed. Jane saw.", "b.txt", 7)


def test_a_chunk_is_read_as_its_windows_are_at_their_best(tokenizer: Tokenizer) -> None:
    read = [
        # Its best start and end are 3 and 2, and "no answer" has 1.5; then 4 and 0 against 3.
        read_window(tokenizer, ADA, {"Ada": 3.0, "lit": 1.0}, {"it": 2.0}, {}, 0.5, null=1.5),
        read_window(tokenizer, ADA, {"Ada": 4.0}, {}, {}, answering=2.5, null=3.0),
        read_window(tokenizer, TOM, {}, {"Reed": 0.25}, {}, answering=-1.0, null=2.0),
    ]
    for first in (FirstReading(read), FirstReading(read[::-1])):
        assert first.of_chunk(ADA.chunk) == ChunkReading(2.5, 3.5)
        assert first.of_chunk(TOM.chunk) == ChunkReading(-1.0, -1.75)


def test_a_span_is_read_as_its_windows_are_at_their_best(tokenizer: Tokenizer) -> None:
    read = [
        read_window(tokenizer, TOM, {"Tom": 2.0, "Ada": 3.0}, {"Reed": 1.0}, {"Tom Reed": 8.0}),
        read_window(tokenizer, TOM, {"Tom": 4.0}, {"Reed": 0.5}, {"Tom Reed": 2.0}, null=2.0),
    ]
    told = FirstReading(read).of_span(TOM.chunk, place(TOM, "Tom Reed"))
    # From "Tom" to "Reed": 3 over 0, then 4.5 over 2. Its sentence is best from "Ada" on, with 4.
    assert (told.score, told.evidence, told.sentence_score) == (3.0, 8.0, 4.0)
    assert 0 < told.sentence_evidence < 8.0
    other = FirstReading(read).of_span(TOM.chunk, place(TOM, "Jane saw"))
    assert (other.score, other.sentence_evidence) == (0.0, 0.0)


def test_what_was_not_read_says_little(tokenizer: Tokenizer) -> None:
    first = FirstReading([read_window(tokenizer, ADA, {}, {}, {}, null=50.0)])
    assert first.of_chunk(TOM.chunk) == ChunkReading(-10.0, -10.0)
    unread = SpanReading(-20.0, -10.0, -20.0, -10.0)
    assert first.of_span(TOM.chunk, place(TOM, "Jane")) == unread
    assert first.of_span(ADA.chunk, place(ADA, "lit")).score == -20.0
