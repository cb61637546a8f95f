"""Tokens, with which programs use the server as a user; each can be revoked by itself.

They are kept beside the users' file, as digests: a token is a random secret, which no dictionary
has, so that SHA-256 is enough. A token ends when it expires or is revoked, or with its user.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ValidationError

from aiqa.errors import SettingsError
from aiqa.server.audit import Audit, unrecorded
from aiqa.server.private_file import PrivateText, kept_in
from aiqa.server.users import Role

_DAY_SECONDS = 24 * 3600
_MOST_TOKENS = 100
"""Tokens of one user."""

_FORMAT = re.compile(r"aiqa_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of ``user``, who made it for what ``label`` says; times are in seconds.

    It may do no more than ``role``, nor more than the user.
    """

    id: str
    user: str
    label: str
    role: Role
    made: float
    expires: float


class _Stored(BaseModel):
    tokens: dict[str, ApiToken] = {}
    digests: dict[str, str] = {}
    """The SHA-256 of the secret of each token, by its id."""


class Tokens:
    """The tokens in the file or text at ``place``, which is read again when it changes."""

    def __init__(self, place: Path | PrivateText, audit: Audit = unrecorded) -> None:
        """Read the file, which may be missing; ``audit`` is told how its tokens change.

        Raises:
            SettingsError: it cannot be read or is damaged.
        """
        self._text = kept_in(place)
        self._audit = audit
        self._changing = Lock()
        self._state = self._text.state()
        self._stored = _read(self._text)

    def find(self, text: str) -> ApiToken | None:
        """Return the token that ``text`` is; None if it is none, or has ended."""
        match = _FORMAT.fullmatch(text)
        if match is None:
            return None
        identity, secret = match.groups()
        stored = self._current()
        token = stored.tokens.get(identity)
        is_right = hmac.compare_digest(stored.digests.get(identity, ""), _digest(secret))
        return token if token and is_right and time.time() < token.expires else None

    def _current(self) -> _Stored:
        state = self._text.state()
        if self._state != state:
            # One thread at a time, so that each change is told once.
            with self._changing:
                before, self._stored = self._stored, _read(self._text)
                self._state = state
                self._tell_changes(before)
        return self._stored

    def _tell_changes(self, before: _Stored) -> None:
        now = self._stored.tokens
        for event, tokens, others in (
            ("new token", now, before.tokens),
            ("end of token", before.tokens, now),
        ):
            for identity in tokens.keys() - others.keys():
                token = tokens[identity]
                told = {"token": identity, "label": token.label, "role": token.role}
                self._audit(event, token.user, **told)


def tokens_file(users: Path) -> Path:
    """Return the file of the tokens of those in the file ``users``."""
    return users.with_name(f"{users.name}.tokens")


def add_token(place: Path | PrivateText, user: str, label: str, days: float, role: Role) -> str:
    """Write a new token into the file and return it; nobody can read it there later.

    Raises:
        SettingsError: the user has too many, or the file cannot be written.
    """
    identity, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    now = time.time()
    token = ApiToken(identity, user, label, role, now, now + days * _DAY_SECONDS)

    def add(stored: _Stored) -> None:
        if sum(one.user == user for one in stored.tokens.values()) >= _MOST_TOKENS:
            raise SettingsError(f"{user} has {_MOST_TOKENS} tokens already.", "Revoke some first.")
        stored.tokens[identity] = token
        stored.digests[identity] = _digest(secret)

    _update(kept_in(place), add)
    return f"aiqa_{identity}_{secret}"


def tokens_of(place: Path | PrivateText, user: str) -> list[ApiToken]:
    """Return the user's tokens that have not ended, the oldest first."""
    tokens = sorted(_read(kept_in(place)).tokens.values(), key=lambda token: token.made)
    return [token for token in tokens if token.user == user and time.time() < token.expires]


def revoke_token(place: Path | PrivateText, user: str, identity: str) -> int:
    """End one of the user's tokens.

    Returns:
        1, the number of tokens that have ended.

    Raises:
        SettingsError: the user has no such token, or the file cannot be written.
    """
    if not _revoke(kept_in(place), lambda token: (token.user, token.id) == (user, identity)):
        raise SettingsError(f"{user} has no token {identity}.", "`--list` lists the tokens.")
    return 1


def revoke_all(place: Path | PrivateText, user: str) -> int:
    """End all tokens of the user, and return how many there were.

    Raises:
        SettingsError: the file cannot be written.
    """
    text = kept_in(place)
    return _revoke(text, lambda token: token.user == user) if text.state() is not None else 0


def _revoke(text: PrivateText, is_meant: Callable[[ApiToken], bool]) -> int:
    ended: list[str] = []

    def revoke(stored: _Stored) -> None:
        ended.extend(token.id for token in stored.tokens.values() if is_meant(token))
        for identity in ended:
            del stored.tokens[identity], stored.digests[identity]

    _update(text, revoke)
    return len(ended)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(text: PrivateText) -> _Stored:
    return _parsed(text, text.read())


def _parsed(text: PrivateText, stored: str | None) -> _Stored:
    if stored is None:
        return _Stored()
    try:
        return _Stored.model_validate_json(stored)
    except ValidationError as error:
        raise SettingsError(
            f"{text.name} is damaged.",
            f"{text.deletion}, and make new tokens with `aiqa chat-token`.",
        ) from error


def _update(text: PrivateText, change: Callable[[_Stored], None]) -> None:
    def changed(stored: str | None) -> str:
        kept = _parsed(text, stored)
        for identity in [t.id for t in kept.tokens.values() if t.expires < time.time()]:
            del kept.tokens[identity], kept.digests[identity]
        change(kept)
        return kept.model_dump_json()

    text.update(changed)
