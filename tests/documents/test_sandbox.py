"""Files that are made to harm, or merely too large: they fail alone, and quickly."""

import gzip
import io
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.documents.sandbox import confinement, pool
from aiqa.documents.sandbox.confinement import has_landlock, has_seccomp
from aiqa.documents.sandbox.pool import Limits, Parsing, Request
from aiqa.types import Document, Failure
from tests.conftest import ROOT, write_docx
from tests.ingestion.test_change_detection import zipped

Open = Callable[..., Assistant]

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><x>&i;</x>"
)
"""Ten to the eighth times "haha", if it were believed."""


def with_member(archive: bytes, name: str, data: bytes) -> bytes:
    """A ZIP-based file with one member replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            new.writestr(info.filename, data if info.filename == name else old.read(info))
    return out.getvalue()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "good.txt").write_text("The harbour bell rings at noon.", "utf-8")
    return folder


def failures(assistant: Assistant, docs: Path) -> dict[str, str]:
    report = assistant.ingest(docs)
    assert "docs/good.txt" in assistant.status().sources
    return {Path(failure.source).name: failure.error for failure in report.failed}


def test_bombs_fail_alone(docs: Path, tmp_path: Path, open_assistant: Open) -> None:
    zeros = zipped({"zeros.txt": b" a" * 50_000_000})
    (docs / "bomb.zip").write_bytes(zeros)
    nest = b"The end."
    for depth in range(6):
        nest = zipped({f"{depth}.zip" if depth else "end.txt": nest})
    (docs / "nest.zip").write_bytes(nest)
    word = write_docx(tmp_path / "plan.docx").read_bytes()
    (docs / "laughs.docx").write_bytes(with_member(word, "word/document.xml", LAUGHS.encode()))
    (docs / "laughs.html").write_text(f"<html><body>{LAUGHS}</body></html>", "utf-8")
    (docs / "deep.json").write_text("[" * 200_000 + "]" * 200_000, "utf-8")
    (docs / "deep.html").write_text("<div>" * 100_000 + "x", "utf-8")
    (docs / "squeezed.txt").write_bytes(gzip.compress(b"a" * 1000))
    assistant = open_assistant(tmp_path / "index", parse_seconds=20, max_file_mb=20)
    told = failures(assistant, docs)
    assert "unpacks to 100 MB; at most 20 MB" in told["zeros.txt"]
    assert "packed into 3 other files" in told["3.zip"]
    assert {"laughs.docx", "deep.json"} <= told.keys()
    for document in assistant.documents():
        assert "haha" * 1000 not in document.text


def test_a_file_beyond_the_limit_is_told_so_without_being_read(
    docs: Path, tmp_path: Path, open_assistant: Open
) -> None:
    with (docs / "huge.txt").open("wb") as file:
        file.truncate(10**9)
    told = failures(open_assistant(tmp_path / "index"), docs)
    assert "has 1,000 MB; at most 512 MB are read" in told["huge.txt"]


def test_memory_has_a_limit(docs: Path, tmp_path: Path, open_assistant: Open) -> None:
    (docs / "large.json").write_bytes(b"[" + b'{"a":1},' * 12_000_000 + b"{}]")
    told = failures(open_assistant(tmp_path / "index", parse_memory_mb=1024), docs)
    assert "memory" in told["large.json"]


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let text files be programs that run in place of a parser; see ``tests.documents.probe``."""
    monkeypatch.setattr(pool, "_PROGRAM", "tests.documents.probe")
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


HANG = "import time\ntime.sleep(3600)"


@pytest.mark.usefixtures("probe")
def test_time_has_a_limit(docs: Path) -> None:
    (docs / "slow.txt").write_text(HANG, "utf-8")
    started = time.monotonic()
    with Parsing(1, Limits(3, 2048, 100)) as parsing:
        ((_, outcomes),) = parsing.outcomes([Request("slow.txt", docs / "slow.txt", 1)])
        (failure,) = outcomes
    assert isinstance(failure, Failure)
    assert "longer than 3 s" in failure.error
    assert time.monotonic() - started < 60


ON_FILES = {
    "reads another file": "print(open({other!r}).read())",
    "lists a folder": "import os\nprint(os.listdir({folder!r}))",
    "writes a file": "open({folder!r} + '/new', 'w').write('x')",
    "fills the disk": "open('/dev/shm/aiqa-probe', 'wb').write(bytes(10**9))",
    "deletes a file": "import os\nos.unlink({other!r})",
    "reads the environment of its parent": (
        "import os\nprint(open(f'/proc/{{os.getppid()}}/environ').read())"
    ),
}
ON_THE_SYSTEM = {
    "opens a socket": "import socket\nsocket.create_connection(('127.0.0.1', {port}), 5)",
    "sends a datagram": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "starts a program": "import subprocess\nsubprocess.run(['/bin/true'])",
    "forks": "import os\nos.fork()",
    "forks without end": "import os\nwhile True:\n    os.fork()",
    "ends its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "ends a thread of its parent": (
        "import ctypes, os\nhis = os.getppid()\nlib = ctypes.CDLL(None, use_errno=True)\n"
        "print('refused:' if lib.syscall({tgkill}, his, his, 9) else 'done')"
    ),
    "has its parent signalled": (
        "import fcntl, os\nends, _ = os.pipe()\nfcntl.fcntl(ends, {setown}, os.getppid())"
    ),
    "starves its parent": (
        "import os, resource as r\nr.prlimit(os.getppid(), r.RLIMIT_NOFILE, (9, 9))"
    ),
    "raises its limits": "import resource as r\nr.setrlimit(r.RLIMIT_CPU, (-1, -1))",
    "slows its parent down": "import os\nos.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "opens files to all": "import os\nos.chmod({other!r}, 0o777)",
    "opens files to all by a newer call": (
        "import ctypes\nlib = ctypes.CDLL(None, use_errno=True)\n"
        "opened = lib.syscall({fchmodat2}, -100, {other!r}.encode(), 0o777, 0) == 0\n"
        "print('done' if opened else 'refused:')"
    ),
    "changes the file it reads": (
        "import contextlib, os\nfor number in os.listdir('/proc/self/fd'):\n"
        "    with contextlib.suppress(PermissionError):\n"
        "        os.fchmod(int(number), 0o777)\n        print('done')\nprint('refused:')"
    ),
    "keeps memory beyond its end": "import os\nos.write(os.memfd_create('x'), bytes(10**9))",
}
TGKILL = {"x86_64": 234, "aarch64": 131}.get(platform.machine())
FCHMODAT2 = 452
F_SETOWN = 8


@pytest.mark.usefixtures("probe")
def test_a_parser_can_do_nothing_but_parse(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attack succeeds outside the process, so a refusal is the confinement's.

    A kernel without a measure has none of its attacks refused, which `aiqa doctor` tells.
    """
    attacks = {**(ON_FILES if has_landlock() else {}), **(ON_THE_SYSTEM if has_seccomp() else {})}
    monkeypatch.setenv("AIQA_TEST_SECRET", "the combination")
    other = tmp_path / "other.txt"
    other.write_text("the combination", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = {"other": str(other), "folder": str(tmp_path), "port": server.getsockname()[1]}
        places |= {"tgkill": TGKILL, "setown": F_SETOWN, "fchmodat2": FCHMODAT2}
        programs = {name: code.format(**places) for name, code in attacks.items()}
        programs["sees secrets"] = "import os\nprint('refused:', dict(os.environ))"
        for name, code in programs.items():
            (docs / f"{name}.txt").write_text(code, "utf-8")
        with Parsing(1, Limits(60, 2048, 100)) as parsing:
            requests = [Request(name, docs / f"{name}.txt", 1) for name in programs]
            texts = {
                request.source: next(outcomes).text  # type: ignore[union-attr]
                for request, outcomes in parsing.outcomes(requests)
            }
    for name, text in texts.items():
        assert text.startswith("refused:"), f"{name}: {text}"
        assert "combination" not in text
    assert other.read_text("utf-8") == "the combination"


@pytest.mark.usefixtures("probe")
@pytest.mark.skipif(sys.platform != "linux", reason="No process can limit another elsewhere.")
def test_a_parser_that_nobody_watches_ends_when_its_processor_time_is_over(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "_SPARE_SECONDS", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 0.01)
    # One match, during which none of the process's other threads runs.
    (docs / "slow.txt").write_text("import re\nre.match('(a|a)*b', 'a' * 99)", "utf-8")
    worker = pool.Worker(Limits(60, 2048, 100))
    (failure, *_) = ended(worker, docs / "slow.txt")
    assert failure == "SIGXCPU"


def test_a_process_may_be_ended_by_several_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = pool.Worker(Limits(60, 2048, 100))
    close = worker._connection._close  # type: ignore[attr-defined]

    def close_slowly() -> None:
        time.sleep(0.1)
        close()

    monkeypatch.setattr(worker._connection, "_close", close_slowly)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: worker.end(), range(2)))


def ended(worker: pool.Worker, path: Path) -> list[str]:
    """The signal that ended a process over a file."""
    with pytest.raises(pool.EndedError, match=r"died \(SIG") as raised:
        list(worker.read(Request(path.name, path, 1)))
    return [word for word in str(raised.value).replace(")", "(").split("(") if "SIG" in word]


@pytest.mark.usefixtures("probe")
def test_a_parser_ends_with_the_process_that_started_it(docs: Path) -> None:
    (docs / "slow.txt").write_text(HANG, "utf-8")
    code = (
        "import os, signal, sys, threading; from pathlib import Path;"
        "from aiqa.documents.sandbox import pool; pool._PROGRAM = 'tests.documents.probe';"
        "worker = pool.Worker(pool.Limits(600, 2048, 100));"
        "request = pool.Request('a.txt', Path(sys.argv[1]), 1);"
        "threading.Thread(target=lambda: next(worker.read(request)), daemon=True).start();"
        "print(worker._process.pid, flush=True); import time; time.sleep(3);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(docs / "slow.txt")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    process = Path("/proc", run.stdout.strip())
    deadline = time.monotonic() + 60
    while process.exists() and "Z" not in (process / "stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_pipes_are_not_waited_for_and_links_lead_nowhere_else(
    docs: Path, tmp_path: Path, open_assistant: Open
) -> None:
    os.mkfifo(docs / "pipe.txt")
    (tmp_path / "secret.txt").write_text("The combination is 31.", "utf-8")
    (docs / "link.txt").symlink_to(tmp_path / "secret.txt")
    (docs / "alias.txt").symlink_to("good.txt")
    assistant = open_assistant(tmp_path / "index")
    told = failures(assistant, docs)
    assert set(told) == {"pipe.txt", "link.txt"}
    assert "pipe, a device or a socket" in told["pipe.txt"]
    assert "link to a file outside the folder" in told["link.txt"]
    assert "docs/alias.txt" in assistant.status().sources


def reading_processes() -> set[int]:
    command = [
        "pgrep",
        "-P",
        str(os.getpid()),
        "-f",
        "[-]m (aiqa.documents.sandbox|tests.documents.probe)",
    ]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return {int(process) for process in found.stdout.split()}


@pytest.mark.usefixtures("probe")
def test_a_killed_reading_process_fails_one_file_and_is_replaced(docs: Path) -> None:
    (docs / "slow.txt").write_text(HANG, "utf-8")
    (docs / "good.txt").write_text("print('The harbour bell rings at noon.')", "utf-8")
    others = reading_processes()  # of what other tests keep open
    with Parsing(1, Limits(60, 2048, 100)) as parsing:
        requests = [Request(name, docs / name, 1) for name in ("slow.txt", "good.txt")]

        def kill() -> None:
            for _ in range(600):
                time.sleep(0.1)
                for process in reading_processes() - others:
                    time.sleep(1)
                    os.kill(process, signal.SIGKILL)
                    return

        threading.Thread(target=kill).start()
        (first, *_), second = [list(outcomes) for _, outcomes in parsing.outcomes(requests)]
        assert isinstance(first, Failure)
        assert "died (SIGKILL)" in first.error
        assert isinstance(second[0], Document)
        assert second[0].text == "The harbour bell rings at noon.\n"


def test_a_program_leaves_no_process_behind_and_imports_nothing_from_the_documents(
    docs: Path, tmp_path: Path
) -> None:
    for place in (docs, tmp_path):
        (place / "docx.py").write_text(f"open({str(tmp_path / 'owned')!r}, 'w')", "utf-8")
    write_docx(docs / "plan.docx")
    code = (
        "import os; from pathlib import Path; from aiqa import Assistant, Settings;"
        "from eval.benchmarks.hashing import HashEmbedder;"
        "a = Assistant(Path('index'), Settings.load(), HashEmbedder());"
        "print(a.ingest('docs').added);"
        "print(os.popen(f'pgrep -c -P {os.getpid()} -f documents[.]sandbox').read())"
    )
    places = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    told = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": places},
    )  # fmt: skip
    assert told.stdout.split() == ["3", "0"]  # the module is read as code
    assert not (tmp_path / "owned").exists()
