"""Changes of standing questions sent to the user's own address.

Who may choose that address is who can write the index folder: there is no route of the server for
it. It is still checked at each sending, as a name may come to mean another machine. What quotes
the documents goes over HTTPS to public addresses; this machine and private networks have to be
allowed, and addresses that belong to the link (169.254.0.0/16, where clouds keep secrets) are never
used. Redirects are not followed, no proxy is asked, and the checked address itself is connected.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib.metadata import version
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from aiqa.errors import SettingsError
from aiqa.standing.redline import html_redline, plain_redline
from aiqa.standing.store import Notice

SECONDS = 10.0
"""Time that connecting may take, and then the reply."""

PAUSES = (1.0, 4.0)
"""Seconds before the second and the third attempt; later ones come with the next check."""

_TRANSLATED = ip_network("64:ff9b::/96")
"""IPv4 addresses as a translating network writes them (RFC 6052)."""

_REMEDY = "Choose another; --own-network allows this machine and private networks."


class WebhookError(Exception):
    """A webhook was not told; the message says why."""


@dataclass(frozen=True, slots=True)
class _Target:
    parts: SplitResult
    address: str
    port: int


def check_address(url: str, *, own_network: bool) -> None:
    """Look whether ``url`` may be told.

    Raises:
        SettingsError: it must not be used, or means no machine.
    """
    try:
        _target(url, own_network=own_network)
    except WebhookError as error:
        raise SettingsError(f"{url} cannot be told of changes: {error}", _REMEDY) from error


def send(url: str, notice: Notice, *, own_network: bool, pause: Callable[[float], object]) -> None:
    """Post ``notice`` to ``url`` as JSON, again after a pause where that fails.

    The header ``Idempotency-Key`` is the notice's id: a receiver whose reply got lost can tell that
    it has it already.

    Raises:
        WebhookError: it was refused, or could not be sent.
    """
    for seconds in (*PAUSES, None):
        try:
            _post(_target(url, own_network=own_network), notice)
        except WebhookError:
            if seconds is None:
                raise
            pause(seconds)
        else:
            return


def payload(notice: Notice) -> dict[str, object]:
    """Return what is sent: both answers, and what changed as text and as HTML."""
    before, after = notice.before.text(), notice.after.text()
    return {
        "id": notice.id,
        "question": notice.question,
        "time": notice.time,
        "before": asdict(notice.before),
        "after": asdict(notice.after),
        "redline": plain_redline(before, after),
        "redline_html": str(html_redline(before, after)),
    }


def _target(url: str, *, own_network: bool) -> _Target:
    """Return where ``url`` leads, if all its addresses are allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise WebhookError(f"it is no address: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WebhookError("it is no http or https address.")
    if parts.username or parts.password:
        raise WebhookError("it has a name or a password in it.")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookError(f"{parts.hostname} is not known: {error}.") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for address in addresses:
        _check(ip_address(address.partition("%")[0]), parts, own_network=own_network)
    return _Target(parts, addresses[0], port)


def _check(address: IPv4Address | IPv6Address, parts: SplitResult, *, own_network: bool) -> None:
    meant = _inner(address)
    name = f"{parts.hostname} is the address {address}"
    if (
        meant.is_link_local
        or meant.is_multicast
        or meant.is_unspecified
        or (meant.is_reserved and not meant.is_loopback)
    ):
        raise WebhookError(f"{name}, which is never used.")
    is_public = meant.is_global and not getattr(meant, "is_site_local", False)
    if not is_public and not own_network:
        raise WebhookError(f"{name}, which is not public.")
    if is_public and parts.scheme != "https":
        raise WebhookError("quotes of documents go to public addresses over https only.")


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _post(target: _Target, notice: Notice) -> None:
    body = json.dumps(payload(notice), ensure_ascii=False).encode()
    path = f"{target.parts.path or '/'}{'?' if target.parts.query else ''}{target.parts.query}"
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": notice.id,
        "User-Agent": f"aiqa/{version('aiqa')}",
    }
    connection = _connection(target)
    # A reply that comes a byte at a time would renew the socket's own time limit with each.
    deadline = threading.Timer(SECONDS, _cut_off, [connection])
    deadline.start()
    try:
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        why = str(error) or type(error).__name__
        raise WebhookError(f"{target.parts.hostname} did not reply: {why}.") from error
    finally:
        deadline.cancel()
        connection.close()
    if not 200 <= status < 300:  # noqa: PLR2004
        raise WebhookError(f"{target.parts.hostname} replied with status {status}.")


def _connection(target: _Target) -> HTTPConnection:
    """Return a connection to the checked address, not to what the name means a moment later."""
    host = target.parts.hostname or ""
    if target.parts.scheme == "http":
        plain = HTTPConnection(host, target.port, timeout=SECONDS)
        plain.sock = _socket(target)
        return plain
    secure = HTTPSConnection(host, target.port, timeout=SECONDS)
    context = ssl.create_default_context()
    try:
        secure.sock = context.wrap_socket(_socket(target), server_hostname=host)
    except OSError as error:
        raise WebhookError(f"{host} has no safe connection: {error}.") from error
    return secure


def _socket(target: _Target) -> socket.socket:
    try:
        return socket.create_connection((target.address, target.port), timeout=SECONDS)
    except OSError as error:
        raise WebhookError(f"{target.parts.hostname} cannot be reached: {error}.") from error


def _cut_off(connection: HTTPConnection) -> None:
    """End the reading of a reply that takes too long."""
    with suppress(OSError):  # it may have ended by itself
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)
