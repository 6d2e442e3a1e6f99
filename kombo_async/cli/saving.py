"""Where a read writes its records: to standard output, to a file that appears when it is complete, or to one that a
later run can resume."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec

from .encoding import for_terminal
from .options import UsageError

if sys.platform != "win32":
    import fcntl

_TAIL = 4_096
"""How many of the last bytes of a file are compared before a run resumes it."""
_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class PartFile:
    """A file under a temporary name beside its destination, which it replaces when it is complete.

    Only its owner may read it from the first byte on, and its name cannot be guessed: records are personal data, and
    the folder may be writable by others.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        # A link stays one, and what it leads to is replaced.
        self.path = path.resolve()
        self.part = self.path.with_name(name or f".{self.path.name}.{secrets.token_hex(8)}.part")
        self._file: BinaryIO | None = None

    @property
    def is_open(self) -> bool:
        """Whether the file was created or opened by this run."""
        return self._file is not None

    @property
    def file(self) -> BinaryIO:
        """The open file."""
        assert self._file is not None
        return self._file

    def create(self) -> None:
        """Create the file. What has its name already is left alone."""
        self._file = _create(self.part)

    def reopen(self, size: int, digest: str) -> None:
        """Open the file of an earlier run and cut off what follows the first *size* bytes.

        Raise `FileNotFoundError` or `UsageError` where it is gone, is not ours, or is not what that run wrote.
        """
        self._file = _open_own(self.part, os.O_RDWR)
        _lock(self._file, self.part)
        if digest and tail_digest(self._file, size) != digest:
            raise UsageError(f"{self.part.name} was changed since the last run")
        self._file.truncate(size)
        self._file.seek(size)

    def write(self, data: bytes) -> None:
        """Append *data*."""
        self.file.write(data)

    def sync(self) -> None:
        """Wait until everything is on the disk."""
        _sync(self.file)

    def commit(self) -> None:
        """Rename the file to its destination, with the permissions of the file that it replaces."""
        self.sync()
        self.file.close()
        _rename(self.part, self.path)

    def close(self) -> None:
        """Close the file, which keeps its temporary name."""
        if self._file is not None:
            with suppress(OSError):  # What is buffered cannot be written any more.
                self._file.close()

    def discard(self) -> None:
        """Delete the file, unless it was never created."""
        if self._file is not None:
            self.close()
            self.part.unlink(missing_ok=True)


class Sink:
    """Takes pages. As a context manager: a normal end completes what was written, an exception discards or keeps it."""

    on_terminal = False
    """Whether the records appear on a terminal, where a progress bar would be in their way."""
    cursor: str | None = None
    """The page to begin with."""
    records = 0
    """How many records were written."""
    unreadable = 0
    """How many records could not be read and were written to the file for those."""
    fresh = True
    """Whether nothing was written yet."""
    complete = False
    """Whether an earlier run has read everything and only ended before it said so."""

    def __init__(self, unreadable: Path | None = None) -> None:
        self._odd = None if unreadable is None else PartFile(unreadable)

    def write(
        self, data: bytes, records: int, next_cursor: str | None, *, unreadable: bytes = b"", count: int = 0
    ) -> None:
        """Take a page: its *records* as *data*, *count* unreadable ones, and the cursor of the page after it."""
        self.records += records
        self.unreadable += count
        self._take(data, unreadable)
        self._keep(next_cursor)
        self.fresh = False

    def so_far(self) -> str:
        """Say what remains if the run ends here."""
        return f"{self.records:,} records are written"

    def place(self) -> str:
        """Say where the records are when the run has ended."""
        return ""

    def _open(self) -> None:
        if self._odd is not None:
            self._odd.create()

    def _take(self, data: bytes, unreadable: bytes) -> None:  # noqa: ARG002
        if self._odd is not None:
            self._odd.write(unreadable)

    def _keep(self, cursor: str | None) -> None: ...

    def _finish(self) -> None:
        if self._odd is not None:
            self._odd.commit()

    def _give_up(self) -> None:
        if self._odd is not None:
            self._odd.discard()

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._give_up()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._give_up()
            return
        try:
            self._finish()
        except BaseException:
            self._give_up()
            raise


class StandardOutput(Sink):
    """Standard output, flushed after each page."""

    def __init__(self, unreadable: Path | None = None) -> None:
        super().__init__(unreadable)
        self.on_terminal = sys.stdout.isatty()

    def _take(self, data: bytes, unreadable: bytes) -> None:
        super()._take(data, unreadable)
        sys.stdout.buffer.write(for_terminal(data) if self.on_terminal else data)
        sys.stdout.buffer.flush()


class Device(Sink):
    """Something that cannot be replaced, such as a device or a named pipe."""

    def __init__(self, path: Path, unreadable: Path | None = None) -> None:
        super().__init__(unreadable)
        self._path = path
        self._file: BinaryIO | None = None

    def _open(self) -> None:
        super()._open()
        self._file = self._path.open("wb")

    def _take(self, data: bytes, unreadable: bytes) -> None:
        super()._take(data, unreadable)
        assert self._file is not None
        self._file.write(data)
        self._file.flush()

    def _finish(self) -> None:
        assert self._file is not None
        self._file.close()
        super()._finish()

    def _give_up(self) -> None:
        super()._give_up()
        if self._file is not None:
            with suppress(OSError):
                self._file.close()


class WholeFile(Sink):
    """A file that appears when it is complete, in place of an older one."""

    def __init__(self, path: Path, unreadable: Path | None = None) -> None:
        super().__init__(unreadable)
        self._data = PartFile(path)
        self._shown = str(path)

    def place(self) -> str:
        return f" in {self._shown}"

    def so_far(self) -> str:
        state = "is as it was before" if self._data.path.exists() else "is not written"
        return f"{self.records:,} records were read, and {self._shown} {state}; with --resume they would be kept"

    def _open(self) -> None:
        super()._open()
        self._data.create()

    def _take(self, data: bytes, unreadable: bytes) -> None:
        super()._take(data, unreadable)
        self._data.write(data)

    def _finish(self) -> None:
        super()._finish()
        self._data.commit()

    def _give_up(self) -> None:
        super()._give_up()
        self._data.discard()


class SavedFile(msgspec.Struct, forbid_unknown_fields=True):
    """What a resume file holds of one of the files that are written."""

    part: str
    """The temporary name."""
    bytes: int = 0
    """The length up to the last saved page; what follows belongs to a page whose cursor was not saved."""
    tail: str = ""
    """The SHA-256 of the last bytes."""


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


class ResumableFile(Sink):
    """A file that appears when it is complete, with a resume file that holds the cursor.

    The data of a page is on the disk before its cursor and the length of the data are saved. Wherever the process
    ends, the next run cuts off what follows that length and requests the page again.
    """

    def __init__(self, path: Path, resume: Path, read: dict[str, Any], unreadable: Path | None = None) -> None:
        super().__init__()
        self._resume, self._shown = resume, str(path)
        destinations = [path] if unreadable is None else [path, unreadable]
        if resume.resolve() in {each.resolve() for each in destinations}:
            raise UsageError("--resume names the file that keeps the cursor, and none that holds records")
        saved = self._saved(read, len(destinations))
        self._resumes = saved is not None
        names = [each.part for each in saved.files] if saved is not None else [None] * len(destinations)
        self._files = [PartFile(each, name) for each, name in zip(destinations, names, strict=True)]
        self._state = saved or State(
            read, [SavedFile(each.part.name) for each in self._files], PartFile(resume).part.name
        )
        self.cursor, self.records, self.unreadable = self._state.cursor, self._state.records, self._state.unreadable
        self.fresh, self.complete = not self._state.files[0].tail, self._state.finished

    def place(self) -> str:
        return f" in {self._shown}"

    def so_far(self) -> str:
        if self.fresh:
            return "nothing was read yet"
        return f"{self._state.records:,} records are kept; the same command resumes there"

    def _saved(self, read: dict[str, Any], files: int) -> State | None:
        try:
            with _open_own(self._resume, os.O_RDONLY) as file:
                saved = msgspec.json.decode(file.read(), type=State)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError:
            raise UsageError(f"{self._resume} is not a resume file of this command") from None
        for name, value in read.items():
            if saved.read.get(name) != value:
                there, here = (json_text(each) for each in (saved.read.get(name), value))
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
            new = self._write_state()
            try:
                # Unlike a rename, a link replaces nothing.
                self._resume.hardlink_to(new)
            finally:
                new.unlink()
        for each, saved in zip(self._files, self._state.files, strict=True):
            try:
                each.reopen(saved.bytes, saved.tail)
            except FileNotFoundError:
                self._create_or_check(each, saved)
            except UsageError as error:
                raise UsageError(f"{error}. To start over, delete {self._resume}") from None

    def _create_or_check(self, each: PartFile, saved: SavedFile) -> None:
        """Handle a missing temporary file: nothing was written yet, or it was renamed before the process ended."""
        if not saved.tail and not self.complete:
            each.create()
            _lock(each.file, each.part)
            return
        if self.complete:
            with suppress(FileNotFoundError), each.path.open("rb") as file:
                if tail_digest(file, saved.bytes) == saved.tail:
                    return
        raise UsageError(f"{each.part.name} is gone. To start over, delete {self._resume}")

    def _take(self, data: bytes, unreadable: bytes) -> None:
        for each, saved, added in zip(self._files, self._state.files, (data, unreadable), strict=False):
            each.write(added)
            each.sync()
            saved.bytes += len(added)

    def _keep(self, cursor: str | None) -> None:
        for each, saved in zip(self._files, self._state.files, strict=True):
            saved.tail = tail_digest(each.file, saved.bytes)
        state = self._state
        state.cursor, state.records, state.unreadable = cursor, self.records, self.unreadable
        # Without a cursor, the next run would begin at the first page.
        state.finished = cursor is None
        self._save_state()

    def _save_state(self) -> None:
        self._write_state().replace(self._resume)

    def _write_state(self) -> Path:
        new = self._resume.with_name(self._state.next)
        new.unlink(missing_ok=True)
        with _create(new) as file:
            file.write(msgspec.json.encode(self._state) + b"\n")
            _sync(file)
        return new

    def _finish(self) -> None:
        open_files = [each for each in self._files if each.is_open]
        if open_files:
            self._state.finished = True
            self._save_state()
        for each in open_files:
            each.commit()
        self._resume.with_name(self._state.next).unlink(missing_ok=True)
        self._resume.unlink()

    def _give_up(self) -> None:
        for each in self._files:
            each.close()


def json_text(value: object) -> str:
    """Return any value as JSON."""
    return msgspec.json.encode(value).decode()


def tail_digest(file: BinaryIO, size: int) -> str:
    """Return the SHA-256 of the last bytes before *size*."""
    start = max(size - _TAIL, 0)
    file.seek(start)
    return hashlib.sha256(file.read(size - start)).hexdigest()


def _create(path: Path) -> BinaryIO:
    """Create a file that only its owner may read; fail where anything has the name."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600), "w+b")


def _open_own(path: Path, flags: int) -> BinaryIO:
    """Open a plain file that belongs to this user; refuse links, and files of others."""
    if path.is_symlink():
        raise UsageError(f"{path} is a link: name the file itself")
    # Without O_NONBLOCK, opening a named pipe would wait for a writer.
    descriptor = os.open(path, flags | _FLAGS | getattr(os, "O_NONBLOCK", 0))
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or (sys.platform != "win32" and status.st_uid != os.geteuid()):
        os.close(descriptor)
        raise UsageError(f"{path} is not a plain file of this user: name another one")
    return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "r+b")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _rename(part: Path, path: Path) -> None:
    """Give a complete file its name, with the permissions of the one that had it, or those of a new file."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    part.chmod(mode)
    part.replace(path)


def _lock(file: BinaryIO, path: Path) -> None:
    """Exclude a second run; the lock ends with the process, however that ends."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"another run is writing {path.name} now") from None
