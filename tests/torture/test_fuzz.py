"""Damaged files for every loader: each is read or refused, in bounded time and memory.

Suffixes that one loader reads are tried under the first of them. ``AIQA_TORTURE_FUZZ`` mutants of
each (25 by default, 2000 in ``make torture``) are made from valid files, one from each seed, and
read in as many processes as there are processors; if one fails, each of its formats is tried again
in a process of its own. To read one again:
``python -m tests.torture.test_fuzz FOLDER SEED SEED+1 SUFFIX``, the folder being one that a failed
test names; it also keeps the mutant that did the harm.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile
from zlib import decompress

import pytest

from aiqa.documents import supported
from aiqa.documents.archives import documents_in
from aiqa.documents.registry import _CONTAINERS, _FORMATS
from aiqa.errors import DocumentError
from aiqa.types import Document

ROOT = Path(__file__).parents[2]
COUNT = int(os.environ.get("AIQA_TORTURE_FUZZ", "25"))
SECONDS = 10
"""Of the processor, that a mutant may take."""
PATIENCE = 120
"""Seconds that it may take although it only waits, or others keep the processor busy."""
MOST_GROWTH = 200_000_000
READ_BY_OCR = {".eml", ".mbox", ".msg", ".pdf", ".png", ".zip"}
MOST_BYTES = 50_000_000

COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
INTERESTING = [
    b"\x00", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\r", b"\n\n",
    b"\x1b", b"-1", b"65536", b"99999999999", b"1e999", b"NaN", b"%s", b"../", b"<", b"</p>",
    b"<table>", b"<!--", b"<![CDATA[", b"&#0;", b"&#xD800;", b"&a;", b"]]>", b'"', b"'", b"\\",
    b"[[[[", b"{{", b"((((", b"PK\x03\x04", b"%PDF-", b"obj", b"endstream", b"stream\n",
    b"=?utf-8?q?=ff", b"=?x?b?", b"boundary=", b"charset=utf-7", b"Content-Type: message/rfc822\n",
    b"--=oil=\n", b".. x:: ", b"::\n\n", b"`", b"|a|", b"|", b"*", b"====\n", b"+--+\n", b":a:",
    b"\n\n    ", b"```\n", b"---\n", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00",
]  # fmt: skip


class Mutator:
    """Makes the mutant of a seed: the same seed makes the same mutant of the same samples."""

    def __init__(self, samples: list[bytes], seed: str) -> None:
        self._samples = samples
        self._random = Random(seed)  # not for secrets

    def mutant(self) -> bytes:
        """A sample with one to four kinds of damage, in a member if it is an archive."""
        data = self._random.choice(self._samples)
        if data.startswith(b"PK") and self._random.random() < 0.7:
            return self._rezipped(data)
        if data.startswith(COMPOUND) and self._random.random() < 0.7:
            return self._overwritten(data)
        return self._damaged(data)

    def _rezipped(self, data: bytes) -> bytes:
        out = BytesIO()
        with ZipFile(BytesIO(data)) as archive, ZipFile(out, "w", ZIP_DEFLATED) as copy:
            # Word and slides have dozens of members that no loader looks at.
            names = archive.namelist()
            victim = self._random.choice(names)
            for name in names:
                content = archive.read(name)
                copy.writestr(name, self._damaged(content) if name == victim else content)
        return out.getvalue()

    def _overwritten(self, data: bytes) -> bytes:
        """Return a compound file whose streams are damaged, but stand where they are looked for."""
        changed = bytearray(data)
        for _ in range(self._random.randint(1, 6)):
            place = self._random.randrange(512, len(data))
            other = self._random.choice(
                [
                    self._random.choice(INTERESTING),
                    self._random.randbytes(4),
                    bytes(40),
                    b"\xff" * 8,
                ]
            )
            changed[place : place + len(other)] = other
        return bytes(changed[: len(data)])

    def _damaged(self, data: bytes) -> bytes:
        damages = (
            self._flip, self._truncate, self._delete, self._duplicate, self._insert, self._splice,
        )  # fmt: skip
        for _ in range(self._random.randint(1, 4)):
            data = self._random.choice(damages)(data)
        return data

    def _flip(self, data: bytes) -> bytes:
        changed = bytearray(data or b"x")
        for _ in range(self._random.randint(1, 16)):
            changed[self._random.randrange(len(changed))] ^= 1 << self._random.randrange(8)
        return bytes(changed)

    def _truncate(self, data: bytes) -> bytes:
        return data[: self._random.randint(0, len(data))]

    def _delete(self, data: bytes) -> bytes:
        start, end = self._range(data)
        return data[:start] + data[end:]

    def _duplicate(self, data: bytes) -> bytes:
        start, end = self._range(data)
        times = self._random.choice([2, 2, 3, 50])
        return data[:start] + data[start:end] * times + data[end:]

    def _insert(self, data: bytes) -> bytes:
        for _ in range(self._random.randint(1, 8)):
            place = self._random.randint(0, len(data))
            data = data[:place] + self._random.choice(INTERESTING) + data[place:]
        return data

    def _splice(self, data: bytes) -> bytes:
        other = self._random.choice(self._samples)
        return self._truncate(data) + other[self._random.randint(0, len(other)) :]

    def _range(self, data: bytes) -> tuple[int, int]:
        start = self._random.randint(0, len(data))
        longest = self._random.choice([4, 40, 400])
        return start, start + self._random.randint(1, longest)


def check(document: Document) -> None:
    """What holds of every document, whatever its file."""
    text = document.text
    assert text.strip()
    assert text.encode()
    for places in (
        [page.start for page in document.pages],
        [heading.start for heading in document.headings],
    ):
        assert places == sorted(places)
    for page in document.pages:
        assert 0 <= page.start < len(text)
    for heading in document.headings:
        assert heading.title
        assert text[heading.start : heading.start + len(heading.title)] == heading.title
    for layout in document.layouts:
        assert 0 <= layout.start <= layout.start + len(decompress(layout.boxes)) // 8 <= len(text)


def read(mutant: bytes, suffix: str) -> None:
    """Read a file as aiqa does, and what it holds; that it is refused is fine."""
    names: list[str] = []
    try:
        for found in documents_in(mutant, f"x{suffix}", MOST_BYTES):
            names.append(found.source)
            if isinstance(found, Document):
                check(found)
    except DocumentError as error:
        assert str(error)  # noqa: PT017
    for name in names:
        assert name.isprintable()
        assert not {"", ".", ".."} & {*name.split("/")}
    if suffix == ".eml":
        assert len({name.casefold() for name in names}) == len(names)


def resident() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Read the mutants of some seeds in this process, which ends at the first that does harm."""
    folder, first, end, *suffixes = sys.argv[1:]
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)
    if READ_BY_OCR.intersection(suffixes):
        read((Path(folder) / "sample0.png").read_bytes(), ".png")  # what reads pictures is kept
    for suffix in suffixes:
        read_mutants(Path(folder), suffix, int(first), int(end))
    print("done")


def read_mutants(folder: Path, suffix: str, first: int, end: int) -> None:
    """Read the mutants of one format, and see that they leave no memory behind."""
    samples = [path.read_bytes() for path in sorted(folder.glob(f"sample*{suffix}"))]
    warm = first + (end - first) // 10
    before = 0
    for seed in range(first, end):
        print(f"{seed} of {suffix}", flush=True)
        mutant = Mutator(samples, f"{suffix} {seed}").mutant()
        (folder / f"mutant{suffix}").write_bytes(mutant)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        read(mutant, suffix)
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        if seed == warm:
            before = resident()
    grown = resident() - before
    assert grown < MOST_GROWTH, f"{grown:,} bytes more are held than after seed {warm} of {suffix}"


def representatives() -> list[str]:
    """The first suffix of every loader, and the containers."""
    first: dict[tuple[str, str], str] = {}
    for suffix, loader in _FORMATS.items():
        first.setdefault(loader, suffix)
    return sorted({*first.values(), *_CONTAINERS} & {*supported().split()})


SUFFIXES = representatives()
Runs = dict[str, Future[dict[str, subprocess.CompletedProcess[str]]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the samples are, and the mutant that each format's process read last."""
    from tests.samples import samples

    folder = tmp_path_factory.mktemp("fuzz")
    for suffix, files in samples().items():
        for number, data in enumerate(files):
            (folder / f"sample{number}{suffix}").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def runs(folder: Path) -> Iterator[Runs]:
    """What reading each format came to; formats share processes, which take long to start."""

    def run(suffixes: Sequence[str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.torture.test_fuzz"]
        return subprocess.run(
            [*command, str(folder), "0", str(COUNT), *suffixes],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def results(suffixes: Sequence[str]) -> dict[str, subprocess.CompletedProcess[str]]:
        together = run(suffixes)
        if together.returncode:
            return {suffix: run([suffix]) for suffix in suffixes}
        return dict.fromkeys(suffixes, together)

    read_by_ocr = [suffix for suffix in SUFFIXES if suffix in READ_BY_OCR]
    others = [suffix for suffix in SUFFIXES if suffix not in READ_BY_OCR]
    processes = max((os.cpu_count() or 1) - 1, 1)
    groups = [read_by_ocr, *(others[number::processes] for number in range(processes))]
    with ThreadPoolExecutor(len(groups)) as pool:
        found = [pool.submit(results, group) for group in groups]
        yield {
            suffix: future for group, future in zip(groups, found, strict=True) for suffix in group
        }


def test_there_are_valid_samples_of_every_format(folder: Path) -> None:
    for suffix in SUFFIXES:
        files = list(folder.glob(f"sample*{suffix}"))
        assert len({file.read_bytes() for file in files}) == len(files) > 1, suffix
        for file in files:
            found = documents_in(file.read_bytes(), file.name, MOST_BYTES)
            documents = [document for document in found if isinstance(document, Document)]
            assert documents, file
            if suffix not in _CONTAINERS:
                assert documents[0].format == _FORMATS[suffix][0]
            for document in documents:
                check(document)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_damaged_file_is_read_or_refused(suffix: str, runs: Runs, folder: Path) -> None:
    run = runs[suffix].result()[suffix]
    last = (run.stdout.splitlines() or ["none"])[-1]
    assert (run.returncode, last) == (0, "done"), (
        f"seed {last} ended the process with {run.returncode}; the mutant is "
        f"{folder}/mutant{suffix}.\n{run.stderr}"
    )


if __name__ == "__main__":
    main()
