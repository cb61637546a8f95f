"""What may be uploaded: files that aiqa reads, up to a size."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiqa.documents import is_supported, supported

_FILES = 5
"""So many of the largest files may come at once."""


class Uploads:
    """Goes before Gradio's upload route, whose own limit is on the size of each file."""

    def __init__(self, app: ASGIApp, file_mb: int) -> None:
        self._app = app
        self._most_mb = file_mb * _FILES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] != "http" or scope["path"] != "/gradio_api/upload":
            await self._app(scope, receive, send)
            return
        refusal = self._oversized(scope)
        if not refusal:
            # The answer is looked into, so it has to come uncompressed.
            scope["headers"] = [h for h in scope["headers"] if h[0] != b"accept-encoding"]
            answer = _Answer()
            await self._app(scope, receive, answer.take)
            refusal = answer.refusal()
            if not refusal:
                await answer.give(send)
                return
        await refusal(scope, receive, send)

    def _oversized(self, scope: Scope) -> PlainTextResponse | None:
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdigit():
            return PlainTextResponse("The size of an upload has to be told before.", 411)
        if int(length) > self._most_mb * 1_000_000:
            return PlainTextResponse(
                f"These files are too large: at most {self._most_mb} MB are taken at once.", 413
            )
        return None


class _Answer:
    """What Gradio answers to an upload: the paths at which it put the files."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self._messages.append(message)

    async def give(self, send: Send) -> None:
        for message in self._messages:
            await send(message)

    def refusal(self) -> PlainTextResponse | None:
        """What to answer instead if a file is of no known format; then none of them is kept."""
        if self._messages[0]["status"] != HTTPStatus.OK:
            return None
        paths = [*map(Path, json.loads(b"".join(m.get("body", b"") for m in self._messages)))]
        wrong = [path.name for path in paths if not is_supported(path)]
        if not wrong:
            return None
        for path in paths:
            path.unlink(missing_ok=True)
        return PlainTextResponse(
            f"There is no loader for {', '.join(wrong)}. Formats read: {supported()}.", 415
        )
