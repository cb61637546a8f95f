"""Dates and times of day, of which parts may be left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiqa.answers.values.relation import Relation

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NOON = {"noon": 12, "midday": 12, "midnight": 0}

_PARTS = ("year", "month", "day", "weekday", "hour", "minute")
_JOINT = re.compile(r"[\s,.(]*(?:(?:on|at|of|from|by|the)\s+)*", re.IGNORECASE)

_MONTH = (
    r"(?P<month>(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?)"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b"
_YEAR = r"(?P<year>[12]\d{3})\b"
_BEFORE = (
    r"(?:\b(?:in|by|until|till|of|since|from|to|and|for|during|before|after|around|circa|early|late"
    r"|mid|next|last|every|each|year|through|between)[\s-]+)"
)
_PATTERNS = [
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"\b(?P<year>[12]\d{3})-(?P<month>[01]\d)-(?P<day>[0-3]\d)\b", 0),
        (rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?", re.IGNORECASE),
        (rf"\b{_MONTH}\s+{_DAY}(?:,?\s+{_YEAR})?", re.IGNORECASE),
        (rf"\b{_MONTH}\s+(?:of\s+)?{_YEAR}", re.IGNORECASE),
        (
            r"\b(?P<day>[0-3]?\d)(?P<dot>[./])(?P<month>[01]?\d)(?P=dot)(?P<year>[12]\d{3})\b",
            0,
        ),
        (
            (
                r"(?<![\d.,])(?P<hour>[012]?\d)[:.](?P<minute>[0-5]\d)\s*(?P<half>[ap])\.?m\b\.?"
                r"|(?<![\d.,:])(?P<hour24>[012]?\d):(?P<minute24>[0-5]\d)(?![\d:])"
                r"|\b(?P<hour12>[01]?\d)\s*(?P<half12>[ap])\.?m\b\.?"
                r"|\b(?P<noon>noon|midday|midnight)\b"
            ),
            re.IGNORECASE,
        ),
        (r"\b(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)\b", 0),
        (rf"{_BEFORE}{_MONTH}", re.IGNORECASE),
        (
            (
                rf"(?:{_BEFORE}|^\W*|[(:;]\s*)(?<![\w.,$€£¥-]){_YEAR}"
                r"(?![\d.,]*\d|-\d|\s*[%€£$]|\s+(?:percent|people|\w{3,}s\b))"
            ),
            re.IGNORECASE,
        ),
    )
]
"""Patterns of dates, the more complete ones first."""


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A date or time of day; parts that are left out are None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    hour: int | None = None
    minute: int | None = None
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def relation(self, other: CalendarDate) -> Relation:
        """Return whether two dates are compatible, differ, or have no part in common."""
        pairs = [(getattr(self, part), getattr(other, part)) for part in _PARTS]
        shared = [(mine, theirs) for mine, theirs in pairs if None not in (mine, theirs)]
        if not shared:
            return "unlike"
        return "same" if all(mine == theirs for mine, theirs in shared) else "different"


def dates(text: str) -> list[CalendarDate]:
    """Return the dates and times of ``text`` in order."""
    found: list[CalendarDate] = []
    rest = text
    for pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            date = _date(match)
            if date is not None:
                found.append(date)
                rest = rest[: date.start] + "\0" * (date.end - date.start) + rest[date.end :]
    return _joined(text, sorted(found, key=lambda date: date.start))


def _joined(text: str, found: Sequence[CalendarDate]) -> list[CalendarDate]:
    """Join what stands together: "12:00 on 20 March", "Monday, 4 May"."""
    result: list[CalendarDate] = []
    for date in found:
        before = result[-1] if result else None
        if before and _JOINT.fullmatch(text[before.end : date.start]) and _fit(before, date):
            merged = {part: getattr(before, part) for part in _PARTS}
            merged |= {p: v for p in _PARTS if (v := getattr(date, p)) is not None}
            result[-1] = CalendarDate(**merged, start=before.start, end=date.end)
        else:
            result.append(date)
    return result


def _fit(one: CalendarDate, other: CalendarDate) -> bool:
    return all(None in (getattr(one, part), getattr(other, part)) for part in _PARTS)


def _date(match: re.Match[str]) -> CalendarDate | None:
    parts = {name: text for name, text in match.groupdict().items() if text}
    start = min(match.start(name) for name in parts)
    if "weekday" in parts:
        return CalendarDate(
            weekday=_WEEKDAYS.index(parts["weekday"][:3].casefold()), start=start, end=match.end()
        )
    if parts.keys() & {"hour", "hour24", "hour12", "noon"}:
        return _time(parts, start, match.end())
    month = _month(parts.get("month", ""))
    day = int(parts["day"]) if "day" in parts else None
    if ("month" in parts and month is None) or (day is not None and not 1 <= day <= 31):  # noqa: PLR2004
        return None
    year = int(parts["year"]) if "year" in parts else None
    return CalendarDate(year, month, day, start=start, end=match.end())


def _month(text: str) -> int | None:
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= len(_MONTHS) else None
    return _MONTHS.index(text[:3].casefold()) + 1 if text else None


def _time(parts: dict[str, str], start: int, end: int) -> CalendarDate | None:
    if "noon" in parts:
        return CalendarDate(hour=_NOON[parts["noon"].casefold()], minute=0, start=start, end=end)
    hour = int(parts.get("hour") or parts.get("hour24") or parts["hour12"])
    half = (parts.get("half") or parts.get("half12") or "").casefold()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    minute = int(parts.get("minute") or parts.get("minute24") or 0)
    return CalendarDate(hour=hour, minute=minute, start=start, end=end) if hour <= 24 else None  # noqa: PLR2004
