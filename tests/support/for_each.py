"""Tests that run once for each of many values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest


def for_each(names: str | Sequence[str], values: Iterable[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Call a test with each value in turn, and let it fail with an error for each value that failed.

    With several names, each value is a row of as many. Fixtures are made once for all. As parameters, hundreds of
    values would be that many tests, each of which takes longer to report than to run.
    """
    rows: list[dict[str, Any]] = (
        [{names: value} for value in values]
        if isinstance(names, str)
        else [dict(zip(names, value, strict=True)) for value in values]
    )
    assert rows

    def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
        run: Callable[..., Any]
        if inspect.iscoroutinefunction(test):

            @wraps(test)
            async def run(*arguments: Any, **fixtures: Any) -> None:
                errors: list[BaseException] = []
                for row in rows:
                    with _collected(errors, row):
                        await test(*arguments, **fixtures, **row)
                _raise(errors, len(rows))

        else:

            @wraps(test)
            def run(*arguments: Any, **fixtures: Any) -> None:
                errors: list[BaseException] = []
                for row in rows:
                    with _collected(errors, row):
                        test(*arguments, **fixtures, **row)
                _raise(errors, len(rows))

        signature = inspect.signature(test)
        parameters = [each for each in signature.parameters.values() if each.name not in rows[0]]
        assert len(parameters) == len(signature.parameters) - len(rows[0])
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return run

    return decorate


@contextmanager
def _collected(errors: list[BaseException], row: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - raised by `_raise`
        error.add_note(", ".join(f"{name}: {getattr(value, '__name__', value)}" for name, value in row.items()))
        errors.append(error)


def _raise(errors: list[BaseException], count: int) -> None:
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup(f"{len(errors)} of {count} failed", errors)
