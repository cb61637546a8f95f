"""Check a receipt of aiqa without aiqa: ``python checker.py RECEIPT [--key KEY] [FILE ...]``.

KEY is the signer's, FILEs are documents that it quotes. The exit status is 0 only if all holds.
"""

import argparse
import hashlib
import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

VERSION = "aiqa-receipt-1"
PIECE = 256  # characters of a text in one leaf of its tree
LEAF = ("id", "text", "root", "characters")  # of a document in the tree of the index


class Check(NamedTuple):
    """What was looked at, whether it holds, and a sentence for people."""

    what: str
    holds: bool
    words: str


def digest(*parts: bytes) -> bytes:
    """Return the SHA-256 of ``parts``, of which leaves (0) and nodes (1) have one more in front."""
    return hashlib.sha256(b"".join(parts)).digest()


def proves(root: str, leaves: list[bytes], first: int, size: int, proof: list[str]) -> bool:
    """Tell whether ``root`` (RFC 6962) is above ``leaves`` from ``first`` on and ``proof``."""
    last, beside = first + len(leaves), iter(proof)

    def subtree(low: int, high: int) -> bytes:
        if high <= first or low >= last:
            return bytes.fromhex(next(beside, ""))
        if high - low == 1:
            return digest(b"\0", leaves[low - first])
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        return digest(b"\1", subtree(low, middle), subtree(middle, high))

    is_within = 0 <= first < last <= size < 2**53
    return is_within and subtree(0, size).hex() == root and next(beside, None) is None


def canonical_json(value: Any) -> str:
    """Return ``value`` as JSON by RFC 8785; ``ValueError`` if it has none."""
    if isinstance(value, dict):
        items = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical_json(k)}:{canonical_json(v)}" for k, v in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    if isinstance(value, float) and 0 < abs(value) < float("inf"):
        is_plain = 1e-6 <= abs(value) < 1e21  # noqa: PLR2004
        text = format(Decimal(repr(value)), "f") if is_plain else repr(value)
        return re.sub(r"e([+-])0", r"e\1", text).removesuffix(".0")
    if type(value) in (int, float) and not abs(value) < 2**53:  # RFC 8785 has no larger integers
        raise ValueError("a number is too large")
    return json.dumps(int(value) if isinstance(value, float) else value, ensure_ascii=False)


def receipt_parts(data: bytes) -> tuple[dict[str, Any], str, str]:
    """Return body, key and signature of the receipt in a file; ``ValueError`` if it is none."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    receipt = json.loads(data.decode(), object_pairs_hook=once)
    body, key, signature = receipt.pop("body"), receipt.pop("key"), receipt.pop("signature")
    if receipt or body["version"] != VERSION or not re.fullmatch("[0-9a-f]{192}", key + signature):
        raise ValueError(f"it is not what {VERSION} says")
    return body, key, signature


def check(data: bytes, key: str | None = None) -> tuple[dict[str, Any], list[Check]]:
    """Return the body of a receipt, {} if it is none, and what was checked; ``key`` must sign."""
    try:
        body, signer, signature = receipt_parts(data)
        checks = [_signed(body, signer, signature, key)]
        documents = {document["id"]: document for document in body["documents"]}
        checks += [_indexed(document, body["index"]) for document in body["documents"]]
        checks += [_quoted(quote, documents[quote["document"]]) for quote in body["quotes"]]
        first = {one["number"]: one for one in reversed(body["quotes"]) if one["part"] == "answer"}
        text = "\n".join(first[number]["quote"] for number in sorted(first)) or None
        words = f"The answer is {'' if text == body['text'] else 'not '}what is quoted."
        return body, [*checks, Check("answer", text == body["text"], words)]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return {}, [Check("form", holds=False, words=f"This is no sound receipt: {error!r}.")]


def _signed(body: dict[str, Any], signer: str, signature: str, key: str | None) -> Check:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    signed, public = canonical_json(body).encode(), bytes.fromhex(signer)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature), signed)
    except InvalidSignature:
        return Check("signature", holds=False, words=f"The signature is not by the key {signer}.")
    words = f"Signed by the key {signer}{'' if key in (None, signer) else f', not {key}'}."
    return Check("signature", key in (None, signer), words)


def _indexed(document: dict[str, Any], index: dict[str, Any]) -> Check:
    leaf = canonical_json({name: document[name] for name in LEAF}).encode()
    holds = proves(
        index["root"], [leaf], document["position"], index["documents"], document["proof"]
    )
    words = f"{'is' if holds else 'is not shown to be'} in the index with the root {index['root']}"
    return Check("document", holds, f"{document['file']['source']} {words}.")


def _quoted(quote: dict[str, Any], document: dict[str, Any]) -> Check:
    start, end, text, low = quote["start"], quote["end"], quote["excerpt"], quote["sentence_start"]
    first, size = low // PIECE, -(-document["characters"] // PIECE)
    pieces = [text[at : at + PIECE].encode() for at in range(0, len(text), PIECE)]
    is_there = text[low - first * PIECE :].startswith(quote["sentence"])
    is_there &= quote["sentence"][start - low : end - low] == quote["quote"] != ""
    is_there &= low <= start and end - start == len(quote["quote"])
    holds = is_there and proves(document["root"], pieces, first, size, quote["proof"])
    place = f"{'stands' if holds else 'is not shown to stand'} at characters {start} to {end}"
    return Check("quote", holds, f"“{quote['quote']}” {place} of {quote['source']}.")


def main() -> int:
    """Check what the command line names."""
    options = argparse.ArgumentParser(description="Check a receipt of aiqa.")
    options.add_argument("paths", type=Path, nargs="+", help="the receipt, then documents")
    options.add_argument("--key", help="public key of the one who has to have signed")
    given = options.parse_intermixed_args()
    body, checks = check(given.paths[0].read_bytes(), given.key)
    digests = {digest(file.read_bytes()).hex() for file in given.paths[1:]}
    for document in body.get("documents", ()) if digests else ():
        holds = not digests.isdisjoint((document["id"], document["file"]["sha256"]))
        words = f"{document['file']['source']} is {'' if holds else 'not '}among the files."
        checks.append(Check("file", holds, words))
    for _, holds, words in checks:  # a receipt may hold what steers a terminal
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)
        sys.stdout.write(f"{'holds' if holds else 'FAILS'}: {shown}\n")
    return int(not all(one.holds for one in checks))


if __name__ == "__main__":
    sys.exit(main())
