"""Recurrence rules of calendars (RFC 5545, 3.3.10) in words: "every 2 weeks on Tuesday"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping

_UNITS = {
    "SECONDLY": "second",
    "MINUTELY": "minute",
    "HOURLY": "hour",
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
}
_DAYS = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), calendar.day_name, strict=True))
_ORDINALS = {
    "1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth",
    "-1": "last", "-2": "last but one",
}  # fmt: skip
_PARTS = frozenset(("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "UNTIL",
                    "COUNT", "WKST"))  # fmt: skip
_DAY = re.compile(r"([+-]?\d{1,2})?([A-Z]{2})")


def recurrence(rule: str, moment: Callable[[str], str]) -> str:
    """Return ``rule`` in words, or as it is where it has parts that words are not known for.

    ``moment`` writes a date and time of the calendar as people do.
    """
    parts = dict(part.split("=", 1) for part in rule.strip().upper().split(";") if "=" in part)
    try:
        return _in_words(parts, moment) if _PARTS.issuperset(parts) else rule
    except (KeyError, IndexError, ValueError):
        return rule


def _in_words(parts: Mapping[str, str], moment: Callable[[str], str]) -> str:
    unit, interval = _UNITS[parts["FREQ"]], int(parts.get("INTERVAL", "1"))
    words = [f"every {interval} {unit}s" if interval > 1 else f"every {unit}"]
    days = [_day(day) for day in parts.get("BYDAY", "").split(",") if day]
    if positions := parts.get("BYSETPOS"):
        which = _listed([_ordinal(one) for one in positions.split(",")])
        words.append(f"on the {which} {_listed(days, 'or')}")
    elif days:
        words.append(f"on {_listed(days)}")
    if month_days := parts.get("BYMONTHDAY"):
        words.append(f"on {_listed([_month_day(day) for day in month_days.split(',')])}")
    if months := parts.get("BYMONTH"):
        words.append(f"in {_listed([calendar.month_name[int(one)] for one in months.split(',')])}")
    if until := parts.get("UNTIL"):
        words.append(f"until {moment(until)}")
    if count := parts.get("COUNT"):
        words.append(f"{int(count)} times")
    return " ".join(words)


def _day(day: str) -> str:
    """Return a weekday, or which one of a month: "Tuesday", "the last Sunday"."""
    found = _DAY.fullmatch(day)
    if not found:
        raise ValueError(day)
    name = _DAYS[found[2]]
    return f"the {_ordinal(found[1])} {name}" if found[1] else name


def _month_day(day: str) -> str:
    return f"the {_ordinal(day)} day of the month" if day.startswith("-") else f"day {int(day)}"


def _ordinal(number: str) -> str:
    return _ORDINALS[str(int(number))]


def _listed(words: list[str], last: str = "and") -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))
