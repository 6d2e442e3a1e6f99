"""Files of candidates, and what a tool takes of them."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty
from ..common import SyncedRecord


class AttachmentType(OpenEnum):
    """What a file of a candidate is."""

    CV = "CV"
    """The curriculum vitae."""
    COVER_LETTER = "COVER_LETTER"
    """The letter that goes with it."""
    OTHER = "OTHER"
    """Anything else."""


AttachmentTypeOrStr = EnumOrStr[AttachmentType, Literal["CV", "COVER_LETTER", "OTHER"]]
"""A member of `AttachmentType`, or its string."""


@frozen(kw_only=True)
class ApplicationAttachment:
    """A file of an application, as the tool has it now.

    See https://docs.kombo.dev/ats/v1/get-applications-application-id-attachments
    """

    id: str
    """Kombo's id, unique among attachments."""
    remote_id: str
    """The tool's own id."""
    type: AttachmentType
    """What the file is."""
    data_url: str = field(repr=hidden)
    """The address of the file. Fetch it at once, as its lifetime is not documented, and treat it as a secret."""
    file_name: str
    """The file's name with its extension."""
    content_type: str
    """Such as `application/pdf`."""
    remote_created_at: Timestamp | None = None
    """When the file was added in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the file."""


@frozen(kw_only=True)
class CandidateAttachment(ApplicationAttachment):
    """A file of a candidate or of one of their applications, as the tool has it now.

    See https://docs.kombo.dev/ats/v1/get-candidates-candidate-id-attachments
    """

    candidate_id: str
    """The Kombo id of the candidate."""
    application_id: str | None = None
    """The Kombo id of the application it belongs to; null where it belongs to the candidate as such."""


@frozen(kw_only=True)
class FileLocation:
    """Where Kombo put a copy of a file: in the bucket that you configured for it."""

    type: str
    """The kind of store; `s3` is the only one so far."""
    bucket: str
    """The bucket's name."""
    key: str
    """The whole key of the object, with the prefix you configured."""


@frozen(kw_only=True)
class StoredAttachment(SyncedRecord):
    """A file of a candidate that Kombo copied to your own bucket while syncing: the tool is not asked for it.

    See https://docs.kombo.dev/ats/v1/get-attachments
    """

    id: str
    """Kombo's id, unique among attachments."""
    remote_id: str | None = None
    """The tool's own id."""
    candidate_id: str | None = None
    """The Kombo id of the candidate."""
    application_id: str | None = None
    """The Kombo id of the application; null where the tool keeps the file with the candidate, as many do."""
    type: AttachmentType | None = None
    """What the file is."""
    file_name: str | None = None
    """The file's name with its extension."""
    content_ref: FileLocation | None = None
    """Where the copy lies; it is there before this record is."""
    remote_created_at: Timestamp | None = None
    """When the file was added in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the file."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""


class AttachmentLimits(Variant):
    """Whether a tool takes files of one type, and what it takes: `match` on the classes."""

    __slots__ = ()


@frozen(kw_only=True)
class SupportedAttachment(AttachmentLimits):
    """The tool takes such files. Null or empty means that Kombo knows of no limit, not that there is none."""

    is_supported: bool = True
    """The tag of this variant."""
    min_amount: float | None = None
    """The fewest files; always null for the two actions that add one file."""
    max_amount: float | None = None
    """The most files; always null for the two actions that add one file."""
    max_file_size_bytes: float | None = None
    """The largest file."""
    accepted_mime_types: NullableList[str] = ()
    """The kinds of file, such as `application/pdf`."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "accepted_mime_types")


@frozen(kw_only=True)
class UnsupportedAttachment(AttachmentLimits):
    """The tool takes no such files."""

    is_supported: bool = False
    """The tag of this variant."""


@frozen(kw_only=True)
class UnknownAttachmentLimits(AttachmentLimits):
    """Limits in a form that Kombo has added since this version of the library."""

    raw: Any
    """What Kombo sent."""


AttachmentLimits.discriminated_by(
    "is_supported",
    {True: SupportedAttachment, False: UnsupportedAttachment},
    unknown=UnknownAttachmentLimits,
)


@frozen(kw_only=True)
class AttachmentTypeLimits:
    """What a tool takes of each type of file."""

    CV: AttachmentLimits
    """Of curricula vitae."""
    COVER_LETTER: AttachmentLimits
    """Of letters."""
    OTHER: AttachmentLimits
    """Of anything else."""


@frozen(kw_only=True)
class AttachmentRestrictions:
    """Which files an action takes."""

    total_size_bytes: float | None = None
    """The most for all files together; null where none is known, and for the two actions that add one file."""
    types: AttachmentTypeLimits
    """What it takes of each type."""


@frozen(kw_only=True)
class ActionRestrictions:
    """What is known about the limits of an action for one integration.

    See https://docs.kombo.dev/ats/v1/get-actions-ats-create-application
    """

    attachment_restrictions: AttachmentRestrictions | None = None
    """Which files it takes; null where Kombo knows nothing, which does not mean that anything goes."""
