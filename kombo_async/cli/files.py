"""The files that a read writes: private ones that appear when they are complete, and streams.

Records are personal data, and a folder may be writable by others. So a file has 0600 from its first byte and a name
that cannot be guessed, and nothing is opened, replaced or followed that another user could have put there.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .options import UsageError
from .signals import deferred_signals, interruptible_io

if sys.platform != "win32":
    import fcntl

_TAIL = 4_096
"""How many of the last bytes of a file are compared before a run resumes it."""
_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class OutputFile:
    """A file to write to: `open`, then `write`, then `commit` or `discard`."""

    def open(self) -> None:
        """Create or open the file."""

    def write(self, data: bytes) -> None:
        """Append *data*."""
        raise NotImplementedError

    def sync(self) -> None:
        """Wait until everything is on the disk."""

    def commit(self) -> None:
        """End with a complete file."""

    def discard(self) -> None:
        """End without a complete file."""


class Device(OutputFile):
    """What cannot be replaced, such as a device or a named pipe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def open(self) -> None:
        with interruptible_io():  # It waits for the reader of a named pipe.
            descriptor = os.open(self._path, os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0))
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) or (stat.S_ISFIFO(status.st_mode) and not _is_trusted(status)):
            raise UsageError(f"{self._path} is neither a device nor a pipe of this user: name another file")

    def write(self, data: bytes) -> None:
        assert self._file is not None
        left = memoryview(data)
        with interruptible_io(self._file.fileno()):
            while left:
                left = left[self._file.write(left) :]

    def commit(self) -> None:
        self.discard()

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()


class PartFile(OutputFile):
    """A file under a temporary name in the folder of its destination, which it replaces when it is complete."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = _follow_links(path)
        # The name of the destination may be as long as a name can be.
        self.part = self.path.with_name(name or f".{self.path.name[:40]}.{secrets.token_hex(8)}.part")
        self._file: BinaryIO | None = None

    @property
    def is_open(self) -> bool:
        """Whether this run has created or opened the file."""
        return self._file is not None

    @property
    def file(self) -> BinaryIO:
        """The open file."""
        assert self._file is not None
        return self._file

    def open(self) -> None:
        """Create the file; fail if anything has its name."""
        with deferred_signals():
            self._file = create_private(self.part)

    def reopen(self, size: int, digest: str) -> None:
        """Open the file of an earlier run and cut off what follows the first *size* bytes.

        Raise `FileNotFoundError` or `UsageError` if it is gone, is not ours, or is not what that run wrote.
        """
        self._file = open_own(self.part, os.O_RDWR)
        if os.fstat(self._file.fileno()).st_nlink > 1:
            raise UsageError(f"{self.part.name} has a second name")
        self.lock()
        if digest and tail_digest(self._file, size) != digest:
            raise UsageError(f"{self.part.name} was changed since the last run")
        self._file.truncate(size)
        self._file.seek(size)

    def lock(self) -> None:
        """Exclude a second run; the lock ends with the process, however that ends."""
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another run is writing {self.part.name} now") from None

    def write(self, data: bytes) -> None:
        self.file.write(data)

    def sync(self) -> None:
        sync(self.file)

    def commit(self) -> None:
        """Rename the file to its destination, with the permissions of the file that it replaces or of a new file."""
        try:
            mode = stat.S_IMODE(self.path.stat().st_mode)
        except FileNotFoundError:
            mask = os.umask(0)
            os.umask(mask)
            mode = 0o666 & ~mask
        if hasattr(os, "fchmod"):
            with suppress(PermissionError):  # Some file systems have no permissions.
                os.fchmod(self.file.fileno(), mode)
        self.file.close()
        self.part.replace(self.path)

    def close(self) -> None:
        """Close the file, which keeps its temporary name."""
        if self._file is not None:
            with suppress(OSError):  # What is buffered cannot be written any more.
                self._file.close()

    def discard(self) -> None:
        """Delete the file, unless this run has not created it."""
        if self._file is not None:
            self.close()
            self.part.unlink(missing_ok=True)


def output_file(path: Path) -> OutputFile:
    """Return the file to write for a name that a user gave."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}")
    return Device(path) if path.exists() and not path.is_file() else PartFile(path)


def is_same_file(one: Path, other: Path) -> bool:
    """Return whether two names lead to one file, which need not exist."""
    return os.path.realpath(one) == os.path.realpath(other)


def create_private(path: Path) -> BinaryIO:
    """Create a file that only its owner may read; fail if anything has the name."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600), "w+b")


def open_own(path: Path, flags: int) -> BinaryIO:
    """Open a plain file that belongs to this user; refuse links, and files of others."""
    if path.is_symlink():
        raise UsageError(f"{path} is a link: name the file itself")
    # Without O_NONBLOCK, opening a named pipe would wait for a writer.
    descriptor = os.open(path, flags | _FLAGS | getattr(os, "O_NONBLOCK", 0))
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or not _is_trusted(status, root=False):
        os.close(descriptor)
        raise UsageError(f"{path} is not a plain file of this user: name another one")
    return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "r+b")


def sync(file: BinaryIO) -> None:
    """Wait until everything is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def tail_digest(file: BinaryIO, size: int) -> str:
    """Return the SHA-256 of the last bytes before *size*."""
    start = max(size - _TAIL, 0)
    file.seek(start)
    return hashlib.sha256(file.read(size - start)).hexdigest()


def _follow_links(path: Path) -> Path:
    """Return the file that *path* leads to: a link stays a link, and the file that it leads to is replaced.

    Links of other users are refused, as Linux does in folders that all users may write to: they could lead anywhere.
    """
    for _ in range(40):
        if not path.is_symlink():
            return path
        if not _is_trusted(path.lstat()):
            raise UsageError(f"{path} is a link of another user: name another file")
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _is_trusted(status: os.stat_result, *, root: bool = True) -> bool:
    """Return whether a file belongs to this user, or to root."""
    return sys.platform == "win32" or status.st_uid == os.geteuid() or (root and status.st_uid == 0)
