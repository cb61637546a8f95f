"""What web pages say about themselves, and that hostile ones are read like any other."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document

BODY = "<p>The lamp was lit on 3 March 2001, says the keeper's daughter.</p>"


def page(head: str = "", body: str = BODY, attributes: str = "") -> Document:
    source = f"<!doctype html><html {attributes}><head>{head}</head><body>{body}</body></html>"
    return load_document(source.encode(), "lamp.html")


@pytest.mark.parametrize(
    ("head", "attributes", "expected"),
    [
        ("", 'lang="en"', "en"),
        ("", 'lang="zh_hans_cn"', "zh-Hans-CN"),
        ("", 'xml:lang="PT-br"', "pt-BR"),
        ('<meta property="og:locale" content="de_AT">', "", "de-AT"),
        ('<meta http-equiv="Content-Language" content="fr">', 'lang=""', "fr"),
        ("", 'lang="deu-Latn-at-1901"', "de-Latn-AT"),
        ("", 'lang="zh-cmn-Hant"', "zh-Hant"),
        ("", 'lang="x-default"', None),
        ("", 'lang="english"', None),
        ("", 'lang="12"', None),
        ("", 'lang="und"', None),
        ("", "", None),
    ],
)
def test_language(head: str, attributes: str, expected: str | None) -> None:
    assert page(head, attributes=attributes).language == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            '<meta property="article:published_time" content="2024-02-29T23:00:00+01:00">',
            "2024-02-29",
        ),
        ('<meta name="citation_publication_date" content="2019/7/3">', "2019-07-03"),
        ('<meta itemprop="datePublished" content="2020-01-02">', "2020-01-02"),
        (
            """<script type="application/ld+json">{"@graph": [{"@type": "Person"},
            {"@type": "Article", "datePublished": "2021-05-06T07:08:09Z"}]}</script>""",
            "2021-05-06",
        ),
        ('<meta name="date" content="2023-02-29">', None),
        (
            '<meta name="date" content="last week"><meta name="DC.date" content="2018-09-10">',
            "2018-09-10",
        ),
        ('<script type="application/ld+json">{"datePublished": </script>', None),
        ('<meta property="article:modified_time" content="2022-02-02">', None),
        ('<link rel="canonical" href="https://example.org/2015/03/04/lamp">', None),
        ("<title>News of 2014-03-02</title>", None),
        ('<meta property="og:image" content="https://example.org/2012/03/04/a.jpg">', None),
        ("", None),
    ],
)
def test_only_a_declared_day_of_publication_is_one(head: str, expected: str | None) -> None:
    assert page(head).published == expected


def test_a_marked_time_in_the_text_is_the_day_of_publication() -> None:
    day = '<time itemprop="datePublished" datetime="2017-08-09">yesterday</time>'
    assert page(body=BODY + day).published == "2017-08-09"
    assert page(body=BODY + '<time datetime="2017-08-09">then</time>').published is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="https://example.org/lamp">', "https://example.org/lamp"),
        ('<meta property="og:url" content="http://example.org/a?b=c">', "http://example.org/a?b=c"),
        ('<link rel="canonical" href="/lamp">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ('<link rel="canonical" href="https://name:secret@example.org/">', None),
        ('<link rel="stylesheet" href="https://example.org/style.css">', None),
    ],
)
def test_only_an_absolute_address_of_the_web_is_canonical(head: str, expected: str | None) -> None:
    assert page(head).url == expected


def test_a_short_page_without_a_heading_is_called_by_its_title() -> None:
    assert page("<title>Lamp</title>", "<div>Lit.</div>").title == "Lamp"


def test_lists_code_and_questions_that_unfold_keep_their_lines() -> None:
    document = page(
        body=f"""<main><article><h1>Manual</h1>{BODY}
        <ol><li>Trim the wick<ul><li>not too short</li></ul></li><li>Light it</li></ol>
        <pre>wick = on\n  oil = 3</pre>
        <details><summary>Who may light it?</summary><p>Only the keeper on duty.</p></details>
        <table><tr><th>Oil</th><th>Price</th></tr><tr><td>Rape</td><td>3 crowns</td></tr></table>
        </article></main>"""
    )
    assert "1. Trim the wick\n- not too short\n2. Light it" in document.text
    assert "wick = on\n  oil = 3" in document.text
    assert "Only the keeper on duty." in document.text
    assert "Oil: Rape; Price: 3 crowns" in document.text


@settings(max_examples=40)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1)
)
def test_any_paragraph_is_read_word_by_word(words: str) -> None:
    body = f"<main><p>{html.escape(words)}</p></main>"
    if not words.strip():
        with pytest.raises(DocumentError, match="no text"):
            page(body=body)
    else:
        assert page(body=body).text.split() == words.split()


@pytest.mark.parametrize(
    "body",
    [
        BODY + "<b>" * 50_000 + "x" + "</b>" * 50_000,
        f'<p class="{"x" * 1_000_000}">The lamp was lit</p>',
        "<p>The lamp was lit\x00 by the keeper",
        "<table><tr><td>The lamp was lit<table><tr><td>",
        "<p>The lamp was lit &" + "amp;" * 10_000 + "</p>",
    ],
)
def test_a_hostile_page_is_read_like_any_other(body: str) -> None:
    assert "The lamp was lit" in page(body=body).text


def test_a_page_that_nests_without_end_is_refused_with_a_reason() -> None:
    with pytest.raises(DocumentError, match="nests too deeply"):
        page(body="<div>" * 3_000 + BODY)


def test_entities_of_a_page_s_own_making_are_not_resolved() -> None:
    source = (
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM '
        f'"file:///etc/passwd">]><html><body>{BODY}<p>&b;&x;</p></body></html>'
    )
    text = load_document(source.encode(), "lamp.html").text
    assert "aaaaaaaaaa" * 2 not in text
    assert "root:" not in text
