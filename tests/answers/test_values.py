"""Values of answers: what is the same, what differs, and what cannot be compared."""

import pytest

from aiqa.answers.values import related, value_of
from aiqa.answers.values.numerals import numerals
from aiqa.answers.values.quantities import quantities
from aiqa.types import Citation


def citation(sentence: str, quote: str) -> Citation:
    start = sentence.index(quote)
    end = start + len(quote)
    return Citation(
        "id", "a.md", "A", None, "", start, end, quote, 0, len(sentence), sentence
    )  # fmt: skip


def relation(question: str, one: str, other: str) -> str:
    """The relation of two answers, each quoted whole from a sentence that begins before it."""
    values = [value_of(question, citation(f"It is {said} there.", said)) for said in (one, other)]
    if None in values:
        return "unlike"
    return related(*[value for value in values if value is not None])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,240", 1240), ("99.95", 99.95), ("14,80", 14.8), ("1 000", None), ("60 billion", 6e10),
        ("twenty-eight", 28), ("one hundred and twenty thousand", 120_000), ("-80", -80),
        ("two and a half", 2.5), ("a dozen", 12), ("half a", 0.5), ("1.2.3", None), ("B12", None),
    ],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_words(text: str, value: float | None) -> None:
    read = [number.value for number in numerals(text)]
    assert (read == [value]) is (value is not None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 months", "one year"), ("90 days", "three months"), ("20 kg", "20,000 g"),
        ("$5", "5 dollars"), ("SEK 1500", "1,500 kronor"), ("£3.5m", "3.5 million pounds"),
        ("5 ml", "five millilitres"), ("about 8 percent", "8.2 percent"), ("68 °F", "20 °C"),
        ("about 800 US dollars", "under 1,000 dollars"), ("within 30 days", "30 days"),
        ("28 euros per day", "28 euros"), ("7 to 10 days", "8 days"),
        ("March 2026", "16 March 2026"), ("28 February 2026", "2026-02-28"), ("7 pm", "19:00"),
        ("Dr. Ana Lopez", "Ana Lopez"), ("M. Olsen", "Margarethe Olsen"),
        ("the Environmental Protection Agency", "EPA"), ("Acme Ltd", "Acme"),
    ],
)  # fmt: skip
def test_what_is_said_in_other_ways_is_the_same(one: str, other: str) -> None:
    assert relation("Who or what is it?", one, other) == "same"
    assert relation("Who or what is it?", other, one) == "same"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("60 billion yuan", "60 million yuan"), ("60 days", "90 days"), ("-80 °C", "-20 °C"),
        ("99.95 percent", "99.5%"), ("about 800 dollars", "1,000 dollars"),
        ("at least 12 characters", "at least 16 characters"), ("over 50 km", "40 km"),
        ("31 March 2026", "30 June 2026"), ("in 2017", "in 2018"), ("9:30", "10:00"),
        ("12:00 on 20 March", "27 March"), ("on Monday", "on Tuesday"),
        ("Petra Lindqvist", "Gordon Mbeki"), ("Ana Lopez", "Maria Lopez"),
    ],
)  # fmt: skip
def test_other_values_of_a_type_differ(one: str, other: str) -> None:
    assert relation("Who or what is it?", one, other) == "different"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("800 dollars", "5,600 yuan"), ("three days", "three strands"), ("30 days", "2026"),
        ("28 euros per day", "900 euros per month"), ("at most 25 MB", "at least 1 MB"),
        ("five working days", "five days"), ("16 March", "2026"), ("Acme", "20 euros"),
        ("in a friendly way", "with great care"),
    ],
)  # fmt: skip
def test_values_of_other_types_are_not_compared(one: str, other: str) -> None:
    assert relation("Who or what is it?", one, other) == "unlike"


@pytest.mark.parametrize(
    ("question", "one", "other", "expected"),
    [
        ("Are dogs allowed?", "Dogs are allowed on a lead.", "Dogs are not allowed.", "different"),
        ("May we smoke?", "Smoking is prohibited.", "Yes, smoking is fine.", "different"),
        ("Is smoking allowed?", "Smoking is prohibited.", "Smoking is not allowed.", "same"),
        ("Must I fast?", "You must fast.", "You need not fast.", "different"),
        ("Does it contain nuts?", "It contains nuts.", "It is nut-free.", "different"),
        (
            "May they enter?",
            "They may enter only with an escort.",
            "They must not enter unless they are escorted.",
            "unlike",
        ),
        ("Do I pay?", "You pay no more than 5 euros.", "You pay 5 euros.", "same"),
    ],
)
def test_sentences_affirm_or_deny_what_was_asked(
    question: str, one: str, other: str, expected: str
) -> None:
    values = [value_of(question, citation(said, said)) for said in (one, other)]
    assert related(*[value for value in values if value is not None]) == expected


def test_a_number_has_the_unit_of_its_sentence() -> None:
    owns = value_of("How many works?", citation("It owns 1,240 paintings.", "1,240"))
    shows = value_of("How many works?", citation("It shows 1,240 days of rain.", "1,240"))
    assert owns
    assert shows
    assert related(owns, shows) == "unlike"


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("50 dollars or more", "least"), ("65 and over", "least"), ("5+ years", "least"),
        ("10 or more employees", "least"), ("3 days per week or less", "most"),
        ("10 or fewer", "most"), ("3 days or nights", "exact"), ("20 + 30", "exact"),
    ],
)  # fmt: skip
def test_a_limit_may_stand_behind_its_number(text: str, bound: str) -> None:
    assert quantities(text)[0].bound == bound


def test_a_count_is_no_year_and_a_year_no_count() -> None:
    lit = citation("It was lit in 1887.", "1887")
    assert relation("When was it lit?", "in 1887", "1,887 lamps") == "unlike"
    assert type(value_of("How many were lit?", lit)) is not type(value_of("When?", lit))


def test_a_sentence_with_several_values_has_none_that_can_be_compared() -> None:
    said = "It begins on 1 April 2023 and ends on 31 March 2026."
    assert value_of("When does it end?", citation(said, said)) is None
    assert value_of("When does it end?", citation(said, "31 March 2026")) is not None


def test_a_place_is_no_name_that_excludes_others() -> None:
    assert relation("Where is it?", "China", "Hangzhou") == "unlike"


@pytest.mark.parametrize(
    "text", ["", "-", "€", "1,", "12:99 on 45 May", "0" * 400, "9" * 400, "2" + " million" * 99]
)
def test_odd_text_has_no_values_or_finite_ones(text: str) -> None:
    for quantity in quantities(text):
        assert quantity.low <= quantity.high


@pytest.mark.parametrize(
    ("text", "dimension", "low"),
    [
        ("Its cost fell below 1,000 dollars, and it is now sold for about 800.", "USD", 800.0),
        ("The fee rose from 20 euros to 25", "EUR", 25.0),
        ("It costs 500 dollars, see section 4.", "count", 4.0),
        ("It weighs 5 kg and has 3 boxes.", "count", 3.0),
    ],
)
def test_a_bare_number_takes_the_unit_of_the_one_before(
    text: str, dimension: str, low: float
) -> None:
    last = quantities(text)[-1]
    assert (last.dimension, last.high) == (dimension, low)
