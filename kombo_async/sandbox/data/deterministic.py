"""Random numbers and ids that are computed from a seed, so that they need not be stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ALL_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
# Eleven bits each: 2,048 of the 3,364 pairs of characters, picked evenly.
_PAIRS = tuple(_ALL_PAIRS[n * 1637 % len(_ALL_PAIRS)] for n in range(2048))
_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}
_MASK_11 = (1 << 11) - 1
_MASK_55 = (1 << 55) - 1
_MASK_64 = (1 << 64) - 1
_MASK_77 = (1 << 77) - 1
FIRST_SECOND = -62_135_596_800.0
LAST_SECOND = 253_402_300_799.0
"""The ends of the calendar: the years 1 and 9999."""


def digest(*parts: object) -> int:
    """Return a 128-bit hash of all parts."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=16).digest(), "big")


class IndexedRandom:
    """A random function: 64 pseudorandom bits for each index, always the same ones."""

    __slots__ = ("_key",)

    def __init__(self, *parts: object) -> None:
        self._key = digest(*parts) & _MASK_64

    def __call__(self, index: int) -> int:
        """Return the bits of an index."""
        # splitmix64: a few multiplications, against the microsecond of a cryptographic hash
        x = (self._key + index * 0x9E3779B97F4A7C15) & _MASK_64
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK_64
        return x ^ (x >> 31)

    def pick(self, options: Sequence[T], index: int) -> T:
        """Return one of the options."""
        return options[self(index) % len(options)]


class Ids:
    """Ids of one kind of record: 24 base58 characters that encode an index reversibly.

    Five of the twelve pairs hold the index times an odd number, which has an inverse modulo 2**55; the others
    are a checksum that detects ids of other kinds.
    """

    __slots__ = ("_add", "_back", "_check_add", "_check_times", "_times")

    def __init__(self, *parts: object) -> None:
        self._times = digest("times", *parts) & _MASK_55 | 1
        self._back = pow(self._times, -1, 1 << 55)
        self._add = digest("add", *parts) & _MASK_55
        self._check_times = digest("check times", *parts) & _MASK_77 | 1
        self._check_add = digest("check add", *parts) & _MASK_77

    def encode(self, index: int) -> str:
        """Return the id of an index."""
        pairs, mask = _PAIRS, _MASK_11
        x = (index * self._times + self._add) & _MASK_55
        y = (index * self._check_times + self._check_add) & _MASK_77
        # Unrolled, since a page of fields does this two thousand times.
        return (
            f"{pairs[y >> 66]}{pairs[x & mask]}{pairs[y >> 55 & mask]}{pairs[x >> 11 & mask]}"
            f"{pairs[y >> 44 & mask]}{pairs[x >> 22 & mask]}{pairs[y >> 33 & mask]}{pairs[x >> 33 & mask]}"
            f"{pairs[y >> 22 & mask]}{pairs[x >> 44]}{pairs[y >> 11 & mask]}{pairs[y & mask]}"
        )

    def decode(self, text: str) -> int | None:
        """Return the index that was encoded to this id, or None if there is none."""
        x = 0
        for start in (18, 14, 10, 6, 2):
            value = _VALUES.get(text[start : start + 2])
            if value is None:
                return None
            x = x << 11 | value
        index = (x - self._add) * self._back & _MASK_55
        return index if self.encode(index) == text else None


@lru_cache(maxsize=8_192)
def iso_day(day: int) -> str:
    """Return midnight UTC of a day, counted from 1970: Kombo writes dates so."""
    return iso(day * 86_400)


def iso(moment: float) -> str:
    """Return a time as Kombo writes it: UTC, milliseconds, `Z`; clamped to the years 1 to 9999."""
    moment = min(max(moment, FIRST_SECOND), LAST_SECOND)
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
