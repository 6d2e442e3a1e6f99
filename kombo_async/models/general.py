"""The models of the General family: integrations, their fields, tools, links, syncs and passthrough."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from .base import EnumOrStr, OpenEnum, Timestamp, frozen, hidden
from .common import File, IntegrationFieldType
from .diagnostics import ReplyWarning


class IntegrationCategory(OpenEnum):
    """The kind of tool behind an integration. `get_tools` and link creation take it too."""

    HRIS = "HRIS"
    """HR systems."""
    ATS = "ATS"
    """Recruiting systems."""
    ASSESSMENT = "ASSESSMENT"
    """Recruiting systems that order assessments or background checks from you."""
    LMS = "LMS"
    """Learning systems."""


IntegrationCategoryOrStr = EnumOrStr[IntegrationCategory, Literal["HRIS", "ATS", "ASSESSMENT", "LMS"]]
"""A member of `IntegrationCategory`, or its string."""


class IntegrationStatus(OpenEnum):
    """Whether an integration syncs.

    See https://docs.kombo.dev/hris/guides/integration-states
    """

    ACTIVE = "ACTIVE"
    """Data is syncing."""
    INVALID = "INVALID"
    """The credentials failed for three days and syncing stopped.

    Only the customer can mend this: send them a link from `create_reconnection_link`.
    """
    INACTIVE = "INACTIVE"
    """Switched off by hand; the credentials are kept. `set_integration_enabled` switches it on again."""


class SetupStatus(OpenEnum):
    """The customer's progress in the setup flow (filters, field mapping)."""

    INCOMPLETE = "INCOMPLETE"
    """Steps are open, and there is no data yet. `create_setup_link` leads the customer back to them."""
    FINAL_SYNC_PENDING = "FINAL_SYNC_PENDING"
    """All steps are done; data appears once the sync that is now running ends, which may take hours."""
    COMPLETED = "COMPLETED"
    """Ready to use."""


class CoverageStatus(OpenEnum):
    """What Kombo can do with a model, an action or a field of a tool."""

    SUPPORTED = "SUPPORTED"
    """The tool has it and Kombo offers it."""
    UNSUPPORTED = "UNSUPPORTED"
    """The tool itself does not have it."""
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    """The tool has it, but Kombo left it out."""
    UNKNOWN = "UNKNOWN"
    """Not built, and Kombo does not know whether the tool has it."""


class ScopeConfigSetting(OpenEnum):
    """What your scope config in the Kombo dashboard says about a model, an action or a field."""

    ENABLED = "ENABLED"
    """Always on."""
    DISABLED = "DISABLED"
    """Off: such fields are null from the next sync on."""
    OPTIONAL = "OPTIONAL"
    """On unless the customer opts out while connecting."""


class SyncType(OpenEnum):
    """How much a sync reads from the connected tool."""

    FULL = "FULL"
    """Everything. Only a full sync notices deletions reliably."""
    DELTA = "DELTA"
    """What has changed since the last sync, if the tool supports that."""


SyncTypeOrStr = EnumOrStr[SyncType, Literal["FULL", "DELTA"]]
"""A member of `SyncType`, or its string."""


class LinkType(OpenEnum):
    """How the customer gets to a link."""

    EMBEDDED = "EMBEDDED"
    """Opened inside your app by Kombo's browser SDK. It lasts 1 hour."""
    MAGIC_LINK = "MAGIC_LINK"
    """Sent to the customer, for instance by mail. It lasts 1 year."""


LinkTypeOrStr = EnumOrStr[LinkType, Literal["EMBEDDED", "MAGIC_LINK"]]
"""A member of `LinkType`, or its string."""


class LinkLanguage(OpenEnum):
    """The language of the pages behind a link; English unless you choose."""

    EN = "en"
    """English."""
    DE = "de"
    """German."""
    FR = "fr"
    """French."""
    IT = "it"
    """Italian."""
    ES = "es"
    """Spanish."""


LinkLanguageOrStr = EnumOrStr[LinkLanguage, Literal["en", "de", "fr", "it", "es"]]
"""A member of `LinkLanguage`, or its string."""


@frozen(kw_only=True)
class ApiKeyInfo:
    """What an API key opens.

    See https://docs.kombo.dev/hris/v1/get-check-api-key
    """

    environment_id: str
    """The one environment (such as production) the key belongs to."""
    customer_id: str | None = None
    """The old name of `environment_id`, with the same value; newer replies leave it out."""


@frozen(kw_only=True)
class ConnectedTool:
    """The tool an integration connects to. Show people `label`, never `internal_label`."""

    id: str
    """The tool's id at Kombo, such as `personio`: also the part of an integration id before the colon."""
    label: str
    """The name to show to people."""
    internal_label: str | None = None
    """Tells variants of one tool apart while debugging; null where there is only one. Not for users' eyes."""
    logo_url: str
    """An SVG that usually contains the tool's name."""
    icon_url: str
    """A square SVG."""


@frozen(kw_only=True)
class EndUser:
    """Your customer, as you described them when you created the connection link."""

    organization_name: str
    """The customer's company."""
    creator_email: str | None = None
    """Who connected the tool, where that is known."""
    origin_id: str | None = None
    """Your own id for this customer, or null if the link was created without one."""


@frozen(kw_only=True)
class ScopeConfig:
    """The set of models, actions and fields you allow, as kept in the Kombo dashboard."""

    id: str
    """The id that `create_reconnection_link` takes as `scope_config_id`."""
    name: str | None = None
    """Its name in the dashboard; null if it has none."""


@frozen(kw_only=True)
class ReadModelField:
    """One field of a read model, and whether you get it."""

    id: str
    """The field's name in the records, such as `first_name`."""
    is_available: bool
    """Supported, enabled and not opted out. If false, the three fields below say why."""
    coverage_status: CoverageStatus
    """What Kombo supports for this tool."""
    scope_config_setting: ScopeConfigSetting
    """What your scope config says."""
    opted_out_by_customer: bool
    """Whether the customer declined it while connecting."""


@frozen(kw_only=True)
class ReadModel:
    """One kind of record this integration can deliver."""

    id: str
    """The model's name, such as `hris_employees`."""
    label: str
    """The name to show to people."""
    is_available: bool
    """Supported, enabled and not opted out. Its fields still answer each for themselves."""
    coverage_status: CoverageStatus
    """What Kombo supports for this tool."""
    scope_config_setting: ScopeConfigSetting
    """What your scope config says."""
    opted_out_by_customer: bool
    """Whether the customer declined the whole model while connecting."""
    fields: tuple[ReadModelField, ...] = ()
    """What is known field by field."""


@frozen(kw_only=True)
class WriteActionField:
    """One input of a write action. Inputs cannot be switched off or opted out of, unlike read fields."""

    id: str
    """The path of the input in the request body, such as `candidate.first_name`."""
    is_available: bool
    """Whether a value you send reaches the tool."""
    coverage_status: CoverageStatus
    """What Kombo supports for this tool."""


@frozen(kw_only=True)
class WriteAction:
    """One thing Kombo can do in the connected tool."""

    id: str
    """The action's name, such as `ats_create_candidate`."""
    label: str
    """The name to show to people."""
    is_available: bool
    """Supported, enabled and not opted out. Where it is false the call fails with an INTEGRATION error."""
    coverage_status: CoverageStatus
    """What Kombo supports for this tool."""
    scope_config_setting: ScopeConfigSetting
    """What your scope config says."""
    opted_out_by_customer: bool
    """Whether the customer declined the action while connecting."""
    fields: tuple[WriteActionField, ...] = ()
    """Which inputs the tool takes."""


@frozen(kw_only=True)
class Integration:
    """One customer's connection to one tool, and what it can do.

    See https://docs.kombo.dev/hris/v1/get-integrations-integration-id
    """

    id: str
    """The tool and a key, with a colon between: `personio:3nRk7VbXw2QyTfGz9JmLpDhe`."""
    tool: ConnectedTool
    """The connected tool."""
    category: IntegrationCategory
    """Which family of endpoints the integration answers."""
    status: IntegrationStatus
    """Whether data is syncing; `INVALID` means that the customer must reconnect."""
    setup_status: SetupStatus
    """Reads fail with an INTEGRATION error until this is `COMPLETED`."""
    end_user: EndUser
    """Whose integration this is."""
    scope_config: ScopeConfig
    """Which scope config applies."""
    data_expired_at: Timestamp | None = None
    """When filters or scope changed after the last sync, so that the stored data is out of date.

    Null while the data is good; the next successful sync clears it.
    """
    created_at: Timestamp
    """When the customer connected the tool."""
    beta: bool
    """Whether Kombo still calls its support for this tool a beta."""
    read_models: tuple[ReadModel, ...] = ()
    """What can be read."""
    write_actions: tuple[WriteAction, ...] = ()
    """What can be written."""


@frozen(kw_only=True)
class IntegrationField:
    """A field of the connected tool that Kombo can pass through to you unchanged.

    A niche feature: `CustomField` is usually what one wants. No fields at all usually means that
    "integration fields" is off for the model in the scope config.
    See https://docs.kombo.dev/hris/features/integration-fields
    """

    id: str
    """The id that `update_integration_field` takes."""
    key: str
    """The field's name in the connected tool; unique only together with `type` and `model`."""
    model: str
    """The model whose records carry the value, such as `hris_employees`."""
    type: IntegrationFieldType
    """Whether the tool or the customer defined the field."""
    label: str | None = None
    """The name to show to people; null where the tool has none."""
    is_passthrough_enabled: bool
    """Whether records carry the field in `integration_fields`. A change shows after the next sync."""
    is_writable: bool = False
    """Always false: the leftover of a feature that Kombo withdrew."""


@frozen(kw_only=True)
class MappedIntegrationField:
    """The integration field that feeds a custom field."""

    id: str
    """The id of the integration field."""
    key: str
    """Its name in the connected tool."""
    type: IntegrationFieldType
    """Whether the tool or the customer defined it."""
    label: str | None = None
    """The name to show to people; null where the tool has none."""


@frozen(kw_only=True)
class CustomField:
    """A field you defined in Kombo, fed from a different field of the tool for each integration.

    See https://docs.kombo.dev/hris/features/custom-fields
    """

    id: str
    """The id that `update_custom_field_mapping` takes."""
    key: str
    """The key under which records hold the value in their `custom_fields`."""
    integration_field: MappedIntegrationField | None = None
    """Where the value comes from; null while nothing is mapped. A new mapping shows after the next sync."""
    model: str
    """The model whose records carry the value, such as `hris_employees`."""
    label: str | None = None
    """The name to show to people, if you gave one."""
    description: str | None = None
    """Your explanation of the field, if you gave one."""


@frozen(kw_only=True)
class ToolAssets:
    """Pictures of a tool, as addresses."""

    logo_url: str
    """A wide picture that usually contains the tool's name."""
    icon_url: str
    """A square picture."""
    icon_black_url: str
    """The square picture in black."""


@frozen(kw_only=True)
class ToolCoverageField:
    """One field of a model or action, and whether Kombo supports it for the tool."""

    id: str
    """The field's name, or its path in the body of an action, such as `candidate.first_name`."""
    coverage_status: CoverageStatus
    """What Kombo supports."""


@frozen(kw_only=True)
class ToolCoverageItem:
    """One model or action, and whether Kombo supports it for the tool."""

    id: str
    """The name of the model or action, such as `hris_employees`."""
    label: str
    """The name to show to people."""
    coverage_status: CoverageStatus
    """What Kombo supports."""
    fields: tuple[ToolCoverageField, ...] = ()
    """What is known field by field."""


@frozen(kw_only=True)
class ToolFeature:
    """One ability beyond models and actions, and whether Kombo supports it for the tool."""

    id: str
    """The feature's id."""
    label: str
    """The name to show to people."""
    coverage_status: CoverageStatus
    """What Kombo supports."""


@frozen(kw_only=True)
class ToolCoverage:
    """What Kombo supports for a tool in general; `Integration` says what holds for one customer."""

    read_models: tuple[ToolCoverageItem, ...] = ()
    """What can be read."""
    write_actions: tuple[ToolCoverageItem, ...] = ()
    """What can be written."""
    features: tuple[ToolFeature, ...] = ()
    """What else there is."""


@frozen(kw_only=True)
class Tool:
    """A tool that customers can connect.

    See https://docs.kombo.dev/hris/v1/get-tools-category
    """

    id: str
    """The tool's id at Kombo, such as `personio`."""
    label: str
    """The name to show to people."""
    internal_label: str | None = None
    """Tells variants of one tool apart while debugging; null where there is only one. Not for users' eyes."""
    assets: ToolAssets
    """Pictures to show in your list of tools."""
    paid_api_details_markdown: str | None = None
    """What the tool charges for its API, as Markdown; null if nothing."""
    fast_track_details_markdown: str | None = None
    """How to get access sooner, as Markdown; null if there is no such way."""
    partner_only_details_markdown: str | None = None
    """Which partnership the tool asks for, as Markdown; null if none."""
    connection_guide_url: str | None = None
    """A guide for the customer who connects the tool; null if there is none."""
    coverage: ToolCoverage
    """What Kombo supports for the tool."""


@frozen(kw_only=True)
class SyncTrigger:
    """The sync that a call of `trigger_sync` led to.

    Kombo runs one sync for an integration at a time. See https://docs.kombo.dev/hris/v1/post-force-sync
    """

    already_queued: bool
    """Whether a sync was waiting or running already; `sync_id` is then that one, and none was added."""
    sync_id: str
    """The id that the `sync-finished` webhook will name."""
    type: SyncType
    """What runs. It differs from what you asked if the tool has no delta sync or a sync was under way."""


@frozen(kw_only=True)
class Link:
    """A page for your customer, to reconnect a tool or to finish the setup.

    See https://docs.kombo.dev/hris/v1/post-integrations-integration-id-relink
    """

    link: str = field(repr=hidden)
    """The address. An `EMBEDDED` one lasts 1 hour, a `MAGIC_LINK` 1 year; treat it as a secret."""


@frozen(kw_only=True)
class PassthroughResponse:
    """What the connected tool answered, errors of the tool included: nothing is raised for `status`.

    See https://docs.kombo.dev/hris/v1/post-passthrough-tool-api
    """

    url: str
    """The full address Kombo called: where to look first when a path turns out wrong."""
    status: int
    """The HTTP status of the tool, 4xx and 5xx included."""
    headers: dict[str, str | tuple[str, ...]] = field(repr=hidden)
    """The tool's headers, as Kombo passes them on; a repeated one has a tuple of values."""
    data: Any = field(default=None, repr=hidden)
    """The body: parsed if it was JSON, else text, or base64 text if you asked for it.

    None both for JSON null and for a reply without a body.
    """
    warnings: tuple[ReplyWarning, ...] = ()
    """What Kombo noticed on the way; worth a line in your log."""

    @property
    def is_success(self) -> bool:
        """Whether the tool answered with a 2xx status."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """Return a header of the tool, by its name in any case. Several values are joined by a comma and a space.

        Read `headers` for those that cannot be joined, such as Set-Cookie.
        """
        wanted = name.lower()
        for key, value in self.headers.items():
            if key.lower() == wanted:
                return value if isinstance(value, str) else ", ".join(value)
        return None


@frozen(kw_only=True)
class MultipartField:
    """One part of a multipart passthrough request."""

    name: str
    """The key of the part, as the tool's own documents name it."""
    value: str | File
    """Plain text, or a file."""
