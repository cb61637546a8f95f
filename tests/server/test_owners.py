"""Whose document it is: nobody but its owner and admins replaces, cancels or deletes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from threading import Event

import pytest

from aiqa import Assistant
from aiqa.server import actor, intake
from aiqa.server.actor import Actor, OwnershipError
from aiqa.server.documents import Shelf
from aiqa.server.intake import Intake
from aiqa.server.owners import Owners, OwnersError, Quota, QuotaError, owners_file
from aiqa.server.rendering import render
from tests.server.test_documents import LAMP, arrive, settled

ADA, BOB, ADMIN = Actor("ada", may_manage=False), Actor("bob", may_manage=False), Actor("eve")
SOURCE = "index-uploads/contract.txt"


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    before = actor._current.set(who)
    try:
        yield
    finally:
        actor._current.reset(before)


@pytest.fixture
def told() -> list[tuple[str, str, str]]:
    """What the audit log was told: event, user and source."""
    return []


@pytest.fixture
def shelf(assistant: Assistant, told: list[tuple[str, str, str]]) -> Iterator[Shelf]:
    def audit(event: str, user: str, **details: str) -> None:
        told.append((event, user, details["source"]))

    owners = Owners(owners_file(assistant.folder), Quota(1, 4))
    shelf = Shelf(assistant, Intake(assistant, owners=owners, audit=audit))
    yield shelf
    shelf.stop()


def test_nobody_replaces_or_cancels_what_another_user_has_sent(
    shelf: Shelf, tmp_path: Path
) -> None:
    kept = shelf.intake.folder / "contract.txt"
    with acting(ADA):
        arrive(shelf.intake, tmp_path, "contract.txt", "Ada pays nine crowns.")
        settled(shelf.intake)
    with acting(BOB):
        (tmp_path / "contract.txt").write_text("Ada pays nothing.", "utf-8")
        (second,) = shelf.intake.take([tmp_path / "contract.txt"], clash="replace")
        assert second.state == "asks"
        with pytest.raises(OwnershipError, match="added by somebody else"):
            shelf.intake.decide(second.id, "replace")
        page = render("uploads.html", uploads=[second])
        assert "Replace it" not in page
        assert "Keep both" in page
    with acting(ADA):
        with pytest.raises(OwnershipError):
            shelf.intake.decide(second.id, "cancel")
        assert "<button" not in render("uploads.html", uploads=[second])
        shelf.intake.clear()
    assert kept.read_text("utf-8") == "Ada pays nine crowns."
    with acting(ADMIN):
        assert "Replace it" in render("uploads.html", uploads=[second])
        shelf.intake.decide(second.id, "replace")
        settled(shelf.intake)
    assert kept.read_text("utf-8") == "Ada pays nothing."
    # Whoever has sent what is there now owns it.
    assert shelf.intake.owner_of(SOURCE) == "bob"


def test_of_two_files_on_their_way_the_second_does_not_replace_the_first(
    shelf: Shelf, tmp_path: Path
) -> None:
    held = Event()
    shelf.intake.writes.submit(0, held.wait)
    with acting(ADA):
        arrive(shelf.intake, tmp_path, "contract.txt", "Ada pays nine crowns.")
    with acting(BOB):
        second = arrive(shelf.intake, tmp_path, "contract.txt", "Ada pays nothing.")
        with pytest.raises(OwnershipError):
            shelf.intake.decide(second.id, "replace")
        shelf.intake.decide(second.id, "both")
    held.set()
    settled(shelf.intake)
    assert shelf.intake.owner_of(SOURCE) == "ada"
    assert shelf.intake.owner_of("index-uploads/contract (2).txt") == "bob"


def test_documents_are_deleted_and_brought_back_by_their_owner_or_an_admin(
    shelf: Shelf, tmp_path: Path, told: list[tuple[str, str, str]]
) -> None:
    with acting(ADA):
        arrive(shelf.intake, tmp_path, "contract.txt", "Ada pays nine crowns.")
        settled(shelf.intake)
    with acting(BOB):
        for source in (SOURCE, "docs/tides.txt"):
            with pytest.raises(OwnershipError):
                shelf.remove({"source": source})
    with acting(ADA):
        shelf.remove({"source": SOURCE})
        assert shelf.intake.owner_of(SOURCE) is None
        (deletion,) = shelf.deletions.recent()
    with acting(BOB):
        assert not shelf.deletions.recent()
        with pytest.raises(OwnershipError):
            shelf.undo({"source": deletion.id})
    with acting(ADA):
        shelf.undo({"source": deletion.id})
        settled(shelf.intake)
    assert shelf.intake.owner_of(SOURCE) == "ada"
    with acting(ADMIN):
        shelf.remove({"source": SOURCE})
        shelf.remove({"source": "docs/tides.txt"})
    assert told[0] == ("upload", "ada", SOURCE)
    assert ("deletion", "ada", SOURCE) in told
    assert ("undone deletion", "ada", SOURCE) in told
    assert told[-1] == ("deletion", "eve", "docs/tides.txt")


def test_a_user_who_is_removed_owns_nothing_any_more(shelf: Shelf, tmp_path: Path) -> None:
    with acting(ADA):
        arrive(shelf.intake, tmp_path, "contract.txt", LAMP)
        settled(shelf.intake)
        file = owners_file(shelf.intake.base / "index")
        assert file.stat().st_mode & 0o777 == 0o600
        Owners(file).forget("ada")
        with pytest.raises(OwnershipError):
            shelf.remove({"source": SOURCE})


def test_a_user_may_add_so_much_and_no_more(shelf: Shelf, tmp_path: Path) -> None:
    with acting(ADA):
        with pytest.raises(QuotaError, match="may have 1 MB in all, and have 0 MB"):
            shelf.intake.admit([600_000, 600_000])
        held = Event()
        shelf.intake.writes.submit(0, held.wait)
        page = f"<p>{LAMP}</p><!--{'x' * 400_000}-->"
        arrive(shelf.intake, tmp_path, "contract.html", page)
        waiting = tmp_path / "waiting.txt"
        waiting.write_bytes(bytes(400_000))
        shelf.intake.arrived({waiting: 400_000})
        with pytest.raises(QuotaError, match="have 1 MB"):
            shelf.intake.admit([300_000])
        waiting.unlink()
        shelf.intake.admit([300_000])
        large = tmp_path / "large.txt"
        large.write_bytes(bytes(700_000))
        shelf.intake.arrived({large: 700_000})
        with pytest.raises(QuotaError):
            shelf.intake.take([large])
        large.unlink()
        held.set()
        settled(shelf.intake)
        with pytest.raises(QuotaError):
            shelf.intake.admit([700_000])
        with pytest.raises(QuotaError, match="may add 4 files, and have added 1"):
            shelf.intake.admit([1] * 4)
        shelf.remove({"source": "index-uploads/contract.html"})
        shelf.intake.admit([700_000])
    with acting(BOB):
        shelf.intake.admit([700_000])


def test_uploads_leave_room_on_the_disk(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = disk_usage(tmp_path).free
    monkeypatch.setattr(intake, "_FREE_BYTES", 2 * free)
    with pytest.raises(QuotaError, match="disk is nearly full"):
        shelf.intake.admit([1])


def test_a_file_of_owners_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "index-owners.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(OwnersError, match="cannot be kept"):
        Owners(tmp_path / "index-owners.sqlite")
