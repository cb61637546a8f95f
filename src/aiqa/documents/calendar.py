"""Calendar files and invitations (iCalendar, RFC 5545): what is when and where, and who comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from aiqa.documents.calendar_recurrence import recurrence
from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content, one_line
from aiqa.errors import DocumentError

_ENTRIES = ("VEVENT", "VTODO", "VJOURNAL")
_SHOWN = (
    ("When", ("DTSTART",)),
    ("Until", ("DTEND",)),
    ("Due", ("DUE",)),
    ("Lasts", ("DURATION",)),
    ("Repeats", ("RRULE",)),
    ("Also on", ("RDATE",)),
    ("Not on", ("EXDATE",)),
    ("Where", ("LOCATION",)),
    ("Organiser", ("ORGANIZER",)),
    ("Attendees", ("ATTENDEE",)),
    ("Status", ("STATUS",)),
    ("Attached", ("ATTACH",)),
    ("Address", ("URL",)),
)
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[^=:;]+=(?:"[^"]*"|[^":;])*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([^=:;]+)=("[^"]*"|[^":;]*)')
_ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class _Entry:
    properties: list[_Property] = field(default_factory=list)

    def all(self, *names: str) -> list[_Property]:
        return [one for one in self.properties if one.name in names]

    def text(self, name: str) -> str:
        """Return what the entry says under ``name``, the first time that it does."""
        return next((_unescaped(one.value) for one in self.all(name)), "")


def load(data: bytes) -> Content:
    """Each entry under its title, in the order of the file.

    Raises:
        DocumentError: it is no calendar, or there is nothing in it.
    """
    text = CanonicalText()
    source = decode(data)
    if "BEGIN:" not in source.upper():
        raise DocumentError("This is not a calendar.")
    add_calendar(source, text)
    names = re.search(r"^X-WR-CALNAME[^:\n]*:(.*)$", source, re.MULTILINE)
    return text.content(_unescaped(names[1]) if names else None)


def add_calendar(source: str, text: CanonicalText) -> None:
    """Add the entries of the calendar that is written in ``source``."""
    for entry in _entries(source):
        text.heading(1, entry.text("SUMMARY") or "Without title")
        for label, names in _SHOWN:
            if values := [_shown(one) for one in entry.all(*names)]:
                text.list_item(f"{label}: {', '.join(values)}", "")
        for name in ("DESCRIPTION", "COMMENT"):
            for one in entry.all(name):
                for paragraph in _unescaped(one.value).split("\n"):
                    text.paragraph(paragraph)


def _entries(source: str) -> Iterator[_Entry]:
    """Yield the events, tasks and notes; what stands in them, such as alarms, is not theirs."""
    entry: _Entry | None = None
    inside: list[str] = []
    # A line that begins with a blank goes on with the one before.
    for line in re.sub(r"\n[ \t]", "", source.replace("\r\n", "\n")).split("\n"):
        if not (found := _LINE.fullmatch(line.strip("\r"))):
            continue
        name, value = found[1].upper(), found[3]
        if name == "BEGIN":
            inside.append(value.strip().upper())
            entry = _Entry() if inside[-1] in _ENTRIES else entry
        elif name == "END":
            if inside and inside.pop() in _ENTRIES and entry:
                yield entry
                entry = None
        elif entry and inside and inside[-1] in _ENTRIES:
            parameters = {
                key.upper(): value.strip('"') for key, value in _PARAMETER.findall(found[2])
            }
            entry.properties.append(_Property(name, parameters, value))
    if entry:
        yield entry


def _shown(one: _Property) -> str:
    if one.name in ("DTSTART", "DTEND", "DUE", "RDATE", "EXDATE"):
        return "; ".join(_moment(value, one) for value in one.value.split(","))
    if one.name == "RRULE":
        return recurrence(one.value, lambda value: _moment(value, one).split(",")[0])
    if one.name in ("ORGANIZER", "ATTENDEE"):
        address = re.sub(r"(?i)^mailto:", "", one.value.strip())
        name = one.parameters.get("CN", "")
        answer = one.parameters.get("PARTSTAT", "").lower().replace("-", " ")
        who = f"{name} <{address}>" if name and name != address else address
        return f"{who} ({answer})" if answer in ("accepted", "declined", "tentative") else who
    if one.name == "ATTACH" and one.parameters.get("VALUE") == "BINARY":
        return one.parameters.get("FILENAME", "a file")
    return one_line(_unescaped(one.value))


def _moment(value: str, one: _Property) -> str:
    """Return a date and time of ``one`` as people write them; as it is where it is no date."""
    value = value.strip()
    zone = "UTC" if value.endswith("Z") else one.parameters.get("TZID", "")
    for pattern, has_time in (("%Y%m%dT%H%M%S", True), ("%Y%m%dT%H%M", True), ("%Y%m%d", False)):
        try:
            moment = datetime.strptime(value.rstrip("Z"), pattern)  # noqa: DTZ007  # zone is shown
        except ValueError:
            continue
        day = f"{moment.day} {moment:%B %Y}"
        return f"{day}, {moment:%H:%M} {zone}".strip() if has_time else day
    return value


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
