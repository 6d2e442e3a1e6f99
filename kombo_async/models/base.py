"""What models are made of: their decorator, base classes and types of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Optional,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

import attrs
from msgspec import UNSET, Meta, UnsetType

from .. import _help
from ..redaction import hidden as hidden  # noqa: PLC0414 - models import it from here

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
E = TypeVar("E", bound="OpenEnum")
L = TypeVar("L", bound=str)

Timestamp = Annotated[datetime, Meta(tz=True)]
"""A moment with a time zone; Kombo sends UTC. Birthdays and other plain dates come as midnight UTC."""

if TYPE_CHECKING:
    NullableList = tuple[T, ...]

    class SequenceNotStr(Protocol[T_co]):
        """A sequence, but no str, which type checkers would take for a sequence of str."""

        def __contains__(self, value: object, /) -> bool: ...
        def __getitem__(self, index: int, /) -> T_co: ...
        def __iter__(self) -> Iterator[T_co]: ...
        def __len__(self) -> int: ...

    EnumOrStr: TypeAlias = E | L | str
    """A member of an enum, or its string. The strings are named too, as a `Literal`, so that editors complete them."""
    OpenMapping: TypeAlias = T | Mapping[str, Any]
    """An object whose known keys are typed, and which takes any other."""
else:
    # The decoder reads these forms. Kombo sends null for some lists, which `null_to_empty` then turns into ().
    NullableList = Optional[tuple[T, ...]]  # noqa: UP045
    SequenceNotStr = Sequence

    class EnumOrStr:
        __class_getitem__ = staticmethod(lambda enum_and_strings: enum_and_strings[0])

    class OpenMapping:
        __class_getitem__ = staticmethod(lambda keys: Annotated[dict[str, Any], keys])


if TYPE_CHECKING:
    from attrs import frozen as frozen  # noqa: PLC0414 - re-exported
else:

    def frozen(**options: Any) -> Callable[[type], type]:
        """Make a frozen attrs class, as attrs.frozen does, whose hash never depends on what its fields hold.

        A record hashes by its class and `id`. What has no `id` cannot be hashed: many models hold JSON somewhere, and
        whether a hash over all fields works would be a matter of the data.
        """

        def decorate(cls: type) -> type:
            has_id = any("id" in vars(base).get("__annotations__", ()) for base in cls.__mro__)
            # attrs keeps a method that the class itself has.
            cls.__hash__ = (lambda self: hash((type(self), self.id))) if has_id else None
            return _help.complete_class(attrs.frozen(**options)(cls))

        return decorate


def null_to_empty(model: Any, *names: str) -> None:
    """Give each of these list fields of a new frozen *model* an empty tuple in place of None."""
    for name in names:
        if getattr(model, name) is None:
            object.__setattr__(model, name, ())


def alternatives(hint: Any) -> set[Any]:
    """Return what a union may be; of any other type, that alone."""
    return set(get_args(hint)) if get_origin(hint) in {Union, UnionType} else {hint}


class OpenEnum(StrEnum):
    """An enum of strings that keeps a value it does not know, so that a new one at Kombo breaks nothing.

    A member equals its string (`status == "ACTIVE"`). A value outside the known ones becomes a member
    whose `name` and `value` are that string; `is_known` distinguishes them.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _help.complete_class(cls)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether this version of the library knew the value when it was published."""
        return self._value_ in type(self)._value2member_map_


class Variant:
    """A base of classes that Kombo distinguishes by a tag, such as `{"type": "TEXT", …}`: `match` on the classes.

    A tag that this version does not know becomes the `Unknown…` class, which has what Kombo sent in `raw`.
    """

    __slots__ = ()

    _tag: ClassVar[tuple[str, ...]]
    _classes: ClassVar[Mapping[object, type]]
    _unknown: ClassVar[type]

    @classmethod
    def discriminated_by(cls, tag: str, classes: Mapping[object, type], *, unknown: type) -> None:
        """Set the key of the tag (`question.type` if it is a nested one), and the class for each of its values."""
        cls._tag, cls._classes, cls._unknown = tuple(tag.split(".")), classes, unknown

    @classmethod
    def class_for(cls, raw: object) -> type | None:
        """Return the class that *raw* says it is of; None for one that is not known."""
        for key in cls._tag:
            raw = cast("Mapping[str, object]", raw).get(key) if isinstance(raw, Mapping) else None
        return cls._classes.get(raw) if isinstance(raw, str | bool) else None

    @classmethod
    def choices(cls) -> tuple[type, ...]:
        """Return the classes that are known."""
        return tuple(dict.fromkeys(cls._classes.values()))

    @classmethod
    def expected(cls) -> str:
        """Return the names of the classes that are known."""
        return " or ".join(each.__name__ for each in cls.choices())

    @classmethod
    def is_unknown(cls) -> bool:
        """Return whether this is the class of variants that are not known."""
        return issubclass(cls, cls._unknown)

    @classmethod
    def unknown(cls, raw: object) -> object:
        """Return the instance for a variant that is not known."""
        return cls._unknown(raw=raw)


def utc(value: datetime | date) -> datetime:
    """Return the moment in UTC; of a date, its midnight UTC. Kombo takes no other zone."""
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("a time needs a time zone: datetime.now(UTC), or .replace(tzinfo=…)")
        return value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise TypeError(f"a time is a datetime with a time zone, or a date, not {type(value).__name__}")


def utc_if_given(value: datetime | date | UnsetType) -> datetime | UnsetType:
    """Return the moment in UTC, where one is given."""
    return UNSET if isinstance(value, UnsetType) else utc(value)


def utc_or_null(value: datetime | date | UnsetType | None) -> datetime | UnsetType | None:
    """Return the moment in UTC, where one is given."""
    return value if value is None or isinstance(value, UnsetType) else utc(value)
