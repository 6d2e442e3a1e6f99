"""Candidates: people who look for a job."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, frozen, hidden, null_to_empty
from ..common import Address, IntegrationFieldValue, SyncedRecord
from .jobs import JobSummary, StageSummary


class ApplicationOutcome(OpenEnum):
    """How an application ended."""

    PENDING = "PENDING"
    """Not yet decided."""
    HIRED = "HIRED"
    """The candidate was hired."""
    DECLINED = "DECLINED"
    """The company said no, or the candidate withdrew."""


ApplicationOutcomeOrStr = EnumOrStr[ApplicationOutcome, Literal["PENDING", "HIRED", "DECLINED"]]
"""A member of `ApplicationOutcome`, or its string."""


@frozen(kw_only=True)
class EmailAddress:
    """An email address of a candidate."""

    email_address: str | None = None
    """The address; Kombo leaves out invalid ones."""
    type: str | None = None
    """The tool's own word, such as "private"; null where it says nothing."""


@frozen(kw_only=True)
class PhoneNumber:
    """A phone number of a candidate."""

    phone_number: str | None = None
    """The number as the tool holds it: no format is promised."""
    type: str | None = None
    """The tool's own word, such as "mobile"; null where it says nothing."""


@frozen(kw_only=True)
class SocialMedia:
    """A candidate's account elsewhere; a tool fills the parts it knows."""

    link: str | None = None
    """The address of the profile."""
    type: str | None = None
    """The tool's own word for the site."""
    username: str | None = None
    """The name of the account there."""


@frozen(kw_only=True)
class TagSummary:
    """A tag that a candidate carries. A change of its name does not make `updated_after` match."""

    id: str
    """Kombo's id, unique among tags."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """The tag's text."""


@frozen(kw_only=True)
class Tag(TagSummary, SyncedRecord):
    """A tag that the recruiting system knows. `add_candidate_tag` goes by name, not by id.

    See https://docs.kombo.dev/ats/v1/get-tags
    """

    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class CandidateSummary:
    """A candidate, in brief; `iter_candidates(ids=[…])` gives the whole record."""

    id: str
    """Kombo's id, unique among candidates."""
    remote_id: str | None = None
    """The tool's own id; sometimes composed by Kombo from several."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    email_addresses: NullableList[EmailAddress] = ()
    """The valid addresses that the tool holds."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "email_addresses")


@frozen(kw_only=True)
class ApplicationSummary:
    """An application of a candidate, in brief; `iter_applications(ids=[…])` gives the whole record."""

    id: str
    """Kombo's id, unique among applications."""
    remote_id: str | None = None
    """The tool's own id, where it has one: some have only candidates."""
    outcome: ApplicationOutcome | None = None
    """How it ended; null if the tool does not say."""
    rejection_reason_name: str | None = None
    """Why it was rejected, in the tool's words."""
    rejected_at: Timestamp | None = None
    """When it was rejected."""
    remote_url: str | None = None
    """The application's page inside the tool; where it is null, the candidate may have one."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed: records nested in it do not count."""
    remote_created_at: Timestamp | None = None
    """When it was created in the tool: in most, when the candidate applied."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the record."""
    current_stage: StageSummary | None = None
    """The stage the application is in."""
    job: JobSummary | None = None
    """What the candidate applied for; null for applications without a job."""


@frozen(kw_only=True)
class ApplicationCandidate(CandidateSummary):
    """The candidate of an application.

    `iter_applications` fills the names, contacts, `source`, `remote_url` and `tags`; only the answer of
    `create_application` has the rest.
    """

    phone_numbers: NullableList[PhoneNumber] = ()
    """The numbers that the tool holds."""
    social_media: NullableList[SocialMedia] = ()
    """Accounts elsewhere."""
    source: str | None = None
    """The source of the candidate, in the tool's words: shows whether they were referred by you."""
    company: str | None = None
    """Where the candidate works now."""
    title: str | None = None
    """What the candidate works as now."""
    confidential: bool | None = None
    """Whether the profile is hidden from most users of the tool."""
    location: Address | None = None
    """Where the candidate lives."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_url: str | None = None
    """The candidate's page inside the tool; where it is null, the application may have one."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the record."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed: records nested in it do not count."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the candidate in the tool; 14 days later everything but the id is null."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    tags: NullableList[TagSummary] = ()
    """What the candidate is tagged with."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "email_addresses", "phone_numbers", "social_media", "integration_fields", "tags")


@frozen(kw_only=True)
class Candidate(ApplicationCandidate, SyncedRecord):
    """Someone who looks for a job, with all their applications.

    A null may mean that the tool lacks the field, that it is empty there, that your scope config leaves it
    out, or that the record was anonymised. See https://docs.kombo.dev/ats/v1/get-candidates
    """

    applications: NullableList[ApplicationSummary] = ()
    """What the candidate applied for; empty for one who was only added to the tool's pool."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        null_to_empty(self, "applications")
