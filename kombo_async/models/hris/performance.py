"""Performance reviews and their cycles."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty
from ..common import SyncedRecord
from .people import EmployeeSummary


class PerformanceReviewType(OpenEnum):
    """Who reviews whom."""

    MANAGER = "MANAGER"
    """A manager reviews someone who reports to them."""
    DIRECT_REPORT = "DIRECT_REPORT"
    """Someone reviews the manager they report to."""
    PEER = "PEER"
    """A colleague reviews a colleague."""
    SELF = "SELF"
    """A person reviews themselves."""


PerformanceReviewTypeOrStr = EnumOrStr[PerformanceReviewType, Literal["MANAGER", "DIRECT_REPORT", "PEER", "SELF"]]
"""A member of `PerformanceReviewType`, or its string."""


class SummaryRating(Variant):
    """The overall result of a review; scales differ from company to company, so compare only within one cycle."""

    __slots__ = ()


@frozen(kw_only=True)
class NumericRating(SummaryRating):
    """A result on a scale of numbers."""

    type: Literal["NUMERIC"] = "NUMERIC"
    """The tag of this class."""
    value: float | None = None
    """The result."""
    min: float | None = None
    """The lower end of the scale, where the tool says it."""
    max: float | None = None
    """The upper end of the scale, where the tool says it."""


@frozen(kw_only=True)
class SingleSelectRating(SummaryRating):
    """A result chosen from words."""

    type: Literal["SINGLE_SELECT"] = "SINGLE_SELECT"
    """The tag of this class."""
    value: str | None = None
    """The chosen word."""
    ordered_options: NullableList[str] = ()
    """All that can be chosen, the worst first; empty if the tool does not say."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "ordered_options")


@frozen(kw_only=True)
class UnknownRating(SummaryRating):
    """A result of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


SummaryRating.discriminated_by(
    "type", {"NUMERIC": NumericRating, "SINGLE_SELECT": SingleSelectRating}, unknown=UnknownRating
)


@frozen(kw_only=True)
class PerformanceReviewCycle(SyncedRecord):
    """A round of reviews, such as that of a year.

    See https://docs.kombo.dev/hris/v1/get-performance-review-cycles
    """

    id: str
    """Kombo's id, unique among review cycles."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The name that people see in the tool."""
    review_period_start_date: Timestamp | None = None
    """The start of the time under review, which is also the first day on which reviews can be handed in."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class PerformanceReview(SyncedRecord):
    """What one person wrote about the work of one person in a cycle.

    Changes of the cycle, the reviewee and the reviewer also make `updated_after` match.
    See https://docs.kombo.dev/hris/v1/get-performance-reviews
    """

    id: str
    """Kombo's id, unique among performance reviews."""
    remote_id: str | None = None
    """The tool's own id."""
    type: PerformanceReviewType | None = None
    """Who reviews whom; null where there is no reviewer or the tool does not say."""
    summary_comment: str | None = field(default=None, repr=hidden)
    """The overall judgement in words. Left out of `repr`."""
    summary_rating: SummaryRating | None = field(default=None, repr=hidden)
    """The overall judgement on a scale: `match` on its class. Left out of `repr`."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    reviewee: EmployeeSummary | None = None
    """The person whose work it is about."""
    reviewer: EmployeeSummary | None = None
    """The person who wrote it."""
    review_cycle: PerformanceReviewCycle | None = None
    """The round that it belongs to."""
