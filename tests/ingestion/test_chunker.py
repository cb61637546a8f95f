from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.documents.text_builder import CanonicalText
from aiqa.embedders import Embedder
from aiqa.ingestion.chunker import Chunker
from aiqa.text.sentences import sentences
from aiqa.text.tokens import count_tokens
from aiqa.types import Chunk, Document, Heading

LIMIT = 64


@pytest.fixture(scope="module")
def chunker(embedder: Embedder) -> Chunker:
    return Chunker(target=40, overlap=0, limit=LIMIT, count_pieces=embedder.count_tokens)


def document(text: str, headings: tuple[Heading, ...] = (), title: str = "A title") -> Document:
    return Document("id", "a.txt", "text", title, text, headings=headings)


def words_of(chunks: list[Chunk]) -> list[str]:
    return [chunk.text for chunk in chunks]


def test_special_tokens_are_counted_as_the_text_they_are() -> None:
    assert count_tokens("<|endoftext|>") > 1
    assert count_tokens("hello world") == 2


def test_chunks_end_where_sentences_end_and_are_about_equally_long(chunker: Chunker) -> None:
    text = " ".join(f"Sentence number {n} tells of the sea." for n in range(12))
    chunks = chunker.chunks(document(text))
    ends = {span.end for span in sentences(text)}
    assert len(chunks) == 3
    assert all(chunk.end in ends for chunk in chunks)
    assert " ".join(words_of(chunks)) == text
    assert len({len(chunk.text.split(".")) for chunk in chunks}) == 1


def test_a_chunk_never_spans_two_sections_and_its_context_names_them(chunker: Chunker) -> None:
    source = (
        b"# Guide\n\nIntro.\n\n## Boats\n\nA dinghy.\n\n### Sails\n\nOne jib.\n\n## Oars\n\nTwo.\n"
    )
    chunks = chunker.chunks(load_document(source, "guide.md"))
    assert [(chunk.context, chunk.text) for chunk in chunks] == [
        ("Guide", "Intro."),
        ("Guide › Boats", "A dinghy."),
        ("Guide › Boats › Sails", "One jib."),
        ("Guide › Oars", "Two."),
    ]


def test_a_heading_with_nothing_under_it_is_a_chunk_of_its_own(chunker: Chunker) -> None:
    chunks = chunker.chunks(
        load_document(b"# T\n\n## Closed on Mondays\n\n## Next\n\nText.\n", "a.md")
    )
    assert words_of(chunks) == ["Closed on Mondays", "Text."]


def test_overlap_repeats_whole_sentences(embedder: Embedder) -> None:
    chunker = Chunker(target=40, overlap=12, limit=LIMIT, count_pieces=embedder.count_tokens)
    text = " ".join(f"Sentence number {n} tells of the sea." for n in range(12))
    chunks = chunker.chunks(document(text))
    for before, after in pairwise(chunks):
        shared = text[after.start : before.end]
        assert shared
        assert 0 < count_tokens(shared) <= 12
        assert after.start in {span.start for span in sentences(text)}


def test_one_endless_word_is_cut_quickly(chunker: Chunker) -> None:
    chunks = chunker.chunks(document("w" * 100_000))
    assert sum(len(chunk.text) for chunk in chunks) == 100_000


def test_a_title_longer_than_the_limit_leaves_room_for_the_text(
    chunker: Chunker, embedder: Embedder
) -> None:
    (chunk,) = chunker.chunks(document("Short text.", title="long " * 300))
    embedded = chunker.embedded_text(chunk)
    assert embedded.endswith("\nShort text.")
    assert embedder.count_tokens(embedded) <= LIMIT


texts = st.text(
    st.sampled_from("ab cde.?!\n-é漢😀\x00\u202e0") | st.characters(exclude_categories=["Cs"]),
    max_size=1500,
)


@settings(max_examples=60)
@given(text=texts, cut=st.integers(0, 1500), title=st.text(max_size=80))
def test_chunks_slice_the_document_and_fit_the_embedder(
    chunker: Chunker, embedder: Embedder, text: str, cut: int, title: str
) -> None:
    headings = (Heading(1, text[cut : cut + 5], cut),) if text[cut : cut + 5].strip() else ()
    whole = document(text, headings, title)
    chunks = chunker.chunks(whole)
    for chunk in chunks:
        assert whole.text[chunk.start : chunk.end] == chunk.text
        assert chunk.text.strip()
        assert count_tokens(chunk.text) <= 40 * 1.5
        assert embedder.count_tokens(chunker.embedded_text(chunk)) <= LIMIT
    for before, after in pairwise(chunks):
        assert before.end <= after.start


def handbook() -> Document:
    text = CanonicalText()
    text.heading(1, "Handbook")
    text.paragraph("Leave is granted for the following reasons:")
    text.list_item("the birth of a child, for which two weeks are paid in full by the employer")
    text.list_item("moving house, for which one day is granted in a year and no more than that")
    text.list_item("moving to another town, if the new office is there, counts twice", level=2)
    text.list_item("a court summons, for as long as the court asks for the person's presence")
    text.table([["Grade", "Days"], ["Junior. New staff", "21"], ["Senior", "30"]])
    content = text.content(None)
    return replace(document(content.text, content.headings, "Handbook"), blocks=content.blocks)


def test_a_chunk_inside_of_a_list_has_its_lead_in_and_the_items_it_belongs_to(
    embedder: Embedder,
) -> None:
    chunker = Chunker(target=24, overlap=0, limit=80, count_pieces=embedder.count_tokens)
    chunks = chunker.chunks(handbook())
    reasons = "Leave is granted for the following reasons:"
    house = "- moving house, for which one day is granted in a year and no more than that"
    assert chunks[0].text.startswith(reasons)
    assert "birth of a child" in chunks[0].text
    summons = next(chunk for chunk in chunks if chunk.text.startswith("a court summons"))
    assert summons.lead == reasons
    nested = next(chunk for chunk in chunks if chunk.text.startswith("moving to another town"))
    assert nested.lead == f"{reasons} › {house}"
    assert nested.context == f"Handbook › {reasons} › {house}"


def test_a_row_of_a_table_is_never_cut_at_a_full_stop(chunker: Chunker) -> None:
    chunks = chunker.chunks(handbook())
    assert any("Grade: Junior. New staff; Days: 21" in chunk.text for chunk in chunks)
