"""The digits of a number in the places that a number format has for them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

Pieces = tuple[tuple[str, str], ...]
"""The parts of a format: their kind and what they write. Those of one sign have it as their kind;
others are "text", "general", "exponent" and "fraction"."""

_DIGITS = ("0", "#", "?")
_EXACT = Context(prec=400)
"""Has room for the largest number that a cell can hold."""

_USUAL = re.compile(r"( *)((?:#,##)?0(?P<places>(?:\.0+)?))( *%? *)")


def plain_number(value: float) -> str:
    """Return ``value`` with the 15 digits that a spreadsheet keeps of it, without an exponent."""
    if value == int(value):
        return str(int(value))
    digits = Decimal(f"{value:.15g}")
    return f"{digits:f}" if abs(value) >= 1e-9 else str(digits)  # noqa: PLR2004


def template(pieces: Pieces) -> str:
    """Return how Python writes a number in the same way, "{:,.2f} kg"; empty for unusual ones."""
    signs = "".join(kind if len(kind) == 1 else " " for kind, _ in pieces)
    usual = _USUAL.fullmatch(signs)
    if not usual:
        return ""
    before, _, after = (
        "".join(text for _, text in pieces[start:end]).replace("{", "{{").replace("}", "}}")
        for start, end in ((0, usual.start(2)), usual.span(2), (usual.end(2), None))
    )
    places = max(len(usual["places"]) - 1, 0)
    return f"{before}{{:{',' if ',' in usual[2] else ''}.{places}f}}{after}"


def written(value: float, pattern: str, pieces: Pieces) -> str:
    """Return ``value``, which is not negative, by the ``template`` of ``pieces``."""
    number = Decimal(f"{value:.15g}")
    if any(kind == "%" for kind, _ in pieces):
        number = number.scaleb(2)
    places = sum(kind == "0" for kind, _ in pieces) - 1
    return pattern.format(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT))


def filled_digits(value: float, pieces: Pieces) -> str:
    """Return ``pieces`` with the digits of ``value``, which is not negative, in their places."""
    kinds = [kind for kind, _ in pieces]
    if "general" in kinds or "@" in kinds:
        return "".join(
            plain_number(value) if kind in ("general", "@") else text for kind, text in pieces
        )
    if "fraction" in kinds:
        return _mixed(value, pieces)
    exponent = kinds.index("exponent") if "exponent" in kinds else len(kinds)
    digits = [n for n, kind in enumerate(kinds[:exponent]) if kind in _DIGITS]
    point = kinds.index(".") if "." in kinds[:exponent] else exponent
    number = Decimal(f"{value:.15g}").scaleb(2 * kinds.count("%") - 3 * _commas(kinds, digits))
    power = number.adjusted() if exponent < len(kinds) and number else 0
    places = sum(place > point for place in digits)
    rounded = number.scaleb(-power).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    whole, _, part = f"{rounded:f}".partition(".")
    return (
        _whole(whole.lstrip("0"), pieces[:point])
        + _part(part, pieces[point:exponent])
        + _power(power, pieces[exponent:])
    )


def _commas(kinds: list[str], digits: list[int]) -> int:
    """Return how many commas stand right after the last digit; each leaves out three digits."""
    after = kinds[digits[-1] + 1 :] if digits else []
    return next((n for n, kind in enumerate(after) if kind != ","), len(after))


def _whole(digits: str, pieces: Pieces) -> str:
    """Return the part before the point; the digits are put into their places from the right."""
    places = [n for n, (kind, _) in enumerate(pieces) if kind in _DIGITS]
    grouped = bool(places) and any(kind == "," for kind, _ in pieces[places[0] : places[-1]])
    written: list[str] = []
    count = 0
    for number in range(len(pieces) - 1, -1, -1):
        kind, text = pieces[number]
        if kind not in _DIGITS:
            written += [] if kind == "," else [text]
            continue
        # The leftmost place takes all the digits that are left.
        own = digits if number == places[0] else digits[-1:]
        digits = digits[: len(digits) - len(own)]
        for digit in reversed(own or ("0" if kind == "0" else "")):
            written += [","] if grouped and count and count % 3 == 0 else []
            written.append(digit)
            count += 1
    return "".join(reversed(written))


def _part(digits: str, pieces: Pieces) -> str:
    """Return the point and the part behind it, without the zeros that need not be shown."""
    signs = [kind for kind, _ in pieces if kind in _DIGITS]
    while digits and digits[-1] == "0" and signs[len(digits) - 1] != "0":
        digits = digits[:-1]
    rest = iter(digits)
    return "".join(
        next(rest, "") if kind in _DIGITS else text
        for kind, text in pieces
        if kind != "," and (kind != "." or digits or not signs)
    )


def _power(power: int, pieces: Pieces) -> str:
    if not pieces:
        return ""
    sign = "-" if power < 0 else pieces[0][1][1:].replace("-", "")
    width = sum(kind in _DIGITS for kind, _ in pieces)
    rest = "".join(text for kind, text in pieces[1:] if kind not in _DIGITS)
    return f"E{sign}{abs(power):0{width}d}{rest}"


def _mixed(value: float, pieces: Pieces) -> str:
    """Return ``value`` as a whole and a fraction of it, as in "1 1/2"."""
    slash = [kind for kind, _ in pieces].index("fraction")
    below = "".join(text for _, text in pieces[slash + 1 :])
    places = len(re.match(r"[#?0]*", below)[0])  # type: ignore[index]
    fixed = re.match(r"[1-9]\d*", below)
    exact = Fraction(value)
    near = (
        Fraction(round(exact * int(fixed[0])), int(fixed[0]))
        if fixed
        else exact.limit_denominator(10 ** max(places, 1) - 1)
    )
    has_whole = bool(re.search(r"[#?0]\s+[#?0]", "".join(text for _, text in pieces[:slash])))
    whole, rest = divmod(near, 1) if has_whole else (0, near)
    shown = [str(whole)] if whole or not rest else []
    return " ".join([*shown, f"{rest.numerator}/{rest.denominator}"] if rest else shown)
