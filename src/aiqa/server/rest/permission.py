"""Who may change documents by the REST interface."""

from __future__ import annotations

from fastapi import Request
from starlette.exceptions import HTTPException

from aiqa.server.scopes import CHANGE


def may_change(request: Request) -> None:
    """Refuse a signed-in user without the scope ``CHANGE``.

    Raises:
        HTTPException: with the status 403.
    """
    if "auth" in request.scope and CHANGE not in request.auth.scopes:
        raise HTTPException(403, "You may read documents here, but not add or remove any.")
