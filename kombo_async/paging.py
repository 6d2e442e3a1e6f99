"""Lists with a cursor, as async iterables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Generic, TypeVar

from attrs import frozen

from .errors import KomboError, PaginationError

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """One page of a list, as the server sent it."""

    results: tuple[T, ...]
    """The records, in the server's order; may be empty although another page follows."""
    cursor: str | None
    """The cursor that asked for this page; None for the first one."""
    next_cursor: str | None
    """The cursor of the page after it; None where the list ends."""


class Pager(Generic[T]):
    """A list that is read page by page while you loop over it.

    `async for item in pager` gives every record once, in the server's order. Nothing is sent before that, and each
    use starts anew. From the second page on, one page is read ahead while your code works on the one before.

    An error surfaces after all records of the pages before it and carries `.cursor`: store it, and go on later with
    `iter_…(cursor=error.cursor)` and the same filters. How long Kombo accepts a cursor is not documented.
    """

    __slots__ = ("_cursor", "_fetch", "_read_ahead")

    def __init__(
        self, fetch: Callable[[str | None], Awaitable[Page[T]]], *, cursor: str | None, read_ahead: bool
    ) -> None:
        self._fetch = fetch
        self._cursor = cursor
        self._read_ahead = read_ahead

    async def __aiter__(self) -> AsyncIterator[T]:
        async with aclosing(self._pages()) as pages:
            async for page in pages:
                for item in page.results:
                    yield item

    def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over whole pages, for work in batches or to save `page.next_cursor` after each."""
        return self._pages()

    async def first_page(self) -> Page[T]:
        """Return the first page alone, with one request."""
        return await self._page(self._cursor)

    async def collect(self, limit: int | None = None) -> list[T]:
        """Return all records, or the first *limit* of them, as a list. All of it is held in memory."""
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
            raise TypeError(f"limit is an int or None, not {type(limit).__name__}")
        if limit is not None and limit < 0:
            raise ValueError(f"limit is 0 or more, not {limit}")
        collected: list[T] = []
        if limit == 0:
            return collected
        async with aclosing(self._pages()) as pages:
            async for page in pages:
                collected += page.results
                if limit is not None and len(collected) >= limit:
                    del collected[limit:]
                    break
        return collected

    async def _page(self, cursor: str | None) -> Page[T]:
        try:
            return await self._fetch(cursor)
        except KomboError as error:
            error.cursor = cursor
            raise

    async def _pages(self) -> AsyncGenerator[Page[T]]:
        seen = {self._cursor}
        page = await self._page(self._cursor)
        yield page
        ahead: asyncio.Task[Page[T]] | None = None
        try:
            while page.next_cursor is not None:
                if page.next_cursor in seen:
                    raise PaginationError(
                        "the list gave a cursor for the second time; it would never end",
                        cursor=page.next_cursor,
                    )
                seen.add(page.next_cursor)
                page = await (ahead or self._page(page.next_cursor))
                ahead = None
                if self._read_ahead and page.next_cursor is not None and page.next_cursor not in seen:
                    ahead = asyncio.create_task(self._page(page.next_cursor))
                    ahead.add_done_callback(_take_note)
                    # One turn of the loop, so that the request is out before the caller starts to work.
                    await asyncio.sleep(0)
                yield page
        finally:
            if ahead is not None:
                ahead.cancel()


def _take_note(task: asyncio.Task[object]) -> None:
    """Look at the outcome of a page that nobody may come to ask for, so that asyncio does not warn of it."""
    if not task.cancelled():
        task.exception()
