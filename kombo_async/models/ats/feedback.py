"""What people wrote about candidates: notes and scorecards."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from ..base import NullableList, Timestamp, Variant, frozen, null_to_empty
from ..common import SyncedRecord
from .users import AtsUserSummary


@frozen(kw_only=True)
class Note(SyncedRecord):
    """What someone wrote down about a candidate.

    See https://docs.kombo.dev/ats/v1/get-notes
    """

    id: str
    """Kombo's id, unique among notes."""
    remote_id: str | None = None
    """The tool's own id."""
    candidate_id: str | None = None
    """The Kombo id of the candidate."""
    application_id: str | None = None
    """The Kombo id of the application; null where the tool keeps the note with the candidate."""
    author_id: str | None = None
    """The Kombo id of `author`; null for notes that the tool itself made."""
    title: str | None = None
    """The headline, where there is one."""
    content_html: str | None = None
    """The text as the tool holds it, in some with HTML: clean it before you show it."""
    is_private: bool | None = None
    """Whether only some users of the tool may read it: do not show it to others. Null if it does not say."""
    remote_created_at: Timestamp | None = None
    """When it was written."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the record."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    author: AtsUserSummary | None = None
    """Who wrote it."""


class ScorecardResponse(Variant):
    """A question of a scorecard with the interviewer's answer: `match` on the classes."""

    __slots__ = ()


@frozen(kw_only=True)
class ScorecardQuestion:
    """What every question of a scorecard has."""

    remote_id: str | None = None
    """The tool's own id; null for an overall rating or summary, which is not a question."""
    label: str | None = None
    """The question, or the quality to be judged."""
    description: str | None = None
    """What the interviewer reads below it, such as what the marks mean."""
    required: bool | None = None
    """Whether it must be answered; null if the tool does not say."""


@frozen(kw_only=True)
class ScorecardOption:
    """One of the answers to choose from."""

    remote_id: str | None = None
    """The tool's own id; null where the tool goes by the label."""
    label: str | None = None
    """The option as the interviewer reads it."""


@frozen(kw_only=True)
class ScorecardText(ScorecardQuestion, ScorecardResponse):
    """Answered in words."""

    type: Literal["TEXT"] = "TEXT"
    """The tag of this variant."""
    answer: str | None = None
    """What the interviewer wrote; null if nothing."""


@frozen(kw_only=True)
class ScorecardBoolean(ScorecardQuestion, ScorecardResponse):
    """Answered with yes or no."""

    type: Literal["BOOLEAN"] = "BOOLEAN"
    """The tag of this variant."""
    answer: bool | None = None
    """True for yes; null where nothing was answered."""


@frozen(kw_only=True)
class ScorecardNumber(ScorecardQuestion, ScorecardResponse):
    """Answered with a number."""

    type: Literal["NUMBER"] = "NUMBER"
    """The tag of this variant."""
    answer: float | None = None
    """The number; the scale is the tool's, see `description`."""


@frozen(kw_only=True)
class ScorecardDate(ScorecardQuestion, ScorecardResponse):
    """Answered with a day."""

    type: Literal["DATE"] = "DATE"
    """The tag of this variant."""
    answer: date | None = None
    """The day; null where nothing was answered."""


@frozen(kw_only=True)
class ScorecardSingleSelect(ScorecardQuestion, ScorecardResponse):
    """Answered with one of several options."""

    type: Literal["SINGLE_SELECT"] = "SINGLE_SELECT"
    """The tag of this variant."""
    options: NullableList[ScorecardOption] = ()
    """What there was to choose from."""
    answer: ScorecardOption | None = None
    """What was chosen; null if nothing."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "options")


@frozen(kw_only=True)
class ScorecardMultiSelect(ScorecardQuestion, ScorecardResponse):
    """Answered with any of several options."""

    type: Literal["MULTI_SELECT"] = "MULTI_SELECT"
    """The tag of this variant."""
    options: NullableList[ScorecardOption] = ()
    """What there was to choose from."""
    answer: NullableList[ScorecardOption] = ()
    """What was chosen; empty also where nothing was answered."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "options", "answer")


@frozen(kw_only=True)
class UnknownScorecardResponse(ScorecardResponse):
    """A kind of question that Kombo has added since this version of the library."""

    raw: Any
    """The question and the answer as Kombo sent them."""


ScorecardResponse.discriminated_by(
    "type",
    {
        "TEXT": ScorecardText,
        "BOOLEAN": ScorecardBoolean,
        "NUMBER": ScorecardNumber,
        "DATE": ScorecardDate,
        "SINGLE_SELECT": ScorecardSingleSelect,
        "MULTI_SELECT": ScorecardMultiSelect,
    },
    unknown=UnknownScorecardResponse,
)


@frozen(kw_only=True)
class Scorecard(SyncedRecord):
    """What one interviewer thinks of a candidate.

    See https://docs.kombo.dev/ats/v1/get-scorecards
    """

    id: str
    """Kombo's id, unique among scorecards."""
    remote_id: str | None = None
    """The tool's own id."""
    candidate_id: str | None = None
    """The Kombo id of the candidate."""
    application_id: str | None = None
    """The Kombo id of the application."""
    interview_id: str | None = None
    """The Kombo id of the interview it was filled in for."""
    author_id: str | None = None
    """The Kombo id of `author`."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the record."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    author: AtsUserSummary | None = None
    """Whose opinion it is, even if someone else handed it in."""
    responses: NullableList[ScorecardResponse] = ()
    """All questions, those without an answer too."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "responses")
