"""E-mails in all their forms, mailboxes, Outlook messages, and calendars."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from aiqa.documents import load_document
from aiqa.documents.archives import documents_in
from aiqa.errors import DocumentError
from aiqa.types import Document, Failure
from tests.documents.compound_writer import Folder, compound_file

INVITATION = """\
BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Europe/Oslo
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/Oslo:20250311T140000
DTEND;TZID=Europe/Oslo:20250311T153000
LOCATION:Heron room\\, second floor
SUMMARY:Board meeting
ORGANIZER;CN="Moor, Ada":mailto:ada@gull.example
ATTENDEE;CN=Tom Reed;PARTSTAT=DECLINED:mailto:tom@gull.example
ATTENDEE:mailto:eve@gull.example
DESCRIPTION:Bring the audited acc
 ounts.\\nCoffee is served.
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def letter(subject: str = "Oil", words: str = "The oil has come.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ada Moor <ada@gull.example>"
    message["Subject"] = subject
    message.set_content(words)
    return message


def in_file(data: bytes, source: str) -> dict[str, Document | Failure]:
    """Everything that comes of a file, by source."""
    return {one.source: one for one in documents_in(data, source, 10**8)}


def read(found: dict[str, Document | Failure], source: str) -> Document:
    document = found[source]
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize("plain", ["\n", "This message is HTML only.\n"])
def test_html_is_read_where_the_plain_part_says_next_to_nothing(plain: str) -> None:
    message = letter(words=plain)
    message.add_alternative(
        "<p>The new greenhouse covers 640 square metres and opens in April.</p>", subtype="html"
    )
    text = load_document(bytes(message), "a.eml").text
    assert text.endswith("\n\nThe new greenhouse covers 640 square metres and opens in April.")
    assert "HTML only" not in text


def test_the_plain_part_is_read_where_html_says_the_same() -> None:
    message = letter(words="The oil has come.\n\n> Is there oil?\n")
    message.add_alternative(
        "<p>The <b>oil</b> has come.</p><blockquote>Is there oil?</blockquote><p>Sent by Gull</p>",
        subtype="html",
    )
    text = load_document(bytes(message), "a.eml").text
    assert text.endswith("\n\nThe oil has come.\n\n> Is there oil?")


def test_both_parts_are_read_where_neither_says_it_all() -> None:
    plain = " ".join(f"plain{number}" for number in range(40))
    styled = " ".join(f"styled{number}" for number in range(50))
    message = letter(words=plain)
    message.add_alternative(f"<p>{styled}</p>", subtype="html")
    assert load_document(bytes(message), "a.eml").text.endswith(f"\n\n{plain}\n\n{styled}")


@pytest.mark.parametrize(
    ("front", "encoding"),
    [
        ("From ada@gull.example Mon Mar  3 10:00:00 2025\n", "utf-8"),
        ("\n\n", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ("", "utf-16-le"),
        ("", "utf-16-be"),
    ],
)
def test_headers_are_found_whatever_stands_in_front_of_them(front: str, encoding: str) -> None:
    source = (
        "From: Öla <ola@gull.example>\nSubject: Keys\n"
        f"Content-Type: text/plain; charset={encoding.removesuffix('-sig')}\n\n"
        "The spare keys are at the Mühle.\n"
    )
    document = load_document((front + source).encode(encoding), "a.eml")
    assert document.title == "Keys"
    assert document.text == "From: Öla <ola@gull.example>\n\nThe spare keys are at the Mühle."


def test_an_invitation_says_what_is_when_and_where_and_who_comes() -> None:
    message = letter("Board", "You are invited.\n")
    message.add_alternative(INVITATION, subtype="calendar", params={"method": "REQUEST"})
    document = load_document(bytes(message), "a.eml")
    assert document.text == (
        "From: Ada Moor <ada@gull.example>\n\n"
        "You are invited.\n\n"
        "Board meeting\n\n"
        "When: 11 March 2025, 14:00 Europe/Oslo\n"
        "Until: 11 March 2025, 15:30 Europe/Oslo\n"
        "Where: Heron room, second floor\n"
        "Organiser: Moor, Ada <ada@gull.example>\n"
        "Attendees: Tom Reed <tom@gull.example> (declined), eve@gull.example\n\n"
        "Bring the audited accounts.\n\n"
        "Coffee is served."
    )


def test_a_calendar_file_is_read_entry_by_entry() -> None:
    second = "BEGIN:VEVENT\nSUMMARY:Regatta\nDTSTART;VALUE=DATE:20250614\nEND:VEVENT\n"
    source = INVITATION.replace("END:VCALENDAR", f"{second}END:VCALENDAR")
    document = load_document(source.replace("\n", "\r\n").encode(), "harbour.ics")
    assert document.format == "calendar"
    assert [heading.title for heading in document.headings] == ["Board meeting", "Regatta"]
    assert document.text.endswith("Regatta\n\nWhen: 14 June 2025")
    with pytest.raises(DocumentError, match="not a calendar"):
        load_document(b"hello", "a.ics")


def test_every_attachment_is_read_or_told_of() -> None:
    inner = letter("Re: oil/lamp", "It burns well.\n")
    message = letter()
    message.add_attachment("The plan has nine steps.", filename="plan.txt")
    message.add_attachment(b"8BPS", maintype="image", subtype="x-photoshop", filename="logo.psd")
    message.add_attachment(b"", maintype="application", subtype="pdf", filename="blank.pdf")
    message.add_attachment(inner)
    found = in_file(bytes(message), "a.eml")
    assert read(found, "a.eml/plan.txt").text.strip() == "The plan has nine steps."
    assert read(found, "a.eml/Re: oil-lamp.eml").text.endswith("It burns well.")
    assert found["a.eml/logo.psd"] == Failure(
        "a.eml/logo.psd", "There is no loader for .psd files."
    )
    assert found["a.eml/blank.pdf"] == Failure("a.eml/blank.pdf", "This file is empty.")
    assert len(found) == 5


def test_each_message_of_a_mailbox_is_a_document() -> None:
    second = letter("Bell/rope", "Hello.\n\nFrom now on the bell rings at noon.\n")
    second.add_attachment("Nine metres.", filename="rope.txt")
    box = b""
    for message in (letter(), second):
        source = bytes(message).replace(b"\nFrom now", b"\n>From now")
        box += b"From ada@gull.example Mon Mar  3 10:00:00 2025\n" + source + b"\n"
    for name in ("old.mbox", "Inbox"):
        found = in_file(box, name)
        assert list(found) == [
            f"{name}/1 Oil.eml",
            f"{name}/2 Bell-rope.eml",
            f"{name}/2 Bell-rope.eml/rope.txt",
        ]
        text = read(found, f"{name}/2 Bell-rope.eml").text
        assert "\n\nFrom now on the bell rings at noon." in text


def outlook(**parts: str | bytes | Folder) -> dict[str, bytes | Folder]:
    """A message as Outlook stores it: text by the number of its property."""
    sent = int((datetime(2025, 3, 3, 10, tzinfo=UTC).timestamp() + 11644473600) * 10**7)
    message: dict[str, bytes | Folder] = {
        "__properties_version1.0": bytes(24) + struct.pack("<IIQ", 0x00390040, 6, sent)
    }
    for name, value in parts.items():
        if isinstance(value, str):
            message[f"__substg1.0_{name[1:]}001F"] = value.encode("utf-16-le")
        elif isinstance(value, bytes):
            message[f"__substg1.0_{name[1:]}0102"] = value
        else:
            message[name] = value
    return message


def person(name: str, address: str, kind: int) -> Folder:
    return {
        "__properties_version1.0": bytes(8) + struct.pack("<IIQ", 0x0C150003, 6, kind),
        "__substg1.0_3001001F": name.encode("utf-16-le"),
        "__substg1.0_39FE001F": address.encode("utf-16-le"),
    }


def attached(name: str, content: bytes) -> Folder:
    return {
        "__properties_version1.0": bytes(8),
        "__substg1.0_3707001F": name.encode("utf-16-le"),
        "__substg1.0_37010102": content,
    }


def msg(message: dict[str, bytes | Folder]) -> bytes:
    properties = message["__properties_version1.0"]
    assert isinstance(properties, bytes)
    return compound_file(message | {"__properties_version1.0": bytes(8) + properties})


def test_an_outlook_message_is_read_like_an_e_mail_with_its_attachments() -> None:
    forwarded = outlook(x0037="Band", x1000="Please book the band.\r\n", x0C1A="Barn")
    data = msg(
        outlook(
            x0037="Gebühren", x1000="Die Gebühr beträgt 75 Kronen.\r\n",
            x0C1A="Härtel, Jürgen", x5D01="jh@gull.example",
            **{  # type: ignore[arg-type]  # mypy joins the types of the values
                "__recip_version1.0_#00000000": person("Ada Moor", "ada@gull.example", 1),
                "__recip_version1.0_#00000001": person("Tom Reed", "tom@gull.example", 2),
                "__attach_version1.0_#00000000": attached("plan.txt", b"The plan has nine steps."),
                "__attach_version1.0_#00000001": attached("logo.png", b"\x89PNG"),
                "__attach_version1.0_#00000002": {
                    "__properties_version1.0": bytes(8), "__substg1.0_3701000D": forwarded,
                },
            },
        )
    )  # fmt: skip
    found = in_file(data, "a.msg")
    document = read(found, "a.msg")
    assert (document.title, document.format) == ("Gebühren", "email")
    assert document.published == "2025-03-03"
    assert document.text == (
        'From: "Härtel, Jürgen" <jh@gull.example>\n'
        "To: Ada Moor <ada@gull.example>\n"
        "Cc: Tom Reed <tom@gull.example>\n"
        "Date: Mon, 03 Mar 2025 10:00:00 +0000\n\n"
        "Die Gebühr beträgt 75 Kronen."
    )
    assert read(found, "a.msg/plan.txt").text == "The plan has nine steps."
    assert read(found, "a.msg/Band.eml").text.endswith("Please book the band.")
    assert isinstance(found["a.msg/logo.png"], Failure)
    assert len(found) == 4
    # What is in it is found again by its bytes.
    assert {one.id for one in in_file(data, "a.msg").values() if isinstance(one, Document)} == {
        one.id for one in found.values() if isinstance(one, Document)
    }


def test_an_outlook_message_in_html_or_in_rich_text_only_is_read() -> None:
    styled = msg(outlook(x0037="A", x1013=b"<p>The <b>styled</b> words.</p>"))
    assert load_document(styled, "a.msg").text.endswith("The styled words.")
    plain = rb"{\rtf1\ansi The rich words.\par}"
    packed = struct.pack("<II4sI", len(plain) + 12, len(plain), b"MELA", 0) + plain
    found = in_file(msg(outlook(x0037="B", x1009=packed)), "b.msg")
    assert read(found, "b.msg/message.rtf").text == "The rich words."


def test_rich_text_that_outlook_packed_is_unpacked() -> None:
    # The example of the format's specification (MS-OXRTFCP, 3.1.1).
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
        "0af3206865 6c09002062770 5b06c647d0a800fa0".replace(" ", "")
    )
    found = in_file(msg(outlook(x0037="C", x1009=packed)), "c.msg")
    assert read(found, "c.msg/message.rtf").text == "hello world"


def test_an_outlook_message_whose_folders_hold_themselves_is_an_error() -> None:
    name = "__recip_version1.0_#00000000"
    data = bytearray(msg(outlook(x0037="A", **{name: person("Ada", "ada@gull.example", 1)})))
    child = data.index(name.encode("utf-16-le")) + 76
    data[child : child + 4] = bytes(4)  # the outermost folder, which all others are in
    data[data.index("Root Entry".encode("utf-16-le")) + 66] = 1  # as a folder among others
    with pytest.raises(DocumentError, match="hold themselves"):
        load_document(bytes(data), "a.msg")


def test_a_damaged_outlook_message_is_an_error() -> None:
    with pytest.raises(DocumentError, match="not a readable Outlook file"):
        load_document(msg(outlook(x0037="A", x1000="words"))[:900], "a.msg")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "every 2 weeks on Tuesday and Thursday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=6", "every month on the last Friday 6 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on day 1 and day 15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day of the month"),
        ("FREQ=MONTHLY;BYDAY=MO,WE;BYSETPOS=1", "every month on the first Monday or Wednesday"),
        ("FREQ=YEARLY;BYMONTH=5;UNTIL=20300501T080000Z", "every year in May until 1 May 2030"),
        ("FREQ=YEARLY;BYWEEKNO=20", "FREQ=YEARLY;BYWEEKNO=20"),
        ("FREQ=MONTHLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=XX"),
    ],
)
def test_a_calendar_says_in_words_how_often_something_is(rule: str, words: str) -> None:
    entry = f"SUMMARY:Choir\nDTSTART:20260106T190000\nRRULE:{rule}\nEXDATE:20260217T190000"
    source = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{entry}\nEND:VEVENT\nEND:VCALENDAR\n"
    lines = load_document(source.encode(), "a.ics").text.splitlines()
    assert f"Repeats: {words}" in lines
    assert "Not on: 17 February 2026, 19:00" in lines


def test_a_page_saved_as_mail_is_read_without_a_complaint() -> None:
    head = "MIME-Version: 1.0\nSubject: Boiler\nContent-Type: text/html\n\n"
    document = load_document(f"{head}<p>It is kept at 1.4 bar.</p>".encode(), "a.mht")
    assert document.text.endswith("It is kept at 1.4 bar.")
    assert not document.omissions
