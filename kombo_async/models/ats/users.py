"""The people who use a recruiting system, and their roles."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, frozen, hidden, null_to_empty
from ..common import SyncedRecord


class AtsUserStatus(OpenEnum):
    """Whether someone may still use the recruiting system."""

    ACTIVE = "ACTIVE"
    """May log in."""
    INACTIVE = "INACTIVE"
    """Was locked out or left: do not open an account of yours for them."""


class AtsRoleScope(OpenEnum):
    """How far a role reaches."""

    SYSTEM = "SYSTEM"
    """Everywhere in the tool, such as an administrator."""
    JOB = "JOB"
    """For single jobs, such as a hiring manager."""


AtsRoleScopeOrStr = EnumOrStr[AtsRoleScope, Literal["SYSTEM", "JOB"]]
"""A member of `AtsRoleScope`, or its string."""


class AtsRoleType(OpenEnum):
    """The meaning of a role, the same for all tools."""

    HIRING_MANAGER = "HIRING_MANAGER"
    """Will lead the person to be hired."""
    RECRUITER = "RECRUITER"
    """Runs the hiring."""
    COORDINATOR = "COORDINATOR"
    """Arranges interviews and the like."""
    SOURCER = "SOURCER"
    """Looks for candidates."""
    INTERVIEWER = "INTERVIEWER"
    """Talks to candidates and judges them."""
    ADMIN = "ADMIN"
    """Administers the tool."""


@frozen(kw_only=True)
class AtsRoleAssignment:
    """A role that someone holds, in the whole tool or for one job."""

    remote_id: str | None = None
    """The tool's own id of the role; the list of roles holds the same one."""
    remote_label: str | None = None
    """What the tool calls the role."""
    scope: AtsRoleScope | None = None
    """How far the role reaches."""
    unified_type: AtsRoleType | None = None
    """The meaning of the role; null if Kombo could not map it."""


@frozen(kw_only=True)
class AtsRole(AtsRoleAssignment, SyncedRecord):
    """A role that the recruiting system knows.

    See https://docs.kombo.dev/ats/v1/get-roles
    """

    id: str
    """Kombo's id, unique among roles."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class AtsUserSummary:
    """A user of the recruiting system, in brief; `iter_users(ids=[…])` gives the whole record."""

    id: str
    """Kombo's id, unique among users of recruiting systems."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    email: str | None = None
    """The address; null also where the tool holds no valid one."""


@frozen(kw_only=True)
class AtsUser(AtsUserSummary, SyncedRecord):
    """Someone who uses the recruiting system, such as a recruiter or an interviewer.

    See https://docs.kombo.dev/ats/v1/get-users
    """

    status: AtsUserStatus | None = None
    """Whether they may still use the tool: look at it before you open accounts of yours."""
    system_roles: NullableList[AtsRoleAssignment] = ()
    """Roles in the whole tool; those for one job are in `Job.hiring_team`."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the user in the tool; null while they are there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "system_roles")
