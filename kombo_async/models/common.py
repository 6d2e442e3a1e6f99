"""What the models of several families share."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path, PurePath
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    BinaryIO,
    ClassVar,
    Literal,
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
from urllib.parse import unquote, urlsplit

import attrs
from attrs import field
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


class IntegrationFieldType(OpenEnum):
    """Where a field of the connected tool comes from; two fields with equal keys differ in it."""

    DEFAULT = "DEFAULT"
    """The tool ships this field to all its customers."""
    CUSTOM = "CUSTOM"
    """This customer added the field to their tool."""


@frozen(kw_only=True)
class IntegrationFieldValue:
    """What one record holds in an integration field whose passthrough is on.

    Present after the sync that follows `update_integration_field(..., enable_passthrough=True)`.
    See https://docs.kombo.dev/hris/features/integration-fields
    """

    id: str
    """The id of the integration field, as `iter_integration_fields` gives it."""
    key: str
    """The name of the field in the connected tool."""
    type: IntegrationFieldType
    """Whether the tool or the customer defined the field."""
    value: Any = None
    """What the tool returned, unchanged: any JSON value, not only strings."""
    label: str | None = None
    """The field's name for people, where the tool has one."""


@frozen(kw_only=True)
class Address:
    """A postal address; a tool fills the parts it knows, often only `raw`."""

    city: str | None = None
    """The town."""
    country: str | None = None
    """The country: an ISO 3166-1 alpha-2 code if Kombo could map it, else the tool's own word."""
    raw: str | None = None
    """The whole address as one text, possibly over several lines."""
    state: str | None = None
    """The state, province or region."""
    street_1: str | None = None
    """Street and house number."""
    street_2: str | None = None
    """The second address line, such as a floor."""
    zip_code: str | None = None
    """The postal code, as text: leading zeros count."""


class SyncedRecord:
    """What all records have in common that Kombo copies from the connected tool, for code that treats models alike.

    The lists with the filter `updated_after` return such records. A model without one of these fields has its default.
    """

    # Not an attrs class, whose fields would precede those of the model: each model declares its own in Kombo's order.
    __slots__ = ()

    id: str
    """Kombo's id, unique among the records of a model. The same one may occur in another model."""
    remote_id: str | None
    """The tool's own id. It changes when the tool deletes a record and creates it again."""
    changed_at: Timestamp | None
    """When a property of this record itself last changed: records nested in it do not count."""
    remote_deleted_at: Timestamp | None
    """When Kombo no longer found the record in the tool; None while it is there. 14 days later Kombo anonymises the
    record: then any field but `id` may be None, this one too."""
    custom_fields: Any = None
    """The values of your custom fields, by `CustomField.key`; any JSON."""
    integration_fields: tuple[IntegrationFieldValue, ...] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_data: Any = None
    """The tool's raw replies, by endpoint path; None unless your plan and scope config include them."""


@frozen(kw_only=True)
class ReplyWarning:
    """Something Kombo noticed while it talked to the connected tool; the call itself succeeded."""

    message: str
    """A sentence for your log. Its wording changes: do not branch on it."""


@frozen(kw_only=True)
class TaskError:
    """Why a task, or one item of it, failed."""

    message: str
    """A sentence for people. Its wording changes: do not branch on it."""
    code: str | None = None
    """Kombo's code, such as `LMS.COURSE_UPDATE_NOT_SUPPORTED`: the same ones that the classes of errors have."""
    title: str | None = None
    """Kombo's fixed heading for the code."""
    log_url: str | None = None
    """The page in the Kombo dashboard that shows what happened."""


@frozen(kw_only=True)
class PendingTask:
    """A task that Kombo is still working on."""

    task_id: str
    """The id of the task."""
    created_at: Timestamp
    """When it was created."""
    status: Literal["PENDING"] = "PENDING"
    """The tag of this state."""
    completed_at: Timestamp | None = None
    """Always None."""


@frozen(kw_only=True)
class FailedTask:
    """A task of which no item was processed."""

    task_id: str
    """The id of the task."""
    created_at: Timestamp
    """When it was created."""
    status: Literal["FAILED"] = "FAILED"
    """The tag of this state."""
    error: TaskError
    """Why."""
    completed_at: Timestamp
    """When it ended."""


@frozen(kw_only=True)
class FailedItem:
    """An item of a task that was not processed; the others of the task may have been."""

    origin_id: str
    """Your id, as in the item."""
    status: Literal["FAILED"] = "FAILED"
    """The tag of this result."""
    error: TaskError
    """Why."""


@frozen(kw_only=True)
class Unreadable:
    """A record that could not be read, as it arrived: `pages(unreadable="keep")` collects them separately."""

    id: str | None
    """Kombo's id of the record, where it could be found."""
    raw: bytes = field(repr=hidden)
    """The bytes of the record. They may not be valid JSON, and are not in the repr, as they are people's data."""
    problems: tuple[str, ...]
    """What is wrong, by place, such as `expected text @ $.data.results[3].first_name`. It contains no values."""


def _to_bytes(value: bytes | bytearray | memoryview | UnsetType) -> bytes | UnsetType:
    if isinstance(value, UnsetType):
        return UNSET
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"data is the bytes of the file, not {type(value).__name__}: see File.from_path and from_url")
    return bytes(value)


@frozen(kw_only=True)
class File:
    """A file to send: its bytes, or an address from which Kombo fetches it.

    `File(name="cv.pdf", data=b"…")`, or one of `from_path`, `from_file`, `from_url`. Kombo's tools often take no more
    than 10 MB an application. See https://docs.kombo.dev/ats/features/implementation-guide/create-application
    """

    name: str
    """The file's name with its extension, as people will see it."""
    content_type: str | UnsetType = UNSET
    """Such as `application/pdf`. Left out, it follows from the name; Kombo needs it where `data` is given."""
    data: bytes | UnsetType = field(default=UNSET, converter=_to_bytes, repr=hidden)
    """The content. It travels as base64, a third larger."""
    data_url: str | UnsetType = field(default=UNSET, repr=hidden)
    """An http(s) address which Kombo can read without credentials, and which it reads at once."""

    def __attrs_post_init__(self) -> None:
        if (self.data is UNSET) == (self.data_url is UNSET):
            raise ValueError("a file has either data or data_url: pass one of them")
        if self.content_type is UNSET and (guessed := mimetypes.guess_type(self.name)[0]):
            object.__setattr__(self, "content_type", guessed)
        if self.content_type is UNSET and self.data is not UNSET:
            raise ValueError("content_type does not follow from the name: pass it, such as application/pdf")

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], **fields: Any) -> Self:
        """Read the file at *path*, now and all of it. `fields` are those of the class; the name is the path's own."""
        with Path(path).open("rb") as file:
            return cls.from_file(file, **fields)

    @classmethod
    def from_file(cls, file: BinaryIO, **fields: Any) -> Self:
        """Read an open file to its end. `fields` are those of the class; the name is the file's own, if it has one."""
        if not hasattr(file, "read"):
            raise TypeError(f"file is an open file, not {type(file).__name__}: see File.from_path")
        data = file.read()
        if isinstance(data, str):
            raise TypeError("the file is open as text: open it with mode 'rb'")
        return cls(data=data, **_named(fields, getattr(file, "name", None)))

    @classmethod
    def from_url(cls, url: str, **fields: Any) -> Self:
        """Let Kombo fetch the file from *url*. `fields` are those of the class; the name is the last of its path."""
        if not isinstance(url, str):
            raise TypeError(f"url is a str, not {type(url).__name__}")
        if not url.startswith(("http://", "https://")):
            raise ValueError("url begins with http:// or https://, and is one that Kombo can read")
        return cls(data_url=url, **_named(fields, unquote(urlsplit(url).path)))


def _named(fields: dict[str, Any], source: object) -> dict[str, Any]:
    if "name" in fields:
        return fields
    # Files without a path have a number or nothing for a name.
    name = PurePath(source).name if isinstance(source, str) else ""
    if not name:
        raise ValueError("the file has no name of its own: pass name=, such as name='cv.pdf'")
    return {"name": name, **fields}
