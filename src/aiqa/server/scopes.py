"""What each role may do, as the scopes of a signed-in user's requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiqa.server.users import Role

CHANGE = "change"
"""The scope of users who may add documents, and remove those that they have added."""

MANAGE = "manage"
"""The scope of users who may remove documents of others, too."""

_SCOPES: Mapping[Role, Sequence[str]] = {
    "reader": (),
    "editor": (CHANGE,),
    "admin": (CHANGE, MANAGE),
}


def scopes_of(role: Role) -> Sequence[str]:
    """Return the scopes of a role."""
    return _SCOPES[role]


def lesser(role: Role, other: Role) -> Role:
    """Return the one of two roles that may do less."""
    return min(role, other, key=lambda one: len(_SCOPES[one]))
