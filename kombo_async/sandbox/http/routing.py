"""Finding the endpoint of a request by method and path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from ..api_errors import ErrorResponse, invalid_input
from ..handlers.endpoints import Endpoint


class Router:
    """Finds endpoints by method and path."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._by_length: dict[int, list[tuple[Sequence[str], dict[str, Endpoint]]]] = {}
        found: dict[tuple[str, ...], dict[str, Endpoint]] = {}
        for each in endpoints:
            found.setdefault(tuple(each.operation.path.strip("/").split("/")), {})[each.operation.method] = each
        # Literals before placeholders, so that /employees/form is not the employee "form".
        for pattern in sorted(found, key=lambda pattern: [part.startswith("{") for part in pattern]):
            self._by_length.setdefault(len(pattern), []).append((pattern, found[pattern]))

    def find(self, method: str, raw_segments: Sequence[str]) -> tuple[Endpoint, dict[str, str]]:
        """Return the endpoint, and the values of the placeholders in its path.

        Segments are percent-encoded, since an encoded slash is part of a value.
        """
        segments = [unquote(segment) for segment in raw_segments]
        for pattern, methods in self._by_length.get(len(segments), ()):
            values = match_path(pattern, segments)
            if values is None:
                continue
            if method in methods:
                return methods[method], values
            allowed = ", ".join(methods)
            raise ErrorResponse(
                "PLATFORM.INPUT_INVALID",
                f"{method} is not possible here, only {allowed}.",
                status=405,
                headers={"Allow": allowed},
            )
        raise invalid_input(f"There is nothing at this path: /{'/'.join(raw_segments)}", status=404)


def match_path(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    """Return the values of the placeholders of *pattern* in the decoded *segments*; None if they do not match it."""
    if len(pattern) != len(segments):
        return None
    values: dict[str, str] = {}
    for part, segment in zip(pattern, segments, strict=True):
        if part.startswith("{"):
            if not segment:
                return None
            values[part[1:-1]] = segment
        elif part != segment:
            return None
    return values
