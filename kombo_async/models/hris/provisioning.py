"""Provisioning: which people of the HR system should have an account with you, and which no longer."""

from __future__ import annotations

from typing import Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, frozen, hidden, null_to_empty
from .people import GroupSummary


class ProvisioningField(OpenEnum):
    """The fields of people that a provisioning diff can include."""

    ID = "id"
    """The Kombo id."""
    REMOTE_ID = "remote_id"
    """The tool's own id."""
    FIRST_NAME = "first_name"
    """The given name."""
    LAST_NAME = "last_name"
    """The family name."""
    GROUPS = "groups"
    """Departments, teams and cost centres."""
    AVATAR = "avatar"
    """The address of a picture."""
    WORK_LOCATION_ID = "work_location_id"
    """The Kombo id of the place of work."""
    LEGAL_ENTITY_ID = "legal_entity_id"
    """The Kombo id of the company that employs the person."""


ProvisioningFieldOrStr = EnumOrStr[
    ProvisioningField,
    Literal["id", "remote_id", "first_name", "last_name", "groups", "avatar", "work_location_id", "legal_entity_id"],
]
"""A member of `ProvisioningField`, or its string."""


@frozen(kw_only=True)
class ProvisionedUser:
    """Someone who has an account with you."""

    origin_id: str
    """Your own id of the account; Kombo hands it back."""
    email: str
    """The account's address, to be looked for in the HR system."""


@frozen(kw_only=True)
class ProvisioningEmployee:
    """The person behind an account. What was not asked for is null, and so is what the tool does not hold."""

    id: str | None = None
    """The Kombo id of the employee."""
    remote_id: str | None = None
    """The tool's own id."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    groups: NullableList[GroupSummary] = ()
    """The person's groups, without their `type`."""
    avatar: str | None = None
    """The address of a picture: fetch it soon, it need not stay."""
    work_location_id: str | None = None
    """The Kombo id of the place of work."""
    legal_entity_id: str | None = None
    """The Kombo id of the company that employs the person."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "groups")


@frozen(kw_only=True)
class UserToProvision:
    """Someone who should have an account with you and has none."""

    email: str | None = None
    """The address at work; null where the tool holds no valid one."""
    employee: ProvisioningEmployee
    """The fields you asked for."""


@frozen(kw_only=True)
class AlreadyProvisionedUser:
    """Someone who has an account with you and should keep it."""

    origin_id: str
    """Your own id of the account."""
    email: str
    """The account's address."""
    employee: ProvisioningEmployee
    """The fields you asked for, for an update of the account."""


@frozen(kw_only=True)
class UsersByProvisioning:
    """The people of the HR system and your accounts, side by side."""

    to_provision: NullableList[UserToProvision] = ()
    """They match the filters and have no account."""
    to_deprovision: NullableList[ProvisionedUser] = ()
    """Accounts whose person is no longer in the HR system, or no longer matches the filters."""
    already_provisioned: NullableList[AlreadyProvisionedUser] = ()
    """They match the filters and have an account."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "to_provision", "to_deprovision", "already_provisioned")


@frozen(kw_only=True)
class ProvisioningDiff:
    """What there is to do for your accounts to follow the HR system."""

    users: UsersByProvisioning
    """The people, by what to do about them."""


@frozen(kw_only=True)
class ProvisioningSetupLink:
    """A link to the old page on which a customer chooses who gets an account."""

    url: str = field(repr=hidden)
    """To hand to Kombo's browser SDK. Who has it can use it."""
    expires_at: Timestamp
    """When it stops working."""
