"""Documents that were deleted, which come back for a minute if that was a mistake."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from threading import Timer

from aiqa.assistant import Assistant
from aiqa.errors import SourceError
from aiqa.ingestion.file_discovery import source_of
from aiqa.server.actor import current_actor
from aiqa.server.claimed_folder import ClaimedFolder
from aiqa.server.intake import Intake
from aiqa.server.schemas import exactly
from aiqa.types import Document, Filters

UNDO_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Deletion:
    """A source that was deleted, and what it takes to bring it back.

    ``trash`` is where the file waits that was at ``path``; None for a file that was left where it
    is. ``document`` is a document that no file holds. ``by`` is who deleted it, ``owner`` who had
    added it.
    """

    id: str
    source: str
    collection: str | None
    path: Path
    trash: Path | None = None
    document: Document | None = None
    by: str = ""
    owner: str | None = None
    at: float = field(default_factory=time.monotonic)

    @property
    def seconds_left(self) -> float:
        """Return how long it can still be undone."""
        return self.at + UNDO_SECONDS - time.monotonic()


class Deletions:
    """Deletes documents, and the files that were uploaded here, and undoes that for a minute."""

    def __init__(self, assistant: Assistant, intake: Intake) -> None:
        self._assistant = assistant
        self._intake = intake
        self._recent: dict[str, Deletion] = {}
        self._trash = ClaimedFolder(intake.folder / ".deleted")

    def recent(self) -> Sequence[Deletion]:
        """Return what the user can undo, the latest first."""
        actor = current_actor()
        return [
            one
            for one in reversed(self._recent.values())
            if one.seconds_left > 0 and actor.may_change(one.by)
        ]

    def delete(self, source: str) -> None:
        """Forget a source; the file of one that was uploaded here is deleted in a minute.

        Raises:
            OwnershipError: another user has added it.
        """
        actor, owner = current_actor(), self._intake.owner_of(source)
        actor.check(owner, source)
        self._intake.cancel_at(self._intake.base / source)
        self._intake.writes.submit(0, lambda: self._delete(source, actor.name, owner)).result()
        self._intake.audit("deletion", actor.name, source=source)

    def undo(self, identity: str) -> str:
        """Bring a deleted source back and return it.

        Raises:
            SourceError: the minute is over, or another file has its name now.
            OwnershipError: another user has deleted it.
        """
        deletion = self._recent.get(identity)
        if deletion is None:
            raise SourceError("It was deleted more than a minute ago.", "Add the file again.")
        current_actor().check(deletion.by, deletion.source)
        if deletion.trash and deletion.path.exists():
            raise SourceError(
                f"There is another {deletion.path.name} now.", "Delete or rename that one first."
            )
        del self._recent[identity]
        if deletion.document:
            document, name = deletion.document, deletion.collection or "default"
            self._intake.writes.submit(
                0, lambda: self._assistant.add([document], collection=name)
            ).result()
        else:
            if deletion.trash:
                deletion.trash.replace(deletion.path)
                deletion.trash.parent.rmdir()
            self._intake.reread(deletion.path, deletion.collection)
        if deletion.owner is not None and deletion.path.exists():
            self._intake.own(deletion.source, deletion.owner, deletion.path.stat().st_size)
        self._intake.audit("undone deletion", current_actor().name, source=deletion.source)
        return deletion.source

    def _delete(self, source: str, by: str, owner: str | None) -> None:
        catalog = self._assistant.store.index.catalog
        held = next(catalog.holdings(Filters(sources=(exactly(source),))), None)
        document = self._assistant.document_at(source)
        self._intake.writes.patiently(lambda: self._assistant.remove(source))
        path = self._intake.file_of(source)
        trash = None
        if (
            path
            and path.parent == self._intake.folder
            and source == source_of(path, self._intake.base)
        ):
            trash = self._thrown_away(path)
        deletion = Deletion(
            id=str(time.monotonic_ns()),
            source=source,
            collection=held.collection if held else None,
            path=path or self._intake.base / source,
            trash=trash,
            document=None if path else document,
            by=by,
            owner=owner,
        )
        self._intake.disown(source)
        if path and not (trash or path.exists()):
            return
        self._recent[deletion.id] = deletion
        timer = Timer(UNDO_SECONDS, self._expire, [deletion])
        timer.daemon = True
        timer.start()

    def _thrown_away(self, path: Path) -> Path | None:
        """Return where the file at ``path`` is now; None if it had to be deleted at once."""
        try:
            trash = Path(mkdtemp(dir=self._trash.path)) / path.name
            path.replace(trash)
        except OSError:
            # On a full disk there is no room for another folder either.
            path.unlink()
            return None
        return trash

    def _expire(self, deletion: Deletion) -> None:
        if self._recent.pop(deletion.id, None) and deletion.trash:
            shutil.rmtree(deletion.trash.parent, ignore_errors=True)

    def stop(self) -> None:
        """Delete for good what was to be deleted."""
        self._trash.close()
