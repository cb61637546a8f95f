"""Copies of files in an object store, for servers that do not see the files themselves."""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from aiqa.checksums import sha256
from aiqa.cluster.cluster_store import ClusterStore
from aiqa.cluster.maintenance import maintain
from aiqa.cluster.stored_originals import StoredOriginals
from aiqa.errors import CatalogError, SourceError
from aiqa.storage.opening import open_store
from tests.conftest import Open, age


def test_a_server_without_the_files_hands_them_out(
    harbour_cluster: str, harbour: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{harbour_cluster}&originals=kept"
    writer = open_assistant(address, reader="sentences")
    # What was read before copies were kept is copied when it is looked at again.
    writer.ingest(harbour / "log.pdf", verify=True)
    (harbour / "tides.txt").write_text("Tide tables now cost two crowns.\n", "utf-8")
    age(harbour / "tides.txt")
    writer.ingest(harbour)
    with closing(open_store(address)) as store:
        assert isinstance(store, ClusterStore)
        copies = Path(store.address.lance) / "originals"
    # A file that is looked at again is not copied again, though its copy be old.
    for copy in copies.iterdir():
        os.utime(copy, (0, 0))
    writer.ingest(harbour / "log.pdf", harbour / "tides.txt", verify=True)
    assert [copy.stat().st_mtime for copy in copies.iterdir()] == [0, 0]
    for copy in copies.iterdir():
        os.utime(copy)
    files = {name: (harbour / name).read_bytes() for name in ("log.pdf", "tides.txt")}
    for path in harbour.iterdir():
        path.unlink()
    server = open_assistant(address, reader="sentences")
    held = {Path(one.source).name: one.document_id for one in server.holdings()}
    for name, content in files.items():
        original = server.original(held[name])
        with original.file as file:
            assert (original.source, file.read()) == (f"docs/{name}", content)
    assert server.picture(held["log.pdf"], 1).startswith(b"\x89PNG")
    with pytest.raises(SourceError, match="gone or has changed"):
        server.original(held["rules.html"])
    server.remove("docs/log.pdf")
    with closing(open_store(address)) as store:
        assert isinstance(store, ClusterStore)
        maintain(store, keep_hours=24)
        assert len(list(copies.iterdir())) == 2
        monkeypatch.setattr("aiqa.cluster.stored_originals._UNNAMED", timedelta(0))
        maintain(store, keep_hours=24)
    assert [path.read_bytes() for path in copies.iterdir()] == [files["tides.txt"]]


def test_copies_in_a_bucket_are_what_they_are_named_by(object_store: str, tmp_path: Path) -> None:
    originals = StoredOriginals(f"{object_store}/copied")
    file = tmp_path / "large.bin"
    file.write_bytes(os.urandom(9_000_000))
    checksum = sha256(file)
    originals.keep(file, checksum)
    originals.keep(file, checksum)
    assert originals.fetch(checksum, tmp_path / "copy")
    assert sha256(tmp_path / "copy") == checksum
    # It was changed after it was read.
    originals.keep(file, "0" * 64)
    assert not originals.fetch("0" * 64, tmp_path / "none")


def test_a_file_that_has_gone_is_passed_over(tmp_path: Path) -> None:
    originals = StoredOriginals(str(tmp_path))
    originals.keep(tmp_path / "gone.txt", "0" * 64)
    (tmp_path / "gone.txt").mkdir()
    originals.keep(tmp_path / "gone.txt", "0" * 64)
    assert not originals.fetch("0" * 64, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_copy_that_may_soon_be_swept_is_renewed(tmp_path: Path) -> None:
    originals = StoredOriginals(str(tmp_path))
    file = tmp_path / "note.txt"
    file.write_text("Gulls cannot read.", "utf-8")
    checksum = sha256(file)
    originals.keep(file, checksum)
    copy = tmp_path / "originals" / checksum
    for hours, is_renewed in ((11, False), (13, True), (30, True)):
        past = time.time() - hours * 3600
        os.utime(copy, (past, past))
        originals.keep(file, checksum, is_named=True)
        assert copy.stat().st_mtime < past + 60
        originals.keep(file, checksum)
        assert (copy.stat().st_mtime > past + 60) is is_renewed
        assert originals.sweep(lambda _: ()) == 0


def test_what_cannot_be_read_or_written_is_told_of(tmp_path: Path) -> None:
    originals = StoredOriginals(str(tmp_path))
    (tmp_path / "note.txt").write_text("Gulls cannot read.", "utf-8")
    checksum = sha256(tmp_path / "note.txt")
    originals.keep(tmp_path / "note.txt", checksum)
    with pytest.raises(CatalogError, match=r"copy of the file cannot be written to .*/missing: No"):
        originals.fetch(checksum, tmp_path / "missing" / "note.txt")
    file = tmp_path / "note.txt"
    with pytest.raises(CatalogError, match=r"object store at .*/originals cannot be used: "):
        StoredOriginals(str(file)).fetch(checksum, tmp_path / "none")
