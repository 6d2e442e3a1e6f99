"""The base of all families: the kinds of calls."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from inspect import iscoroutinefunction, isfunction
from types import NoneType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from attrs import field
from msgspec import UNSET
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
from ..models.diagnostics import ReplyWarning
from ..paging import Page, Pager
from ..redaction import without_locals

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
            called = without_locals(method, frameless=(KomboError,)) if iscoroutinefunction(method) else method

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


class RawPage(pages.DecodedPage[RawRecord], frozen=True, kw_only=True):
    """One page of a list with its records as the bytes that arrived, and the headers of the response."""

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
                method = without_locals(member, frameless=(KomboError,))
            elif name.startswith("iter_") and not hasattr(member, "__wrapped__"):
                # `deprecated` has wrapped its methods already.
                method = without_locals(member)
            _help.complete_method(method)
            setattr(cls, name, method)

    def __init__(self, executor: CallExecutor, options: CallOptions) -> None:
        self._executor = executor
        self._options = options

    async def _read_list(
        self, operation: Operation[T], integration_id: str | None = None, **ids: object
    ) -> tuple[T, ...]:
        """Read a short list that Kombo stores itself, without a cursor."""
        return (await self._call_list(operation, build_request(operation, self._options, integration_id, ids))).data

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
        request = build_request(operation, self._options, integration_id, ids, body=body)
        return self._executor.call(request, self._options, lambda response: _decode_value(response, operation)[0])

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
        return self._pager(operation, keywords, partial(pages.decode_page, item_type=operation.response_type))

    def _iterate_raw(self, operation: Operation[Any], keywords: Mapping[str, Any]) -> Pager[RawRecord]:
        """Read a list with a cursor, as `_iterate` does, with its records as the bytes that arrived."""
        return self._pager(operation, keywords, pages.decode_raw_page)

    def _raw_page(
        self, operation: Operation[Any], integration_id: str, filters: str, cursor: str | None
    ) -> Awaitable[RawPage]:
        """Read one page of a list with its records as the bytes that arrived. *filters* is an encoded query string."""
        request = build_request(operation, self._options, integration_id, query=filters)

        def decode(response: Response) -> RawPage:
            page = pages.decode_raw_page(response.body, keep=True)
            return RawPage(page.results, page.next_cursor, page.unreadable, headers=response.headers)

        return self._executor.call(request if cursor is None else request.at(cursor), self._options, decode)

    def _pager(
        self, operation: Operation[Any], keywords: Mapping[str, Any], decode: Callable[..., pages.DecodedPage[T]]
    ) -> Pager[T]:
        options = query.list_query(operation, keywords)
        first = build_request(operation, self._options, options.integration_id, query=options.text)

        def fetch(cursor: str | None, keep: bool) -> Awaitable[Page[T]]:
            def decode_page(response: Response) -> Page[T]:
                page = decode(response.body, keep=keep)
                return Page(page.results, cursor, page.next_cursor, page.unreadable)

            return self._executor.call(first if cursor is None else first.at(cursor), self._options, decode_page)

        return Pager(fetch, cursor=options.cursor, read_ahead=options.read_ahead, is_busy=self._executor.is_busy)

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
