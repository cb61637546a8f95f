"""Loaders for reStructuredText and e-mails."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.documents.email import attachments
from aiqa.errors import DocumentError
from aiqa.types import Document

RST = """\
==============
The lighthouse
==============

:Author: Ada Moor
:Date: 2024-03-02

It was lit in **1887**, see `the log <https://log.example>`_ and ``lamp -v``. [1]_

Keepers
=======

- Ada Moor

  - Her sister
- Tom Reed

a. first
b. second

oil
    Burns in the lamp.

    It is rapeseed.

.. note:: Mind the step.

Code::

    if lit:
        shine()

+--------+-------+
| Keeper | Years |
+========+=======+
| Ada    | 23    |
|        +-------+
|        | 24    |
+--------+-------+

    The sea is calm.

.. [1] Kept in the tower.
"""

MAIL = """\
From: Ada =?utf-8?q?M=C3=B6ller?= <ada@gull.example>
To: Tom <tom@gull.example>, office@gull.example
Subject: =?utf-8?q?=C3=96l?= for the lamp
Date: Tue, 05 Mar 2024 23:30:00 -0500

Dear Tom,

the oil for the lamp arrived with the boat this
morning.

> Did the oil
> arrive?

Ada
"""


def rst(source: str) -> str:
    return load_document(source.encode(), "a.rst").text


def mail(source: str | bytes) -> Document:
    return load_document(source if isinstance(source, bytes) else source.encode(), "a.eml")


def letter(subject: str = "Oil", words: str = "See below.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "ada@gull.example"
    message["Subject"] = subject
    message.set_content(words)
    return message


def test_rst_becomes_the_words_of_the_rendered_page() -> None:
    document = load_document(RST.encode(), "docs/lighthouse.rst")
    assert document.title == "The lighthouse"
    assert document.published == "2024-03-02"
    assert document.text == (
        "The lighthouse\n\n"
        "Author: Ada Moor\nDate: 2024-03-02\n\n"
        "It was lit in 1887, see the log and lamp -v. [1]\n\n"
        "Keepers\n\n"
        "- Ada Moor\n- Her sister\n- Tom Reed\n"
        "a. first\nb. second\n"
        "oil: Burns in the lamp.\nIt is rapeseed.\n\n"
        "Mind the step.\n\n"
        "Code:\n\n"
        "if lit:\n    shine()\n\n"
        "Keeper: Ada; Years: 23\nKeeper: Ada; Years: 24\n\n"
        "The sea is calm.\n\n"
        "[1] Kept in the tower."
    )
    assert document.section_at(document.text.index("Her sister")) == ("The lighthouse", "Keepers")


def test_rst_keeps_the_words_of_what_only_sphinx_knows(capfd: pytest.CaptureFixture[str]) -> None:
    text = rst(
        ".. toctree::\n   :maxdepth: 2\n\n   install\n   usage\n\n"
        ".. function:: shine(lamp, *more)\n   :noindex:\n\n"
        "   Lights the :ref:`lamp <the-lamp>`.\n\n"
        "   .. versionadded:: 3\n      Burns :oil:`rapeseed`.\n\n"
        ".. code-block:: python\n   :emphasize-lines: 1\n\n   if lit:\n       shine()\n\n"
        ".. list-table::\n   :class: boats\n   :unheard: of\n   :header-rows: 1\n\n"
        "   * - Boat\n     - Fee\n   * - Dinghy\n     - 4\n"
    )
    assert text == (
        "install usage\n\nshine(lamp, *more)\n\nLights the lamp.\n\n3\n\nBurns rapeseed.\n\n"
        "if lit:\n    shine()\n\nBoat: Dinghy; Fee: 4"
    )
    assert capfd.readouterr() == ("", "")


def test_rst_markup_gone_wrong_keeps_its_words(capfd: pytest.CaptureFixture[str]) -> None:
    text = rst(
        "Harbour\n====\n\nA *lone star.\n\nA\n==\n\nB\n--\n\nC\n~~\n\nD\n==\n\nE\n~~\n\nend\n"
    )
    assert text == "Harbour\n\nA *lone star.\n\nA\n\nB\n\nC\n\nD\n\nE\n\nend"
    assert rst("+---+\n| a | b\n+--+\n") == "+---+\n| a | b\n+--+"
    assert capfd.readouterr() == ("", "")


def test_rst_a_heading_that_skips_a_level_is_still_one() -> None:
    document = load_document(b"A\n==\n\nB\n--\n\nC\n~~\n\nD\n==\n\nE\n~~\n\nend\n", "a.rst")
    assert [heading.title for heading in document.headings] == ["A", "B", "C", "D", "E"]
    assert document.section_at(document.text.index("end")) == ("D", "E")


def test_rst_reads_no_other_file_and_keeps_no_raw_html(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("secret words", "utf-8")
    text = rst(
        f".. include:: {secret}\n\n.. literalinclude:: {secret}\n\n"
        f".. csv-table:: Boats\n   :file: {secret}\n\n"
        ".. raw:: html\n\n   <script>no()</script>\n\n"
        ".. role:: raw-html(raw)\n   :format: html\n\nA :raw-html:`<br>` calm sea.\n"
    )
    assert text == "Boats\n\nA calm sea."


def test_rst_substitutions_are_made_but_never_todays_date() -> None:
    source = ".. |lamp| replace:: the *lamp*\n.. |now| date::\n\nLight |lamp| on |now| |gone|.\n"
    assert rst(source) == "Light the lamp on now gone."


def test_rst_substitutions_cannot_explode() -> None:
    laughs = "".join(f".. |a{n + 1}| replace:: |a{n}| |a{n}|\n" for n in range(60))
    assert len(rst(laughs + "\nha |a60|\n")) < 20
    bomb = f".. |a| replace:: {'x' * 100_000}\n\n" + "|a| " * 1000
    with pytest.raises(DocumentError, match="substitutions"):
        rst(bomb)


def test_rst_that_nests_without_end_is_an_error() -> None:
    with pytest.raises(DocumentError, match="nests too deeply"):
        rst("".join("  " * depth + "- x\n\n" for depth in range(500)))


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2024-03-02", "2024-03-02"),
        ("2024-03-02 10:00", "2024-03-02"),
        ("last May", None),
        ("2024-13-02", None),
    ],
)
def test_rst_is_published_when_its_date_field_says_so(written: str, published: str | None) -> None:
    document = load_document(f"Log\n===\n\n:date: {written}\n\nWords.\n".encode(), "a.rst")
    assert document.published == published


def test_a_mail_is_its_correspondents_and_its_words() -> None:
    document = mail(MAIL)
    assert document.title == "Öl for the lamp"
    assert document.published == "2024-03-05"
    assert document.text == (
        "From: Ada Möller <ada@gull.example>\n"
        "To: Tom <tom@gull.example>, office@gull.example\n"
        "Date: Tue, 05 Mar 2024 23:30:00 -0500\n\n"
        "Dear Tom,\n\n"
        "the oil for the lamp arrived with the boat this morning.\n\n"
        "> Did the oil\n> arrive?\n\n"
        "Ada"
    )


def test_of_alternatives_plain_text_is_read_and_html_where_it_stands_alone() -> None:
    both = letter(words="The plain words.\n")
    both.add_alternative("<p>The <b>styled</b> words.</p>", subtype="html")
    assert mail(bytes(both)).text.endswith("\n\nThe plain words.")
    assert "styled" not in mail(bytes(both)).text
    assert list(attachments(bytes(both))) == []

    styled = EmailMessage()
    styled.set_content(
        "<style>p {}</style><h1>Fees</h1><p>The <b>styled</b><br>words.</p>", subtype="html"
    )
    assert mail(bytes(styled)).text == "Fees\n\nThe styled words."


def test_words_after_an_attachment_are_read_too() -> None:
    source = (
        'Content-Type: multipart/mixed; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nFirst.\n"
        "--b\nContent-Type: image/png\n\nxx\n"
        "--b\nContent-Type: text/plain\n\nSecond.\n--b--\n"
    )
    assert mail(source).text == "First.\n\nSecond."
    assert list(attachments(source.encode())) == [("attachment-1.png", b"xx")]


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("iso-8859-1", "Öl für die Lampe.".encode("latin-1")),
        ("no-such-charset", "Öl für die Lampe.".encode()),
        ("us-ascii", "Öl für die Lampe.".encode()),
        ("base64", b"\xc3\x96l f\xc3\xbcr die Lampe."),
        ("unicode_escape", b"\\xd6l f\\xfcr die Lampe."),
    ],
)
def test_a_mails_words_are_decoded_as_it_says_or_as_they_are(charset: str, data: bytes) -> None:
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    assert mail(head.encode() + data).text == "Öl für die Lampe."


@pytest.mark.parametrize(
    "source",
    [
        "Content-Type: multipart/mixed\n\nno boundary, still words\n",
        'Content-Type: multipart/mixed; boundary="gone"\n\nstill words\n',
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nstill words, unclosed\n',
        "Content-Type: =?x?q?\nContent-Transfer-Encoding: 7 bit\n\nstill words\n",
        "Content-Transfer-Encoding: base64\n\nc3RpbGwgd29yZHM\n",
        "From: =?unicode_escape?q?=5Cud800?=\nDate: [\nTo: <@\nSubject: \n\nstill words\n",
        "still words without any header\n",
    ],
)
def test_a_damaged_mail_gives_what_words_it_has(source: str) -> None:
    document = mail(source)
    assert "still words" in document.text
    assert document.published is None
    document.text.encode()


def test_a_mail_that_nests_without_end_is_an_error() -> None:
    source = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1200)
    )
    with pytest.raises(DocumentError, match="nests too deeply"):
        mail(source)
    with pytest.raises(DocumentError, match="nests too deeply"):
        list(attachments(source.encode()))


def test_attachments_have_safe_and_unique_names() -> None:
    message = letter()
    for name in ("log.csv", "../../LOG.csv", "C:\\boats\\log.csv", "a\u202e\x07b.txt", "..", None):
        message.add_attachment(b"x,y\n", maintype="text", subtype="csv", filename=name)
    message.add_attachment(b"?", maintype="x-boat", subtype="x-oar")
    assert [name for name, _ in attachments(bytes(message))] == [
        "log.csv",
        "LOG-2.csv",
        "log-3.csv",
        "ab.txt",
        "attachment-5.csv",
        "attachment-6.csv",
        "attachment-7.bin",
    ]
    assert {data for _, data in attachments(bytes(message))} == {b"x,y\n", b"?"}


def test_an_attached_mail_can_be_read_as_one() -> None:
    message = letter()
    message.add_attachment(letter("Re: oil/lamp", "It burns well.\n"))
    message.add_attachment(letter("Re: oil/lamp", "It burnt out.\n"), filename="out.eml")
    (first, burns), (second, burnt) = attachments(bytes(message))
    assert (first, second) == ("Re: oil-lamp.eml", "out.eml")
    assert mail(burns).text.endswith("It burns well.")
    assert mail(burnt).title == "Re: oil/lamp"
    assert "burn" not in mail(bytes(message)).text


@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail_or_refused(data: bytes) -> None:
    try:
        assert mail(data).text.strip()
        assert all(name for name, _ in attachments(data))
    except DocumentError as error:
        assert str(error)  # noqa: PT017


@given(st.text(alphabet="a:.*`|_=-+#\\<>[] \n\t", max_size=200))
def test_any_markup_is_rst_or_called_empty(source: str) -> None:
    try:
        document = load_document(source.encode(), "a.rst")
    except DocumentError as error:
        assert "no text" in str(error) or "empty" in str(error)  # noqa: PT017
    else:
        for heading in document.headings:
            assert document.text[heading.start :].startswith(heading.title)


@given(st.lists(st.text(alphabet="abcdefgh", min_size=1), min_size=1, max_size=5))
def test_every_plain_word_of_rst_is_in_its_text(words: list[str]) -> None:
    source = "\n\n".join(
        (
            " ".join(words),
            "- " + "\n- ".join(words),
            ".. unheard:: of\n\n   " + "\n\n   ".join(words),
        )
    )
    text = rst(source)
    assert all(text.count(word) >= 3 for word in words)


def test_rst_lists_notes_and_captions_are_blocks_of_their_kind() -> None:
    source = (
        "- a\n\n  1. b\n\n.. figure:: x.png\n   :alt: A map\n\n   Routes\n\n"
        "See [1]_.\n\n.. [1] Log.\n"
    )
    document = load_document(source.encode(), "a.rst")
    found = [(b.kind, b.level, b.label, document.text[b.start : b.end]) for b in document.blocks]
    assert found == [
        ("list item", 1, "-", "- a"),
        ("list item", 2, "1.", "1. b"),
        ("caption", 0, "", "A map"),
        ("caption", 0, "", "Routes"),
        ("paragraph", 0, "", "See [1]."),
        ("note", 0, "footnote 1", "[1] Log."),
    ]


def test_rst_footnotes_with_names_have_the_numbers_that_are_shown() -> None:
    source = "Ice [#why]_, snow [1]_, hail [*]_.\n\n.. [#why] Cold.\n.. [1] Wet.\n.. [*] Hard.\n"
    document = load_document(source.encode(), "a.rst")
    assert document.text.startswith("Ice [2], snow [1], hail [*].\n\n[2] Cold.")
    assert document.place_at(document.text.index("Cold")) == "footnote 2"


def test_rst_a_paragraph_of_marks_that_nothing_closes_keeps_its_words() -> None:
    source = "*a `b |c " * 1500
    assert rst(source).split() == source.split()
