"""Cutting lists into pages, with cursors that only fit the list they came from."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

import msgspec

from ..api_errors import invalid
from ..config import Drift
from .endpoints import Call

_STRANGE_HEAD: Final = "größe für/+=%25&#?:" + "Ä%2F" * 60 + "|"
"""Put before cursors on demand: whatever is not quoted with care breaks."""
_SIGNATURE: Final = 12
"""Bytes of a cursor that tell what it is for."""


def page(call: Call, matching: Callable[[int], Iterable[tuple[int, dict[str, Any]]]]) -> dict[str, Any]:
    """One page of a list: ``results`` and ``next``.

    ``matching(start)`` walks the records that match with their numbers, from ``start`` on. The filters must have been
    read from ``call.query`` by now, since cursors hold for them alone.
    """
    largest = call.operation.page_size or 250
    size = call.query.page_size(default=min(100, largest), largest=largest)
    seal = _Seal(call)
    cursor = call.query.text("cursor")
    found = list(islice(matching(0 if cursor is None else seal.open(cursor)), size + 1))
    following = seal.close(found[size][0]) if len(found) > size else None
    return {"results": [record for _, record in found[:size]], "next": following}


class _Seal:
    """Turns positions into cursors and back, for one list with one set of filters."""

    def __init__(self, call: Call) -> None:
        integration = call.integration.id if call.about_integration else ""
        filters = msgspec.json.encode(sorted(call.query.filters.items()))
        self._bound = b"|".join([call.operation.name.encode(), integration.encode(), filters])
        self._key = f"cursor {call.environment.config.seed}".encode()
        self._head = _STRANGE_HEAD if Drift.STRANGE_CURSORS in call.environment.config.drift else ""

    def close(self, position: int) -> str:
        text = str(position).encode()
        return self._head + urlsafe_b64encode(self._sign(text) + text).decode()

    def open(self, cursor: str) -> int:
        try:
            text = urlsafe_b64decode(cursor.removeprefix(self._head))[_SIGNATURE:]
        except ValueError:
            text = b""
        # Sealing it again also finds what base64 overlooks, such as padding too much.
        if not text.isdigit() or len(text) > 18 or self.close(int(text)) != cursor:
            raise invalid("cursor was not made for this list with these filters.")
        return int(text)

    def _sign(self, text: bytes) -> bytes:
        return blake2b(self._bound + b"|" + text, digest_size=_SIGNATURE, key=self._key).digest()
