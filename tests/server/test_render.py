"""What is shown of documents and answers, as HTML, without a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.answers.citation_check import renewed, standing
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.serialization import answer_dict, read_answer
from aiqa.server import conversation_export
from aiqa.server.answer_view import Turn, turn_html
from aiqa.server.document_view import blocks, window
from aiqa.server.rendering import render
from aiqa.types import Answer, Citation, Document, Heading, Position, Span, Statement


class Reader(HTMLParser):
    """Collects a page's text, and apart from it that of its <mark>; tags must nest."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.marked = ""
        self.whole = ""
        self.tags: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self._open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.whole += data
        if "mark" in self._open:
            self.marked += data


def document_html(document: Document, within: Span, sentence: Span, quote: Span) -> str:
    return render("document_text.html", blocks=blocks(document, within, sentence, quote))


CANONICAL = st.lists(
    st.one_of(
        st.sampled_from(["\n", "\n\n", "- ", "1. ", "; ", ": ", "A: b; C: d\nA: e; C: f", "<b>"]),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    ),
    max_size=30,
).map("".join)


@given(text=CANONICAL, cuts=st.lists(st.integers(0, 400), min_size=5, max_size=5))
def test_a_document_is_shown_to_the_character_and_its_quote_is_marked(
    text: str, cuts: list[int]
) -> None:
    first, start, end, last = sorted(min(cut, len(text)) for cut in cuts[:4])
    head = cuts[4]
    title = text[head : head + 6].strip()
    headings = (Heading(1, title, text.index(title)),) if title else ()
    document = Document("id", "a.txt", "text", "T", text, headings=headings)
    shown = Reader(document_html(document, Span(0, len(text)), Span(first, last), Span(start, end)))
    assert shown.whole == text
    assert "".join(shown.marked.split()) == "".join(text[start:end].split())
    assert set(shown.tags) <= {"mark", "span", "p", "h3"}


def shown_tags(content: Content) -> list[str]:
    text = content.text
    document = Document("id", "a.md", "markdown", "T", text, blocks=content.blocks)
    shown = Reader(document_html(document, Span(0, len(text)), Span(0, 0), Span(0, 0)))
    assert shown.whole == text
    return shown.tags


def test_headings_lists_and_tables_are_set_as_such() -> None:
    text = CanonicalText()
    text.heading(1, "Fees")
    text.list_item("one")
    text.list_item("two", level=2)
    text.paragraph("A sentence.")
    text.code("x = 1\ny = 2")
    assert shown_tags(text.content(None)) == ["h3", "ul", "li", "li", "p", "pre"]
    text = CanonicalText()
    text.table(
        [["Role", "Name"], ["Cox", "Jane"], ["Bow", "Tom; and Ann"], ["Cook", ""]], header=True
    )
    tags = shown_tags(text.content(None))
    assert (tags.count("th"), tags.count("tr"), tags.count("td")) == (2, 4, 6)
    text = CanonicalText()
    text.table([["Price", "800"], ["Maker", "SenseTime"]])
    tags = shown_tags(text.content(None))
    assert (tags.count("th"), tags.count("tr"), tags.count("td")) == (2, 2, 2)


ROWS = st.lists(st.lists(st.text("ab1;: ", max_size=5), min_size=1, max_size=4), max_size=5)


@given(rows=ROWS, cuts=st.lists(st.integers(0, 200), min_size=4, max_size=4))
def test_a_part_of_a_table_is_shown_to_the_character(
    rows: list[list[str]], cuts: list[int]
) -> None:
    builder = CanonicalText()
    builder.list_item("before", level=2)
    builder.table(rows)
    builder.block("note", "after", "footnote 1")
    content = builder.content(None)
    text = content.text
    start, first, last, end = sorted(min(cut, len(text)) for cut in cuts)
    document = Document("id", "a.md", "markdown", "T", text, blocks=content.blocks)
    shown = Reader(document_html(document, Span(start, end), Span(0, 0), Span(first, last)))
    assert shown.whole == text[start:end]
    assert "".join(shown.marked.split()) == "".join(text[first:last].split())


def test_a_large_document_is_shown_in_part_from_block_to_block() -> None:
    text = "\n\n".join(["A line."] * 50_000)
    document = Document("id", "a.txt", "text", "T", text)
    within = window(document, Span(200_000, 200_007))
    assert Span(200_000, 200_007).overlaps(within)
    assert within.end - within.start < 150_000
    assert text[within.start : within.end].startswith("A line.")
    assert text[within.start - 2 : within.start] == "\n\n"
    assert window(Document("id", "a.txt", "text", "T", "x" * 10), Span(3, 4)) == Span(0, 10)


def test_a_line_of_a_megabyte_is_cut_around_its_quote() -> None:
    text = "word " * 200_000
    document = Document("id", "a.txt", "text", "T", text)
    quote = Span(500_000, 500_004)
    within = window(document, quote)
    shown = Reader(document_html(document, within, quote, quote))
    assert shown.whole == text[within.start : within.end]
    assert shown.marked == "word"
    assert len(shown.whole) < 150_000


DOCUMENT = Document(
    "a" * 64,
    "docs/<i>.md",
    "markdown",
    "The <b>guide</b>",
    "What it costs\n\nThe robot costs about 800 US dollars. Nothing else is known of it.",
    headings=(Heading(2, "What it costs", 0),),
)


def cited(quote: str, sentence: str, document: Document = DOCUMENT) -> Citation:
    around = document.text.index(sentence)
    start = document.text.index(quote, around)
    return Citation(
        document_id=document.id,
        source=document.source,
        title=document.title,
        page=None,
        section="What it costs",
        start=start,
        end=start + len(quote),
        quote=quote,
        sentence_start=around,
        sentence_end=around + len(sentence),
        sentence=sentence,
    )


PRICE = cited("about 800 US dollars", "The robot costs about 800 US dollars.")


def stated(text: str, confidence: float, *citations: Citation) -> Statement:
    return Statement(text, confidence, citations)


def answered(**changes: object) -> Answer:
    said = stated(PRICE.quote, 0.91, PRICE)
    answer = Answer("How much <i>?", PRICE.quote, 0.91, "span", (said,))
    return replace(answer, **changes)  # type: ignore[arg-type]


def test_a_span_stands_in_bold_in_its_sentence() -> None:
    page = turn_html(Turn("t1", "How much <i>?", answered()))
    assert "The robot costs <b>about 800 US dollars</b>." in page
    assert "High confidence, 91%" in page
    assert "about 91 in 100 are right" in page
    assert "The &lt;b&gt;guide&lt;/b&gt;" in page
    assert "How much &lt;i&gt;?" in page
    assert "i" not in Reader(page).tags


def test_several_statements_have_numbers_of_their_own() -> None:
    other = elsewhere("9 yuan", 1)
    both = (stated(PRICE.quote, 0.9, PRICE), stated(other.quote, 0.8, other))
    page = turn_html(Turn("t1", "?", answered(kind="list", statements=both)))
    assert page.count('<blockquote class="said"') == 2
    assert 'aria-label="Source 1"' in page
    assert 'aria-label="Source 2"' in page


def test_sentences_that_follow_each_other_stand_together() -> None:
    first = cited(PRICE.sentence, PRICE.sentence)
    other = cited("Nothing else is known of it.", "Nothing else is known of it.")
    both = (stated(first.quote, 0.9, first), stated(other.quote, 0.8, other))
    page = turn_html(Turn("t1", "?", answered(kind="sentences", statements=both)))
    assert page.count('<blockquote class="said"') == 1
    assert f"{PRICE.sentence} {other.sentence}" in page
    # They are one passage, which has one number and is opened as a whole.
    assert '"Source 2"' not in page
    place = re.search(r'data-start="(\d+)" data-end="(\d+)"', page)
    assert place
    assert int(place[1]) <= first.start
    assert int(place[2]) >= other.end
    # One section is cited once.
    assert page.count('<span class="place">') == 1


def test_short_words_that_say_the_same_are_told_once() -> None:
    said = [
        elsewhere(text, at)
        for at, text in enumerate(("chess and Go", "Go", "chess, Go", "draughts"))
    ]
    statements = tuple(stated(one.quote, 0.9, one) for one in said)
    page = turn_html(Turn("t1", "Which games?", answered(kind="list", statements=statements)))
    short = page.partition('<ul class="short">')[2].partition("</ul>")[0]
    assert re.findall(r">([^<>]+)</li>", short) == ["chess and Go", "draughts"]


def elsewhere(quote: str, number: int) -> Citation:
    text = f"It is said to cost {quote} today."
    document = Document(str(number) * 64, f"{number}.md", "markdown", f"No. {number}", text)
    return cited(quote, text, document)


def test_sources_that_agree_and_differ_on_a_value_are_counted() -> None:
    same, other = elsewhere("800 dollars", 1), elsewhere("1,200 dollars", 2)
    agreeing = (Position(PRICE.quote, (PRICE, same)),)
    answer = answered(positions=(*agreeing, Position(other.quote, (other,))))
    page = turn_html(Turn("t1", "?", answer))
    assert "The sources differ:" in page
    assert "in 2 sources" in page
    assert "The sources agree:" in turn_html(Turn("t1", "?", replace(answer, positions=agreeing)))
    alone = replace(answer, positions=(Position(PRICE.quote, (PRICE,)),))
    assert "The sources" not in turn_html(Turn("t1", "?", alone))
    assert "The sources" not in turn_html(Turn("t1", "?", answered()))


def test_a_conflict_of_candidates_is_told_where_no_answer_is_sure() -> None:
    one, other = elsewhere("800 dollars", 1), elsewhere("1,200 dollars", 2)
    candidates = unsure(stated(one.quote, 0.4, one), stated(other.quote, 0.3, other))
    both = (Position(one.quote, (one,)), Position(other.quote, (other,)))
    assert "The sources differ:" in turn_html(Turn("t1", "?", replace(candidates, positions=both)))
    agreed = replace(candidates, positions=both[:1])
    assert "The sources" not in turn_html(Turn("t1", "?", agreed))


def unsure(*candidates: Statement, question: str = "How much?") -> Answer:
    return Answer(
        question, None, 0.4, "abstention", alternatives=candidates, cause="below strictness",
        reason="The nearest passage answers with a probability of 40%.", stated=0.9,
    )  # fmt: skip


def test_an_unsure_answer_shows_the_likeliest_three_each_in_its_sentence_once() -> None:
    again = cited("800 US dollars", PRICE.sentence)
    others = [elsewhere(quote, at) for at, quote in enumerate(("9 yuan", "8 yuan", "7 yuan"), 1)]
    page = turn_html(
        Turn(
            "t1",
            "How much?",
            unsure(
                stated(others[0].quote, 0.2, others[0]),
                stated(PRICE.quote, 0.4, PRICE),
                stated(again.quote, 0.3, again),
                *(stated(other.quote, 0.1, other) for other in others[1:]),
            ),
        )
    )
    assert "Possible answers, not sure" in page
    shown = [
        page.index(f"<b>{quote}</b>") for quote in ("about 800 US dollars", "9 yuan", "8 yuan")
    ]
    assert shown == sorted(shown)
    assert page.count('class="candidate"') == 3
    assert "<b>7 yuan</b>" not in page
    assert "40% likely" in page
    assert "The &lt;b&gt;guide&lt;/b&gt;" in page
    assert page.count('data-judged="right"') == page.count('data-judged="wrong"') == 3
    assert "The nearest passage" not in page


def test_what_is_not_found_is_said_plainly_with_the_nearest_titles() -> None:
    near = (stated(PRICE.quote, 0.2, PRICE), stated("robot", 0.1, cited("robot", "The robot")))
    answer = Answer(
        "Who is the mayor <b>of it?", None, 0.2, "abstention", alternatives=near,
        cause="not stated", reason="None of them seems to state it.", stated=0.1,
        interpreted="Who is the mayor <b>of the robot?",
    )  # fmt: skip
    page = turn_html(Turn("t1", answer.question, answer, questions=("What is <it>?",)))
    shown = Reader(page).whole
    assert "The documents don’t seem to say." in shown
    assert "Who is the mayor <b>of the robot?" in shown
    assert shown.count("The <b>guide</b>") == 1
    assert "%" not in shown
    assert "800" not in shown
    assert "What is &lt;it&gt;?" in page


def test_possible_answers_of_one_list_are_shown_in_it_with_what_is_beside_them() -> None:
    builder = CanonicalText()
    builder.paragraph("A notice needs:")
    items = ("a signature", "the address", f"a statement {'of one kind or another ' * 20}".strip())
    for item in items:
        builder.list_item(item)
    content = builder.content(None)
    notice = Document("b" * 64, "n.md", "markdown", "Notices", content.text, blocks=content.blocks)
    found = [cited(item, item, notice) for item in (items[2], items[0])]
    shares = zip(found, (0.4, 0.3), strict=True)
    candidates = [stated(one.quote, share, one) for one, share in shares]
    other = stated(PRICE.quote, 0.2, PRICE)
    documents = {notice.id: notice, DOCUMENT.id: DOCUMENT}
    page = turn_html(Turn("t1", "?", unsure(*candidates, other), find=documents.get))
    assert page.count('<li class="candidate">') == 2
    assert page.count("A notice needs:") == 1
    first = page.partition('<li class="candidate">')[2].partition('<p class="judging">')[0]
    assert re.findall(r'<li dir="auto">(.*?)</li>', first) == [
        f"- <b>{items[0]}</b>", f"- {items[1]}", f"- <b>{items[2]}</b>",
    ]  # fmt: skip
    assert "40% likely" in first
    assert {'aria-label="Source 1"', 'aria-label="Source 2"'} <= set(
        re.findall(r'aria-label="Source \d"', first)
    )


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("Untie the boat", ["1. <b>Untie the boat</b>", "2. Row to the rock"]),
        ("the rock", ["2. Row to <b>the rock</b>"]),
    ],
)
def test_a_step_is_shown_among_the_steps_and_what_one_says_in_it_alone(
    quote: str, shown: list[str]
) -> None:
    builder = CanonicalText()
    for marker, item in (("1.", "Untie the boat"), ("2.", "Row to the rock")):
        builder.list_item(item, marker=marker)
    content = builder.content(None)
    guide = Document("c" * 64, "g.md", "markdown", "Landing", content.text, blocks=content.blocks)
    step = cited(quote, quote, guide)
    found = answered(statements=(stated(quote, 0.9, step),))
    page = turn_html(Turn("t1", "How do I land?", found, find={guide.id: guide}.get))
    assert re.findall(r'<li dir="auto">(.*?)</li>', page.partition('class="said')[2]) == shown


def test_an_unsure_answer_whose_candidates_are_gone_finds_nothing() -> None:
    assert "don’t seem to say" in turn_html(Turn("t1", "?", unsure()))


def test_the_short_words_stand_above_their_sentence_which_is_shown_once() -> None:
    first, second = (cited(quote, PRICE.sentence) for quote in ("The robot", "800 US dollars"))
    both = (stated(second.quote, 0.9, second), stated(first.quote, 0.8, first))
    page = turn_html(Turn("t1", "?", answered(kind="list", statements=both)))
    assert page.count('<blockquote class="said"') == 1
    assert "<b>The robot</b> costs about <b>800 US dollars</b>." in page
    assert page.index('<ul class="short">') < page.index("<blockquote")
    whole = cited(PRICE.sentence[:-1], PRICE.sentence)
    said = (stated(whole.quote, 0.9, whole),)
    page = turn_html(Turn("t1", "?", answered(kind="span", statements=said, text=whole.quote)))
    assert 'class="short"' not in page
    assert "<b>" not in page[: page.index('class="sources"')]


def test_a_quote_is_in_the_language_of_its_document() -> None:
    text = "Das Gerät kostet 800 Euro."
    german = Document("a" * 64, "a.md", "markdown", "Preise", text, language="de-AT")
    start = text.index("800")
    citation = Citation(
        german.id, german.source, german.title, None, "", start, start + 8, "800 Euro", 0,
        len(text), text,
    )  # fmt: skip
    found = Answer("Price?", "800 Euro", 0.9, "span", (Statement("800 Euro", 0.9, (citation,)),))
    page = turn_html(Turn("1", "Price?", found, find=lambda _: german))
    # The short words, the sentence, and what the citation's tip says.
    assert page.count('lang="de-AT"') == 3
    unknown = turn_html(Turn("1", "Price?", found, find=lambda _: replace(german, language=None)))
    assert "de-AT" not in unknown
    assert '<span class="words" dir="auto" lang="">' in unknown


def test_an_answer_survives_being_kept() -> None:
    answer = answered(
        alternatives=(stated("x", 0.1, PRICE),),
        interpreted="How much?",
        unread={"passages not read again": 2},
    )
    assert read_answer(answer_dict(answer)) == answer


def test_an_answer_kept_before_unread_passages_had_a_field_is_read() -> None:
    kept = answer_dict(answered(timings_ms={"total": 9.0, "unread passages": 8.0}))
    del kept["unread"]
    assert read_answer(kept).unread == {}


def test_a_kept_answer_is_compared_with_the_documents_as_they_are() -> None:
    moved = replace(DOCUMENT, id="b" * 64, text="New.\n\n" + DOCUMENT.text)
    changed = replace(DOCUMENT, id="c" * 64, text="It costs nothing.")
    forged = replace(PRICE, quote="it is free", sentence="it is free")
    for now, citation, state in (
        (DOCUMENT, PRICE, "stands"),
        (moved, PRICE, "moved"),
        (changed, PRICE, "changed"),
        (None, PRICE, "gone"),
        (DOCUMENT, forged, "changed"),
    ):
        known = now if now and now.id == citation.document_id else None
        found = standing(citation, lambda _, known=known: known, lambda _, now=now: now)  # type: ignore[misc]
        assert found.state == state
        if state in ("stands", "moved"):
            assert now
            again = found.citation
            assert now.text[again.start : again.end] == PRICE.quote
            assert now.text[again.sentence_start : again.sentence_end] == PRICE.sentence
            assert again.document_id == now.id


def test_what_no_longer_stands_is_said_at_the_answer_and_at_the_source() -> None:
    answer, standings = renewed(
        answered(), lambda citation: standing(citation, lambda _: None, lambda _: None)
    )
    page = turn_html(Turn("t1", "?", answer, standings=standings))
    assert "1 of 1 quotes no longer stand where they did." in page
    assert "no longer among those that are searched" in page


def test_a_conversation_as_markdown_has_no_markup_of_the_documents() -> None:
    bad = "[Click](javascript:x) <script>\n# no"
    document = replace(DOCUMENT, text=bad, title=bad)
    citation = cited(bad, bad, document)
    answer = answered(text=bad, statements=(stated(bad, 0.9, citation),))
    written = conversation_export.markdown("My *talk*", [("How `much`?", answer)])
    assert "\\[Click\\](javascript:x) \\<script>" in written
    assert [line for line in written.splitlines() if line.startswith("#")] == [
        "# My \\*talk\\*",
        "## How \\`much\\`?",
    ]


def test_a_conversation_as_markdown_is_escaped_only_where_it_has_to_be() -> None:
    text = "R&D costs $800 & more, see a_b/c-d.md (1.5%); &amp; 2 < 3 *all*: ~5 #1 | x_1! No."
    document = replace(DOCUMENT, text=text, title="Costs & prices", source="a_b/c & d.md")
    quote = cited("$800 & more", text, document)
    answer = answered(text=quote.quote, statements=(stated(quote.quote, 0.9, quote),))
    address = "https://qa.example.org/"
    written = conversation_export.markdown("R&D", [("1. Which?", answer)], address)
    assert written.startswith("# R&D\n\n## 1\\. Which?\n")
    assert "> R&D costs **$800 & more**, see a_b/c-d.md (1.5%); " in written
    assert "; \\&amp; 2 \\< 3 \\*all\\*: ~5 #1 | x_1! No.\n" in written
    place = f"{document.id}.{quote.start}.{quote.end}.0.{len(text)}"
    assert "> — [Costs & prices" in written
    assert f"]({address}#place={place}), `a_b/c & d.md`" in written
    forged = conversation_export.markdown("", [("?", answer)], "https://x) [a](javascript:alert(1)")
    assert f"(#place={place})" in forged
    assert not forged.startswith("# ")
