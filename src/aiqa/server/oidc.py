"""Sign-in at an OpenID Connect provider, such as a company's own; needs the extra ``oidc``.

A TOML file says which provider it is and who of its users may do what. Tokens of the provider are
verified when somebody signs in and not kept.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from aiqa.errors import AiqaError, DependencyError, SettingsError
from aiqa.server.security import is_tls
from aiqa.server.users import Role, is_user_name
from aiqa.validation_errors import validation_message

START, CALLBACK = "/login/oidc", "/login/oidc/callback"
_STATE = "_state_"
_SECONDS = 10
_CLAIM_OF_ADDRESSES, _VERIFIED = "email", "email_verified"


class OidcError(AiqaError):
    """Somebody could not be signed in by the provider."""


class OidcSettings(BaseModel):
    """The settings in the file.

    ``claim`` of the provider's tokens is the user's name here, and has to be one that its users
    cannot choose. Those who are not in the users' file get ``role``, or may not sign in at all.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: HttpUrl
    client_id: str = Field(min_length=1)
    client_secret_file: Path | None = None
    claim: str = _CLAIM_OF_ADDRESSES
    role: Literal["none", "reader", "editor", "admin"] = "none"
    title: str = "OpenID Connect"

    @classmethod
    def read(cls, path: Path) -> OidcSettings:
        """Read the file at ``path``.

        Raises:
            SettingsError: it cannot be read, or says what is not understood.
        """
        try:
            settings = cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path} cannot be used: {_reason(error)}.") from error
        is_here = settings.issuer.host in ("localhost", "127.0.0.1", "[::1]")
        if settings.issuer.scheme != "https" and not is_here:
            raise SettingsError(f"{path}: the issuer has to be reached by https.")
        return settings

    @property
    def elsewhere(self) -> Role | None:
        """The role of those who are not in the users' file; None if they may not sign in."""
        return None if self.role == "none" else self.role

    def secret(self) -> str | None:
        """Return the client's secret; None for a client that has none.

        Raises:
            SettingsError: its file cannot be read.
        """
        if self.client_secret_file is None:
            return None
        try:
            return self.client_secret_file.read_text("utf-8").strip()
        except OSError as error:
            raise SettingsError(
                f"{self.client_secret_file} cannot be read: {error.strerror}."
            ) from error


class Provider:
    """The provider of the ``settings``: sends browsers there, and verifies who comes back."""

    def __init__(self, settings: OidcSettings) -> None:
        """Prepare requests to the provider; none is made before somebody signs in.

        Raises:
            SettingsError: the client's secret cannot be read.
            DependencyError: the package authlib is not installed.
        """
        try:
            from authlib.integrations.starlette_client import OAuth
        except ImportError as error:
            raise DependencyError(
                f"A package that sign-in by OpenID Connect needs is not installed: {error}.",
                "Run `pip install 'aiqa[oidc]'`.",
            ) from error
        self.title = settings.title
        self._claim = settings.claim
        self._needed = {settings.claim}
        if settings.claim == _CLAIM_OF_ADDRESSES:
            self._needed.add(_VERIFIED)
        self._client: Any = OAuth().register(
            "provider",
            server_metadata_url=f"{str(settings.issuer).rstrip('/')}/.well-known/openid-configuration",
            client_id=settings.client_id,
            client_secret=settings.secret(),
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
            },
        )

    async def redirect(self, request: Request) -> Response:
        """Return the answer that sends a browser to the provider.

        Raises:
            OidcError: the provider cannot be reached.
        """
        scheme = "https" if is_tls(request.scope) else "http"
        here = f"{scheme}://{request.headers['host']}{CALLBACK}"
        # Else what is remembered of attempts that were broken off would fill the cookie.
        for key in [key for key in request.session if key.startswith(_STATE)]:
            del request.session[key]
        try:
            response: Response = await self._client.authorize_redirect(request, here)
        except _failures() as error:
            raise OidcError(f"{self.title} cannot be reached.") from error
        return response

    async def name(self, request: Request) -> str:
        """Return the name of the user whom the provider has sent back.

        Raises:
            OidcError: the provider did not sign anybody in, or says nothing that can be verified.
        """
        try:
            claims = await self._claims(request)
        except _failures() as error:
            raise OidcError(f"{self.title} did not sign you in.") from error
        name = str(claims.get(self._claim, ""))
        if _VERIFIED in self._needed and claims.get(_VERIFIED) is not True:
            raise OidcError(f"{self.title} has not verified your address.")
        if not is_user_name(name):
            raise OidcError(f"{self.title} has no name of you that can be used here.")
        return name

    async def _claims(self, request: Request) -> Mapping[str, Any]:
        token = await self._client.authorize_access_token(request)
        claims: dict[str, Any] = token["userinfo"]
        if self._needed <= claims.keys():
            return claims
        # Some providers say names and addresses only when they are asked.
        further: dict[str, Any] = await self._client.userinfo(token=token)
        if further["sub"] != claims["sub"]:
            raise ValueError("The provider speaks of somebody else.")
        return further | claims


def _failures() -> tuple[type[Exception], ...]:
    """Return the errors raised if the provider cannot be reached or its reply is not valid."""
    from authlib.common.errors import AuthlibBaseError
    from httpx2 import HTTPError
    from joserfc.errors import JoseError

    return AuthlibBaseError, HTTPError, JoseError, ValueError, LookupError, RuntimeError


def _reason(error: OSError | ValueError) -> str:
    return validation_message(error) if isinstance(error, ValidationError) else str(error)
