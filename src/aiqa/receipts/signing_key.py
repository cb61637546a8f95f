"""The key of this user that receipts are signed with."""

from __future__ import annotations

import stat
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from aiqa.errors import ReceiptError
from aiqa.index.seal import key_file
from aiqa.private_file import write_once


class SigningKey:
    """An Ed25519 key in a PEM file that only this user may read; it is made when first used.

    Raises:
        ReceiptError: the file cannot be written or read, holds no such key, or others can read it;
            from any method.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or key_file().with_name("receipts.pem")

    @property
    def public(self) -> str:
        """The public key, 32 bytes in hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, data: bytes) -> str:
        """Return the signature of ``data``, 64 bytes in hexadecimal."""
        return self._key.sign(data).hex()

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        try:
            write_once(self.file, _new_key)
            mode, content = self.file.stat().st_mode, self.file.read_bytes()
        except OSError as error:
            raise ReceiptError(
                f"The key that signs receipts cannot be kept in {self.file}: {error.strerror}.",
                "Look at the permissions, or choose another folder by XDG_STATE_HOME.",
            ) from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ReceiptError(
                f"Others can read the key that signs receipts, {self.file}.",
                "If it may have been read, move it away, and a new one is made. If not, run "
                f"`chmod 600 {self.file}`.",
            )
        try:
            key = load_pem_private_key(content, None)
        except (ValueError, TypeError) as error:
            raise self._unusable() from error
        if not isinstance(key, Ed25519PrivateKey):
            raise self._unusable()
        return key

    def _unusable(self) -> ReceiptError:
        return ReceiptError(
            f"{self.file} is not an Ed25519 key.", "Move it away, and a new one is made."
        )


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
