"""Errors of the control API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from .schemas import Failure, Problem

_MAX_CHOICES = 50


class ControlError(Exception):
    """Raised by a handler: the request is answered with this error."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        path: str | None = None,
        choices: Iterable[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message)
        self.status = status
        """The HTTP status."""
        self.failure = Failure(Problem(message, path, tuple(islice(choices, _MAX_CHOICES))))
        """The body of the response."""
        self.headers = dict(headers or {})
        """Further headers of the response."""


def choose(name: str, options: Iterable[str], path: str, *, what: str, status: int = 400) -> str:
    """Return the name if it is one of the options; else raise an error that lists them."""
    known = list(options)
    if name in known:
        return name
    shown = name if len(name) <= 100 else name[:100] + "…"
    raise ControlError(status, f"{shown!r} is no {what}", path=path, choices=known)
