from hypothesis import given
from hypothesis import strategies as st

from aiqa.evaluation.quote_matching import occurrences
from aiqa.types import Span


def test_a_quote_is_found_to_the_letter_each_time() -> None:
    assert occurrences("a cat, a cat", "a cat") == [Span(0, 5), Span(7, 12)]


def test_a_row_is_found_whatever_stands_between_its_cells() -> None:
    text = "Price: About $ 1,800.\nMaker: SenseTime"
    (span,) = occurrences(text, "price; about 1800")
    assert text[span.start : span.end] == "Price: About $ 1,800"
    assert occurrences(text, "Maker SenseTime.") == [Span(22, len(text))]


def test_a_number_is_not_found_within_another() -> None:
    assert occurrences("It costs 1,800 crowns.", "800 crowns!") == []
    assert occurrences("Nothing", "…") == []


CLAUSE = "Services 3. (a) The museum lends a lamp for at most 30 days to any school nearby."


def test_a_long_quote_is_found_without_the_number_that_a_list_has_given_its_clause() -> None:
    quote = "Services(a) The museum lends a lamp for at most 30 days to any school nearby."
    text = f"Gulls. {CLAUSE} Dogs."
    (span,) = occurrences(text, quote)
    found = text[span.start : span.end]
    assert found in CLAUSE
    assert found.endswith("The museum lends a lamp for at most 30 days to any school nearby")


def test_a_row_is_found_whose_label_was_repeated_for_each_cell() -> None:
    row = "Add affiliates to the use; Replace the first sentence of the section on use by this one"
    labelled = row.replace("Add", "TERMS: Add").replace("Replace", "TERMS: Replace")
    text = f"TERMS\nSome other row that comes before it.\n{row}.\nOther rows that come after it"
    (span,) = occurrences(text, labelled)
    assert text[span.start : span.end] == row


def test_what_only_resembles_a_quote_is_not_found() -> None:
    assert occurrences(CLAUSE, CLAUSE.replace("30", "14")) == []
    assert occurrences(CLAUSE, CLAUSE.replace("museum lends", "library never sells")) == []
    assert occurrences("A lamp is lent.", "A lamp was lent.") == []


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_what_a_text_says_is_found_in_it(before: str, quote: str, after: str) -> None:
    if any(character.isalnum() for character in quote):
        assert occurrences(f"{before} {quote.upper()}. {after}", quote.upper()) != []
