"""Wait for the tasks in which Kombo processes many items."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from ..config import RetryPolicy
from ..engine.operation import Operation
from ..errors import APIError, KomboTimeoutError, with_note
from ..models.common import FailedTask

C = TypeVar("C")

_FIRST_PAUSE = 1.0
_FIRST_PAUSE_IN_TESTS = 0.01
_LONGEST_PAUSE = 30.0


async def wait_for_task(
    get_state: Callable[[], Awaitable[object]],
    completed: type[C],
    *,
    task_id: str,
    get_name: str,
    started_by: Operation[Any],
    integration_id: str | None,
    retry: RetryPolicy,
    timeout: float,  # noqa: ASYNC109 - the task continues
) -> C:
    """Return the state of a task once it is *completed*; raise the error of its code if it failed.

    The state is read at once, after a second, and then at growing intervals of up to 30 seconds; with
    `RetryPolicy(respect_retry_after=False)`, as in `immediate()`, after a hundredth of a second. *get_name* is the
    method that reads the state, for the message; *started_by* is the operation that began the task.
    """
    if not timeout >= 0:
        raise ValueError(f"timeout is a number of seconds from 0 on, not {timeout}")
    request: dict[str, Any] = {"method": started_by.method, "path": started_by.path, "integration_id": integration_id}
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    for pause in _pauses(_FIRST_PAUSE if retry.respect_retry_after else _FIRST_PAUSE_IN_TESTS):
        is_last = loop.time() >= deadline
        state = await get_state()
        if isinstance(state, completed):
            return state
        if isinstance(state, FailedTask):
            error = state.error
            raise with_note(
                APIError.class_for(error.code)(
                    error.message, code=error.code, title=error.title, log_url=error.log_url, status=200, **request
                )
            )
        if is_last:
            break
        # The state is read a last time at the deadline.
        await asyncio.sleep(min(pause, max(deadline - loop.time(), 0)))
    raise KomboTimeoutError(
        f"the task {task_id} is not done after {timeout:g} seconds, and continues: "
        f"call wait() again, or {get_name}({task_id!r})",
        may_have_run=True,
        **request,
    )


def _pauses(pause: float) -> Iterator[float]:
    """Yield the seconds between two reads of the state, without end."""
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_PAUSE)
