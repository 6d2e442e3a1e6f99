"""Where the records of a read go: to standard output, to a file that appears when it is whole, or to one that can be
gone on with."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
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
"""How many of the last bytes tell whether a file is the one that was written."""


class Sink:
    """Takes pages. As a context: what was written is finished at its end, and given up after an error or Ctrl-C."""

    on_terminal = False
    """Whether the records appear on a terminal, where a bar would be in their way."""
    cursor: str | None = None
    """Where to begin to read."""
    records = 0
    """How many there are."""
    fresh = True
    """Whether nothing at all was written."""

    complete = False
    """Whether an earlier run has read all of it, and only did not come to say so."""

    def write(self, data: bytes, records: int, next_cursor: str | None) -> None:
        """Take a page, and the cursor of the one after it."""
        self.records += records
        self._take(data)
        self._keep(next_cursor)
        self.fresh = False

    def so_far(self) -> str:
        """Say what there is if it ends here."""
        return f"{self.records:,} records are written"

    def place(self) -> str:
        """Say where they are, when it is finished."""
        return ""

    def _open(self) -> None: ...

    def _take(self, data: bytes) -> None: ...

    def _keep(self, cursor: str | None) -> None: ...

    def _finish(self) -> None: ...

    def _give_up(self) -> None: ...

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
    """Whole pages, each sent on at once."""

    def __init__(self) -> None:
        self.on_terminal = sys.stdout.isatty()

    def _take(self, data: bytes) -> None:
        sys.stdout.buffer.write(for_terminal(data) if self.on_terminal else data)
        sys.stdout.buffer.flush()


class _File(Sink):
    """What is open while it is written."""

    _opened: BinaryIO | None = None

    @property
    def _file(self) -> BinaryIO:
        assert self._opened is not None
        return self._opened

    def _give_up(self) -> None:
        if self._opened is not None:
            with suppress(OSError):  # that what waits cannot be written any more
                self._opened.close()


class Place(_File):
    """Something that cannot be replaced, such as a device or a named pipe."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _open(self) -> None:
        self._opened = self._path.open("wb")

    def _take(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    def _finish(self) -> None:
        self._file.close()


class WholeFile(_File):
    """A file that appears under its name, in place of an older one, when it is whole. Until then it has another."""

    def __init__(self, path: Path) -> None:
        # A link stays one, and what it leads to is replaced.
        self._path = path.resolve()
        self._part = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.part")
        self._shown = str(path)

    def place(self) -> str:
        return f" in {self._shown}"

    def so_far(self) -> str:
        state = "is as it was before" if self._path.exists() else "is not written"
        return f"{self.records:,} records were read, and {self._shown} {state}; with --resume they would be kept"

    def _open(self) -> None:
        self._opened = self._part.open("xb")

    def _take(self, data: bytes) -> None:
        self._file.write(data)

    def _finish(self) -> None:
        _settle(self._file)
        self._file.close()
        _replace(self._part, self._path)

    def _give_up(self) -> None:
        super()._give_up()
        if self._opened is not None:
            self._part.unlink(missing_ok=True)


class State(msgspec.Struct, forbid_unknown_fields=True):
    """What a resume file holds."""

    read: dict[str, Any]
    """Of which read it is."""
    cursor: str | None = None
    """Of the first page that is not in the data."""
    records: int = 0
    bytes: int = 0
    """How long the data is; what stands after it came from a page whose cursor was not saved."""
    tail: str = ""
    """The SHA-256 of the last bytes of the data."""
    finished: bool = False


class ResumableFile(_File):
    """A file that appears when it is whole, and a resume file beside it with the cursor.

    A page is added to the data and on the disk before its cursor is saved with the length of the data. Whenever the
    process ends, also in between, the next run cuts off what came after that length and asks for the page again.
    """

    def __init__(self, path: Path, resume: Path, read: dict[str, Any]) -> None:
        self._path, self._resume, self._shown = path.resolve(), resume, str(path)
        self._part = self._path.with_name(f"{self._path.name}.part")
        if resume.resolve() in {self._path, self._part}:
            raise UsageError("--resume names the file that keeps the cursor, and not the one of --output")
        saved = self._saved(read)
        self._begun = saved is not None
        self._state = saved or State(read)
        self.cursor, self.records = self._state.cursor, self._state.records
        self.fresh, self.complete = not self._begun, self._state.finished

    def place(self) -> str:
        return f" in {self._shown}"

    def so_far(self) -> str:
        if self.fresh:
            return "nothing was read yet"
        return f"{self._state.records:,} records are kept; the same command goes on from there"

    def _saved(self, read: dict[str, Any]) -> State | None:
        try:
            saved = msgspec.json.decode(self._resume.read_bytes(), type=State)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError:
            raise UsageError(f"{self._resume} holds something else than the cursor of a read") from None
        for name, value in read.items():
            if saved.read.get(name) != value:
                there, here = (json_text(each) for each in (saved.read.get(name), value))
                raise UsageError(
                    f"{self._resume} belongs to another read, with {name} {there} and not {here}: "
                    "name another file, or delete it to begin anew"
                )
        return saved

    def _open(self) -> None:
        if self.complete and not self._part.exists() and self._path.exists():
            # It was given its name, and then the process ended.
            with self._path.open("rb") as file:
                self._check(file)
            return
        if self._begun and not self._part.exists():
            raise self._refusal()
        self._opened = self._part.open("a+b")
        _lock(self._file, self._part)
        if self._begun:
            self._check(self._file)
        self._file.truncate(self._state.bytes)

    def _check(self, file: BinaryIO) -> None:
        """Refuse to go on with something else than what was written."""
        length = self._state.bytes
        start = max(length - _TAIL, 0)
        file.seek(start)
        if hashlib.sha256(file.read(length - start)).hexdigest() != self._state.tail:
            raise self._refusal()

    def _refusal(self) -> UsageError:
        return UsageError(
            f"{self._part.name} is not what {self._resume} goes on with: it is gone or was changed. "
            f"To begin anew, delete {self._resume}"
        )

    def _take(self, data: bytes) -> None:
        self._file.write(data)
        _settle(self._file)
        self._state.bytes += len(data)

    def _keep(self, cursor: str | None) -> None:
        state = self._state
        start = max(state.bytes - _TAIL, 0)
        self._file.seek(start)
        state.tail = hashlib.sha256(self._file.read(state.bytes - start)).hexdigest()
        state.cursor, state.records = cursor, self.records
        # Without a cursor, the next run would begin at the first page.
        state.finished = cursor is None
        self._save_state()

    def _save_state(self) -> None:
        new = self._resume.with_name(f"{self._resume.name}.new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(self._state) + b"\n")
            _settle(file)
        new.replace(self._resume)

    def _finish(self) -> None:
        if self._opened is not None:
            self._state.finished = True
            self._save_state()
            self._file.close()
            _replace(self._part, self._path)
        self._resume.unlink()


def json_text(value: object) -> str:
    """Return any value as it would stand in JSON."""
    return msgspec.json.encode(value).decode()


def _settle(file: BinaryIO) -> None:
    """Wait until what was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def _replace(part: Path, path: Path) -> None:
    """Give a whole file its name, and the permissions of the one that had it."""
    with suppress(FileNotFoundError):
        shutil.copymode(path, part)
    part.replace(path)


def _lock(file: BinaryIO, path: Path) -> None:
    """Keep a second run away; the lock ends with the process, however that ends."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"another run is writing {path.name} now") from None
