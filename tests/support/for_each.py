"""Tests that run once for each of many values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest


def for_each(name: str, values: Iterable[object]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test with each value in turn, and let it fail with an error for each value that failed.

    As parameters, hundreds of values would be that many tests, each of which takes longer to report than to run.
    """
    values = tuple(values)
    assert values

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(*arguments: Any, **fixtures: Any) -> None:
            errors: list[BaseException] = []
            for value in values:
                try:
                    test(*arguments, **fixtures, **{name: value})
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - raised below
                    error.add_note(f"{name}: {getattr(value, '__name__', value)}")
                    errors.append(error)
            if len(errors) == 1:
                raise errors[0]
            if errors:
                raise BaseExceptionGroup(f"{len(errors)} of {len(values)} failed", errors)

        signature = inspect.signature(test)
        parameters = [each for each in signature.parameters.values() if each.name != name]
        assert len(parameters) < len(signature.parameters)
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return run

    return decorate
