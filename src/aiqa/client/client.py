"""The client: a method for each operation of the REST interface."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, Self

import httpx

from aiqa.client.replies import (
    DocumentInfo,
    EvaluationStatus,
    Hit,
    ProblemError,
    QuoteCheck,
    UploadStatus,
)
from aiqa.serialization import answer_dict, read_answer
from aiqa.types import Answer, ChatTurn, Citation, Filters

_POLL_SECONDS = 0.5
_PAGE = 1000


class Client:
    """Asks a server by its REST interface.

    >>> with Client("http://127.0.0.1:7860") as client:
    ...     answer = client.ask("What is the price of SenseRobot?")
    ...     client.ask("Who makes it?", history=[answer])

    Every method raises ``ProblemError`` if the server refuses or cannot be reached.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        user: tuple[str, str] | None = None,
        timeout: float = 120,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Call the server at ``address``.

        Args:
            address: where the server is, without ``/api/v1``.
            token: a token of the server, where it has users.
            user: or else name and password.
            timeout: seconds to wait for an answer.
            transport: how requests are sent, for proxies and tests.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/api/v1",
            headers=headers,
            auth=user,
            timeout=timeout,
            transport=transport,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        """Return the answer; see ``Assistant.ask``. ``history`` are the answers before it."""
        body = _question(question, history, filters, min_confidence, max_risk)
        return read_answer(self._json("POST", "/ask", json=body))

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Iterator[list[Hit] | Answer]:
        """Yield the passages found, as soon as they are, then the answer."""
        body = _question(question, history, filters, min_confidence, max_risk)
        try:
            with self._http.stream("POST", "/ask/stream", json=body) as response:
                if response.is_error:
                    response.read()
                    raise _problem(response)
                for event, data in _events(response.iter_lines()):
                    match event:
                        case "passages":
                            yield [Hit.of(hit) for hit in data["hits"]]
                        case "answer":
                            yield read_answer(data)
                        case "problem":
                            raise ProblemError(data["detail"], data["remedy"], status=503)
        except httpx.TransportError as error:
            raise _unreachable(error) from error

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        history: Sequence[Answer] = (),
        filters: Filters | None = None,
    ) -> list[Hit]:
        """Return the ``k`` passages nearest to a question, best first."""
        body = _question(question, history, filters) | {"k": k}
        return [Hit.of(hit) for hit in self._json("POST", "/search", json=body)["hits"]]

    def documents(self, text: str = "") -> Iterator[DocumentInfo]:
        """Yield the documents, in order of source, that have ``text`` in source or title."""
        start = 0
        while True:
            params = {"text": text, "start": start, "limit": _PAGE}
            found = self._json("GET", "/documents", params=params)
            yield from map(DocumentInfo.of, found["documents"])
            start += _PAGE
            if start >= found["count"]:
                return

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """Return a document's text, or its characters ``start`` to ``end``."""
        params = {"start": start} | ({} if end is None else {"end": end})
        path = f"/documents/{document_id}/text"
        return self._request("GET", path, params=params).content.decode()

    def original(self, document_id: str) -> bytes:
        """Return the file that a document was read from."""
        return self._request("GET", f"/documents/{document_id}/original").content

    def delete(self, document_id: str) -> list[str]:
        """Remove a document; return the sources that it had."""
        removed: list[str] = self._json("DELETE", f"/documents/{document_id}")["removed"]
        return removed

    def upload(
        self,
        *paths: str | Path,
        collection: str = "",
        clash: Literal["ask", "replace", "both"] = "ask",
    ) -> list[UploadStatus]:
        """Send files; each is read when its turn comes. See ``wait``."""
        with ExitStack() as stack:
            files = [
                ("files", (Path(path).name, stack.enter_context(Path(path).open("rb"))))
                for path in paths
            ]
            params = {"collection": collection, "clash": clash}
            found = self._json("POST", "/uploads", params=params, files=files)
        return [UploadStatus.of(one) for one in found["uploads"]]

    def upload_text(self, text: str, title: str = "", collection: str = "") -> UploadStatus:
        """Send a text that is to become a document."""
        body = {"text": text, "title": title, "collection": collection}
        return UploadStatus.of(self._json("POST", "/uploads/text", json=body)["uploads"][0])

    def uploads(self) -> list[UploadStatus]:
        """Return the uploads, in the order they came."""
        return [UploadStatus.of(one) for one in self._json("GET", "/uploads")["uploads"]]

    def decide(self, upload_id: str, act: Literal["replace", "both"]) -> UploadStatus:
        """Say what is to become of an upload whose name another file has."""
        return UploadStatus.of(self._json("POST", f"/uploads/{upload_id}", json={"act": act}))

    def cancel_upload(self, upload_id: str) -> UploadStatus:
        """Cancel an upload that is not finished."""
        return UploadStatus.of(self._json("POST", f"/uploads/{upload_id}", json={"act": "cancel"}))

    def wait(self, uploads: Iterable[UploadStatus], seconds: float = 600) -> list[UploadStatus]:
        """Wait until all are finished or ask what to do; return what became of them.

        Raises:
            ProblemError: also if that takes longer than ``seconds``.
        """
        deadline = time.monotonic() + seconds
        wanted = {upload.id for upload in uploads}
        while True:
            found = [one for one in self.uploads() if one.id in wanted]
            if all(one.is_finished or one.state == "asks" for one in found):
                return found
            _pause(deadline)

    def feedback(
        self,
        answer: Answer,
        verdict: Literal["up", "down"],
        *,
        correct: Citation | None = None,
        comment: str | None = None,
    ) -> str:
        """Keep a verdict on an answer; return its id. ``correct`` is the right answer."""
        body: dict[str, Any] = {"answer": answer_dict(answer), "verdict": verdict}
        if correct:
            names = ("document_id", "start", "end", "quote")
            body["correct"] = {name: getattr(correct, name) for name in names}
        if comment:
            body["comment"] = comment
        identity: str = self._json("POST", "/feedback", json=body)["id"]
        return identity

    def verify(self, *citations: Citation) -> list[QuoteCheck]:
        """Tell for each quote whether it stands where it was."""
        names = ("document_id", "start", "quote", "source")
        claims = [{name: getattr(one, name) for name in names} for one in citations]
        found = self._json("POST", "/verify", json={"citations": claims})
        return [QuoteCheck.of(one) for one in found["checks"]]

    def evaluate(
        self, questions: Sequence[Mapping[str, Any]], seconds: float = 3600
    ) -> EvaluationStatus:
        """Put a gold set to the server and wait for its figures.

        ``questions`` are rows of a gold set: ``question``, ``answers``, ``evidence``.

        Raises:
            ProblemError: also if that takes longer than ``seconds``.
        """
        deadline = time.monotonic() + seconds
        found = self._json("POST", "/evaluations", json={"questions": list(questions)})
        while not found["is_finished"]:
            _pause(deadline)
            found = self._json("GET", f"/evaluations/{found['id']}")
        return EvaluationStatus.of(found)

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return self._request(method, path, **options).json()

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise _unreachable(error) from error
        if response.is_error:
            raise _problem(response)
        return response


def _question(
    question: str,
    history: Sequence[Answer],
    filters: Filters | None,
    min_confidence: float | None = None,
    max_risk: float | None = None,
) -> dict[str, Any]:
    """Return the body of a request; what is left out is up to the server."""
    given: dict[str, Any] = {
        "question": question,
        "history": [asdict(ChatTurn.of(answer)) for answer in history],
        "filters": asdict(filters) if filters else None,
        "min_confidence": min_confidence,
        "max_risk": max_risk,
    }
    return {name: value for name, value in given.items() if value is not None}


def _events(lines: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield the name and data of server-sent events."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def _problem(response: httpx.Response) -> ProblemError:
    try:
        told = response.json()
        message, remedy = told["detail"], told.get("remedy", "")
    except (ValueError, KeyError, TypeError):
        message, remedy = f"The server answered with {response.status_code}.", ""
    wait = response.headers.get("retry-after", "")
    return ProblemError(
        message,
        remedy,
        status=response.status_code,
        retry_after=float(wait) if wait.isdigit() else None,
    )


def _unreachable(error: httpx.TransportError) -> ProblemError:
    return ProblemError(f"The server cannot be reached: {error}.", "See that it runs and where.")


def _pause(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise ProblemError("It is not finished yet.", "Wait longer, or ask again later.")
    time.sleep(_POLL_SECONDS)
