"""Pages and their cursors, which are valid for one list with one set of filters only."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from hashlib import blake2b
from itertools import islice
from typing import Any

import msgspec

from ..api_errors import invalid_input
from ..config import Drift
from .endpoints import Request

_STRANGE_HEAD = "größe für/+=%25&#?:" + "Ä%2F" * 60 + "|"
"""The prefix of cursors with `Drift.STRANGE_CURSORS`: characters that must be percent-encoded."""
_SIGNATURE = 12
"""Length of the signature of a cursor, in bytes."""


def page(request: Request, matching: Callable[[int], Iterable[tuple[int, object]]]) -> dict[str, Any]:
    """Return one page of a list: `results` and `next`.

    `matching(start)` iterates over the numbers and records that match, from number `start` on. The filters must
    have been read from `request.query` before, since they are part of the signature of cursors.
    """
    largest = request.operation.page_size or 250
    size = request.query.page_size(default=min(100, largest), largest=largest)
    codec = _CursorCodec(request)
    cursor = request.query.text("cursor")
    start = 0 if cursor is None else codec.decode(cursor)
    # A cursor then counts the matches before it, instead of naming the next record.
    by_count = request.environment.config.unstable_pages
    found = list(islice(matching(0), start, start + size + 1) if by_count else islice(matching(start), size + 1))
    following = codec.encode(start + size if by_count else found[size][0]) if len(found) > size else None
    return {"results": [record for _, record in found[:size]], "next": following}


class _CursorCodec:
    """Encodes positions to cursors and back, for one list with one set of filters."""

    def __init__(self, request: Request) -> None:
        integration = request.integration.id if request.about_integration else ""
        filters = msgspec.json.encode(sorted(request.query.filters.items()))
        # What a cursor is valid for.
        self._bound = b"|".join([request.operation.name.encode(), integration.encode(), filters])
        self._key = f"cursor {request.environment.config.seed} {request.environment.cursor_generation}".encode()
        self._head = _STRANGE_HEAD if Drift.STRANGE_CURSORS in request.environment.config.drift else ""

    def encode(self, position: int) -> str:
        text = str(position).encode()
        return self._head + urlsafe_b64encode(self._sign(text) + text).decode()

    def decode(self, cursor: str) -> int:
        try:
            text = urlsafe_b64decode(cursor.removeprefix(self._head))[_SIGNATURE:]
        except ValueError:
            text = b""
        # Encoding it again compares the signature, and detects what base64 ignores, such as superfluous padding.
        if not text.isdigit() or len(text) > 18 or self.encode(int(text)) != cursor:
            raise invalid_input("cursor is expired, or was not made for this list with these filters.")
        return int(text)

    def _sign(self, text: bytes) -> bytes:
        return blake2b(self._bound + b"|" + text, digest_size=_SIGNATURE, key=self._key).digest()
