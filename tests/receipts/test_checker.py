"""The checker: it stands alone, and its JSON and trees are those of the standards."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as st

from aiqa import Receipt
from aiqa.receipts import checker
from aiqa.receipts.checker import PIECE
from aiqa.receipts.document_digests import text_tree
from aiqa.receipts.merkle_tree import MerkleTree
from aiqa.receipts.verification import verify
from tests.receipts.conftest import copy_of, written

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_its_canonical_json_is_that_of_rfc_8785(value: object) -> None:
    assert checker.canonical_json(value).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [2**53, -(2**53), float("inf"), float("nan")])
def test_numbers_that_rfc_8785_cannot_write_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="too large"):
        checker.canonical_json({"a": [value]})


def test_the_trees_are_those_of_rfc_6962() -> None:
    """The leaves and roots are the test vectors of Certificate Transparency."""
    leaves = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243")]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ]
    for size, root in enumerate(roots, 1):
        assert MerkleTree(leaves[:size]).root == root
    assert MerkleTree([]).root == hashlib.sha256().hexdigest()


@given(st.data())
def test_a_proof_leads_to_the_root_from_its_leaves_alone(data: st.DataObject) -> None:
    leaves = [str(number).encode() for number in range(data.draw(st.integers(1, 70)))]
    first = data.draw(st.integers(0, len(leaves) - 1))
    last = data.draw(st.integers(first + 1, len(leaves)))
    tree = MerkleTree(leaves)
    proof = tree.proof(first, last)
    size, shown = len(leaves), leaves[first:last]
    assert checker.proves(tree.root, shown, first, size, proof)
    assert not checker.proves(tree.root, [*shown[:-1], b"x"], first, size, proof)
    assert not checker.proves(tree.root, shown, first, size, [*proof, "00" * 32])
    assert not checker.proves(tree.root, shown, first - 1, size, proof)
    assert not checker.proves(tree.root, shown, first + 1, size, proof)
    if proof:
        assert not checker.proves(tree.root, shown, first, size, proof[:-1])


@given(st.data(), st.text(min_size=1, max_size=9), st.integers(1, 200))
def test_every_slice_of_a_text_is_proved_and_nothing_else(
    data: st.DataObject, seed: str, times: int
) -> None:
    text = seed * times
    low, start, end = sorted(data.draw(st.integers(0, len(text))) for _ in range(3))
    assume(start < end)
    quote = slice_of(text, low, start, end)
    assert is_proved(text, quote)
    assert not is_proved(text, quote | {"quote": quote["quote"] + "x", "end": end + 1})
    assert not is_proved(text, quote | {"quote": quote["quote"][1:]})
    assert not is_proved(text, quote | {"start": start + PIECE, "end": end + PIECE})
    assert not is_proved(text, quote | {"excerpt": quote["excerpt"] + "x"})
    assert not is_proved(text + "x", quote)


def slice_of(text: str, low: int, start: int, end: int) -> dict[str, Any]:
    """A quote from ``start`` to ``end`` in a sentence from ``low`` on, as receipts have it."""
    first, last = low // PIECE, -(-end // PIECE)
    return {
        "part": "answer", "number": 1, "document": "d", "source": "a.txt",
        "start": start, "end": end, "quote": text[start:end],
        "sentence_start": low, "sentence": text[low:end],
        "excerpt": text[first * PIECE : last * PIECE], "proof": text_tree(text).proof(first, last),
    }  # fmt: skip


def is_proved(text: str, quote: dict[str, Any]) -> bool:
    """Whether all but the signature holds of a receipt with ``quote`` as all of its answer."""
    document: dict[str, Any] = {
        "id": "d",
        "text": "",
        "root": text_tree(text).root,
        "characters": len(text),
    }
    tree = MerkleTree([rfc8785.dumps(document)])
    document |= {"file": {"source": "a.txt"}, "position": 0, "proof": []}
    body = {
        "version": checker.VERSION, "text": quote["quote"], "quotes": [quote],
        "documents": [document], "index": {"documents": 1, "root": tree.root},
    }  # fmt: skip
    key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    content = json.dumps({"body": body, "key": key, "signature": "00" * 64}).encode()
    _, (signature, *others) = checker.check(content)
    assert (signature.what, signature.holds) == ("signature", False)
    return all(one.holds for one in others)


def test_it_has_less_than_150_lines_and_needs_only_cryptography() -> None:
    source = Path(checker.__file__).read_text("utf-8")
    assert len(source.splitlines()) < 150
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_it_judges_receipt_and_files(receipt: Receipt, harbour: Path, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    receipt.write(file)
    command = [sys.executable, "-I", checker.__file__, str(file)]

    def run(*arguments: object) -> tuple[int, str]:
        done = subprocess.run(
            [*command, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    code, told = run("--key", receipt.key, harbour / "log.pdf", *harbour.glob("*.*"))
    assert code == 0
    assert "FAILS" not in told
    assert "holds: docs/log.pdf is among the files." in told
    assert run("--key", "0" * 64)[0] == 1
    code, told = run(harbour / "tides.txt")
    assert code == 1
    assert "FAILS: docs/log.pdf is not among the files." in told
    value = copy_of(receipt)
    value["body"]["quotes"][0]["quote"] = "go\x1b[2Kld"
    file.write_bytes(written(value))
    code, told = run()
    assert code == 1
    assert "FAILS: The signature is not by the key" in told
    assert "“go\N{REPLACEMENT CHARACTER}[2Kld” is not shown to stand" in told


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b"1", b'{"body": {}, "key": "", "signature": ""}', b"[" * 9999],
)
def test_what_is_no_receipt_is_said_to_be_none(content: bytes) -> None:
    body, checks = checker.check(content)
    assert (body, [one.what for one in checks]) == ({}, ["form"])
    assert not verify(content).holds
