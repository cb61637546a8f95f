"""Uploads: from the file that arrived to the document that can be asked.

A file waits in a hidden folder, moves to the folder of uploads when its turn comes, and is read
there. What becomes of each is kept here, so that a page that is loaded again shows it.
"""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from threading import RLock
from typing import Literal

from aiqa.assistant import Assistant
from aiqa.document_store import beside_index
from aiqa.errors import AiqaError, SourceError
from aiqa.ingestion.file_discovery import source_of
from aiqa.server.actor import current_actor
from aiqa.server.audit import Audit, unrecorded
from aiqa.server.claimed_folder import ClaimedFolder
from aiqa.server.owners import Owners, QuotaError
from aiqa.server.upload_report import UploadReport
from aiqa.server.uploaded_file import Clash, State, Upload, small_groups, visible_name
from aiqa.server.write_queue import WriteQueue
from aiqa.types import Failure, Omission, Progress

_MOST_LISTED = 1000
_CLOSING_SECONDS = 10
_FREE_BYTES = 200_000_000
"""What uploads leave free on the disk, for the index and for others."""

MOST_CHARACTERS = 20_000_000
"""Most text of one upload; an archive of some kilobytes may hold more than a day's work."""


class _CancelledError(Exception):
    """An upload that is being read was cancelled."""


class _TooMuchTextError(Exception):
    """What is being read has more text than one upload may have."""


class Intake:
    """Takes files in; ``folder`` is where they are kept, beside the index.

    Each may have ``most_characters`` of text. Where users sign in, ``owners`` knows who added what:
    then nobody but an admin replaces or cancels what another user has sent.
    """

    def __init__(
        self,
        assistant: Assistant,
        most_characters: int = MOST_CHARACTERS,
        owners: Owners | None = None,
        audit: Audit = unrecorded,
    ) -> None:
        self._assistant = assistant
        self._owners = owners
        self.audit = audit
        self._most_characters = most_characters
        self.folder = beside_index(assistant.folder, "uploads")
        # Sources start from the folder that the index stands in.
        self.base = self.folder.parent
        self.writes = WriteQueue()
        self.completions = 0
        self._uploads: dict[str, Upload] = {}
        self._ids = count(1)
        self._lock = RLock()
        self._arriving = ClaimedFolder(self.folder / ".arriving")

    def uploads(self) -> list[Upload]:
        """Return the uploads, in the order they came."""
        with self._lock:
            return list(self._uploads.values())

    def admit(self, sizes: Sequence[int]) -> None:
        """Refuse files of these ``sizes`` if there is no room for them.

        Raises:
            QuotaError: the disk would be nearly full, or the user has added too much.
        """
        place = next(one for one in (self.folder, *self.folder.parents) if one.exists())
        if shutil.disk_usage(place).free < sum(sizes) + _FREE_BYTES:
            raise QuotaError("The server's disk is nearly full.", "Tell who looks after it.")
        if self._owners:
            user = current_actor().name
            with self._lock:
                unfinished = [
                    one.size
                    for one in self._uploads.values()
                    if one.is_unfinished and one.owner == user
                ]
            self._owners.check(user, sizes, unfinished)

    def arrived(self, files: Mapping[Path, int]) -> None:
        """Count files, with their sizes, that were admitted and wait to be taken."""
        if self._owners:
            self._owners.arrived(current_actor().name, files)

    def take(
        self, files: Iterable[Path], collection: str = "", clash: Clash = "ask"
    ) -> list[Upload]:
        """Move ``files`` in, to be read when their turn comes.

        Raises:
            QuotaError: there is no room for them; see ``admit``.
        """
        files = list(files)
        with self._lock:
            if self._owners:
                self._owners.left(files)
            self.admit([file.stat().st_size for file in files])
            uploads = [self._add(file, collection.strip() or None, clash) for file in files]
            self._submit()
        return uploads

    def decide(self, identity: str, act: Literal["replace", "both", "cancel"]) -> None:
        """Say what becomes of an upload that asks, or cancel one that is not finished.

        Raises:
            SourceError: there is no such upload.
            OwnershipError: it, or what it is to replace, was sent by another user.
        """
        with self._lock:
            upload = self._uploads.get(identity)
            if upload is None:
                raise SourceError("There is no such upload.", "Load the page anew.")
            current_actor().check(upload.owner, upload.name)
            if act == "replace":
                current_actor().check(upload.rival, upload.name)
            if act == "cancel":
                self._cancel(upload)
            elif upload.state == "asks":
                self._settle_clash(upload, act)
                self._submit()

    def cancel_at(self, path: Path) -> None:
        """Cancel the uploads that are to stand at ``path``."""
        with self._lock:
            for upload in self._uploads.values():
                if upload.target == path and upload.is_unfinished:
                    self._cancel(upload)

    def clear(self) -> None:
        """Forget the user's uploads that are finished."""
        with self._lock:
            self._uploads = {
                identity: upload
                for identity, upload in self._uploads.items()
                if upload.is_unfinished or not current_actor().may_change(upload.owner)
            }

    def reread(self, path: Path, collection: str | None) -> Upload:
        """Read a file that is already in its place, as an upload that is shown."""
        with self._lock:
            upload = self._register(path.name, path.stat().st_size, collection, path, path)
            self._submit()
        return upload

    def resume(self) -> list[Upload]:
        """Read the files in the folder that a server which was killed has left unread."""
        store = self._assistant.store
        paths = {
            source_of(path, self.base): path
            for path in sorted(self.folder.glob("[!.]*"))
            if path.is_file() and not path.is_symlink()
        }
        known = store.index.catalog.files(paths) if store.has_index else {}
        return [
            self.reread(path, stored.collection if stored else None)
            for source, path in paths.items()
            for stored in [known.get(source)]
            # A file that is only partly stored is remembered as read by no loader.
            if stored is None or not stored.loader or stored.size != path.stat().st_size
        ]

    def file_of(self, source: str) -> Path | None:
        """Return the file that holds ``source``, which may stand in a ZIP folder or an e-mail."""
        path = self.base / source
        return next((one for one in (path, *path.parents) if one.is_file()), None)

    def owner_of(self, source: str) -> str | None:
        """Return who added ``source`` by an upload; None if nobody did, or it is not known."""
        return self._owners.owner(source) if self._owners else None

    def disown(self, source: str) -> None:
        """Forget whose ``source`` was, which is deleted."""
        if self._owners:
            self._owners.remove(source)

    def own(self, source: str, owner: str, size: int) -> None:
        """Note that ``source`` is what ``owner`` has added."""
        if self._owners and owner:
            self._owners.put(source, owner, size)

    def stop(self) -> None:
        """End what is being read; what waits is dropped."""
        self.writes.stop(_CLOSING_SECONDS)
        self._arriving.close()

    # -- arriving -----------------------------------------------------------------------------

    def _add(self, file: Path, collection: str | None, clash: Clash) -> Upload:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        inbox = Path(mkdtemp(dir=self._arriving.path)) / file.name
        shutil.move(file, inbox)
        target = self.folder / visible_name(file.name)
        size = inbox.stat().st_size
        upload = self._register(file.name, size, collection, inbox, target)
        rival = self._rival(upload)
        if rival is None:
            return upload
        is_held = rival != target or self._is_held(self._source(upload))
        upload.rival = self._rival_owner(upload)
        may_replace = current_actor().may_change(upload.rival)
        if is_held and filecmp.cmp(inbox, rival, shallow=False):
            self._finish(upload, "unchanged")
        elif clash == "ask" or (clash == "replace" and not may_replace):
            upload.state = "asks"
        else:
            self._settle_clash(upload, clash)
        return upload

    def _register(
        self, name: str, size: int, collection: str | None, inbox: Path, target: Path
    ) -> Upload:
        upload = Upload(
            str(next(self._ids)), name, size, collection, inbox, target, owner=current_actor().name
        )
        self._uploads[upload.id] = upload
        finished_ids = [one.id for one in self._uploads.values() if not one.is_unfinished]
        for identity in finished_ids[: max(len(self._uploads) - _MOST_LISTED, 0)]:
            del self._uploads[identity]
        return upload

    def _rival(self, upload: Upload) -> Path | None:
        """Return the file that stands, or is about to stand, where ``upload`` is to stand."""
        earlier = [one.inbox for one in self._before(upload) if one.inbox.exists()]
        if earlier:
            return earlier[-1]
        return upload.target if upload.target.exists() else None

    def _rival_owner(self, upload: Upload) -> str | None:
        """Return whose file it is that ``_rival`` returns."""
        earlier = [one.owner for one in self._before(upload) if one.inbox.exists()]
        return earlier[-1] if earlier else self.owner_of(self._source(upload))

    def _before(self, upload: Upload) -> list[Upload]:
        """Return the unfinished uploads to the same place that came earlier."""
        return [
            one
            for one in self._uploads.values()
            if one.target == upload.target and one.is_unfinished and int(one.id) < int(upload.id)
        ]

    def _settle_clash(self, upload: Upload, act: Literal["replace", "both"]) -> None:
        if act == "both":
            places = {one.target for one in self._uploads.values() if one.is_unfinished}
            stem, suffix = upload.target.stem, upload.target.suffix
            names = (self.folder / f"{stem} ({number}){suffix}" for number in count(2))
            upload.target = next(name for name in names if not (name.exists() or name in places))
            upload.name = upload.target.name
        upload.state = "waiting"

    # -- reading ------------------------------------------------------------------------------

    def _submit(self) -> None:
        """Queue what waits and whose place no earlier upload is about to take."""
        groups: dict[str | None, list[Upload]] = {}
        for upload in self._uploads.values():
            if upload.state == "waiting" and not (upload.is_submitted or self._before(upload)):
                upload.is_submitted = True
                groups.setdefault(upload.collection, []).append(upload)
        for ready in groups.values():
            for group in small_groups(ready):
                size = sum(upload.size for upload in group)
                self.writes.submit(size, partial(self._read, group))

    def _read(self, group: Sequence[Upload]) -> None:
        with self._lock:
            uploads = [upload for upload in group if self._begin(upload)]
        if not uploads:
            return
        try:
            report = self.writes.patiently(
                lambda: self._assistant.ingest(
                    *(upload.target for upload in uploads),
                    collection=uploads[0].collection,
                    verify=True,
                    on_progress=lambda progress: self._follow(uploads, progress),
                )
            )
        except _CancelledError:
            self._interrupted(uploads)
        except _TooMuchTextError:
            self._read_alone(uploads)
        except AiqaError as error:
            self._record_outcome(uploads, self._failures(uploads, error), ())
        except BaseException as error:
            self._record_outcome(
                uploads, [Failure(self._source(one), str(error)) for one in uploads], ()
            )
            raise
        else:
            self._record_outcome(uploads, report.failed, report.omissions)

    def _begin(self, upload: Upload) -> bool:
        """Put a file where it is to be read, and tell whether it is there."""
        if upload.state != "waiting":
            return False
        try:
            upload.put_in_place()
        except OSError as error:
            upload.error = f"It cannot be written to {self.folder}: {error.strerror}."
            self._finish(upload, "failed")
            return False
        upload.state = "reading"
        return True

    def _follow(self, uploads: Sequence[Upload], progress: Progress) -> None:
        if self.writes.is_stopped or any(upload.is_cancelled for upload in uploads):
            raise _CancelledError
        if progress.characters > self._most_characters:
            raise _TooMuchTextError
        if len(uploads) == 1 and progress.collected:
            uploads[0].share = progress.chunks / progress.collected
        self.writes.give_way()

    def _interrupted(self, uploads: Sequence[Upload]) -> None:
        """Take back what was cancelled; the others of the group are read again."""
        with self._lock:
            for upload in uploads:
                upload.is_submitted = False
                if upload.is_cancelled or self.writes.is_stopped:
                    self._take_back(upload)
                    self._finish(upload, "cancelled")
                else:
                    upload.state = "waiting"
            self._submit()

    def _read_alone(self, uploads: Sequence[Upload]) -> None:
        """Read each of a group that has too much text; refuse the only one of a group."""
        with self._lock:
            for upload in uploads:
                if len(uploads) == 1:
                    self._take_back(upload)
                    upload.error = (
                        f"It has more than {self._most_characters:,} characters of text; divide it."
                    )
                    self._finish(upload, "failed")
                else:
                    upload.state = "waiting"
                    self.writes.submit(upload.size, partial(self._read, [upload]))
            self._submit()

    def _failures(self, uploads: Sequence[Upload], error: AiqaError) -> Collection[Failure]:
        """Return why each of the files was not read, if none was."""
        sources = [self._source(upload) for upload in uploads]
        store = self._assistant.store
        if isinstance(error, SourceError) and store.has_index:
            failures = store.index.catalog.failures(sources)
            if failures:
                return failures
        return [Failure(source, str(error)) for source in sources]

    def _record_outcome(
        self,
        uploads: Sequence[Upload],
        failures: Collection[Failure],
        omissions: Collection[Omission],
    ) -> None:
        with self._lock:
            for upload in uploads:
                source = self._source(upload)
                report = UploadReport.of(source, failures, omissions)
                upload.error = report.error
                is_empty = not self._is_held(source)
                if report.is_unread or (is_empty and report.has_unread_parts):
                    self._put_back(upload)
                    self._finish(upload, "failed")
                else:
                    self._finish(upload, "partly" if upload.error else "added")
            self._submit()

    def _is_held(self, source: str) -> bool:
        store = self._assistant.store
        return store.has_index and bool(store.index.catalog.sources_of(source))

    # -- ending -------------------------------------------------------------------------------

    def _cancel(self, upload: Upload) -> None:
        if upload.state == "reading":
            upload.is_cancelled = True
        elif upload.is_unfinished:
            self._finish(upload, "cancelled")
            self._submit()

    def _take_back(self, upload: Upload) -> None:
        """Undo what was done for an upload that is not to be there."""
        if upload.backup:
            self._put_back(upload)
        elif upload.inbox != upload.target:
            upload.target.unlink(missing_ok=True)
            if self._is_held(self._source(upload)):
                self.writes.patiently(lambda: self._assistant.remove(self._source(upload)))

    def _put_back(self, upload: Upload) -> None:
        """Put the file back that an upload has replaced in vain; its text is still there."""
        if upload.backup:
            upload.backup.replace(upload.target)
            upload.backup = None
            self.writes.patiently(lambda: self._assistant.ingest(upload.target, verify=True))

    def _finish(self, upload: Upload, state: State) -> None:
        upload.state = state
        upload.share = None
        self.completions += 1
        source = self._source(upload)
        if state in ("added", "partly") and upload.inbox != upload.target:
            self.own(source, upload.owner, upload.size)
        self.audit("upload", upload.owner, source=source, outcome=state)
        if upload.inbox != upload.target:
            shutil.rmtree(upload.inbox.parent, ignore_errors=True)

    def _source(self, upload: Upload) -> str:
        return source_of(upload.target, self.base)
