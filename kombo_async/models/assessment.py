"""The models of the assessment family: what you offer, what recruiters order, and what you answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from attrs import field
from msgspec import UNSET, UnsetType

from .base import (
    EnumOrStr,
    NullableList,
    OpenEnum,
    OpenMapping,
    Timestamp,
    Variant,
    frozen,
    null_to_empty,
    utc_if_given,
)
from .common import Address, File


class AssessmentPackageType(OpenEnum):
    """What is found out about a candidate."""

    BEHAVIORAL = "BEHAVIORAL"
    """How the candidate behaves: personality, motivation, culture."""
    VIDEO_INTERVIEW = "VIDEO_INTERVIEW"
    """Answers in front of a camera."""
    SKILLS_TEST = "SKILLS_TEST"
    """What the candidate can do."""
    BACKGROUND_CHECK = "BACKGROUND_CHECK"
    """Whether the candidate's record is clean."""
    REFERENCE_CHECK = "REFERENCE_CHECK"
    """What former employers say."""


AssessmentPackageTypeOrStr = EnumOrStr[
    AssessmentPackageType,
    Literal["BEHAVIORAL", "VIDEO_INTERVIEW", "SKILLS_TEST", "BACKGROUND_CHECK", "REFERENCE_CHECK"],
]
"""A member of `AssessmentPackageType`, or its string."""


class AssessmentOrderStatus(OpenEnum):
    """How far an order is. Only one that is `OPEN` can still change."""

    OPEN = "OPEN"
    """Waiting for your result."""
    COMPLETED = "COMPLETED"
    """You sent a result."""
    CANCELLED = "CANCELLED"
    """Called off."""
    REJECTED = "REJECTED"
    """Refused."""


AssessmentOrderStatusOrStr = EnumOrStr[AssessmentOrderStatus, Literal["OPEN", "COMPLETED", "CANCELLED", "REJECTED"]]
"""A member of `AssessmentOrderStatus`, or its string."""


class AssessmentResultStatus(OpenEnum):
    """What a result makes of its order."""

    COMPLETED = "COMPLETED"
    """The candidate is done."""
    CANCELLED = "CANCELLED"
    """There will be no result."""
    OPEN = "OPEN"
    """Still running: the order can be updated again."""


AssessmentResultStatusOrStr = EnumOrStr[AssessmentResultStatus, Literal["COMPLETED", "CANCELLED", "OPEN"]]
"""A member of `AssessmentResultStatus`, or its string."""


class SubResultStatus(OpenEnum):
    """How one part of an assessment ended."""

    COMPLETED = "COMPLETED"
    """Done."""
    CANCELLED = "CANCELLED"
    """Not done, and it will not be."""


SubResultStatusOrStr = EnumOrStr[SubResultStatus, Literal["COMPLETED", "CANCELLED"]]
"""A member of `SubResultStatus`, or its string."""


class AssessmentTeamRole(OpenEnum):
    """What someone does for a job that an assessment was ordered for."""

    RECRUITER = "RECRUITER"
    """Runs the hiring."""
    HIRING_MANAGER = "HIRING_MANAGER"
    """Needs the new colleague, and decides."""


@frozen(kw_only=True)
class AssessmentPackage:
    """Something recruiters can order from you, as Kombo holds it.

    See https://docs.kombo.dev/assessment/v1/get-packages
    """

    id: str
    """Your own id, as `set_packages` gave it."""
    name: str
    """What recruiters see."""
    description: str
    """What it tests; some tools show it."""
    updated_at: Timestamp | None = None
    """When you last changed the package."""
    type: AssessmentPackageType | None = None
    """What is found out."""


@frozen(kw_only=True)
class NewAssessmentPackage:
    """Something recruiters can order from you.

    See https://docs.kombo.dev/assessment/v1/put-packages
    """

    id: str
    """Your own id. Orders name it, and by it Kombo knows the package again next time."""
    type: AssessmentPackageTypeOrStr
    """What is found out."""
    name: str
    """What recruiters see."""
    description: str
    """What it tests; some tools show it."""


@frozen(kw_only=True)
class AssessmentCandidate:
    """The person to assess."""

    remote_id: str | None = None
    """The tool's own id of the candidate."""
    email: str
    """Where to invite the candidate."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    phone: str | None = None
    """The number as the tool holds it: no format is promised."""


@frozen(kw_only=True)
class AssessmentApplication:
    """The application that the order belongs to."""

    remote_id: str | None = None
    """The tool's own id of the application."""


@frozen(kw_only=True)
class AssessmentTeamMember:
    """A person who may see the job and its applications, and should have access to the result on your side."""

    remote_id: str | None = None
    """The tool's own id of the user."""
    email: str | None = None
    """The address at work."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    hiring_team_roles: NullableList[AssessmentTeamRole] = ()
    """The roles for this job only; empty for others of the team."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "hiring_team_roles")


@frozen(kw_only=True)
class AssessmentJob:
    """The job that the candidate applies for."""

    remote_id: str | None = None
    """The tool's own id of the job."""
    name: str | None = None
    """The title."""
    job_code: str | None = None
    """The number that people use for the job; some tools call it requisition."""
    description: str | None = None
    """The text of the job, usually HTML."""
    location: Address | None = None
    """Where the work is."""
    hiring_team: NullableList[AssessmentTeamMember] = ()
    """Who works on filling the job."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "hiring_team")


@frozen(kw_only=True)
class AssessmentOrder:
    """A wish of a recruiter that you assess a candidate. Answer with `update_order_result`.

    See https://docs.kombo.dev/assessment/v1/get-orders
    """

    id: str
    """Kombo's id, unique among orders."""
    package_id: str
    """Your own id of the package, as `set_packages` gave it."""
    status: AssessmentOrderStatus = AssessmentOrderStatus.OPEN
    """How far it is. The list of open orders leaves it out, as all there are open."""
    candidate: AssessmentCandidate
    """Whom to assess."""
    application: AssessmentApplication
    """Which application it is for."""
    job: AssessmentJob
    """Which job it is for."""


class AssessmentAttribute(Variant):
    """A detail of a result. Tools that show only text get all of them written out as text."""

    __slots__ = ()


@frozen(kw_only=True)
class TextAttribute(AssessmentAttribute):
    """A detail in words."""

    label: str
    """What it is about, as people will read it."""
    value: str
    """The words."""
    type: Literal["TEXT"] = "TEXT"
    """The tag."""


@frozen(kw_only=True)
class SubResultScore:
    """The points of one part."""

    value: float
    """What the candidate reached."""
    max: float
    """What could be reached: 1 or more."""

    def __attrs_post_init__(self) -> None:
        if self.max < 1:
            raise ValueError("max is the most points there are: 1 or more")


@frozen(kw_only=True)
class SubResultAttribute(AssessmentAttribute):
    """The result of one part, such as one of several tests."""

    id: str
    """Your own id of the part."""
    label: str
    """What the part is called, as people will read it."""
    score: SubResultScore
    """Its points."""
    status: SubResultStatusOrStr
    """How it ended."""
    type: Literal["SUB_RESULT"] = "SUB_RESULT"
    """The tag."""


@frozen(kw_only=True)
class UnknownAssessmentAttribute(AssessmentAttribute):
    """A detail of a kind that this version does not know."""

    raw: Any
    """The whole of it."""


AssessmentAttribute.discriminated_by(
    "type", {"TEXT": TextAttribute, "SUB_RESULT": SubResultAttribute}, unknown=UnknownAssessmentAttribute
)


class SmartRecruitersResult(TypedDict, total=False):
    """What only SmartRecruiters takes with a result."""

    scoreLabel: str
    """The words that go with the score."""


class RecruiteeResult(TypedDict, total=False):
    """What only Recruitee takes with a result."""

    subtitle: str
    """The second line of the report."""


class WorkdayTestStatus(TypedDict):
    """One of the outcomes that the customer set up in Workday."""

    Assessment_Status_ID: str
    """Its id there."""


class WorkdayTestResult(TypedDict, total=False):
    """The test results of a Workday assessment."""

    Assessment_Test_Status_Reference: WorkdayTestStatus
    """The outcome, such as satisfactory."""


class WorkdayAssessment(TypedDict, total=False):
    """A Workday assessment."""

    Assess_Candidate_Test_Result_Data: WorkdayTestResult
    """Its test results."""


class WorkdayAssessmentData(TypedDict, total=False):
    """What Workday's Assess_Candidate is sent."""

    Candidate_Assessment_Data: WorkdayAssessment
    """The assessment to create or change."""


class WorkdayResult(TypedDict, total=False):
    """What only Workday takes with a result."""

    Assess_Candidate_Data: WorkdayAssessmentData
    """The input of its Assess_Candidate operation."""


class AssessmentResultRemoteFields(TypedDict, total=False):
    """What single tools take with a result, by tool."""

    smartrecruiters: SmartRecruitersResult
    """For SmartRecruiters."""
    recruitee: RecruiteeResult
    """For Recruitee."""
    workday: WorkdayResult
    """For Workday."""


@frozen(kw_only=True)
class AssessmentResult:
    """What you found out, for `update_order_result`.

    See https://docs.kombo.dev/assessment/v1/put-orders-assessment-order-id-result
    """

    status: AssessmentResultStatusOrStr
    """What becomes of the order: once it is not `OPEN` any more, its status stays."""
    result_url: str
    """Where recruiters see the whole result, for open and cancelled orders too."""
    completed_at: Timestamp | UnsetType = field(default=UNSET, converter=utc_if_given)
    """When it ended; needed unless the status is `OPEN`. A date counts as its midnight UTC."""
    score: float | UnsetType = UNSET
    """The points that the candidate reached."""
    max_score: float | UnsetType = UNSET
    """The points that could be reached."""
    attributes: Sequence[AssessmentAttribute] | UnsetType = UNSET
    """Details to show with the score: `TextAttribute` and `SubResultAttribute`."""
    attachments: Sequence[File] | UnsetType = UNSET
    """Reports to keep in the tool: at most five."""
    remote_fields: OpenMapping[AssessmentResultRemoteFields] | UnsetType = UNSET
    """What single tools take beyond this."""

    def __attrs_post_init__(self) -> None:
        if self.completed_at is UNSET and self.status in {"COMPLETED", "CANCELLED"}:
            raise ValueError(f"completed_at is needed where status is {self.status}: pass when it ended")
        if not isinstance(self.attachments, UnsetType) and len(self.attachments) > 5:
            raise ValueError(f"a result takes at most 5 attachments, not {len(self.attachments)}")
