"""Files to documents in processes of their own, within limits of time and memory."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedReader
from multiprocessing import Pipe
from multiprocessing.reduction import send_handle
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Lock, local
from typing import Any, Self

from aiqa.documents.sandbox.confinement import allow_processor_time
from aiqa.errors import DependencyError, DocumentError
from aiqa.regular_file import open_regular
from aiqa.types import Block, Document, Failure, Heading, Page, PageLayout

_AHEAD_BYTES = 16_000_000
"""Files are read ahead of the embedding up to this much in all, but always one at least."""

_AHEAD_FILES = 64
_PROGRAM = "aiqa.documents.sandbox"

_PASSED_ON = ("PYTHONPATH", "LANG", "LC_ALL", "OMP_NUM_THREADS", "SYSTEMROOT")
"""Variables that a parser may see; others may hold secrets."""

_PATIENCE_SECONDS = 0.5
_MOST_SIGNS = 100_000
"""Messages about one file: documents, failures, and pages read by OCR."""

_HELD = 4
"""Documents of one file that wait to be taken before its reading pauses."""


@dataclass(frozen=True, slots=True)
class Request:
    """A file to be read, known as ``source``; ``size`` in bytes is what it seemed to have."""

    source: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Read:
    """The end of a file that was read: its state, and the SHA-256 of its bytes."""

    size: int
    mtime_ns: int
    checksum: str


Outcome = Document | Failure | Read
"""What comes of a file: documents and failures inside it, then ``Read``, or ``Failure`` alone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading may take: seconds for each document, megabytes for each process and file.

    Where pages are read by OCR, each may take the seconds.
    """

    seconds: float
    memory_mb: int
    max_file_mb: int


class Parsing:
    """A pool of reading processes; those that die or hang are ended and replaced.

    Its documents come out in the order of the requests, a bounded number ahead of their use.
    """

    def __init__(self, workers: int, limits: Limits) -> None:
        self._limits = limits
        self._closed = Event()
        self._local = local()
        self._started: list[Worker] = []
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="parsing")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for worker in self._started:
            worker.end()
        self._threads.shutdown(cancel_futures=True)

    def outcomes(
        self, requests: Iterable[Request], while_waiting: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Request, Iterator[Outcome]]]:
        """For each request what comes of it, which is to be drained before the next is taken.

        ``while_waiting`` is called now and then as long as a file is being read.

        Raises:
            DependencyError: a package that a loader needs is missing.
        """
        ahead: deque[tuple[Request, Queue[Outcome | Exception | None]]] = deque()
        waiting = iter(requests)
        request = next(waiting, None)
        while request or ahead:
            while request and self._has_room(ahead, request):
                queue: Queue[Outcome | Exception | None] = Queue(_HELD)
                ahead.append((request, queue))
                self._threads.submit(self._read, request, queue)
                request = next(waiting, None)
            yield ahead[0][0], _drained(ahead[0][1], while_waiting)
            ahead.popleft()

    @staticmethod
    def _has_room(ahead: Iterable[tuple[Request, Any]], request: Request) -> bool:
        sizes = [held.size for held, _ in ahead]
        return not sizes or (
            len(sizes) < _AHEAD_FILES and sum(sizes) + request.size <= _AHEAD_BYTES
        )

    def _read(self, request: Request, queue: Queue[Outcome | Exception | None]) -> None:
        """Runs in a thread: let this thread's worker read a file, and queue what it says."""
        try:
            if getattr(self._local, "worker", None) is None:
                self._local.worker = Worker(self._limits)
                self._started.append(self._local.worker)
            for outcome in self._local.worker.read(request):
                self._put(queue, outcome)
        except EndedError as error:
            self._local.worker = None
            self._put(queue, Failure(request.source, str(error)))
        except Exception as error:  # noqa: BLE001  # raised again by whoever waits for it
            self._put(queue, error)
        self._put(queue, None)

    def _put(self, queue: Queue[Outcome | Exception | None], item: Any) -> None:
        while not self._closed.is_set():
            with suppress(Full):
                queue.put(item, timeout=0.2)
                return


def _drained(
    queue: Queue[Outcome | Exception | None], while_waiting: Callable[[], None]
) -> Iterator[Outcome]:
    while True:
        try:
            item = queue.get(timeout=_PATIENCE_SECONDS)
        except Empty:
            while_waiting()
            continue
        if item is None:
            return
        if isinstance(item, Exception):
            raise item
        yield item


class EndedError(Exception):
    """A worker was lost over a file; another has to be made."""


class Worker:
    """One reading process, started when made; whoever made it ends it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ending = Lock()
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                # -P: a file called like a module must not be imported from the working folder.
                [
                    sys.executable, "-P", "-m", _PROGRAM,
                    str(theirs.fileno()), str(limits.memory_mb), str(limits.max_file_mb),
                ],
                env=_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for this process to answer to.
                start_new_session=True,
            )  # fmt: skip

    def read(self, request: Request) -> Iterator[Outcome]:
        """What comes of one file.

        Raises:
            EndedError: the process died or was ended for taking too long.
            DependencyError: a package that a loader needs is missing.
        """
        try:
            file = open_regular(request.path)
        except DocumentError as error:
            yield Failure(request.source, str(error))
            return
        for kind, value in self._ask(file, source=request.source):
            yield _outcome(kind, value, request.source)
            if kind in ("read", "error"):
                return

    def picture(self, path: Path, document_id: str, number: int) -> bytes | None:
        """Page ``number`` of the PDF with this id, which is the file ``path`` or inside it, as PNG.

        None if the file does not hold it, or cannot be read.

        Raises:
            DocumentError: the document is not a PDF, or has no such page.
            EndedError: the process died or was ended for taking too long.
        """
        page = {"document_id": document_id, "number": number}
        try:
            file = open_regular(path)
        except DocumentError:
            return None
        kind, value = next(self._ask(file, source=path.name, page=page))
        if kind == "error":
            raise DocumentError(value)
        return base64.b64decode(value) if kind == "picture" else None

    def _ask(self, file: BufferedReader, **what: Any) -> Iterator[tuple[str, Any]]:
        try:
            with file:
                self._connection.send_bytes(json.dumps(what).encode())
                send_handle(self._connection, file.fileno(), self._process.pid)
            for _ in range(_MOST_SIGNS):
                allow_processor_time(self._process.pid, self._limits.seconds)
                if not self._connection.poll(self._limits.seconds):
                    self.end()
                    raise EndedError(
                        f"Reading this file took longer than {self._limits.seconds:g} s and was "
                        "given up. If it is merely large, raise parse_seconds."
                    )
                (kind, value), *_ = json.loads(self._connection.recv_bytes()).items()
                if kind == "missing":
                    raise DependencyError(*value)
                if kind != "alive":
                    yield kind, value
            self.end()
            raise EndedError(f"This file has more than {_MOST_SIGNS:,} documents or pages.")
        except (EOFError, OSError) as error:
            self.end()
            raise EndedError(
                f"The process that read this file died ({_cause(self._process.returncode)}). It "
                "may be damaged, or need more memory than parse_memory_mb allows."
            ) from error

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        # The reading thread may end it at the same time; a connection must be closed once.
        with self._ending:
            self._connection.close()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # Threads that numpy starts when it is imported would not be confined.
    return {**kept, "OPENBLAS_NUM_THREADS": "1"}


def _outcome(kind: str, value: Any, source: str) -> Outcome:
    match kind:
        case "document":
            return _document(value)
        case "failure":
            return Failure(**value)
        case "read":
            return Read(**value)
        case _:
            return Failure(source, str(value))


def _document(fields: dict[str, Any]) -> Document:
    return Document(**fields | {
        "pages": tuple(Page(**page) for page in fields["pages"]),
        "headings": tuple(Heading(**heading) for heading in fields["headings"]),
        "unread_pages": tuple(fields["unread_pages"]),
        "ocr_pages": tuple(fields["ocr_pages"]),
        "omissions": tuple(fields["omissions"]),
        "blocks": tuple(map(Block.from_row, fields["blocks"])),
        "layouts": tuple(
            PageLayout(**layout | {"boxes": base64.b64decode(layout["boxes"])})
            for layout in fields["layouts"]
        ),
    })  # fmt: skip


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
