"""The file of users and their hashed passwords.

A line is ``name:hash``, the hash as Argon2 encodes it, or ``name:reader:hash`` for users who may
add and remove no documents. Lines of earlier versions, ``name:n:r:p:salt:hash`` of scrypt (RFC
7914), are still verified, and replaced when their user next signs in.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from filelock import FileLock
from pwdlib import PasswordHash
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher

from aiqa.errors import SettingsError

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_READER = "reader:"
_MIN_PASSWORD, _MAX_PASSWORD = 8, 256
_SCRYPT_MAX_MEMORY = 128 * 2**20

log = logging.getLogger("aiqa.web")


class _ScryptHasher(HasherProtocol):
    """Verifies the hashes of earlier versions; makes none."""

    _FORMAT = re.compile(r"(\d+):(\d+):(\d+):([0-9a-f]+):([0-9a-f]+)")

    @classmethod
    def identify(cls, hash: str | bytes) -> bool:  # noqa: A002
        return isinstance(hash, str) and cls._FORMAT.fullmatch(hash) is not None

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        raise NotImplementedError

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002
        n, r, p, salt, digest = str(hash).split(":")
        secret = password if isinstance(password, bytes) else password.encode()
        computed = hashlib.scrypt(
            secret,
            salt=bytes.fromhex(salt),
            n=int(n),
            r=int(r),
            p=int(p),
            maxmem=_SCRYPT_MAX_MEMORY,
        )
        return hmac.compare_digest(computed, bytes.fromhex(digest))

    def check_needs_rehash(self, hash: str | bytes) -> bool:  # noqa: A002, ARG002
        return True


_HASHERS = (Argon2Hasher(), _ScryptHasher())
_PASSWORDS = PasswordHash(_HASHERS)


class Users:
    """The users in the file at ``path``, which is read again when it changes."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            SettingsError: it cannot be read, is damaged, or has no users.
        """
        self._path = path
        self._lock = Lock()
        self._state: tuple[int, int, int] | None = None
        self._hashes: dict[str, str] = {}
        # Constant-time: a password is verified for unknown users, too.
        self._unknown = _PASSWORDS.hash(secrets.token_hex())
        self._verified: dict[str, bytes] = {}
        self._pepper = secrets.token_bytes(32)
        if not self._current():
            raise SettingsError(f"{path} has no users.", "Add users with `aiqa chat-user`.")

    def __contains__(self, name: str) -> bool:
        return name in self._current()

    def fingerprint(self, name: str) -> str:
        """Return a value that changes with password and role; empty for unknown users."""
        stored = self._current().get(name)
        return hashlib.sha256(stored.encode()).hexdigest()[:32] if stored else ""

    def may_change(self, name: str) -> bool:
        """Tell whether this is a user who may add and remove documents."""
        stored = self._current().get(name)
        return stored is not None and not stored.startswith(_READER)

    def was_verified(self, name: str, password: str) -> bool:
        """Tell without hashing whether ``verify`` has accepted this password before."""
        return name in self._current() and hmac.compare_digest(
            self._verified.get(name, b""), self._peppered(name, password)
        )

    def verify(self, name: str, password: str) -> bool:
        """Tell whether this is the user's password; replace a hash of an earlier version."""
        if len(password) > _MAX_PASSWORD:
            return False
        stored = self._current().get(name)
        with self._lock:  # One at a time: each takes 64 MiB.
            hashed = stored.removeprefix(_READER) if stored else self._unknown
            right, updated = _PASSWORDS.verify_and_update(password, hashed)
        if not (stored and right):
            return False
        if updated:
            role = _READER if stored.startswith(_READER) else ""
            self._replace(name, stored, role + updated)
        self._current()
        self._verified[name] = self._peppered(name, password)
        return True

    def _replace(self, name: str, stored: str, updated: str) -> None:
        def replace(hashes: dict[str, str]) -> None:
            if hashes.get(name) == stored:
                hashes[name] = updated

        try:
            _update(self._path, replace)
        except SettingsError as error:
            log.warning("The password of %s keeps its old hash: %s", name, error)

    def _peppered(self, name: str, password: str) -> bytes:
        return hmac.digest(self._pepper, f"{name}\0{password}".encode(), "sha256")

    def _current(self) -> dict[str, str]:
        try:
            stat = self._path.stat()
            state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if self._state != state:
                self._hashes = _read(self._path)
                self._verified = {}
                self._state = state
        except OSError as error:
            raise SettingsError(
                f"The users' file {self._path} cannot be read: {error.strerror}.",
                "Make one with `aiqa chat-user`.",
            ) from error
        return self._hashes


def add_user(path: Path, name: str, password: str, *, is_reader: bool = False) -> None:
    """Write the user ``name`` into the file, or change the user's password and role.

    Raises:
        SettingsError: name or password cannot be used, or the file cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be a user's name.",
            "Use up to 64 letters, digits and the marks . _ @ -",
        )
    if not _MIN_PASSWORD <= len(password) <= _MAX_PASSWORD:
        raise SettingsError(f"A password has from {_MIN_PASSWORD} to {_MAX_PASSWORD} characters.")
    hashed = (_READER if is_reader else "") + _PASSWORDS.hash(password)
    _update(path, lambda hashes: hashes.update({name: hashed}))


def remove_user(path: Path, name: str) -> None:
    """Delete the user ``name`` from the file.

    Raises:
        SettingsError: the file has no such user, or cannot be written.
    """
    if not path.exists() or name not in _read(path):
        raise SettingsError(f"{path} has no user {name}.")
    _update(path, lambda hashes: hashes.pop(name, None))


def _read(path: Path) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        name, _, stored = line.strip().partition(":")
        if not any(hasher.identify(stored.removeprefix(_READER)) for hasher in _HASHERS):
            raise SettingsError(
                f"Line {number} of {path} is not a user.", "Delete the line and add the user again."
            )
        hashes[name] = stored
    return hashes


def _update(path: Path, change: Callable[[dict[str, str]], object]) -> None:
    draft = path.with_name(f".{path.name}.draft")
    try:
        with FileLock(path.with_name(f".{path.name}.lock")):
            hashes = _read(path) if path.exists() else {}
            change(hashes)
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(f"{name}:{stored}\n" for name, stored in sorted(hashes.items()))
            draft.replace(path)
    except OSError as error:
        raise SettingsError(
            f"The users' file {path} cannot be written: {error.strerror}."
        ) from error
