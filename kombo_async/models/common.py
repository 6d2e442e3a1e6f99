"""What the models of several families share."""

# ruff: noqa: PLC0414 - what is imported `as` its own name can also be imported from here

from __future__ import annotations

import mimetypes
import os
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Literal, Self
from urllib.parse import unquote, urlsplit

from attrs import field
from msgspec import UNSET, UnsetType

from .base import EnumOrStr as EnumOrStr
from .base import NullableList as NullableList
from .base import OpenEnum as OpenEnum
from .base import OpenMapping as OpenMapping
from .base import SequenceNotStr as SequenceNotStr
from .base import Timestamp as Timestamp
from .base import Variant as Variant
from .base import frozen, hidden
from .diagnostics import ReplyWarning as ReplyWarning
from .diagnostics import Unreadable as Unreadable


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
