"""The form by which a new employee is described in the terms of one customer's tool."""

from __future__ import annotations

from typing import Any, Literal

from ..base import NullableList, OpenEnum, Variant, frozen, null_to_empty


class FormUnifiedKey(OpenEnum):
    """What a field of the form means, whatever the tool calls it: fill such fields from your own data."""

    FIRST_NAME = "first_name"
    """The given name."""
    LAST_NAME = "last_name"
    """The family name."""
    DATE_OF_BIRTH = "date_of_birth"
    """The birthday."""
    GENDER = "gender"
    """The gender."""
    HOME_ADDRESS_CITY = "home_address.city"
    """The town."""
    HOME_ADDRESS_COUNTRY = "home_address.country"
    """The country."""
    HOME_ADDRESS_STATE = "home_address.state"
    """The state or province."""
    HOME_ADDRESS_STREET_1 = "home_address.street_1"
    """Street and house number."""
    HOME_ADDRESS_STREET_2 = "home_address.street_2"
    """The second line of the address."""
    HOME_ADDRESS_ZIP_CODE = "home_address.zip_code"
    """The postal code."""
    JOB_TITLE = "job_title"
    """The title of the position."""
    LEGAL_ENTITY_ID = "legal_entity_id"
    """The company that employs the person."""
    LOCATION_ID = "location_id"
    """The place of work."""
    MOBILE_PHONE_NUMBER = "mobile_phone_number"
    """The mobile number."""
    HOME_PHONE_NUMBER = "home_phone_number"
    """The private landline."""
    NATIONALITY = "nationality"
    """The nationality."""
    START_DATE = "start_date"
    """The first day at the company."""
    WORK_EMAIL = "work_email"
    """The address at work."""
    PRIVATE_EMAIL = "private_email"
    """The private address, which employees have as `personal_email`."""
    YEARLY_SALARY = "yearly_salary"
    """The pay of a year."""


@frozen(kw_only=True)
class FormOption:
    """One choice of a select field."""

    id: str
    """What to send when it is chosen."""
    label: str
    """The name to show to people."""
    unified_value: str | None = None
    """Kombo's own word for the choice, the same for all tools, where it has one."""
    remote_id: str | int | float | None = None
    """The tool's own id."""


class FormOptions(Variant):
    """The choices of a select field: `match` on the classes."""

    __slots__ = ()


@frozen(kw_only=True)
class InlineFormOptions(FormOptions):
    """All choices, in the form itself."""

    type: Literal["inline"] = "inline"
    """The tag."""
    entries: NullableList[FormOption] = ()
    """The choices."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "entries")


@frozen(kw_only=True)
class ReferencedFormOptions(FormOptions):
    """Choices that are too many for the form, and are in a list."""

    type: Literal["referenced"] = "referenced"
    """The tag."""
    link: str
    """Where they are."""


@frozen(kw_only=True)
class UnknownFormOptions(FormOptions):
    """Choices of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


FormOptions.discriminated_by(
    "type", {"inline": InlineFormOptions, "referenced": ReferencedFormOptions}, unknown=UnknownFormOptions
)


class FormField(Variant):
    """One question of the form: `match` on the classes. All but `UnknownFormField` are a `KnownFormField`."""

    __slots__ = ()


@frozen(kw_only=True)
class KnownFormField(FormField):
    """The properties of fields of every kind."""

    label: str
    """The name to show to people."""
    required: bool
    """Whether the tool insists on an answer."""
    description: str | None = None
    """A hint to show next to the label."""
    unified_key: FormUnifiedKey | None = None
    """What the field means, where Kombo knows it; null for what only this tool has. Selects of several may hold
    any word here."""


@frozen(kw_only=True)
class TextFormField(KnownFormField):
    """Takes a string."""

    type: Literal["text"] = "text"
    """The tag."""
    min_length: float | None = None
    """The fewest characters."""
    max_length: float | None = None
    """The most characters."""
    reg_exp: str | None = None
    """A regular expression that the answer must match."""


@frozen(kw_only=True)
class NumberFormField(KnownFormField):
    """Takes a number."""

    type: Literal["number"] = "number"
    """The tag."""
    min: float | None = None
    """The least number."""
    max: float | None = None
    """The greatest number."""


@frozen(kw_only=True)
class DateFormField(KnownFormField):
    """Takes a day: a `date`, or a string like `2026-03-01`."""

    type: Literal["date"] = "date"
    """The tag."""


@frozen(kw_only=True)
class SingleSelectFormField(KnownFormField):
    """Takes the id of one of its options."""

    type: Literal["single_select"] = "single_select"
    """The tag."""
    options: FormOptions
    """What there is to choose from."""


@frozen(kw_only=True)
class MultiSelectFormField(KnownFormField):
    """Takes a list with the ids of some of its options."""

    type: Literal["multi_select"] = "multi_select"
    """The tag."""
    min_items: float | None = None
    """The fewest options to choose."""
    max_items: float | None = None
    """The most options to choose."""
    options: FormOptions
    """What there is to choose from."""


@frozen(kw_only=True)
class CheckboxFormField(KnownFormField):
    """Takes a bool."""

    type: Literal["checkbox"] = "checkbox"
    """The tag."""


@frozen(kw_only=True)
class ObjectFormField(KnownFormField):
    """Takes a mapping with an answer to each of its fields."""

    type: Literal["object"] = "object"
    """The tag."""
    properties: dict[str, FormField]
    """The fields, by the key of the answer. They may be objects again."""


@frozen(kw_only=True)
class ArrayFormField(KnownFormField):
    """Takes a list of answers to one field."""

    type: Literal["array"] = "array"
    """The tag."""
    item_type: FormField
    """The field that each element of the list answers."""
    min_items: float | None = None
    """The fewest elements."""
    max_items: float | None = None
    """The most elements."""


@frozen(kw_only=True)
class FormFileRestrictions:
    """Which files a tool takes."""

    accepted_mime_types: NullableList[str] = ()
    """Such as `application/pdf`."""
    max_file_size: float | None = None
    """The largest size; Kombo does not document the unit."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "accepted_mime_types")


@frozen(kw_only=True)
class FileFormField(KnownFormField):
    """Takes a file."""

    type: Literal["file"] = "file"
    """The tag."""
    file_restrictions: FormFileRestrictions
    """Which files the tool takes."""


@frozen(kw_only=True)
class UnknownFormField(FormField):
    """A field of a kind that this version does not know. The tool may insist on an answer: see `required` in `raw`."""

    raw: Any
    """What Kombo sent."""


FormField.discriminated_by(
    "type",
    {
        "text": TextFormField,
        "number": NumberFormField,
        "date": DateFormField,
        "single_select": SingleSelectFormField,
        "multi_select": MultiSelectFormField,
        "checkbox": CheckboxFormField,
        "object": ObjectFormField,
        "array": ArrayFormField,
        "file": FileFormField,
    },
    unknown=UnknownFormField,
)


@frozen(kw_only=True)
class EmployeeForm:
    """What one customer's tool asks about a new employee, for `create_employee_with_form`.

    It differs between customers and may change at any time: fetch it when you need it.
    See https://docs.kombo.dev/hris/v1/get-employees-form
    """

    properties: dict[str, FormField]
    """The fields, by the key of the answer."""


@frozen(kw_only=True)
class Prehire:
    """Someone the tool holds as a person to be hired, before it makes an employee of them."""

    remote_id: str | None = None
    """The tool's id of the pre-hire. It may change or end when they become an employee."""


@frozen(kw_only=True)
class EmployeeCreation:
    """The result of the form: an employee, or in some tools only a pre-hire.

    See https://docs.kombo.dev/hris/v1/post-employees-form
    """

    id: str | None = None
    """The Kombo id of the new employee. Null for a pre-hire: a sync brings the employee once onboarding is done."""
    remote_id: str | None = None
    """The tool's own id of the new employee; null for a pre-hire."""
    prehire: Prehire | None = None
    """The pre-hire; empty or null where `id` is given."""
