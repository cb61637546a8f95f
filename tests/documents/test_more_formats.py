"""Loaders for XML, notebooks, LaTeX, AsciiDoc, Org, settings, subtitles and code."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document

ADOC = r"""= Harbour guide
Ada Moor
:fee: 4 crowns

The fee is {fee}. See https://x.example[the log]. *Bold* words.footnote:[Kept in the tower.]

== Fees

.Prices
[cols="1,1",options="header"]
|===
|Boat |Fee

|Dinghy
|4 crowns
|Yacht
|9 crowns
|===

* one
** nested
* two

. first
. second

NOTE: Mind the step.

Lamp:: Burns oil
[source,python]
----
if lit:
    shine()
----
// comment
====
An example block.
====
"""

ORG = r"""#+TITLE: Keeper log
#+AUTHOR: Ada Moor
#+DATE: <2024-03-02 Sat>
* TODO Lamps :oil:
:PROPERTIES:
:ID: 5
:END:
The *lamp* burns [[https://x][rapeseed oil]].[fn:1]
- [X] done
  - nested
- term :: meaning
1. one
2. two
| Boat | Fee |
|------+-----|
| Wren | 4 |
#+begin_src python
x = 1
#+end_src
[fn:1] Kept in the tower.
"""

TEX = r"""\documentclass{article}
\title{The \emph{lighthouse}}
\begin{document}
\maketitle
\section{Keepers}
Ada Moor\footnote{Kept in 1887.} kept it for $23$ years --- at 5\,\% of cost, na\"ive.

Second paragraph with H$_2$O.
\begin{itemize}
\item One
\item Two \begin{enumerate}\item inner\end{enumerate}
\end{itemize}
\begin{table}
\caption{Fees}
\begin{tabular}{lr}
\hline Boat & Fee \\ \hline
Dinghy & 4 crowns \\
Yacht & 9 crowns \\
\end{tabular}
\end{table}
\begin{verbatim}
x = 1
  y
\end{verbatim}
\begin{equation}E = mc^2\end{equation}
\begin{abstract}An abstract.\end{abstract}
\end{document}
"""


def read(source: str, name: str) -> Document:
    return load_document(source.encode(), name)


def kinds(document: Document) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for block in document.blocks:
        found.setdefault(block.kind, []).append(document.text[block.start : block.end])
    return found


def test_asciidoc_becomes_the_words_of_the_rendered_page() -> None:
    document = read(ADOC, "a.adoc")
    assert document.title == "Harbour guide"
    found = kinds(document)
    assert found["list item"] == [
        "- one", "- nested", "- two", "1. first", "2. second", "Lamp: Burns oil",
    ]  # fmt: skip
    assert found["code"] == ["if lit:\n    shine()"]
    assert found["table"] == ["Boat: Dinghy; Fee: 4 crowns\nBoat: Yacht; Fee: 9 crowns"]
    assert "The fee is 4 crowns. See the log. Bold words. (Kept in the tower.)" in document.text
    assert "comment" not in document.text


def test_org_becomes_the_words_of_an_export() -> None:
    document = read(ORG, "a.org")
    assert (document.title, document.published) == ("Keeper log", "2024-03-02")
    found = kinds(document)
    assert found["heading"] == ["Lamps"]
    assert found["paragraph"] == ["The lamp burns rapeseed oil. [1]"]
    assert found["list item"] == [
        "- ☒ done", "- nested", "- term: meaning", "1. one", "2. two",
    ]  # fmt: skip
    assert found["table"] == ["Boat: Wren; Fee: 4"]
    assert found["note"] == ["[1] Kept in the tower."]


def test_latex_becomes_the_words_of_its_pages() -> None:
    document = read(TEX, "a.tex")
    assert document.title == "The lighthouse"
    found = kinds(document)
    assert found["paragraph"][0] == ("Ada Moor [1] kept it for 23 years — at 5 % of cost, naïve.")
    assert found["note"] == ["[1] Kept in 1887."]
    assert found["list item"] == ["- One", "- Two", "1. inner"]
    assert found["caption"] == ["Fees"]
    assert found["table"] == ["Boat: Dinghy; Fee: 4 crowns\nBoat: Yacht; Fee: 9 crowns"]
    assert found["code"] == ["x = 1\n  y"]


def test_a_notebook_is_its_cells_and_what_they_wrote() -> None:
    table = "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n"]},
        {"output_type": "execute_result", "data": {"text/html": [table], "text/plain": "no"}},
        {"output_type": "error", "traceback": ["no"]},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "Spring."]},
        {"cell_type": "code", "source": "print(1)", "outputs": outputs},
    ]
    document = read(json.dumps({"cells": cells}), "a.ipynb")
    assert document.text == "Tides\n\nSpring.\n\nprint(1)\n\nred\n\nA: 1; B: 2"
    with pytest.raises(DocumentError, match="no cells"):
        read("{}", "a.ipynb")


def test_xml_is_read_as_text_or_as_records() -> None:
    book = (
        "<article xmlns='http://docbook.org/ns/docbook'><info><title>Lamp</title></info><section>"
        "<title>Oil</title><para>The <emphasis>lamp</emphasis> burns.</para><orderedlist><listitem>"
        "<para>one</para></listitem></orderedlist><table><title>Fees</title><tgroup><thead><row>"
        "<entry>Boat</entry><entry>Fee</entry></row></thead><tbody><row><entry>Wren</entry>"
        "<entry>4</entry></row></tbody></tgroup></table></section></article>"
    )
    document = read(book, "a.xml")
    assert document.text == (
        "Lamp\n\nOil\n\nThe lamp burns.\n\n1. one\n\nFees\n\nBoat: Wren; Fee: 4"
    )
    assert document.title == "Lamp"
    records = "<all><b id='1'><n>Wren</n><p>4</p></b><b id='2'><n>Lark</n><p>5</p></b></all>"
    assert read(records.replace("p>", "fee>"), "a.xml").text == (
        "id: 1; n: Wren; fee: 4\nid: 2; n: Lark; fee: 5"
    )


def test_entities_of_xml_are_not_resolved() -> None:
    bomb = (
        '<!DOCTYPE a [<!ENTITY a "boom"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<a><b>calm &a;&x;</b></a>"
    )
    text = read(bomb, "a.xml").text
    assert "calm" in text
    assert "boom" not in text
    assert "root:" not in text


@pytest.mark.parametrize(
    ("name", "source", "time"),
    [
        ("a.srt", "1\n00:01:04,500 --> 00:01:06,000\n<i>She left</i>\nat dawn.\n\n", "00:01:04"),
        ("a.vtt", "WEBVTT\n\nNOTE no\n\n01:04.000 --> 01:06.000\n<v>She left\nat dawn.", "01:04"),
        ("a.sbv", "0:01:04.500,0:01:06.000\nShe left[br]at dawn.\n\n", "0:01:04"),
    ],
)  # fmt: skip
def test_subtitles_are_found_at_their_time(name: str, source: str, time: str) -> None:
    document = read(source, name)
    assert document.text == f"{time} She left at dawn."
    assert document.place_at(document.text.index("She")) == time


def test_settings_stand_under_their_sections() -> None:
    document = read("# main\n[server]\nport = 80 ; x\n\n[server.tls]\ncert = a\n", "a.ini")
    assert document.section_at(document.text.index("cert")) == ("server", "server.tls")
    assert kinds(document)["code"] == ["# main", "port = 80 ; x", "cert = a"]
    assert read("server:\n  port: 80\n", "a.yaml").text == "server:\n  port: 80"


def test_code_keeps_its_lines() -> None:
    document = read("import os\n\n\ndef f():\n    pass\n\n    return 1\n", "a.py")
    assert kinds(document)["code"] == ["import os", "def f():\n    pass\n\n    return 1"]


@given(
    st.text(alphabet="ab<>/&;{}[]\\\\|=*_#:.-+~ \n\t\"'$%", max_size=120),
    st.sampled_from(["a.xml", "a.tex", "a.adoc", "a.org", "a.srt", "a.ini", "a.py", "a.ipynb"]),
)
def test_any_text_is_read_or_refused(source: str, name: str) -> None:
    try:
        document = read(source, name)
    except DocumentError as error:
        assert "parser failed" not in str(error)  # noqa: PT017
    else:
        end = 0
        for block in document.blocks:
            assert end <= block.start < block.end
            end = block.end


def test_attributes_of_xml_are_data_unless_they_are_about_prose() -> None:
    stock = '<stock at="Ulm"><item sku="A1" qty="4">Rope</item><item sku="A2">Tar</item></stock>'
    lines = ["at: Ulm", "item: Rope; sku: A1; qty: 4", "item: Tar; sku: A2"]
    assert read(stock, "a.xml").text.split("\n") == lines
    book = '<book><title>Fens</title><price currency="EUR">5</price></book>'
    assert "price: 5; price currency: EUR" in read(f"<shelf>{book}</shelf>", "a.xml").text
    prose = '<article role="x"><section id="s1"><para>Grease weekly.</para></section></article>'
    assert read(prose, "a.xml").text == "Grease weekly."


def test_html_within_json_is_shown_as_its_words() -> None:
    articles = [
        {"title": "Bays", "body": "<p>Park in <b>bay 4</b>.</p><ul><li>Permit: 30&nbsp;euros</ul>"},
        {"title": "Code", "body": "if a < b && c > d"},
    ]
    text = read(json.dumps(articles), "a.json").text
    assert text.split("\n") == [
        "title: Bays; body: Park in bay 4. Permit: 30 euros",
        "title: Code; body: if a < b && c > d",
    ]


def test_html_within_a_feed_is_shown_as_its_words() -> None:
    item = "<item><title>Weir</title><description>&lt;p&gt;Shut &lt;b&gt;today&lt;/b&gt;&lt;/p&gt;"
    feed = f"<rss><channel>{item}</description></item></channel></rss>"
    assert "description: Shut today" in read(feed, "feed.rss").text


def test_a_notebook_names_the_errors_that_its_code_met() -> None:
    output = {"output_type": "error", "ename": "ValueError", "evalue": "no gate", "traceback": []}
    cells = [{"cell_type": "code", "source": "f()", "outputs": [output]}]
    assert read(json.dumps({"cells": cells}), "a.ipynb").text == "f()\n\nValueError: no gate"


def test_plans_and_properties_of_org_are_fields() -> None:
    source = (
        "* TODO Paint\nDEADLINE: <2024-05-01 Wed> SCHEDULED: <2024-04-02 Tue>\n"
        ":PROPERTIES:\n:Owner: Bo\n:ID: 77\n:END:\nThe gate.\n"
    )
    fields = ["Deadline: 2024-05-01 Wed", "Scheduled: 2024-04-02 Tue", "Owner: Bo"]
    assert kinds(read(source, "a.org"))["form field"] == fields


def test_own_macros_and_authors_of_latex_are_shown() -> None:
    source = (
        r"\newcommand{\town}{Lull}\newcommand*\mass[1]{\textbf{#1~kg}}\def\sign{Ox}"
        r"\author{Ida Vale\thanks{Board} \and Bo Orn}\begin{document}\maketitle "
        r"At \town{} it weighs \mass{4}. \sign, \town.\end{document}"
    )
    document = read(source, "a.tex")
    assert "At Lull it weighs 4 kg. Ox, Lull." in document.text
    assert kinds(document)["form field"] == ["author: Ida Vale (Board), Bo Orn"]


def test_macros_that_double_do_not_make_a_text_grow_without_end() -> None:
    macros = "".join(rf"\def\{b}{{\{a}\{a}}}" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    document = read(macros + r"\def\a{xxxxxxxxxx}" + r"\i" * 30_000, "a.tex")
    assert len(document.text) < 1_000_000
