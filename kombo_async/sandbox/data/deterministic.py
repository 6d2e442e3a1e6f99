"""Numbers and ids that follow from a seed, so that nothing needs to be stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ALL_PAIRS: Final = [a + b for a in ALPHABET for b in ALPHABET]
# Eleven bits each: 2,048 of the 3,364 pairs of characters, picked evenly.
_PAIRS: Final = tuple(_ALL_PAIRS[n * 1637 % len(_ALL_PAIRS)] for n in range(2048))
_VALUES: Final = {pair: value for value, pair in enumerate(_PAIRS)}
_MASK_11: Final = (1 << 11) - 1
_MASK_55: Final = (1 << 55) - 1
_MASK_64: Final = (1 << 64) - 1
_MASK_77: Final = (1 << 77) - 1
_FIRST_MOMENT: Final = -62_135_596_800.0
_LAST_MOMENT: Final = 253_402_300_799.0
"""The years 1 and 9999."""


def digest(*parts: object) -> int:
    """A 128-bit number that depends on all parts."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=16).digest(), "big")


class Dice:
    """Sixty-four random-looking bits for each index; the same ones whenever asked."""

    __slots__ = ("_key",)

    def __init__(self, *parts: object) -> None:
        self._key = digest(*parts) & _MASK_64

    def __call__(self, index: int) -> int:
        """The bits of one index."""
        # splitmix64: a few multiplications, against the microsecond of a cryptographic hash
        x = (self._key + index * 0x9E3779B97F4A7C15) & _MASK_64
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK_64
        return x ^ (x >> 31)

    def pick(self, options: Sequence[T], index: int) -> T:
        """One of the options."""
        return options[self(index) % len(options)]


class Ids:
    """Ids of one kind of record: 24 base58 characters which hide, and give back, an index.

    Five of the twelve pairs hold the index times an odd number, which can be divided out again; the others
    are a check that tells real ids from invented ones.
    """

    __slots__ = ("_add", "_back", "_check_add", "_check_times", "_times")

    def __init__(self, *parts: object) -> None:
        self._times = digest("times", *parts) & _MASK_55 | 1
        self._back = pow(self._times, -1, 1 << 55)
        self._add = digest("add", *parts) & _MASK_55
        self._check_times = digest("check times", *parts) & _MASK_77 | 1
        self._check_add = digest("check add", *parts) & _MASK_77

    def encode(self, index: int) -> str:
        """The id of record number ``index``."""
        pairs, mask = _PAIRS, _MASK_11
        x = (index * self._times + self._add) & _MASK_55
        y = (index * self._check_times + self._check_add) & _MASK_77
        # Spelled out, since a page of fields does this two thousand times.
        return (
            f"{pairs[y >> 66]}{pairs[x & mask]}{pairs[y >> 55 & mask]}{pairs[x >> 11 & mask]}"
            f"{pairs[y >> 44 & mask]}{pairs[x >> 22 & mask]}{pairs[y >> 33 & mask]}{pairs[x >> 33 & mask]}"
            f"{pairs[y >> 22 & mask]}{pairs[x >> 44]}{pairs[y >> 11 & mask]}{pairs[y & mask]}"
        )

    def decode(self, text: str) -> int | None:
        """The index that ``encode`` turned into this id, or None if it did no such thing."""
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
    """Midnight UTC of a day, counted from 1970: how Kombo writes dates."""
    return iso(day * 86_400)


def iso(moment: float) -> str:
    """A point in time as Kombo writes it: UTC, milliseconds, ``Z``; of those beyond the calendar, the nearest in it."""
    moment = min(max(moment, _FIRST_MOMENT), _LAST_MOMENT)
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
