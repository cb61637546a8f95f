"""The file of users, their roles and their hashed passwords.

A line is ``name:hash``, the hash as Argon2 encodes it, for editors, and ``name:reader:hash`` or
``name:admin:hash`` for readers and admins. A user who signs in elsewhere, see ``oidc``, has ``!``
in place of a hash. Lines of earlier versions, ``name:n:r:p:salt:hash`` of scrypt (RFC 7914), are
still verified, and replaced when their user next signs in.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Literal, NamedTuple

from pwdlib import PasswordHash
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher

from aiqa.errors import AiqaError, SettingsError
from aiqa.server.private_file import PrivateText, kept_in

Role = Literal["reader", "editor", "admin"]
"""Readers ask; editors add documents too, and remove their own; admins remove those of others."""

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_NO_PASSWORD = "!"  # noqa: S105  # no hash: no password fits
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


class _User(NamedTuple):
    role: Role
    hash: str

    @property
    def line(self) -> str:
        """What stands after the name."""
        return self.hash if self.role == "editor" else f"{self.role}:{self.hash}"

    @classmethod
    def of(cls, line: str) -> _User | None:
        """Return the user of a line without its name; None if it is none."""
        match line.split(":", 1):
            case ["reader" | "admin" as role, stored]:
                user = cls(role, stored)
            case _:
                user = cls("editor", line)
        is_hash = any(hasher.identify(user.hash) for hasher in _HASHERS)
        return user if is_hash or user.hash == _NO_PASSWORD else None


def is_user_name(name: str) -> bool:
    """Tell whether ``name`` can be a user's."""
    return _NAME.fullmatch(name) is not None


class Users:
    """The users in the file or text at ``place``, which is read again when it changes."""

    def __init__(self, place: Path | PrivateText, *, may_be_empty: bool = False) -> None:
        """Read the file; if it ``may_be_empty``, it may also be missing.

        Raises:
            SettingsError: it cannot be read, is damaged, or has no users.
        """
        self._text = kept_in(place)
        self._may_be_empty = may_be_empty
        self._lock = Lock()
        self._known: tuple[Hashable, dict[str, _User]] = (None, {})
        """The users as of a state; both at once, as several threads read them."""
        # Constant-time: a password is verified for unknown users, too.
        self._unknown = _PASSWORDS.hash(secrets.token_hex())
        self._verified: dict[str, bytes] = {}
        self._pepper = secrets.token_bytes(32)
        if self._current():
            return
        told, remedy = f"{self._text.name} has no users.", "Add users with `aiqa chat-user`."
        if not may_be_empty:
            raise SettingsError(told, remedy)
        log.warning("%s Nobody can sign in yet. %s", told, remedy)

    def __contains__(self, name: str) -> bool:
        return name in self._current()

    def fingerprint(self, name: str) -> str:
        """Return a value that changes with password and role; empty for unknown users."""
        user = self._current().get(name)
        return hashlib.sha256(user.line.encode()).hexdigest()[:32] if user else ""

    def role(self, name: str) -> Role | None:
        """Return what the user may do; None for unknown users."""
        user = self._current().get(name)
        return user.role if user else None

    def was_verified(self, name: str, password: str) -> bool:
        """Tell without hashing whether ``verify`` has accepted this password before."""
        user = self._current().get(name)
        return user is not None and hmac.compare_digest(
            self._verified.get(name, b""), self._peppered(name, user, password)
        )

    def verify(self, name: str, password: str) -> bool:
        """Tell whether this is the user's password; replace a hash of an earlier version."""
        if len(password) > _MAX_PASSWORD:
            return False
        user = self._current().get(name)
        is_known = user is not None and user.hash != _NO_PASSWORD
        with self._lock:  # One at a time: each takes 64 MiB.
            hashed = user.hash if user and is_known else self._unknown
            right, updated = _PASSWORDS.verify_and_update(password, hashed)
        if not (user and is_known and right):
            return False
        if updated:
            user = self._replaced(name, user, updated)
        # The password may have been changed meanwhile.
        if self._current().get(name) != user:
            return False
        self._verified[name] = self._peppered(name, user, password)
        return True

    def _replaced(self, name: str, user: _User, updated: str) -> _User:
        """Store a new hash of the same password, if it can be stored; return what is stored."""
        better = user._replace(hash=updated)

        def replace(users: dict[str, _User]) -> None:
            if users.get(name) == user:
                users[name] = better

        try:
            _update(self._text, replace)
        except AiqaError as error:
            log.warning("The password of %s keeps its old hash: %s", name, error)
            return user
        return better

    def _peppered(self, name: str, user: _User, password: str) -> bytes:
        # With the stored hash: what was right of an earlier password is not of the next.
        told = f"{name}\0{user.line}\0{password}"
        return hmac.digest(self._pepper, told.encode("utf-8", "surrogatepass"), "sha256")

    def _current(self) -> dict[str, _User]:
        state = self._text.state()
        known_state, users = self._known
        if state is None or known_state != state:
            users = {} if state is None and self._may_be_empty else _read(self._text)
            self._known = state, users
        return users


def add_user(
    place: Path | PrivateText, name: str, password: str | None, role: Role = "editor"
) -> None:
    """Write the user ``name`` into the file, or change the user's password and role.

    Without a password the user can only sign in elsewhere, see ``oidc``.

    Raises:
        SettingsError: name or password cannot be used, or the file cannot be written.
    """
    if not is_user_name(name):
        raise SettingsError(
            f"{name!r} cannot be a user's name.",
            "Use up to 64 letters, digits and the marks . _ @ -",
        )
    if password is None:
        hashed = _NO_PASSWORD
    elif _MIN_PASSWORD <= len(password) <= _MAX_PASSWORD:
        hashed = _PASSWORDS.hash(password)
    else:
        raise SettingsError(f"A password has from {_MIN_PASSWORD} to {_MAX_PASSWORD} characters.")
    _update(kept_in(place), lambda users: users.update({name: _User(role, hashed)}))


def remove_user(place: Path | PrivateText, name: str) -> None:
    """Delete the user ``name`` from the file.

    Raises:
        SettingsError: the file has no such user, or cannot be written.
    """
    text = kept_in(place)
    if text.state() is None or name not in _read(text):
        raise SettingsError(f"{text.name} has no user {name}.")
    _update(text, lambda users: users.pop(name, None))


def _read(text: PrivateText) -> dict[str, _User]:
    """Return the users that ``text`` lists.

    Raises:
        SettingsError: there is no such text, or it lists something else.
    """
    if (listed := text.read()) is None:
        raise SettingsError(f"{text.name} does not exist.", "Make one with `aiqa chat-user`.")
    return _parsed(text.name, listed)


def _parsed(place: str, listed: str) -> dict[str, _User]:
    users: dict[str, _User] = {}
    for number, line in enumerate(listed.splitlines(), 1):
        if not line.strip():
            continue
        name, _, stored = line.strip().partition(":")
        user = _User.of(stored)
        if user is None:
            raise SettingsError(
                f"{place}: line {number} is not a user.",
                "Delete the line and add the user again.",
            )
        users[name] = user
    return users


def _update(text: PrivateText, change: Callable[[dict[str, _User]], object]) -> None:
    def changed(listed: str | None) -> str:
        users = _parsed(text.name, listed or "")
        change(users)
        return "".join(f"{name}:{user.line}\n" for name, user in sorted(users.items()))

    text.update(changed)
