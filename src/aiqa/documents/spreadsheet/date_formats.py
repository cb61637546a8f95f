"""Date and time formats of spreadsheets: a count of days as its cell shows it."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]'
    r"|(?P<noon>AM/PM|A/P)|(?P<date>y+|m+|d+|h+|s+|e+(?![+-]))|(?P<fraction>\.0+)"
    r"|(?P<general>General)|(?P<text>.)",
    re.IGNORECASE | re.DOTALL,
)

_SECONDS = 86400
_LAST_DAY = 2958465
"""31 December 9999, counted from 1900."""

_LEAP_DAY_1900 = 60
"""A day that spreadsheets count although it never was."""

_DAYS_TO_1904 = 1462
_NOON = 12


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a code: ``kind`` is "text", "elapsed", "noon", "fraction", or a letter of a date.

    A minute is the letter "n", unlike a month.
    """

    kind: str
    text: str


def is_date_code(code: str) -> bool:
    """Whether a section of a number format shows dates or times."""
    return any(part.kind in ("elapsed", *"ymdhsne") for part in _parts(code))


@lru_cache(maxsize=10_000)
def shown_date(days: float, code: str, *, from_1904: bool = False) -> str:
    """Return the time that is ``days`` after the first as the format ``code`` shows it.

    The result is empty if there is no such date.
    """
    parts = _parts(code)
    if any(part.kind == "elapsed" for part in parts):
        shown = _elapsed(abs(days), parts)
        return f"-{shown}" if days < 0 else shown
    count = days + _DAYS_TO_1904 if from_1904 else days
    if not 0 <= count < _LAST_DAY + 1:
        return ""
    places = max((len(part.text) - 1 for part in parts if part.kind == "fraction"), default=0)
    seconds = round(count * _SECONDS, places)
    # The count has a 29 February 1900; the days before it are one less.
    first = datetime(1899, 12, 31 if seconds < _LEAP_DAY_1900 * _SECONDS else 30)  # noqa: DTZ001
    try:
        moment = first + timedelta(seconds=seconds)
    except OverflowError:
        return ""
    halves = any(part.kind == "noon" for part in parts)
    shown = "".join(_part(part, moment, halves=halves) for part in parts)
    return " ".join(shown.split())


@lru_cache(maxsize=1000)
def _parts(code: str) -> tuple[_Part, ...]:
    parts = []
    for token in _TOKEN.finditer(code):
        kind = token.lastgroup or ""
        if kind == "date":
            parts.append(_Part(token[0][0].lower(), token[0].lower()))
        elif kind in ("elapsed", "noon", "fraction"):
            parts.append(_Part(kind, token[kind].lower() if kind == "elapsed" else token[kind]))
        elif kind:
            parts.append(_Part("text", token[kind]))
        elif token[0][0] in "_*":
            parts.append(_Part("text", " "))
    return tuple(_with_minutes(parts))


def _with_minutes(parts: list[_Part]) -> list[_Part]:
    """Tell minutes from months: they follow hours or stand before seconds."""
    clock = [n for n, part in enumerate(parts) if part.kind in ("elapsed", *"ymdhs")]
    for place, number in enumerate(clock):
        if parts[number].kind != "m" or len(parts[number].text) > len("mm"):
            continue
        before = parts[clock[place - 1]] if place else None
        after = parts[clock[place + 1]] if place + 1 < len(clock) else None
        if (before and (before.kind == "h" or before.text[0] == "h")) or (
            after and (after.kind == "s" or after.text[0] == "s")
        ):
            parts[number] = _Part("n", parts[number].text)
    if not any(part.kind == "s" or part.text[:1] == "s" for part in parts):
        parts = [_Part("text", p.text) if p.kind == "fraction" else p for p in parts]
    return parts


def _part(part: _Part, moment: datetime, *, halves: bool) -> str:
    """Return what ``part`` shows of ``moment``; ``halves`` counts the hours to 12 only."""
    width = len(part.text)
    two = min(width, 2)
    match part.kind:
        case "y" | "e":
            shown = f"{moment.year % 100:02d}" if part.text in ("y", "yy") else str(moment.year)
        case "m":
            shown = _month(moment.month, width)
        case "d" if width > len("dd"):
            day = moment.weekday()
            shown = calendar.day_abbr[day] if width == len("ddd") else calendar.day_name[day]
        case "d":
            shown = f"{moment.day:0{two}d}"
        case "h":
            shown = f"{(moment.hour % 12 or 12) if halves else moment.hour:0{two}d}"
        case "n" | "s":
            shown = f"{moment.minute if part.kind == 'n' else moment.second:0{two}d}"
        case "noon":
            shown = part.text.split("/")[moment.hour >= _NOON]
        case "fraction":
            shown = f".{moment.microsecond:06d}"[:width]
        case _:
            shown = part.text
    return shown


def _month(month: int, width: int) -> str:
    if width <= len("mm"):
        return f"{month:0{width}d}"
    if width == len("mmm"):
        return calendar.month_abbr[month]
    name = calendar.month_name[month]
    return name[0] if width == len("mmmmm") else name


def _elapsed(days: float, parts: tuple[_Part, ...]) -> str:
    """Return a length of time; the unit in brackets goes on counting past a day."""
    places = max((len(part.text) - 1 for part in parts if part.kind == "fraction"), default=0)
    total = round(days * _SECONDS, places)
    seconds = int(total)
    totals = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}
    shown = []
    for part in parts:
        width = len(part.text)
        match part.kind:
            case "elapsed":
                shown.append(f"{totals[part.text[0]]:0{width}d}")
            case "h":
                shown.append(f"{totals['h'] % 24:0{width}d}")
            case "n" | "m":
                shown.append(f"{totals['m'] % 60:0{width}d}")
            case "s":
                shown.append(f"{seconds % 60:0{width}d}")
            case "fraction":
                shown.append(f"{total % 1:.{width - 1}f}"[1:])
            case _:
                shown.append(part.text)
    return " ".join("".join(shown).split())
