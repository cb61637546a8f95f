"""Proxies whose headers say where a request came from."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network

from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from aiqa.errors import SettingsError


def behind_proxies(application: ASGIApp, proxies: Sequence[str]) -> ASGIApp:
    """Let ``application`` see the client and scheme that one of ``proxies`` tells."""
    if not proxies:
        return application
    return ProxyHeadersMiddleware(application, list(proxies))  # type: ignore[arg-type, return-value]


def check_proxies(proxies: Sequence[str]) -> None:
    """Raise ``SettingsError`` for a proxy that is named otherwise than by address or network.

    Raises:
        SettingsError: see above.
    """
    for proxy in proxies:
        try:
            ip_network(proxy)
        except ValueError as error:
            raise SettingsError(
                f"{proxy!r} is neither an address nor a network.",
                "Say --trusted-proxy 127.0.0.1 or --trusted-proxy 10.0.0.0/8, say.",
            ) from error
