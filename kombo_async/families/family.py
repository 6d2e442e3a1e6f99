"""The base of all families: the kinds of calls."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from inspect import iscoroutinefunction, isfunction
from types import NoneType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from attrs import field
from msgspec import UNSET, Struct
from multidict import CIMultiDict

from .. import _help
from ..engine import codec, pages, query
from ..engine.call import CallExecutor
from ..engine.operation import Operation
from ..engine.options import CallOptions
from ..engine.request import Request, build_request
from ..engine.response import Response
from ..engine.rows import RawRecord
from ..errors import KomboError, PaginationError
from ..models.base import frozen
from ..models.diagnostics import ReplyWarning, Unreadable
from ..paging import Page, Pager
from ..redaction import clear_frames, without_frames, without_locals

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@frozen()
class Reply(Generic[T_co]):
    """The result of an action, which ran against the connected tool."""

    data: T_co
    """The data that was returned."""
    warnings: tuple[ReplyWarning, ...]
    """Problems that Kombo met without failing. Log them: they explain unexpected results."""
    status: int
    """The HTTP status of Kombo's response."""
    headers: Mapping[str, str] = field(repr=False)
    """The headers of Kombo's response; look-up ignores case."""


if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated  # noqa: PLC0414 - passed on to the families
else:
    # As warnings.deprecated, which Python has from 3.13 on.
    def deprecated(instead):  # noqa: ANN001, ANN201
        """Return a decorator for a method that raises a `DeprecationWarning` when it is called."""

        def decorate(method):  # noqa: ANN001, ANN202
            called = _without_own_frames(method) if iscoroutinefunction(method) else method

            @without_locals
            @wraps(method)
            def call(*args, **keywords):  # noqa: ANN002, ANN003, ANN202
                warnings.warn(
                    f"{method.__name__}() is deprecated at Kombo: {instead}", DeprecationWarning, stacklevel=3
                )
                return called(*args, **keywords)

            return call

        return decorate


def omit_unset(**values: object) -> dict[str, object]:
    """Return a body without the values that are `UNSET`, for which Kombo's own defaults apply. None is sent as null."""
    return {key: value for key, value in values.items() if value is not UNSET}


def _without_own_frames(method: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    """Return *method* so that the tracebacks of its errors have no local variables of this package: error trackers
    report them, and they contain request bodies. Those of a `KomboError` do not even have its frames."""

    @wraps(method)
    async def call(self: Family, /, *positional: Any, **keywords: Any) -> T:
        try:
            awaitable = method(self, *positional, **keywords)
            # From here on, only the coroutine refers to the body.
            del positional, keywords
            return await awaitable
        except KomboError as error:
            raise without_frames(error)  # noqa: B904 - it is the same error
        except BaseException as error:
            # If the arguments do not match the parameters, the `del` was not reached.
            positional, keywords = (), {}  # noqa: F841
            clear_frames(error)
            raise

    return call


class RawPage(Struct, frozen=True):
    """One page of a list with its records as the bytes that arrived, and the headers of the response."""

    results: tuple[RawRecord, ...]
    """The records in their order, with the few values by which a copy is kept up to date."""
    unreadable: tuple[Unreadable, ...]
    """Records that are not JSON objects or have no usable id."""
    next_cursor: str | None
    """The cursor of the next page; None on the last one."""
    headers: Mapping[str, str]
    """The headers of the response."""


class Family:
    """A group of operations, bound to the options of one client or view."""

    __slots__ = ("_executor", "_options")

    def __init_subclass__(cls, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        for name, member in list(vars(cls).items()):
            if name.startswith("_") or not isfunction(member):
                continue
            method: Callable[..., Any] = member
            if iscoroutinefunction(member):
                method = _without_own_frames(member)
            elif name.startswith("iter_") and not hasattr(member, "__wrapped__"):
                # `deprecated` has wrapped its methods already.
                method = without_locals(member)
            _help.complete_method(method)
            setattr(cls, name, method)

    def __init__(self, executor: CallExecutor, options: CallOptions) -> None:
        self._executor = executor
        self._options = options

    def _read(self, operation: Operation[T], integration_id: str | None = None, **ids: object) -> Awaitable[T]:
        """Read one object that Kombo stores itself."""
        return self._call_value(operation, build_request(operation, self._options, integration_id, ids))

    async def _read_list(self, operation: Operation[T], keywords: Mapping[str, Any], **ids: object) -> tuple[T, ...]:
        """Read a short list that Kombo stores itself, without a cursor."""
        options = query.list_query(operation, keywords)
        request = build_request(operation, self._options, options.integration_id, ids, query=options.text)
        return (await self._call_list(operation, request)).data

    async def _read_all_pages(self, operation: Operation[T], keywords: Mapping[str, Any]) -> tuple[T, ...]:
        """Read a list that is documented to have no cursor. If a response has one nevertheless, follow it."""
        records: list[T] = []
        first: tuple[T, ...] = ()
        async for page in self._iterate(operation, keywords).pages():
            if page.cursor is None:
                first = page.results
            elif page.results == first:
                raise PaginationError(
                    f"{operation.name}: Kombo names a next page, but sends the first one again; pass filters",
                    method=operation.method,
                    path=operation.path,
                    cursor=page.cursor,
                )
            records += page.results
        return tuple(records)

    def _send(
        self, operation: Operation[T], integration_id: str | None = None, *, body: object = None, **ids: object
    ) -> Awaitable[T]:
        """Make a request that Kombo executes itself, without the connected tool."""
        return self._call_value(operation, build_request(operation, self._options, integration_id, ids, body=body))

    def _action(
        self,
        operation: Operation[T],
        integration_id: str | None = None,
        *,
        body: object = None,
        params: Mapping[str, object] | None = None,
        **ids: object,
    ) -> Awaitable[Reply[T]]:
        """Make a request that is executed in the connected tool."""
        text = query.encode_params(params) if params else ""
        return self._call_reply(
            operation, build_request(operation, self._options, integration_id, ids, query=text, body=body)
        )

    def _action_list(
        self, operation: Operation[T], integration_id: str | None = None, *, body: object = None, **ids: object
    ) -> Awaitable[Reply[tuple[T, ...]]]:
        """Read a short list from the connected tool."""
        return self._call_list(operation, build_request(operation, self._options, integration_id, ids, body=body))

    def _iterate(self, operation: Operation[T], keywords: Mapping[str, Any]) -> Pager[T]:
        """Read a list with a cursor. All arguments are checked here, before the first request."""
        options = query.list_query(operation, keywords)
        first = build_request(operation, self._options, options.integration_id, query=options.text)
        decode = partial(pages.decode_page, item_type=operation.response_type)
        return self._pager(_PageRequests(self._executor, self._options, first, decode), options)

    def _iterate_raw(self, operation: Operation[Any], keywords: Mapping[str, Any]) -> Pager[RawRecord]:
        """Read a list with a cursor, as `_iterate` does, with its records as the bytes that arrived."""
        options = query.list_query(operation, keywords)
        first = build_request(operation, self._options, options.integration_id, query=options.text)
        return self._pager(_PageRequests(self._executor, self._options, first, pages.decode_raw_page), options)

    def _raw_page(
        self, operation: Operation[Any], integration_id: str, filters: str, cursor: str | None
    ) -> Awaitable[RawPage]:
        """Read one page of a list with its records as the bytes that arrived. *filters* is an encoded query string."""
        request = build_request(operation, self._options, integration_id, query=filters)

        def decode(response: Response) -> RawPage:
            page = pages.decode_raw_page(response.body, keep=True)
            return RawPage(page.results, page.unreadable, page.next_cursor, response.headers)

        return self._executor.call(request if cursor is None else request.at(cursor), self._options, decode)

    def _pager(self, source: _PageRequests[T], options: query.ListQuery) -> Pager[T]:
        return Pager(source.fetch, cursor=options.cursor, read_ahead=options.read_ahead, is_busy=self._executor.is_busy)

    def _call_value(self, operation: Operation[T], request: Request) -> Awaitable[T]:
        def decode(response: Response) -> T:
            return _decode_value(response, operation)[0]

        return self._executor.call(request, self._options, decode)

    def _call_reply(self, operation: Operation[T], request: Request) -> Awaitable[Reply[T]]:
        def decode(response: Response) -> Reply[T]:
            return _make_reply(response, *_decode_value(response, operation))

        return self._executor.call(request, self._options, decode)

    def _call_list(self, operation: Operation[T], request: Request) -> Awaitable[Reply[tuple[T, ...]]]:
        key = operation.listed
        assert key is not None

        def decode(response: Response) -> Reply[tuple[T, ...]]:
            return _make_reply(response, *pages.decode_list(response.body, operation.response_type, key))

        return self._executor.call(request, self._options, decode)


class _PageRequests(Generic[T]):
    """Requests the pages of one list."""

    __slots__ = ("_decode", "_executor", "_first", "_options")

    def __init__(
        self, executor: CallExecutor, options: CallOptions, first: Request, decode: Callable[..., pages.DecodedPage[T]]
    ) -> None:
        self._executor = executor
        self._options = options
        self._first = first
        self._decode = decode

    def fetch(self, cursor: str | None, keep: bool) -> Awaitable[Page[T]]:
        """Request the page at *cursor*; with *keep*, unreadable records are no error."""
        request = self._first if cursor is None else self._first.at(cursor)
        return self._executor.call(request, self._options, partial(self._decode_page, cursor, keep))

    def _decode_page(self, cursor: str | None, keep: bool, response: Response) -> Page[T]:
        page = self._decode(response.body, keep=keep)
        return Page(page.results, cursor, page.next_cursor, page.unreadable)


def _decode_value(response: Response, operation: Operation[T]) -> tuple[T, tuple[ReplyWarning, ...]]:
    response_type: Any = operation.response_type
    if response_type is NoneType:
        return cast("T", None), codec.decode_acknowledgement(response.body)
    if response_type is Any and codec.is_empty(response.body):
        # For `client.request`, where no type is known.
        return cast("T", None), ()
    return codec.decode_value(response.body, operation.response_type)


def _make_reply(response: Response, data: T, warnings: tuple[ReplyWarning, ...]) -> Reply[T]:
    # A copy, as aiohttp's own view of the headers does not pickle.
    return Reply(data, warnings, response.status, CIMultiDict(response.headers))
