"""Newline-delimited JSON (NDJSON): a request body that is encoded while it is sent, one value a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import aclosing
from typing import Any

from msgspec import Struct

from ..redaction import ShownByRepr
from . import codec

_CHUNK_SIZE = 1 << 16


class NDJSONBody(ShownByRepr, Struct, eq=False):
    """A body of which each line is made when it is about to be sent, so that it never is in memory as a whole."""

    source: Iterable[object] | AsyncIterable[object]
    item_type: Any
    max_bytes: int
    """The largest body that Kombo accepts."""
    started: bool = False
    """Whether a request has begun to take lines from `source`."""
    failure: BaseException | None = None
    """What `source` raised, or what is wrong with one of its items."""

    def __post_init__(self) -> None:
        source: object = self.source
        if isinstance(source, str | bytes) or not isinstance(source, Iterable | AsyncIterable):
            raise TypeError(
                "the lines come from a list, a generator, or an asynchronous one that was called, "
                f"not from {type(source).__name__}"
            )

    def __repr__(self) -> str:
        return f"<NDJSONBody of {getattr(self.item_type, '__name__', 'values')}>"

    @property
    def single_use(self) -> bool:
        """Whether `source` is an iterator, which gives its items once."""
        return isinstance(self.source, Iterator | AsyncIterator)

    @property
    def consumed(self) -> bool:
        """Whether it cannot be sent again."""
        return self.started and self.single_use


async def encode_lines(body: NDJSONBody) -> AsyncGenerator[bytes]:
    """Yield the lines in chunks of 64 KiB or a little more. End at the first failing item: see `body.failure`."""
    size, number, chunk = 0, 0, bytearray()
    try:
        async with aclosing(_items(body.source)) as items:
            async for item in items:
                number += 1
                line = _encode_line(item, body.item_type, f"line {number}")
                size += len(line) + 1
                if size > body.max_bytes:
                    raise ValueError(f"line {number} goes beyond the {body.max_bytes:,} bytes that Kombo takes")  # noqa: TRY301
                chunk += line
                chunk += b"\n"
                if len(chunk) >= _CHUNK_SIZE:
                    yield bytes(chunk)
                    chunk.clear()
        if not number and body.single_use:
            # Most likely it was iterated before. An empty import would delete all postings.
            raise ValueError("the iterator has no items, or no more: pass [] if none are meant")  # noqa: TRY301
    except BaseException as error:
        # A cancellation of this task, or the close of this generator, is ours. Anything else, also a CancelledError
        # from inside the source, is the caller's, and is re-raised by the call.
        task = asyncio.current_task()
        if isinstance(error, GeneratorExit) or (task is not None and task.cancelling()):
            raise
        body.failure = error
        return
    if chunk:
        yield bytes(chunk)


def _encode_line(item: object, item_type: Any, where: str) -> bytes:
    try:
        return codec.encode(item, item_type, where)
    except (TypeError, ValueError) as error:
        if where not in str(error):
            error.add_note(f"This is about {where}.")
        raise


async def _items(source: Iterable[object] | AsyncIterable[object]) -> AsyncGenerator[object]:
    """Yield the items of *source*; at the end close it if it is a generator, without waiting for garbage collection."""
    if isinstance(source, AsyncIterable):
        asynchronous = aiter(source)
        try:
            async for item in asynchronous:
                yield item
        finally:
            if isinstance(asynchronous, AsyncGenerator):
                await asynchronous.aclose()
    else:
        iterator = iter(source)
        try:
            for item in iterator:
                yield item
        finally:
            if isinstance(iterator, Generator):
                iterator.close()
