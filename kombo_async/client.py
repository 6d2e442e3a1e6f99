"""`KomboClient`: options, the session, views, and the families."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from ssl import SSLContext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload
from urllib.parse import urlsplit

from attrs import evolve
from msgspec import UNSET, UnsetType

from .config import BASE_URLS, PRIORITIES, Limits, Priority, Region, RetryPolicy, Timeouts
from .engine import codec, query, request_log
from .engine.call import CallExecutor
from .engine.observers import Observers
from .engine.options import CallOptions
from .engine.proxy import environment_proxy, parse_proxy
from .engine.request import adhoc_operation, build_request, validate_api_key, validate_integration_id
from .engine.transport import Transport
from .families.family import Reply
from .families.general import General
from .redaction import Hidden, without_locals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aiohttp import ClientSession

    from .events import Observer
    from .families.ai_apply import AiApply
    from .families.assessment import Assessment
    from .families.ats import Ats
    from .families.connect import Connect
    from .families.custom import Custom
    from .families.hris import Hris
    from .families.lms import Lms

T = TypeVar("T")
HTTPMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
"""The methods of `KomboClient.request`."""


class KomboClient(General):
    """A client of the Kombo Unified API.

    Use it as `async with KomboClient(…) as client`, or keep one for the life of your program and `await
    client.close()` at its end. One client serves any number of tasks and integrations; `for_integration` gives a
    view of it for one of them, which costs nothing and shares its connections and limits.

    It is bound to no event loop: the same client works in one `asyncio.run` after another, and in several threads at
    once. Each event loop has its own connections, and learns the limits for itself.

    Kombo counts all requests of a key together. Several clients of one key, and one client in several processes or
    threads, learn of each other only from the headers of responses, which may be too late at the end of a rate window.
    Three processes that share 300 requests in 10 seconds took 5 % longer than the limit allows, and 0.5 % of their
    requests were refused and sent again (`python -m benchmarks.fleet`); the further away Kombo is, the more are. So
    share one client within a process, and let processes share their limits by
    `Limits(shared=SharedLimits("postgresql://…"))`, or give each its part by `Limits(requests_per_second=…)`.
    """

    __slots__ = ("_is_view",)

    @without_locals
    def __init__(
        self,
        api_key: str | None = None,
        *,
        integration_id: str | None = None,
        region: Region = "eu",
        base_url: str | None = None,
        session: ClientSession | None = None,
        proxy: str | UnsetType | None = UNSET,
        ssl: SSLContext | None = None,
        timeouts: Timeouts = Timeouts(),
        retry: RetryPolicy = RetryPolicy(),
        priority: Priority = "bulk",
        limits: Limits = Limits(),
        observers: Iterable[Observer] = (),
    ) -> None:
        """Construct a client. Nothing is sent, and no event loop is needed.

        - `api_key`: by default that of the environment variable KOMBO_API_KEY. See
          https://docs.kombo.dev/hris/getting-started/authentication
        - `integration_id`: the integration of every call that names no other.
        - `region`: where Kombo keeps your environment; `base_url`, or KOMBO_BASE_URL, wins over it.
        - `session`: an aiohttp session of your own; it is used as it is and never closed. Otherwise the client makes
          one when it is first needed. That one closes an idle connection on which a server sent unsolicited data, and
          any on which it sends responses (1xx) without end; with your session, aiohttp would take such data for the
          response to the next request, and such a flood would block uvloop for seconds.
        - `proxy`: an address such as `http://user:password@proxy.example:3128`, or None for no proxy at all. Left out,
          it is that of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY).
        - `ssl`: a context of your own, such as `ssl.create_default_context(cafile="your-ca.pem")`, for Kombo and for an
          https proxy.
        - `retry`: `RetryPolicy.immediate()` makes a client that never waits, for tests of your own code.
        - `priority`: see `with_options`.
        - `observers`: functions that are called with the events of calls, see `kombo_async.events`.

        The logger `kombo_async` has a line for each request at INFO, and why calls wait at DEBUG. KOMBO_LOG=info or
        KOMBO_LOG=debug in the environment writes it to stderr where the program has set up no logging.
        """
        # Hidden, as error trackers report the local variables of frames.
        key = Hidden(os.environ.get("KOMBO_API_KEY") if api_key is None else api_key)
        del api_key
        _check("retry", retry, RetryPolicy)
        _check("timeouts", timeouts, Timeouts)
        _check("limits", limits, Limits)
        interactive = _is_interactive(priority)
        if level := os.environ.get("KOMBO_LOG"):
            request_log.configure(level)
        if not retry.respect_retry_after:
            limits = evolve(limits, learn=False, actions_per_integration=None, shared=None)
        if ssl is not None:
            _check("ssl", ssl, SSLContext)
        address = _base_url(region, base_url if base_url is not None else os.environ.get("KOMBO_BASE_URL") or None)
        if session is None:
            chosen_proxy = (
                environment_proxy(address) if proxy is UNSET else None if proxy is None else parse_proxy(proxy, "proxy")
            )
        elif proxy is UNSET and ssl is None:
            chosen_proxy = None
        else:
            raise ValueError("proxy= and ssl= are for the client's own session: set them on the session you pass")
        valid_key, limits_name = validate_api_key(key), None
        if limits.shared is not None and limits.learn:
            from .engine.permits import name_of_limits

            limits_name = name_of_limits(valid_key.value, address)
        executor = CallExecutor(
            transport=Transport(
                session,
                valid_key,
                max_response_bytes=limits.max_response_bytes,
                proxy=chosen_proxy,
                ssl=ssl,
            ),
            limits=limits,
            observers=Observers(observers),
            limits_name=limits_name,
        )
        if integration_id is not None:
            validate_integration_id(integration_id)
        options = CallOptions(
            base_url=address,
            integration_id=integration_id,
            retry=retry,
            timeouts=timeouts,
            interactive=interactive,
        )
        super().__init__(executor, options)
        self._is_view = False

    def __repr__(self) -> str:
        of = f", integration_id={self._options.integration_id!r}" if self._options.integration_id else ""
        return f"KomboClient(api_key=<hidden>, base_url={self._options.base_url!r}{of})"

    @property
    def hris(self) -> Hris:
        """HR: people, absences, time off, performance, skills, payroll."""
        family: type[Hris] = _family("hris", "Hris")
        return family(self._executor, self._options)

    @property
    def ats(self) -> Ats:
        """Recruiting: jobs, candidates, applications, interviews, offers."""
        family: type[Ats] = _family("ats", "Ats")
        return family(self._executor, self._options)

    @property
    def assessment(self) -> Assessment:
        """Assessments and background checks that recruiting tools order from you."""
        family: type[Assessment] = _family("assessment", "Assessment")
        return family(self._executor, self._options)

    @property
    def lms(self) -> Lms:
        """Learning: courses, users, progress."""
        family: type[Lms] = _family("lms", "Lms")
        return family(self._executor, self._options)

    @property
    def ai_apply(self) -> AiApply:
        """AI Apply: job postings of any career site, and applying to them."""
        family: type[AiApply] = _family("ai_apply", "AiApply")
        return family(self._executor, self._options)

    @property
    def connect(self) -> Connect:
        """Connect: links by which customers connect a tool."""
        family: type[Connect] = _family("connect", "Connect")
        return family(self._executor, self._options)

    @property
    def custom(self) -> Custom:
        """What only one tool has: `custom.datev`, `custom.silae`, `custom.avionte`."""
        family: type[Custom] = _family("custom", "Custom")
        return family(self._executor, self._options)

    def for_integration(self, integration_id: str) -> KomboClient:
        """Return a view of this client for one integration. It shares connections and limits, and is never closed:
        make as many as you like."""
        return self.with_options(integration_id=validate_integration_id(integration_id))

    def with_options(
        self,
        *,
        integration_id: str | None = None,
        retry: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        priority: Priority | None = None,
    ) -> KomboClient:
        """Return a view of this client with other options. What is left out stays as it is, also within `timeouts`
        and `retry`: `with_options(timeouts=Timeouts(idle=3))` changes no other timeout.

        Calls with `priority="interactive"` go before bulk ones if a limit makes them wait: use it for calls that a
        person waits for while the same client syncs. From the first such call until a minute after the last one, a
        tenth of each rate window and of `Limits.max_in_flight` is reserved for them. Bulk work always gets at least a
        tenth.
        """
        options = self._options
        if retry is None:
            retry = options.retry
        else:
            _check("retry", retry, RetryPolicy)
            retry = options.retry.merged(retry)
            if options.retry.respect_retry_after and not retry.respect_retry_after:
                raise ValueError(
                    "RetryPolicy.immediate() is for a whole client, whose limits it switches off: "
                    "pass it to KomboClient(retry=…)"
                )
        if timeouts is None:
            timeouts = options.timeouts
        else:
            _check("timeouts", timeouts, Timeouts)
            timeouts = options.timeouts.merged(timeouts)
        view = object.__new__(KomboClient)
        view._executor = self._executor
        view._options = CallOptions(
            base_url=options.base_url,
            integration_id=(
                options.integration_id if integration_id is None else validate_integration_id(integration_id)
            ),
            retry=retry,
            timeouts=timeouts,
            interactive=options.interactive if priority is None else _is_interactive(priority),
        )
        view._is_view = True
        return view

    @overload
    async def request(
        self,
        method: HTTPMethod,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        integration_id: str | None = None,
    ) -> Reply[Any]: ...
    @overload
    async def request(
        self,
        method: HTTPMethod,
        path: str,
        *,
        into: type[T],
        params: Mapping[str, object] | None = None,
        json: object = None,
        integration_id: str | None = None,
    ) -> Reply[T]: ...
    async def request(
        self,
        method: HTTPMethod,
        path: str,
        *,
        into: Any = Any,
        params: Mapping[str, object] | None = None,
        json: object = None,
        integration_id: str | None = None,
    ) -> Reply[Any]:
        """Call any endpoint, also one this library does not know, with the same retries, limits and errors.

        `path` starts below the base URL, as in `/hris/employees`, with its ids quoted. `data` of the reply is parsed
        JSON (None if the response is empty), or a value of the type `into`. In `params` booleans, times and lists are
        written as Kombo expects them. A GET is tried again like any read; everything else only where it certainly did
        not run.
        The integration, also that of the client, goes into the header `X-Integration-Id`.
        """
        chosen = self._options.integration_id if integration_id is None else integration_id
        operation = adhoc_operation(method, path, integration=chosen is not None, response_type=into)
        if json is not None and method == "GET":
            raise ValueError("a GET carries no json: pass params")
        codec.check_type(into)
        text = query.encode_params(params or {})
        return await self._call_reply(operation, build_request(operation, self._options, chosen, query=text, body=json))

    async def close(self, *, drain: float = 0.0) -> None:
        """Close the connections of this client, and with it all its views. A second time does nothing; a session
        that you gave stays open.

        Calls that are under way end with a `KomboConnectionError`, or `OutcomeUnknownError` where they may have changed
        something. For `drain` seconds, calls that change something may finish first; no new call starts.
        """
        self._refuse_view("close()")
        if isinstance(drain, bool) or not isinstance(drain, int | float):
            raise TypeError(f"drain is a number of seconds, not {type(drain).__name__}")
        if not 0.0 <= drain < float("inf"):
            raise ValueError(f"drain is a finite number of seconds, not {drain}")
        await self._executor.close(drain)

    async def __aenter__(self) -> Self:
        self._refuse_view("async with")
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _refuse_view(self, what: str) -> None:
        if self._is_view:
            raise RuntimeError(f"{what} on a view: close the KomboClient that it was made from")


@cache
def _family(module: str, name: str) -> Any:
    """Return the class of a family, which is loaded when it is first used."""
    return getattr(import_module(f".families.{module}", __package__), name)


def _is_interactive(priority: object) -> bool:
    if priority not in PRIORITIES:
        raise ValueError(f"priority is one of {', '.join(PRIORITIES)}, not {priority!r}")
    return priority == "interactive"


def _check(name: str, value: object, expected: type) -> None:
    if not isinstance(value, expected):
        raise TypeError(f"{name} is a {expected.__name__}, not {type(value).__name__}")


def _base_url(region: str, base_url: str | None) -> str:
    if not isinstance(region, str) or region not in BASE_URLS:
        raise ValueError(f"region is one of {', '.join(BASE_URLS)}, not {region!r}")
    if base_url is None:
        return BASE_URLS[region]
    _check("base_url", base_url, str)
    wrong = "base_url is an http(s) address such as https://api.kombo.dev/v1, without query, user or spaces"
    try:
        parts = urlsplit(base_url)
        parts.port  # noqa: B018
    except ValueError:
        raise ValueError(wrong) from None
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username is not None
        or parts.password is not None
        or any(character <= " " or character == "\x7f" for character in base_url)
    ):
        raise ValueError(wrong)
    return base_url.rstrip("/")
