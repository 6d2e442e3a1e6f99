"""Hide secrets in reprs and tracebacks, and escape text of servers in messages."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from inspect import iscoroutinefunction
from opcode import opmap
from types import FrameType
from typing import Any, Generic, TypeVar, cast

T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E", bound=BaseException)
F = TypeVar("F", bound=Callable[..., Any])

_LIBRARIES = (
    "kombo_async.",
    "aiohttp.",
    "aiosqlite.",
    "cattrs.",
    "msgspec.",
    "procrastinate.",
    "psycopg.",
    "sqlalchemy.",
)
"""The packages whose frames have requests, responses, records or rows of a database in their local variables."""
_YIELD_VALUE = opmap["YIELD_VALUE"]
"""The instruction at which coroutines and generators are suspended."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, which forge lines of a log or command a terminal, those that change the direction of a text, and
the surrogates that no encoding can write."""


class Hidden(Generic[T_co]):
    """A secret that no repr shows, such as that of a local variable in the report of an error tracker."""

    __slots__ = ("value",)

    def __init__(self, value: T_co) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "<hidden>"


class ShownByRepr:
    """A base of msgspec structs whose `__repr__` hides something: `rich` would show all their fields instead."""

    __slots__ = ()

    def __rich_repr__(self) -> Any:
        """Return None, after which `rich` shows the repr."""
        return None


def printable(text: str, max_length: int) -> str:
    """Return text of a server with control characters escaped, cut to *max_length* characters."""
    shown = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text[:max_length])
    return shown if len(text) <= max_length else f"{shown}…"


def hidden(value: object) -> str:
    """Return what a repr shows of a secret or personal value, or of bulk: only whether there is one."""
    # By name, so that a repr does not need to import msgspec.
    is_unset = type(value).__name__ == "UnsetType"
    return repr(value) if value is None or is_unset or value == () else "<hidden>"


def clear_frames(error: BaseException) -> None:
    """Delete the local variables of the frames of this package, and of libraries that it uses, in the tracebacks of
    *error* and all errors that led to it, which error trackers report.

    The frames stay with their lines. Only a frame that another thread or coroutine still runs is left out of the
    traceback, with what that works on next.
    """
    for each in _led_to(error, contexts=True):
        previous, trace = None, each.__traceback__
        while trace is not None:
            if _is_of_libraries(trace.tb_frame) and not _clear(trace.tb_frame):
                if previous is None:
                    each.__traceback__ = trace.tb_next
                else:
                    previous.tb_next = trace.tb_next
            else:
                previous = trace
            trace = trace.tb_next


def _is_of_libraries(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith(_LIBRARIES)


def _clear(frame: FrameType) -> bool:
    """Delete the local variables of *frame*; return False if something else still runs it."""
    # To clear the frame of a suspended coroutine closes that. From Python 3.13 on, `clear` refuses to.
    if frame.f_code.co_code[frame.f_lasti] != _YIELD_VALUE:
        with suppress(RuntimeError):
            frame.clear()
            return True
    running: FrameType | None = sys._getframe()  # noqa: SLF001
    while running is not None and running is not frame:
        running = running.f_back
    return running is not None


def without_frames(error: E) -> E:
    """Return *error* without the tracebacks of it and its causes. It is for errors that say all in their message."""
    for each in _led_to(error, contexts=False):
        each.__traceback__ = None
        if each.__suppress_context__:
            # No traceback shows it, but it has frames, which would keep bodies in memory.
            each.__context__ = None
    return error


def _led_to(error: BaseException, *, contexts: bool) -> Iterator[BaseException]:
    """Yield *error* and its causes, with *contexts* also its contexts and the members of groups; each once, as
    `raise error from error` makes a cycle."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            left.append(each.__cause__)
            if contexts:
                left.append(each.__context__)
                if isinstance(each, BaseExceptionGroup):
                    left += cast("BaseExceptionGroup[BaseException]", each).exceptions


def without_locals(function: F, *, frameless: tuple[type[BaseException], ...] = ()) -> F:
    """Return *function* so that the tracebacks of its errors have no local variables of this package: its arguments,
    or what it reads, are secrets or personal values. An async function is covered until its end, any other until it
    returns. Errors of the classes *frameless* that an async function raises have no frames of this package at all."""
    if iscoroutinefunction(function):

        @wraps(function)
        async def call_async(*positional: Any, **keywords: Any) -> Any:
            try:
                awaitable = function(*positional, **keywords)
                # From here on, only the coroutine refers to them.
                del positional, keywords
                return await awaitable
            except frameless as error:
                raise without_frames(error)  # noqa: B904 - it is the same error
            except BaseException as error:
                # If the arguments do not match the parameters, the `del` was not reached.
                positional, keywords = (), {}
                clear_frames(error)
                raise

        return cast("F", call_async)

    @wraps(function)
    def call(*positional: Any, **keywords: Any) -> Any:
        try:
            return function(*positional, **keywords)
        except BaseException as error:
            del positional, keywords
            clear_frames(error)
            raise

    return cast("F", call)
