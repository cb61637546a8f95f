"""What attackers send: requests as raw as they send them, each answered within seconds."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI

_SECONDS = 60


def raw(
    address: str,
    method: str,
    path: str,
    body: bytes | Iterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what is answered; ``path`` is sent as it stands.

    A body in pieces is sent in chunks, without its length.
    """
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=_SECONDS)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


def send_json(
    address: str, path: str, data: Any, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """The same for JSON."""
    kind = {"Content-Type": "application/json"}
    return raw(address, "POST", path, json.dumps(data).encode(), kind | dict(headers or {}))


def routes(inside: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every route of an application and those mounted in it."""
    return {
        (method, prefix + route.path)
        for prefix, route in _routes(inside.router, "")
        for method in route.methods or {"GET", "POST", "DELETE"}
    }


def _routes(router: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for route in router.routes:
        included = getattr(route, "original_router", None)
        mounted = getattr(getattr(route, "app", None), "router", None)
        if included:
            yield from _routes(included, prefix)
        elif mounted:
            yield from _routes(mounted, prefix + route.path)
        elif hasattr(route, "path"):
            yield prefix, route


def multipart(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a form that uploads one file."""
    body = (
        b'--cut\r\nContent-Disposition: form-data; name="files"; filename="' + name.encode() + b'"'
        b"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--cut--\r\n"
    )
    return body, {"Content-Type": "multipart/form-data; boundary=cut"}
