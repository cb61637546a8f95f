"""Who may use the service: a file of names and hashed passwords.

A line of the file is ``name:n:r:p:salt:hash``; the numbers are those of scrypt (RFC 7914), salt and
hash are in hexadecimal.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from filelock import FileLock

from aiqa.errors import SettingsError

_N, _R, _P = 2**15, 8, 3
"""Costs of scrypt: 32 MiB and a quarter of a second, as OWASP's password storage advice has it."""

_MOST_MEMORY = 128 * 2**20
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_SHORTEST, _LONGEST = 8, 256


@dataclass(frozen=True, slots=True)
class _Hash:
    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str) -> _Hash:
        salt = secrets.token_bytes(16)
        return cls(_N, _R, _P, salt, _scrypt(password, _N, _R, _P, salt))

    def fits(self, password: str) -> bool:
        digest = _scrypt(password, self.n, self.r, self.p, self.salt)
        return hmac.compare_digest(digest, self.digest)


class Accounts:
    """The users in the file at ``path``, which is read again when it changes."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            SettingsError: it cannot be read, is damaged, or holds nobody.
        """
        self._path = path
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._hashes: dict[str, _Hash] = {}
        # Somebody who is not there takes as long to be refused as somebody who is.
        self._nobody = _Hash.of(secrets.token_hex())
        self._known: dict[str, bytes] = {}
        self._pepper = secrets.token_bytes(32)
        if not self._current():
            raise SettingsError(f"There is nobody in {path}.", "Add users with `aiqa chat-user`.")

    def __contains__(self, name: str) -> bool:
        return name in self._current()

    def knows(self, name: str, password: str) -> bool:
        """Whether ``admit`` has found this password right already, which takes no time to tell."""
        return name in self._current() and hmac.compare_digest(
            self._known.get(name, b""), self._peppered(name, password)
        )

    def admit(self, name: str, password: str) -> bool:
        """Whether this is the password of the user ``name``."""
        if len(password) > _LONGEST:
            return False
        hashes = self._current()
        with self._lock:  # one at a time: each takes its memory
            fits = hashes.get(name, self._nobody).fits(password) and name in hashes
        if fits:
            self._known[name] = self._peppered(name, password)
        return fits

    def _peppered(self, name: str, password: str) -> bytes:
        return hmac.digest(self._pepper, f"{name}\0{password}".encode(), "sha256")

    def _current(self) -> dict[str, _Hash]:
        try:
            state = self._path.stat()
            if self._seen != (state.st_mtime_ns, state.st_size):
                self._hashes = _read(self._path)
                self._known = {}
                self._seen = (state.st_mtime_ns, state.st_size)
        except OSError as error:
            raise SettingsError(
                f"The users' file {self._path} cannot be read: {error.strerror}.",
                "Make one with `aiqa chat-user`.",
            ) from error
        return self._hashes


def add_user(path: Path, name: str, password: str) -> None:
    """Write the user ``name`` into the file, or give him another password.

    Raises:
        SettingsError: name or password cannot be taken, or the file cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be a user's name.",
            "Use up to 64 letters, digits and the marks . _ @ -",
        )
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise SettingsError(f"A password has from {_SHORTEST} to {_LONGEST} characters.")
    _write(path, {name: _Hash.of(password)})


def remove_user(path: Path, name: str) -> None:
    """Take the user ``name`` out of the file.

    Raises:
        SettingsError: he is not in it, or it cannot be written.
    """
    if not path.exists() or name not in _read(path):
        raise SettingsError(f"There is no user {name} in {path}.")
    _write(path, {name: None})


def _scrypt(password: str, n: int, r: int, p: int, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY)


def _read(path: Path) -> dict[str, _Hash]:
    hashes: dict[str, _Hash] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            name, n, r, p, salt, digest = line.split(":")
            hashes[name] = _Hash(int(n), int(r), int(p), bytes.fromhex(salt), bytes.fromhex(digest))
        except ValueError as error:
            raise SettingsError(
                f"Line {number} of {path} does not hold a user.", "Delete it, and add him again."
            ) from error
    return hashes


def _write(path: Path, changes: dict[str, _Hash | None]) -> None:
    draft = path.with_name(f".{path.name}.draft")
    try:
        with FileLock(path.with_name(f".{path.name}.lock")):
            hashes = {**(_read(path) if path.exists() else {}), **changes}
            lines = [
                f"{name}:{h.n}:{h.r}:{h.p}:{h.salt.hex()}:{h.digest.hex()}\n"
                for name, h in sorted(hashes.items())
                if h
            ]
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(lines)
            draft.replace(path)
    except OSError as error:
        raise SettingsError(
            f"The users' file {path} cannot be written: {error.strerror}."
        ) from error
