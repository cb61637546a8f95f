"""What a full, a slow and a read-only disk, kills, and a second chat cost: nothing that was stored.

``python -m eval.benchmarks.faults [--kills 20] [--files 12] [--slow-ms 20]``

Printed are figures for each. The disks need Linux, and rights to mount in a namespace of one's own;
the slow one needs a C compiler.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from eval.benchmarks.connections import free_port

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "eval" / "results" / "faults.json"
AIQA = [sys.executable, "-m", "aiqa"]
QUESTION = "What does the gauge of station 3 show?"
SMALL_DISK_MB = 4

ON_DISK = f"""
import json, sys, time
from pathlib import Path
from aiqa import Assistant, Settings
from aiqa.errors import AiqaError
from aiqa.types import Document
from aiqa.checksums import content_id

def tried(act):
    began = time.perf_counter()
    try:
        act()
        outcome = "done"
    except AiqaError as error:
        outcome = "refused"
    return {{"outcome": outcome, "seconds": round(time.perf_counter() - began, 3)}}

def fill():
    try:
        with open("index/full", "ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        pass

text = "A new station was built. " * 2000
new = Document(content_id(text.encode()), "new.txt", "text", "New", text)
with Assistant(Path("index"), Settings.load()) as assistant:
    ask = lambda: assistant.ask({QUESTION!r}, min_confidence=0)
    ask()
    found = {{"ask before": tried(ask)}}
    if "fill" in sys.argv:
        fill()
    found["ask"] = tried(ask)
    found["add"] = tried(lambda: assistant.add([new]))
    found["remove"] = tried(lambda: assistant.remove("docs/7.txt"))
    found["ask after"] = tried(ask)
    found["lost"] = len(assistant.check().lost)
print(json.dumps(found))
"""


def write_documents(folder: Path, count: int) -> None:
    """Write so many stations of some sentences each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        text = f"Station {number}\n\n" + "".join(
            f"The gauge of station {number} shows {number + line} metres on day {line}. "
            for line in range(40)
        )
        (folder / f"{number}.txt").write_text(text, "utf-8")


def ingest(place: Path, environment: Mapping[str, str] | None = None) -> float:
    """Ingest the documents in ``place``; return the seconds."""
    began = time.perf_counter()
    subprocess.run(  # noqa: S603
        [*AIQA, "ingest", "docs"], cwd=place, check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    return time.perf_counter() - began


def status(place: Path) -> dict[str, Any]:
    """What ``aiqa status --check`` says of the index in ``place``."""
    done = subprocess.run(  # noqa: S603
        [*AIQA, "status", "--check", "--json"], cwd=place, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def on_disk(place: Path, mount: str, *options: str) -> dict[str, Any]:
    """What ``ON_DISK`` finds in a namespace in which ``mount`` was run."""
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    done = subprocess.run(  # noqa: S603
        [*command, sys.executable, "-c", ON_DISK, *options],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def full_disk(place: Path) -> dict[str, Any]:
    """Ask, add and remove on a disk that has been filled."""
    mount = (
        "mkdir -p kept && cp -a index/. kept && "
        f"mount -t tmpfs -o size={SMALL_DISK_MB}m none index && cp -a kept/. index"
    )
    return on_disk(place, mount, "fill")


def read_only(place: Path) -> dict[str, Any]:
    """Ask, add and remove in a folder that cannot be written."""
    return on_disk(place, "mount --bind index index && mount -o remount,bind,ro index")


def slow_disk(place: Path, milliseconds: int) -> dict[str, Any]:
    """Ask while another process ingests, each write of which takes so much longer."""
    library = place / "slow_writes.so"
    source = Path(__file__).with_name("slow_writes.c")
    subprocess.run(  # noqa: S603
        ["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"],  # noqa: S607
        check=True,
    )
    slow = {"LD_PRELOAD": str(library), "SLOW_WRITES_MS": str(milliseconds)}
    found: dict[str, Any] = {}
    for name, environment in (("usual", {}), ("slow", slow)):
        write_documents(place / "docs", 60)
        for file in (place / "docs").iterdir():
            file.write_text(file.read_text("utf-8") + name, "utf-8")
        with ThreadPoolExecutor(1) as beside:
            ingesting = beside.submit(ingest, place, environment)
            seconds = asked_until(place, ingesting.done, environment)
            found[name] = {
                "ingest_s": round(ingesting.result(), 2),
                "asked": len(seconds),
                "ask_p95_s": round(float(np.percentile(seconds, 95)), 3),
            }
    found["lost"] = len(status(place)["check"]["lost"])
    return found


def asked_until(place: Path, is_done: Any, environment: Mapping[str, str]) -> list[float]:
    """Ask in a process of its own until ``is_done``; return the seconds of each question."""
    code = (
        "import sys, time; from pathlib import Path; from aiqa import Assistant, Settings\n"
        "with Assistant(Path('index'), Settings.load()) as assistant:\n"
        "    for _ in sys.stdin:\n"
        "        began = time.perf_counter()\n"
        f"        assistant.ask({QUESTION!r}, min_confidence=0)\n"
        "        print(time.perf_counter() - began, flush=True)\n"
    )
    seconds: list[float] = []
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code], cwd=place, text=True, env={**os.environ, **environment},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as asker:  # fmt: skip
        while not is_done() or len(seconds) < 2:  # noqa: PLR2004
            asker.stdin.write("\n")  # type: ignore[union-attr]
            asker.stdin.flush()  # type: ignore[union-attr]
            seconds.append(float(asker.stdout.readline()))  # type: ignore[union-attr]
        asker.stdin.close()  # type: ignore[union-attr]
    return seconds[1:]


def kills(place: Path, count: int) -> dict[str, Any]:
    """Kill ingestion at random moments, each time from an index that was whole."""
    chance = random.Random(20261127)  # noqa: S311
    shutil.copytree(place / "index", place / "whole")
    write_documents(place / "docs", 60)
    takes = ingest(place)
    killed = lost = 0
    for _ in range(count):
        shutil.rmtree(place / "index")
        shutil.copytree(place / "whole", place / "index")
        before = status(place)["documents"]
        process = subprocess.Popen([*AIQA, "ingest", "docs"], cwd=place, stdout=subprocess.DEVNULL)  # noqa: S603
        time.sleep(chance.uniform(0.3, 1) * takes)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        after = status(place)
        lost += len(after["check"]["lost"]) + max(before - after["documents"], 0)
    ingest(place)
    return {"killed": killed, "lost": lost, "documents": status(place)["documents"]}


@contextmanager
def chat(place: Path) -> Iterator[int]:
    """The port of a chat over the index in ``place``."""
    port = free_port()
    with subprocess.Popen(  # noqa: S603
        [*AIQA, "chat", "--port", str(port), "--per-minute", "100000"],
        cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            next(line for line in process.stdout or () if re.search(r"The chat is at", line))
            yield port
        finally:
            process.send_signal(signal.SIGTERM)


def two_chats(place: Path, files: int) -> dict[str, Any]:
    """Upload at the same time to two chats over one index, some of it under the same names."""
    shutil.rmtree(place / "index-uploads", ignore_errors=True)
    before = set(status(place)["sources"])
    began = time.perf_counter()
    with chat(place) as one, chat(place) as other, ThreadPoolExecutor(2) as threads:
        sent = threads.map(lambda args: uploaded(*args), ((one, 1, files), (other, 2, files)))
        outcomes = Counter(outcome for outcomes in sent for outcome in outcomes)
    kept = {path.name for path in (place / "index-uploads").glob("[!.]*")}
    now = set(status(place)["sources"])
    return {
        "sent": 2 * files,
        "outcomes": outcomes,
        "files": len(kept),
        "read": sum(f"index-uploads/{name}" in now for name in kept),
        "lost": len(before - now),
        "left_in_temp": len([*Path("/tmp").glob("aiqa-uploads-*/*/*")]),  # noqa: S108
        "seconds": round(time.perf_counter() - began, 1),
    }


def uploaded(port: int, seed: int, count: int) -> list[str]:
    """Send files, the first of which has the name of another chat's; return what became of each."""
    for number in range(count):
        name = "same" if number == 0 else f"{seed}-{number}"
        text = f"The lamp {name} of chat {seed} burns oil number {number}."
        _send(port, "/uploads/text", {"title": name, "text": text})
    while True:
        page = json.loads(_send(port, "/uploads"))
        if not page["busy"]:
            return re.findall(r'<li class="(\w+)"', page["html"])
        time.sleep(0.2)


def _send(port: int, path: str, data: object = None) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        body = json.dumps(data) if data else None
        headers = {"Content-Type": "application/json"}
        connection.request("POST" if data else "GET", path, body, headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--files", type=int, default=12)
    parser.add_argument("--slow-ms", type=int, default=20)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        place = Path(name)
        write_documents(place / "docs", 20)
        ingest(place)
        result = {
            "full_disk": full_disk(place),
            "read_only": read_only(place),
            "kills": kills(place, options.kills),
            "slow_disk": slow_disk(place, options.slow_ms),
            "two_chats": two_chats(place, options.files),
        }
    print(json.dumps(result, indent=2))
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
