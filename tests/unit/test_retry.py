"""Which failures are tried again, and when: decided without sending anything."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kombo_async import errors
from kombo_async.config import Limits, RetryPolicy, Timeouts
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.retry import AttemptFailed, may_repeat, retry, wait_after
from kombo_async.errors import APIError, DecodeError, KomboConnectionError, KomboError, KomboTimeoutError
from kombo_async.operations import general, hris

from ..support.for_each import for_each
from .test_errors import CODES

READ = Operation(name="read", method="GET", path="/x", response_type=dict, effect=Effect.SAFE)
SETTING = Operation(name="set", method="PUT", path="/x", response_type=dict, effect=Effect.IDEMPOTENT)
ACTION = Operation(name="act", method="POST", path="/x", response_type=dict, effect=Effect.NON_IDEMPOTENT, action=True)

PATIENT = RetryPolicy(retry_remote_actions=True)

LIMITS = {"PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"}
REMOTE_BUSY = {"REMOTE.RATE_LIMIT_EXCEEDED", "REMOTE.SERVICE_UNAVAILABLE"}


def coded(code: str | None, status: int, **more: Any) -> APIError:
    return APIError.class_for(code)("No.", code=code, status=status, **more)


def repeated(error: KomboError, policy: RetryPolicy | None = None) -> tuple[bool, bool, bool]:
    """Whether a read, a setting and an action are sent again after it."""
    read, setting, action = (may_repeat(it, error, policy or RetryPolicy()) for it in (READ, SETTING, ACTION))
    return read, setting, action


async def execute(attempt: Callable[[], Any]) -> Any:
    """Attempt once without `retry`, as the executor of calls does."""
    try:
        return await attempt()
    except AttemptFailed as failure:
        first_failure = failure
    return await retry(first_failure, attempt)


class TestMayRepeat:
    # The code counts, not the status: Kombo moved three of them from 503 to 409.
    @for_each("status", [400, 409, 429, 500, 503])
    @for_each("code", CODES)
    def test_known_code_is_retried_by_effect(self, code: str, status: int) -> None:
        error = coded(code, status, may_have_run=True)
        if code in LIMITS:
            assert repeated(error) == (True, True, True)
        elif code in REMOTE_BUSY:
            assert repeated(error) == (True, True, False)
            assert repeated(error, PATIENT) == (True, True, True)
        elif code == "PLATFORM.UNKNOWN_ERROR":
            assert repeated(error) == (True, True, False)
        else:
            assert repeated(error) == (False, False, False)
        if code not in REMOTE_BUSY:
            assert repeated(error, PATIENT) == repeated(error)

    @pytest.mark.parametrize("code", ["PLATFORM.NEW", "REMOTE.NEW", "PAYROLL.NEW"])
    @for_each("status", [429, 500, 503])
    def test_unknown_code_is_never_retried(self, code: str, status: int) -> None:
        assert repeated(coded(code, status), PATIENT) == (False, False, False)

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (coded(None, 500), (True, True, False)),
            (coded(None, 502), (True, True, False)),
            (coded(None, 503), (True, True, False)),
            (coded(None, 429), (True, True, False)),
            (coded(None, 400), (False, False, False)),
            (coded(None, 404), (False, False, False)),
            (coded(None, 409), (False, False, False)),
            (coded(None, 307), (False, False, False)),
            (coded(None, 303), (False, False, False)),
            (coded(None, 101), (False, False, False)),
            (coded(None, 408), (True, True, False)),
            (coded(None, 200), (False, False, False)),
            # Before anything that changes something was sent, and after it.
            (KomboConnectionError("refused", may_have_run=False), (True, True, True)),
            (KomboConnectionError("reset", may_have_run=True), (True, True, False)),
            (KomboTimeoutError("no connection", may_have_run=False), (True, True, True)),
            (KomboTimeoutError("no answer", may_have_run=True), (True, True, False)),
            (DecodeError("odd", may_have_run=False), (False, False, False)),
            (DecodeError("odd", may_have_run=True), (False, False, False)),
        ],
        ids=str,
    )
    def test_other_error_is_retried_by_effect(self, error: KomboError, expected: tuple[bool, bool, bool]) -> None:
        assert repeated(error) == expected
        assert repeated(error, PATIENT) == expected

    @pytest.mark.parametrize(
        ("operation", "idempotent", "changes", "action"),
        [
            (general.CHECK_API_KEY, True, False, False),
            (general.GET_INTEGRATION, True, False, False),
            (general.GET_TOOLS, True, False, False),
            (general.ITER_INTEGRATION_FIELDS, True, False, False),
            (general.ITER_CUSTOM_FIELDS, True, False, False),
            (hris.ITER_EMPLOYEES, True, False, False),
            (general.SET_INTEGRATION_ENABLED, True, True, False),
            (general.UPDATE_INTEGRATION_FIELD, True, True, False),
            (general.UPDATE_CUSTOM_FIELD_MAPPING, True, True, False),
            (general.DELETE_INTEGRATION, True, True, False),
            (general.TRIGGER_SYNC, False, True, False),
            (general.CREATE_RECONNECTION_LINK, False, True, False),
            (general.CREATE_SETUP_LINK, False, True, False),
            (general.SEND_PASSTHROUGH_REQUEST, False, True, True),
            (general.SEND_PASSTHROUGH_GET, True, False, True),
        ],
        ids=lambda value: value.name if isinstance(value, Operation) else None,
    )
    def test_operations_have_the_documented_effects(
        self, operation: Operation, idempotent: bool, changes: bool, action: bool
    ) -> None:
        assert (operation.idempotent, operation.changes, operation.action) == (idempotent, changes, action)


seconds = st.floats(min_value=1e-6, max_value=1e9)
policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 100),
    first_wait=seconds,
    longest_wait=seconds,
    retry_remote_actions=st.booleans(),
)


class TestWaits:
    @given(policies, st.integers(1, 100_000), st.floats(min_value=0, allow_infinity=False))
    def test_wait_is_never_shorter_than_retry_after(self, policy: RetryPolicy, attempts: int, seconds: float) -> None:
        assert wait_after(coded(None, 503, retry_after=seconds), attempts, policy) >= seconds

    @given(policies, st.integers(1, 100_000), st.sampled_from([coded(None, 503), KomboConnectionError("reset")]))
    def test_wait_without_retry_after_is_within_its_bounds(
        self, policy: RetryPolicy, attempts: int, error: KomboError
    ) -> None:
        wait = wait_after(error, attempts, policy)
        assert 0 <= wait <= policy.longest_wait
        if attempts < 60:
            assert wait <= policy.first_wait * 2 ** (attempts - 1)

    @pytest.mark.parametrize(
        ("attempts", "bound"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 5.0), (6, 5.0), (10_000, 5.0)]
    )
    def test_wait_is_random_below_a_bound_that_doubles(
        self, attempts: int, bound: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[tuple[float, float]] = []
        monkeypatch.setattr("random.uniform", lambda low, high: asked.append((low, high)) or high)
        assert wait_after(coded(None, 503), attempts, RetryPolicy(first_wait=0.5, longest_wait=5.0)) == bound
        assert asked == [(0.0, bound)]


class TestRetry:
    @staticmethod
    def failing(waits: list[float | None]) -> tuple[Callable[[], Any], list[int]]:
        """A call that fails once for each of these waits and then succeeds, and its attempts so far."""
        attempts: list[int] = []

        async def attempt() -> str:
            attempts.append(len(attempts) + 1)
            if len(attempts) <= len(waits):
                raise AttemptFailed(KomboConnectionError(f"number {len(attempts)}"), waits[len(attempts) - 1])
            return "done"

        return partial(execute, attempt), attempts

    @pytest.fixture
    def slept(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The seconds of all sleeps, which take no time."""
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        monkeypatch.setattr("asyncio.sleep", sleep)
        return slept

    async def test_sleeps_are_the_waits_of_the_failures(self, slept: list[float]) -> None:
        call, attempts = self.failing([0.25, 3600.0, 0.0])
        assert await call() == "done"
        assert slept == [0.25, 3600.0, 0.0]
        assert len(attempts) == 4

    async def test_failure_without_a_wait_is_raised(self, slept: list[float]) -> None:
        call, attempts = self.failing([1.0, None, 1.0])
        with pytest.raises(AttemptFailed) as raised:
            await call()
        assert str(raised.value.error) == "number 2"
        assert slept == [1.0]
        assert len(attempts) == 2

    async def test_other_exceptions_are_not_retried(self, slept: list[float]) -> None:
        async def attempt() -> None:
            raise errors.PaginationError("not a failure of one attempt")

        with pytest.raises(errors.PaginationError):
            await execute(attempt)
        assert slept == []


class TestOptions:
    @for_each(
        ("kind", "name", "value", "error"),
        [
            *[
                (kind, name, value, error)
                for kind, names in (
                    (Timeouts, ("connect", "idle", "read_deadline", "action_deadline")),
                    (RetryPolicy, ("first_wait", "longest_wait")),
                    (Limits, ("requests_per_second",)),
                )
                for name in names
                for value, error in (
                    *([] if kind is RetryPolicy else [(0, ValueError)]),
                    (-1, ValueError),
                    (math.nan, ValueError),
                    (math.inf, ValueError),
                    ("5", TypeError),
                    (True, TypeError),
                )
            ],
            *[
                (kind, name, value, error)
                for kind, name in (
                    (RetryPolicy, "attempts"),
                    (Limits, "max_in_flight"),
                    (Limits, "actions_per_integration"),
                )
                for value, error in (
                    (0, ValueError),
                    (-1, ValueError),
                    (2.0, TypeError),
                    ("5", TypeError),
                    (True, TypeError),
                )
            ],
            *[(Timeouts, name, None, TypeError) for name in ("connect", "idle", "read_deadline", "action_deadline")],
            *[(RetryPolicy, name, None, TypeError) for name in ("attempts", "first_wait", "longest_wait")],
            (Limits, "max_in_flight", None, TypeError),
        ],
    )
    def test_invalid_option_is_refused(self, kind: type[Any], name: str, value: object, error: type[Exception]) -> None:
        with pytest.raises(error, match=name):
            kind(**{name: value})

    @for_each(
        ("kind", "name", "value"),
        [
            (Timeouts, "connect", 1),
            (Timeouts, "idle", 0.001),
            (RetryPolicy, "attempts", 1),
            (RetryPolicy, "first_wait", 0),
            (RetryPolicy, "longest_wait", 0.0),
            (Limits, "max_in_flight", 1),
            (Limits, "requests_per_second", None),
            (Limits, "requests_per_second", 0.5),
            (Limits, "actions_per_integration", None),
            (Limits, "actions_per_integration", 1),
        ],
    )
    def test_valid_option_is_accepted(self, kind: type[Any], name: str, value: object) -> None:
        assert getattr(kind(**{name: value}), name) == value

    @pytest.mark.parametrize(
        ("options", "changes", "merged"),
        [
            (Timeouts(connect=5, idle=2), Timeouts(idle=3), Timeouts(connect=5, idle=3)),
            # A default that is given is given.
            (Timeouts(idle=2), Timeouts(idle=30.0), Timeouts(idle=30.0)),
            (Timeouts.interactive(), Timeouts(), Timeouts.interactive()),
            (
                Timeouts(idle=2),
                Timeouts(read_deadline=9).merged(Timeouts(connect=1)),
                Timeouts(connect=1, idle=2, read_deadline=9),
            ),
            (
                RetryPolicy(retry_remote_actions=True),
                RetryPolicy(attempts=2),
                RetryPolicy(attempts=2, retry_remote_actions=True),
            ),
            (RetryPolicy.immediate(), RetryPolicy(attempts=2), RetryPolicy.immediate(attempts=2)),
        ],
        ids=repr,
    )
    def test_merging_changes_only_given_fields(self, options: Any, changes: Any, merged: Any) -> None:
        assert options.merged(changes) == merged
        for copied in (pickle.loads(pickle.dumps(changes)), copy.copy(changes), copy.deepcopy(changes)):
            assert copied == changes
            assert options.merged(copied) == merged

    def test_repr_shows_only_given_fields(self) -> None:
        assert repr(Timeouts(read_deadline=2, idle=30.0)) == "Timeouts(idle=30.0, read_deadline=2)"
        assert repr(RetryPolicy()) == "RetryPolicy()"

    @pytest.mark.parametrize("kind", [Timeouts, RetryPolicy, Limits])
    def test_signature_of_options_shows_defaults(self, kind: type[Any]) -> None:
        defaults = {name: each.default for name, each in inspect.signature(kind).parameters.items()}
        assert defaults == {each.name: each.default for each in attrs.fields(kind) if each.init}

    @pytest.mark.parametrize("kind", [Timeouts, RetryPolicy, Limits])
    def test_options_are_frozen_values(self, kind: type[Any]) -> None:
        assert kind() == kind()
        assert hash(kind()) == hash(kind())
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(kind(), attrs.fields(kind)[-1].name, 1)
        with pytest.raises(TypeError):
            kind(1)
