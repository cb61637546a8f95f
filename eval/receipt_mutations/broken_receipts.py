"""Mutations of the files of receipts, by kind."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import rfc8785

from aiqa.receipts.signing_key import SigningKey

LOOK_ALIKES = str.maketrans("aceopxyACEHKMOPTX0-'", "асеорхуАСЕНКМОРТХО–’")  # noqa: RUF001


def dumped(value: Any) -> bytes:
    """Return JSON as receipts' files have it."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside ``value``."""
    items: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for name, inner in items:
        yield (*path, name)
        yield from places(inner, (*path, name))


def at(value: Any, path: Sequence[Any]) -> Any:
    """Return the value at ``path``."""
    for name in path:
        value = value[name]
    return value


def chosen(random: Random, receipt: Any, kind: type | tuple[type, ...]) -> tuple[Any, Any, Any]:
    """Return the holder, name and value of a random value of ``kind`` in ``receipt``."""
    found = [path for path in places(receipt) if type(at(receipt, path)) in _kinds(kind)]
    path = random.choice(found)
    holder = at(receipt, path[:-1])
    return holder, path[-1], holder[path[-1]]


def _kinds(kind: type | tuple[type, ...]) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


Breaking = Callable[[Random, bytes, Sequence[bytes]], bytes]
"""Returns a mutation of a receipt's file; the last argument are other receipts."""


def flip_bit(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """One bit of the file."""
    broken = bytearray(data)
    broken[random.randrange(len(broken))] ^= 1 << random.randrange(8)
    return bytes(broken)


def cut_bytes(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """Some bytes taken out, doubled, or the file cut off."""
    start = random.randrange(len(data))
    end = min(start + random.randint(1, 80), len(data))
    ways = (data[:start] + data[end:], data[:end] + data[start:], data[:start])
    return random.choice(ways)


def parsed_mutation(change: Callable[[Random, Any, Any], None]) -> Breaking:
    """Return a mutation of the file from one of its values; it gets another receipt, too."""

    def breaking(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
        receipt, other = json.loads(data), json.loads(random.choice(others))
        change(random, receipt, other)
        return dumped(receipt)

    breaking.__doc__ = change.__doc__
    return breaking


def change_number(random: Random, receipt: Any, _: Any) -> None:
    """A number made another."""
    holder, name, value = chosen(random, receipt, (int, float))
    ways = [value + 1, value - 1, -value, value * 10, value + 256, 0, 2**53, 2**64, value + 1e-9]
    holder[name] = random.choice(ways)


def change_type(random: Random, receipt: Any, _: Any) -> None:
    """A value made one of another type."""
    holder, name, value = chosen(random, receipt, (int, float, str, list, type(None)))
    holder[name] = random.choice([str(value), [value], {"a": value}, None, True, 1.5])


def change_text(random: Random, receipt: Any, _: Any) -> None:
    """A character of a text changed, added or left out."""
    holder, name, value = chosen(random, receipt, str)
    place = random.randrange(len(value) + 1)
    end = place + random.randint(0, 1)
    holder[name] = (
        value[:place] + random.choice(["", "x", "0", "é", "\u200b", "\U0001d6fc"]) + value[end:]
    )


def look_alike(random: Random, receipt: Any, _: Any) -> None:
    """A text in letters that look the same."""
    holder, name, value = chosen(random, receipt, str)
    holder[name] = value.translate(LOOK_ALIKES)


def normalize(random: Random, receipt: Any, _: Any) -> None:
    """A text in another form of Unicode, or another case."""
    holder, name, value = chosen(random, receipt, str)
    form = random.choice(["NFD", "NFKC", "NFKD", "upper", "lower"])
    case = {"upper": str.upper, "lower": str.lower}.get(form)
    holder[name] = case(value) if case else unicodedata.normalize(form, value)  # type: ignore[arg-type]


def change_blanks(random: Random, receipt: Any, _: Any) -> None:
    """Blanks within a text."""
    holder, name, value = chosen(random, receipt, str)
    ways = [value + " ", " " + value, value.replace(" ", "\u00a0"), value.replace(" ", "  ")]
    holder[name] = random.choice([*ways, value.replace("\n", "\r\n"), value.strip()])


def swap_fields(random: Random, receipt: Any, _: Any) -> None:
    """The values of two fields exchanged."""
    holder, name, value = chosen(random, receipt, (str, int))
    other, called, another = chosen(random, receipt, (str, int))
    holder[name], other[called] = another, value


def drop_field(random: Random, receipt: Any, _: Any) -> None:
    """A field or an item left out."""
    holder, name, _value = chosen(random, receipt, (str, int, float, list, dict, type(None)))
    del holder[name]


def add_field(random: Random, receipt: Any, _: Any) -> None:
    """A field added."""
    found = [path for path in places(receipt) if isinstance(at(receipt, path), dict)]
    holder = random.choice([receipt, *(at(receipt, path) for path in found)])
    holder[random.choice(["note", "Question", "text ", "signature2"])] = "added"


def reorder(random: Random, receipt: Any, _: Any) -> None:
    """A list in another order."""
    holder, name, value = chosen(random, receipt, list)
    holder[name] = random.sample(value, len(value))


def cut_list(random: Random, receipt: Any, _: Any) -> None:
    """A list, such as a proof, cut short, lengthened or with an item twice."""
    holder, name, value = chosen(random, receipt, list)
    holder[name] = random.choice([value[:-1], value[1:], value + value[:1], [*value, "00" * 32]])


def other_quote(random: Random, receipt: Any, other: Any) -> None:
    """A quote, document, index or signature of another receipt."""
    part = random.choice(["quotes", "documents", "index", "signature", "body", "quote", "proof"])
    mine, theirs = receipt["body"], other["body"]
    if part in ("signature", "body"):
        receipt[part] = other[part]
    elif part in ("quote", "proof") and mine["quotes"] and theirs["quotes"]:
        target, source = random.choice(mine["quotes"]), random.choice(theirs["quotes"])
        names = ("excerpt", "proof", "quote", "start", "end") if part == "quote" else ("proof",)
        target.update({name: source[name] for name in names})
    else:
        part = part if part in mine else "index"
        mine[part] = theirs[part]


def other_key(random: Random, receipt: Any, _: Any) -> None:
    """Signed by somebody else, with what is stated changed or not."""
    if random.choice([True, False]):
        receipt["body"]["question"] += "?"
    stranger = _stranger()
    receipt["key"] = stranger.public
    if random.randrange(10):
        receipt["signature"] = stranger.sign(rfc8785.dumps(receipt["body"]))


def double_key(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """A key that stands twice, first or last with another value."""
    lines = data.decode().splitlines()
    numbers = [n for n, line in enumerate(lines) if '": ' in line and line.endswith(",")]
    number = random.choice(numbers)
    name = lines[number].partition('": ')[0]
    lines.insert(number + random.randint(0, 1), f'{name}": {random.choice(["0", "null"])},')
    return "\n".join(lines).encode()


def other_layout(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """The same JSON in another layout, order of keys or spelling of characters."""
    receipt = json.loads(data)
    if random.choice([True, False]):
        receipt = _shuffled(random, receipt)
    return json.dumps(
        receipt,
        ensure_ascii=random.choice([True, False]),
        indent=random.choice([None, 0, 2, "\t"]),
        sort_keys=random.choice([True, False, False]),
    ).encode()


def other_float(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """A number written otherwise."""
    text = data.decode()
    value = repr(json.loads(data)["body"]["confidence"])
    number = float(value)
    ways = [f"{number:.20e}", f"{value}0", f"{number:.17g}", f"{number:.3f}", f"{number * 10!r}e-1"]
    if random.choice([True, False]):
        return text.replace(f": {value}", f": {random.choice(ways)}", 1).encode()
    place = random.choice(["start", "end", "characters", "position", "documents", "generation"])
    whole = str(_first_number(text, place))
    spelling = random.choice([f"{whole}.0", f"{whole}e0", f"{whole}.5", f"-{whole}", f"0{whole}"])
    return text.replace(f'"{place}": {whole}', f'"{place}": {spelling}', 1).encode()


def _first_number(text: str, name: str) -> str:
    rest = text.partition(f'"{name}": ')[2]
    return rest[: len(rest) - len(rest.lstrip("0123456789"))]


def _shuffled(random: Random, value: Any) -> Any:
    if isinstance(value, dict):
        items = random.sample(list(value.items()), len(value))
        return {name: _shuffled(random, inner) for name, inner in items}
    return [_shuffled(random, one) for one in value] if isinstance(value, list) else value


@cache
def _stranger() -> SigningKey:
    return SigningKey(Path(_strangers_folder().name) / "stranger.pem")


@cache
def _strangers_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


RECEIPT_MUTATIONS: dict[str, Breaking] = {
    "bit flipped": flip_bit,
    "bytes cut or doubled": cut_bytes,
    "number changed": parsed_mutation(change_number),
    "type changed": parsed_mutation(change_type),
    "character changed": parsed_mutation(change_text),
    "look-alike letters": parsed_mutation(look_alike),
    "Unicode form or case": parsed_mutation(normalize),
    "blanks": parsed_mutation(change_blanks),
    "fields exchanged": parsed_mutation(swap_fields),
    "field left out": parsed_mutation(drop_field),
    "field added": parsed_mutation(add_field),
    "list reordered": parsed_mutation(reorder),
    "list or proof cut": parsed_mutation(cut_list),
    "part of another receipt": parsed_mutation(other_quote),
    "another key": parsed_mutation(other_key),
    "key twice": double_key,
    "layout": other_layout,
    "number written otherwise": other_float,
}


def means_the_same(data: bytes, original: bytes) -> bool:
    """Tell whether two receipts state the same, with the same key and signature."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("ambiguous")
        return dict(pairs)

    try:
        values = json.loads(data.decode(), object_pairs_hook=once)
        return rfc8785.dumps(values) == rfc8785.dumps(json.loads(original))
    except (ValueError, RecursionError):
        return False
