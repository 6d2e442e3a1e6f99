"""What a description of the API has that the package has not, and the other way round, in words to act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kombo_async.errors import APIError

from ..support.openapi.operation_differences import differences
from ..support.openapi.spec import Spec, family_of, operations
from .exceptions import EXCEPTIONS, OURS_ALONE, OURS_ALONE_CODES


def drift(spec: Spec, *parts: str) -> Iterator[str]:
    """Yield a line for each difference that is not meant, of the operations whose names contain one of *parts*."""
    ours = operations()
    names = spec.names()
    for name in names:
        if not any(part in name for part in parts or ("",)):
            continue
        if name not in ours:
            yield (
                f"{name}: a new operation: add a row to kombo_async/operations, a method to its family, its models, a "
                "handler to the sandbox and a call to tests/support/calls"
            )
            continue
        for difference in differences(spec, name, ours[name]):
            if not any(pattern.search(str(difference)) for pattern in EXCEPTIONS):
                yield f"{difference} (kombo_async/operations/{family_of(name)}.py and its models)"
    if not parts:
        for name in ours.keys() - set(names) - OURS_ALONE.keys():
            yield f"{name}: is gone: deprecate {ours[name].name}, or add it to OURS_ALONE with a reason"
        yield from _codes(spec)


def _codes(spec: Spec) -> Iterator[str]:
    prefixes = {code.partition(".")[0] for code in APIError._codes}
    published = {code for code in spec.codes() if code.partition(".")[0] in prefixes and "." in code}
    for code in sorted(published - set(APIError._codes)):
        yield f"{code}: a new error code: add its class to kombo_async/errors.py"
    for code in sorted(set(APIError._codes) - published - OURS_ALONE_CODES.keys()):
        yield f"{code}: an error code that is gone: add it to OURS_ALONE_CODES with a reason"


def unused_exceptions(spec: Spec) -> list[str]:
    """The patterns of exceptions that nothing needs any more."""
    ours: dict[str, Any] = operations()
    found = [str(each) for name in spec.names() if name in ours for each in differences(spec, name, ours[name])]
    return [pattern.pattern for pattern in EXCEPTIONS if not any(pattern.search(each) for each in found)]
