"""What the models of several families share."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Optional, Self, TypeVar

from attrs import frozen
from msgspec import Meta

T = TypeVar("T")

Timestamp = Annotated[datetime, Meta(tz=True)]
"""A moment with a time zone; Kombo sends UTC. Birthdays and other plain dates come as midnight UTC."""

if TYPE_CHECKING:
    Items = tuple[T, ...]
else:
    # The decoder reads this form: Kombo sends null for some lists, which `null_to_empty` then turns into ().
    Items = Optional[tuple[T, ...]]  # noqa: UP045


def null_to_empty(model: Any, *names: str) -> None:
    """Give each of these list fields of a new frozen *model* an empty tuple in place of None."""
    for name in names:
        if getattr(model, name) is None:
            object.__setattr__(model, name, ())


class OpenEnum(StrEnum):
    """An enum of strings that keeps a value it does not know, so that a new one at Kombo breaks nothing.

    A member equals its string (`status == "ACTIVE"`). A value outside the known ones becomes a member
    whose `name` and `value` are that string; `is_known` tells them apart.
    """

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
    """The country: an ISO 3166-1 alpha-2 code where Kombo could tell it, else the tool's own word."""
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


@frozen(kw_only=True)
class ReplyWarning:
    """Something Kombo noticed while it talked to the connected tool; the call itself succeeded."""

    message: str
    """A sentence for your log. Its wording changes: do not branch on it."""
