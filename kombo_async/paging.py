"""Lists with a cursor, as async iterables."""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Generic, Literal, NoReturn, Self, TypeAlias, TypeVar

from attrs import field

from .errors import KomboError, PaginationError
from .models.base import frozen, hidden
from .models.diagnostics import Unreadable
from .redaction import clear_frames, without_frames, without_locals

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@frozen()
class Page(Generic[T_co]):
    """One page of a list, as the server sent it."""

    results: tuple[T_co, ...] = field(repr=lambda results: f"<{len(results)} records>")
    """The records, in the server's order; may be empty although another page follows."""
    cursor: str | None = field(repr=hidden)
    """The cursor with which this page was requested; None for the first page."""
    next_cursor: str | None = field(repr=hidden)
    """The cursor of the next page; None on the last page."""
    unreadable: tuple[Unreadable, ...] = ()
    """The records that could not be read, with `pages(unreadable="keep")`. Otherwise such a record is an error."""


Fetch: TypeAlias = Callable[[str | None, bool], Awaitable[Page[T]]]
"""Requests the page at a cursor; the flag is whether to keep its unreadable records."""

OnUnreadable: TypeAlias = Literal["raise", "keep"]
"""Whether a record that cannot be read is an error, or an item of `Page.unreadable`."""


class _NotAwaitable:
    """Refuses `await`, the most frequent mistake with async iterables, and says what to write instead."""

    __slots__ = ()

    # Hidden from type checkers, so that they refuse the `await` themselves.
    if not TYPE_CHECKING:

        def __await__(self) -> NoReturn:
            raise TypeError(self._instead_of_await)


class Pager(_NotAwaitable, Generic[T_co]):
    """A list that is read page by page while you loop over it.

    `async for item in pager` gives every record once, in the server's order. No request is sent before that, and each
    loop reads the list from its start. From the second page on, the next page is requested while your code processes
    the current one, unless the client has 8 or more calls in flight, whose responses fill that time anyway.

    An error is raised after all records of the pages before it, and its `cursor` is that of the failed page: store it,
    and continue later with `iter_…(cursor=error.cursor)` and the same filters. How long Kombo accepts a cursor is not
    documented.

    A record that cannot be read is a `DecodeError`, which names it and carries the cursors of its page and of the next
    one. Loop over `pages(unreadable="keep")` to get the other records of its page as well.
    """

    __slots__ = ("_cursor", "_fetch", "_is_busy", "_read_ahead")

    _instead_of_await = (
        "a Pager cannot be awaited: use `async for item in pager`, `await pager.collect()` for all records, "
        "or `await pager.first_page()`"
    )

    def __init__(
        self, fetch: Fetch[T_co], *, cursor: str | None, read_ahead: bool, is_busy: Callable[[], bool]
    ) -> None:
        self._fetch = fetch
        self._cursor = cursor
        self._read_ahead = read_ahead
        self._is_busy = is_busy

    def __aiter__(self) -> AsyncIterator[T_co]:
        return _Items(self._reader())

    def pages(self, *, unreadable: OnUnreadable = "raise") -> AsyncIterator[Page[T_co]]:
        """Iterate over whole pages, for work in batches or to save `page.next_cursor` after each.

        With `unreadable="keep"`, records that cannot be read are in `page.unreadable` as they arrived, and the others
        in `page.results`. A page that cannot be divided into records is a `DecodeError` all the same.
        """
        return self._reader(keep=_keeps(unreadable))

    async def first_page(self, *, unreadable: OnUnreadable = "raise") -> Page[T_co]:
        """Return the first page alone, with one request; for `unreadable` see `pages`."""
        try:
            return await self._fetch(self._cursor, _keeps(unreadable))
        except KomboError as error:
            error.cursor = self._cursor
            raise without_frames(error)  # noqa: B904 - it is the same error
        except BaseException as error:
            clear_frames(error)
            raise

    @without_locals
    async def collect(self, limit: int | None = None) -> list[T_co]:
        """Return all records, or the first *limit* of them, as a list in memory."""
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
            raise TypeError(f"limit is an int or None, not {type(limit).__name__}")
        if limit is not None and limit < 0:
            raise ValueError(f"limit is 0 or more, not {limit}")
        collected: list[T_co] = []
        if limit == 0:
            return collected
        # With a limit, the page that is requested in advance would often not be needed.
        async for page in self._reader(read_ahead=limit is None):
            collected += page.results
            if limit is not None and len(collected) >= limit:
                del collected[limit:]
                break
        return collected

    def _reader(self, *, keep: bool = False, read_ahead: bool = True) -> _Reader[T_co]:
        read_ahead = read_ahead and self._read_ahead
        return _Reader(self._fetch, self._cursor, keep=keep, read_ahead=read_ahead, is_busy=self._is_busy)


def _keeps(unreadable: object) -> bool:
    if unreadable not in {"raise", "keep"}:
        raise ValueError(f'unreadable is "raise" or "keep", not {unreadable!r}')
    return unreadable == "keep"


class _Reader(_NotAwaitable, Generic[T]):
    """Reads the pages of a list once, for one loop.

    It is not an async generator, because those are exhausted after any exception: a loop around
    `wait_for(anext(items))` would take a timeout for the end of the list. This reader keeps its position.
    """

    __slots__ = (
        "_ahead",
        "_cursor",
        "_cursor_repeats",
        "_ended",
        "_fetch",
        "_is_busy",
        "_keep",
        "_pages_read",
        "_read_ahead",
        "_reading",
        "_seen",
        "_undelivered",
    )

    _instead_of_await = "pages() cannot be awaited: use `async for page in pager.pages()`"

    def __init__(
        self, fetch: Fetch[T], cursor: str | None, *, keep: bool, read_ahead: bool, is_busy: Callable[[], bool]
    ) -> None:
        self._fetch = fetch
        self._cursor = cursor
        self._keep = keep
        self._read_ahead = read_ahead
        self._is_busy = is_busy
        self._seen = array("q", (hash(cursor),))
        self._pages_read = 0
        self._ended = False
        self._cursor_repeats = False
        self._reading = False
        self._ahead: asyncio.Task[Page[T]] | None = None
        self._undelivered: Page[T] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        if self._reading:
            raise RuntimeError("another task already waits for this iterator; give each task an iterator of its own")
        if self._undelivered is not None:
            page, self._undelivered = self._undelivered, None
            return page
        if self._ended:
            raise StopAsyncIteration
        if self._cursor_repeats:
            raise PaginationError(
                "the list returned a cursor for the second time; following it would never end", cursor=self._cursor
            )
        self._reading = True
        try:
            page = await (self._ahead or self._fetch(self._cursor, self._keep))
        except KomboError as error:
            error.cursor = self._cursor
            raise without_frames(error)  # noqa: B904 - it is the same error
        except BaseException as error:
            clear_frames(error)
            raise
        finally:
            self._reading = False
            self._ahead = None
        self._pages_read += 1
        if page.next_cursor is None:
            self._ended = True
            return page
        self._cursor = page.next_cursor
        self._cursor_repeats = not _add_cursor(self._cursor, self._seen)
        if self._read_ahead and self._pages_read > 1 and not self._cursor_repeats and not self._is_busy():
            self._ahead = asyncio.ensure_future(self._fetch(self._cursor, self._keep))
            self._ahead.add_done_callback(_retrieve_exception)
            # One iteration of the event loop, so that the request is sent before the caller processes this page. If the
            # caller is cancelled in it, the page is kept for the next call.
            self._undelivered, self._reading = page, True
            try:
                await asyncio.sleep(0)
            finally:
                self._reading = False
            self._undelivered = None
        return page

    def __del__(self) -> None:
        if self._ahead is not None and not (loop := self._ahead.get_loop()).is_closed():
            # The garbage collector may run in any thread, and `Task.cancel` is not thread-safe.
            loop.call_soon_threadsafe(self._ahead.cancel)


def _add_cursor(cursor: str | None, seen: array[int]) -> bool:
    """Add a cursor to *seen*, the sorted 64-bit hashes of those of the list so far; return whether it is new.

    They take 8 bytes a page, 0.8 MB for 100,000 pages. Brent's cycle detection would need constant memory, but finds a
    cycle only after it has delivered pages twice.
    """
    hash_ = hash(cursor)
    index = bisect_left(seen, hash_)
    if index < len(seen) and seen[index] == hash_:
        return False
    seen.insert(index, hash_)
    return True


class _Items(Generic[T]):
    __slots__ = ("_reader", "_rest")

    def __init__(self, reader: _Reader[T]) -> None:
        self._reader = reader
        self._rest: Iterator[T] = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._rest:
                return item
            self._rest = iter((await anext(self._reader)).results)


def _retrieve_exception(task: asyncio.Task[object]) -> None:
    """Retrieve the exception of a page that may never be awaited, so that asyncio does not log it."""
    if not task.cancelled():
        task.exception()
