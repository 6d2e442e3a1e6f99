"""Groups, legal entities, the short form of locations, and the categories of documents."""

from __future__ import annotations

from typing import Any

from attrs import field

from ..base import Timestamp, frozen, hidden
from ..common import SyncedRecord
from .people import GroupSummary, LegalEntitySummary


@frozen(kw_only=True)
class Group(GroupSummary, SyncedRecord):
    """A department, team or cost centre.

    Its members are those who have it in `Employee.groups`. See https://docs.kombo.dev/hris/v1/get-groups
    """

    parent_id: str | None = None
    """The Kombo id of the group above it; null at the top, and where the tool knows no hierarchy."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class LegalEntity(LegalEntitySummary, SyncedRecord):
    """A company that formally employs people.

    See https://docs.kombo.dev/hris/v1/get-legal-entities
    """

    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class EmployeeDocumentCategory(SyncedRecord):
    """A folder or kind into which the tool sorts people's documents; `add_employee_document` takes its id.

    See https://docs.kombo.dev/hris/v1/get-employee-document-categories
    """

    id: str
    """Kombo's id, unique among document categories."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """The name that people see in the tool, such as "Contracts"."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
