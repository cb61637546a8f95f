"""The key that signs receipts: made once, for this user's eyes only."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from aiqa.errors import ReceiptError
from aiqa.receipts.signing_key import SigningKey


def test_it_is_made_once_whoever_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "state" / "receipts.pem"
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: SigningKey(file).public, range(16)))
    assert set(keys) == {SigningKey(file).public}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["receipts.pem"]


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    key = SigningKey(tmp_path / "receipts.pem")
    assert len(key.public) == 64
    key.file.chmod(0o640)
    with pytest.raises(ReceiptError, match="Others can read the key"):
        SigningKey(key.file).sign(b"")


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----", None])
def test_what_is_no_key_is_said_to_be_none(tmp_path: Path, content: bytes | None) -> None:
    other = X25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    file = tmp_path / "receipts.pem"
    file.write_bytes(other if content is None else content)
    file.chmod(0o600)
    with pytest.raises(ReceiptError, match="is not an Ed25519 key"):
        SigningKey(file).public  # noqa: B018


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way", "utf-8")
    with pytest.raises(ReceiptError, match="cannot be kept"):
        SigningKey(tmp_path / "state" / "receipts.pem").public  # noqa: B018
