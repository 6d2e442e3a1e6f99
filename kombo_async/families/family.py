"""What all families share: options, and the three kinds of call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from attrs import field, frozen
from multidict import CIMultiDict

from ..engine import codec, query, wire
from ..engine.call import Caller, Options
from ..engine.operation import Operation
from ..engine.wire import Answer, Request
from ..models.common import ReplyWarning
from ..paging import Page, Pager

T = TypeVar("T")


Nothing = dict[str, Any]
"""The empty object that Kombo answers where there is nothing to say."""


@frozen
class Reply(Generic[T]):
    """The answer to something that ran against the connected tool."""

    data: T
    """What came back."""
    warnings: tuple[ReplyWarning, ...]
    """What Kombo noticed on the way. Log them: they explain a result that is not as expected."""
    status: int
    """The HTTP status of Kombo's answer."""
    headers: Mapping[str, str] = field(repr=False)
    """The headers of Kombo's answer; look-up ignores case."""


class Family:
    """A group of operations, bound to the options of one client or view."""

    __slots__ = ("_caller", "_options")

    def __init__(self, caller: Caller, options: Options) -> None:
        self._caller = caller
        self._options = options

    async def _read(self, operation: Operation, kind: type[T], integration_id: str | None = None, **ids: object) -> T:
        """Read one thing that Kombo keeps itself."""
        return await self._data(kind, self._request(operation, ids, integration_id))

    async def _write(
        self,
        operation: Operation,
        kind: type[T],
        body: object,
        integration_id: str | None = None,
        **ids: object,
    ) -> T:
        """Change something that Kombo keeps itself."""
        return await self._data(kind, self._request(operation, ids, integration_id, body))

    async def _act(
        self,
        operation: Operation,
        kind: type[T],
        body: object,
        integration_id: str | None = None,
        **ids: object,
    ) -> Reply[T]:
        """Do something in the connected tool."""
        return await self._reply(kind, self._request(operation, ids, integration_id, body))

    def _iterate(self, operation: Operation, item: type[T], keywords: Mapping[str, Any], **ids: object) -> Pager[T]:
        """Read a list with a cursor. Everything is checked here, before the first request."""
        options = query.list_query(operation, keywords)
        first = self._request(operation, ids, options.integration_id, query=options.text)

        kept = b""

        def read(answer: Answer) -> codec.Records[T]:
            nonlocal kept
            records = codec.page(answer.body, item)
            # Until the next page. The C library would hand so much memory back to the system and fetch it anew with
            # every page, which takes longer than to decode a tenth of it.
            kept = answer.body
            return records

        async def fetch(cursor: str | None) -> Page[T]:
            request = first if cursor is None else first.at(cursor)
            results, next_cursor = await self._caller.call(request, self._options, read)
            return Page(results, cursor, next_cursor)

        return Pager(fetch, cursor=options.cursor, read_ahead=options.read_ahead)

    async def _data(self, kind: type[T], request: Request) -> T:
        def read(answer: Answer) -> T:
            return codec.value(answer.body, kind)[0]

        return await self._caller.call(request, self._options, read)

    async def _reply(self, kind: type[T], request: Request) -> Reply[T]:
        def read(answer: Answer) -> Reply[T]:
            data, warnings = codec.value(answer.body, kind)
            # A copy, as aiohttp's own view of the headers does not pickle.
            return Reply(data, warnings, answer.status, CIMultiDict(answer.headers))

        return await self._caller.call(request, self._options, read)

    def _request(
        self,
        operation: Operation,
        ids: Mapping[str, object],
        integration_id: str | None,
        body: object = None,
        query: str = "",
    ) -> Request:
        caller, headers = self._caller, self._caller.headers
        if operation.integration:
            integration_id = self._integration(operation, integration_id)
            if integration_id != integration_id.strip():
                raise ValueError("integration_id begins or ends with a space, which no header can carry")
            headers = {**headers, "X-Integration-Id": integration_id}
        elif "{integration_id}" in operation.path:
            integration_id = self._integration(operation, integration_id)
            ids = {**ids, "integration_id": integration_id}
        url = caller.base_url + wire.path_of(operation, ids) + (f"?{query}" if query else "")
        return Request(operation, url, headers, None if body is None else codec.encode(body), integration_id)

    def _integration(self, operation: Operation, given: str | None) -> str:
        """Return the integration a call is for: the given one, else that of the client or view."""
        integration_id = self._options.integration_id if given is None else given
        if integration_id is None:
            raise ValueError(
                f"{operation.name}() needs an integration: pass integration_id=, "
                "or call it on client.for_integration(…)"
            )
        return wire.checked_id("integration_id", integration_id)
