"""Where a read writes its pages: complete files or none, or files that a later run resumes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from .files import OutputFile, PartFile, create_private, open_own, sync, tail_digest
from .options import UsageError
from .signals import deferred_signals


class Sink:
    """Takes pages. As a context manager: a normal end completes the files, an exception discards them."""

    cursor: str | None = None
    """The page to begin with."""
    records = 0
    unreadable = 0
    """How many records could not be read and were written to the file for those."""
    fresh = True
    complete = False
    """Whether an earlier run has written everything, and only ended before it renamed the files."""
    committed = False
    """Whether the files have their names."""

    def __init__(self, data: OutputFile, unreadable: OutputFile | None, shown: str | None = None) -> None:
        self._files = [data] if unreadable is None else [data, unreadable]
        self._shown = shown
        """The name of the file of records, as the user wrote it; None for a stream."""

    def write(
        self, data: bytes, records: int, next_cursor: str | None, *, unreadable: bytes = b"", count: int = 0
    ) -> None:
        """Take a page: its *records* as *data*, *count* unreadable ones, and the cursor of the page after it."""
        for file, added in zip(self._files, (data, unreadable), strict=False):
            file.write(added)
        self.records += records
        self.unreadable += count
        self._save(next_cursor)
        self.fresh = False

    def finish(self, data: bytes) -> None:
        """Take what the file of records ends with, after its last page."""
        if data:
            self._files[0].write(data)

    def progress_summary(self) -> str:
        """Say what remains if the run ends here."""
        if self.committed or self._shown is None:
            return f"{self.records:,} records are written{self.location()}"
        state = "is as it was before" if Path(self._shown).exists() else "is not written"
        return f"{self.records:,} records were read, and {self._shown} {state}; with --resume they would be kept"

    def location(self) -> str:
        """Say where the records are when the run has ended."""
        return "" if self._shown is None else f" in {self._shown}"

    def _open(self) -> None:
        for file in self._files:
            file.open()

    def _save(self, cursor: str | None) -> None: ...

    def _commit(self) -> None:
        for file in self._files:
            file.sync()
        for file in reversed(self._files):
            file.commit()

    def _discard(self) -> None:
        for file in self._files:
            file.discard()

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            with deferred_signals():
                self._discard()
            raise
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with deferred_signals():
            if error_type is not None:
                self._discard()
                return
            try:
                self._commit()
                self.committed = True
            except BaseException:
                self._discard()
                raise


class SavedFile(msgspec.Struct, forbid_unknown_fields=True):
    """What a resume file holds of one of the files that are written."""

    part: str
    bytes: int = 0
    """The length up to the last saved page; what follows belongs to a page whose cursor was not saved."""
    tail: str = ""
    """The SHA-256 of the last bytes; empty before the first page."""


class State(msgspec.Struct, forbid_unknown_fields=True):
    """What a resume file holds."""

    read: dict[str, Any]
    """What is read: the list with its filters, and the format."""
    files: list[SavedFile]
    """The records, then the unreadable records if there is a file for them."""
    next: str
    """The temporary name of the resume file that replaces this one: a killed run may leave a file of that name."""
    cursor: str | None = None
    """The first page that is not in the files."""
    records: int = 0
    unreadable: int = 0
    finished: bool = False


class ResumableSink(Sink):
    """Files that appear when they are complete, with a resume file that holds the cursor.

    The data of a page is on the disk before its cursor and the length of the data are saved. Wherever the process
    ends, the next run cuts off what follows that length and requests the page again.
    """

    def __init__(self, path: Path, resume: Path, read: dict[str, Any], unreadable: Path | None = None) -> None:
        destinations = [path] if unreadable is None else [path, unreadable]
        self._resume = resume
        saved = self._saved(read, len(destinations))
        self._resumes = saved is not None
        names = [each.part for each in saved.files] if saved is not None else [None] * len(destinations)
        self._parts = [PartFile(each, name) for each, name in zip(destinations, names, strict=True)]
        super().__init__(self._parts[0], self._parts[1] if unreadable is not None else None, str(path))
        self._state = saved or State(
            read, [SavedFile(each.part.name) for each in self._parts], PartFile(resume).part.name
        )
        self.cursor, self.records, self.unreadable = self._state.cursor, self._state.records, self._state.unreadable
        self.fresh, self.complete = not self._state.files[0].tail, self._state.finished

    def progress_summary(self) -> str:
        if self.committed:
            return super().progress_summary()
        if self.fresh:
            return "nothing was read yet"
        return f"{self._state.records:,} records are kept; the same command resumes there"

    def _saved(self, read: dict[str, Any], files: int) -> State | None:
        try:
            with open_own(self._resume, os.O_RDONLY) as file:
                saved = msgspec.json.decode(file.read(), type=State)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError:
            raise UsageError(f"{self._resume} is not a resume file of this command") from None
        for name, value in read.items():
            if saved.read.get(name) != value:
                there, here = (msgspec.json.encode(each).decode() for each in (saved.read.get(name), value))
                raise UsageError(
                    f"{self._resume} belongs to another read, with {name} {there} and not {here}: "
                    "name another file, or delete it to start over"
                )
        names = (saved.next, *(each.part for each in saved.files))
        if len(saved.files) != files or any(Path(name).name != name for name in names):
            raise UsageError(f"{self._resume} belongs to another read, with or without --unreadable")
        return saved

    def _open(self) -> None:
        if not self._resumes:
            # The resume file comes first: a run that is killed in between leaves no records that nothing knows of.
            self._create_state()
        for each, saved in zip(self._parts, self._state.files, strict=True):
            try:
                each.reopen(saved.bytes, saved.tail)
            except FileNotFoundError:
                self._create_or_check(each, saved)
            except UsageError as error:
                raise UsageError(f"{error}. To start over, delete {self._resume}") from None

    def _create_or_check(self, each: PartFile, saved: SavedFile) -> None:
        """Handle a missing temporary file: nothing was written yet, or it was renamed before the process ended."""
        if not saved.tail and not self.complete:
            each.open()
            each.lock()
            return
        if self.complete:
            with suppress(FileNotFoundError), each.path.open("rb") as file:
                if tail_digest(file, saved.bytes) == saved.tail:
                    return
        raise UsageError(f"{each.part.name} is gone. To start over, delete {self._resume}")

    def _save(self, cursor: str | None) -> None:
        for each, saved in zip(self._parts, self._state.files, strict=True):
            each.sync()
            saved.bytes = each.file.tell()
            saved.tail = tail_digest(each.file, saved.bytes)
        state = self._state
        state.cursor, state.records, state.unreadable = cursor, self.records, self.unreadable
        # Without a cursor, the next run would begin at the first page.
        state.finished = cursor is None
        self._save_state()

    def _create_state(self) -> None:
        new = self._write_state()
        try:
            # Unlike a rename, a link replaces nothing.
            self._resume.hardlink_to(new)
        except FileExistsError:
            raise
        except OSError:  # The file system has no links.
            with create_private(self._resume) as file:
                file.write(new.read_bytes())
                sync(file)
        finally:
            new.unlink()

    def _save_state(self) -> None:
        self._write_state().replace(self._resume)

    def _write_state(self) -> Path:
        new = self._resume.with_name(self._state.next)
        new.unlink(missing_ok=True)
        with create_private(new) as file:
            file.write(msgspec.json.encode(self._state) + b"\n")
            sync(file)
        return new

    def _commit(self) -> None:
        open_parts = [each for each in self._parts if each.is_open]
        if open_parts:
            self._state.finished = True
            self._save_state()
        for each in open_parts:
            each.sync()
            each.commit()
        self._resume.with_name(self._state.next).unlink(missing_ok=True)
        self._resume.unlink()

    def _discard(self) -> None:
        for each in self._parts:
            each.close()
