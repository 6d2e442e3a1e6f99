"""The tools that integrations can be connected to, and their coverage."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

import attrs

from .deterministic import IndexedRandom
from .fields import EMPLOYEES

_DISABLED = "ethnicity"
"""The field of employees that is off in the scope config."""
_OPTED_OUT = "ssn"
"""The field of employees that customers opted out of."""


@attrs.frozen
class Tool:
    """A tool that integrations can be connected to."""

    id: str
    """The prefix of integration ids."""
    label: str
    category: str
    """`HRIS`, `ATS`, `ASSESSMENT` or `LMS`."""
    apis: tuple[str, ...] = ()
    """Its APIs: the segment after the tool in the path of a passthrough request."""
    base_url: str = "https://api.tool.example/v1"
    """The base URL of passthrough requests."""
    internal_label: str | None = None
    """Distinguishes variants of a tool; not for display."""
    missing: frozenset[str] = frozenset()
    """Fields of employees that the tool does not have."""

    @property
    def hidden(self) -> frozenset[str]:
        """The fields of employees that are null: missing in the tool, switched off, or opted out of."""
        return self.missing | {_DISABLED, _OPTED_OUT}


HRIS_TOOLS = (
    Tool(
        "personio",
        "Personio",
        "HRIS",
        ("personnel", "personnelv2", "recruiting"),
        "https://api.personio.de/v1",
        missing=frozenset({"avatar"}),
    ),
    Tool(
        "workday",
        "Workday",
        "HRIS",
        ("rest", "soap"),
        "https://wd3-impl-services1.workday.com/ccx/api",
        internal_label="Workday (custom reports)",
        missing=frozenset({"personal_email"}),
    ),
    Tool("bamboohr", "BambooHR", "HRIS", ("v1",), "https://api.bamboohr.com/api/gateway.php/brightwater"),
    Tool("hibob", "HiBob", "HRIS", ("v1", "docs"), "https://api.hibob.com/v1"),
    Tool("factorial", "Factorial", "HRIS", ("api",), "https://api.factorialhr.com/api"),
    Tool("hrworks", "HRworks", "HRIS", ("v2",), "https://api.hrworks.de/v2"),
    Tool("sagehr", "Sage HR", "HRIS", ("v1",), "https://brightwater.sage.hr/api"),
    Tool("datevhr", "DATEV HR", "HRIS", ("hr:payrollreports",), "https://hr-payrollreports.api.datev.de/platform"),
)
OTHER_TOOLS = (
    Tool("greenhouse", "Greenhouse", "ATS", ("harvest",)),
    Tool("lever", "Lever", "ATS", ("v1",)),
    Tool("teamtailor", "Teamtailor", "ATS", ("v1",)),
    Tool("smartrecruiters", "SmartRecruiters", "ASSESSMENT"),
    Tool("360learning", "360Learning", "LMS", ("v2",)),
    Tool("moodle", "Moodle", "LMS"),
)
TOOLS = (*HRIS_TOOLS, *OTHER_TOOLS)
CATEGORIES = ("HRIS", "ATS", "ASSESSMENT", "LMS")

Capability: TypeAlias = tuple[str, str, tuple[str, ...]]
"""A model or an action: its id, its label, its fields."""


@attrs.frozen
class Capabilities:
    """What can be read from, and done in, the tools of a category."""

    models: tuple[Capability, ...] = ()
    actions: tuple[Capability, ...] = ()


_NOT_SERVED: dict[str, Capability] = {
    "HRIS": ("hris_salary_types", "Salary types", ("name", "currency", "unit", "is_bonus", "description")),
    "ATS": ("ats_screening_questions", "Screening questions", ("title", "format")),
    "ASSESSMENT": ("inline_assessment_orders", "Inline assessment orders", ("status",)),
    "LMS": ("lms_course_providers", "Course providers", ("name",)),
}
"""For each category a model that no tool of the sandbox supports."""
_UNSERVED = frozenset(model[0] for model in _NOT_SERVED.values())
_COVERAGE = ("SUPPORTED", "SUPPORTED", "SUPPORTED", "UNSUPPORTED", "NOT_IMPLEMENTED", "UNKNOWN")
_SETTINGS = ("ENABLED", "ENABLED", "ENABLED", "OPTIONAL", "DISABLED")


def coverage(tool: Tool, name: str) -> str:
    """Return the `coverage_status` of a model, an action or a field (`hris_employees.ssn`) in a tool."""
    model, _, field = name.partition(".")
    if model in _UNSERVED:
        return IndexedRandom("coverage", tool.id, name).pick(_COVERAGE, 0) if field else "UNSUPPORTED"
    return "UNSUPPORTED" if model == EMPLOYEES and field in tool.missing else "SUPPORTED"


def tool_record(tool: Tool, capabilities: Capabilities) -> dict[str, Any]:
    """Return the tool as the list of tools renders it."""
    return {
        "id": tool.id,
        "label": tool.label,
        "internal_label": tool.internal_label,
        "assets": {**_images(tool), "icon_black_url": f"https://assets.tool.example/{tool.id}/icon-black.svg"},
        "paid_api_details_markdown": "The customer needs a plan with **API access**." if tool.id == "hibob" else None,
        "fast_track_details_markdown": None,
        "partner_only_details_markdown": None,
        "connection_guide_url": f"https://help.tool.example/connect/{tool.id}",
        "coverage": {
            "read_models": [_covered(tool, *model) for model in (*capabilities.models, _NOT_SERVED[tool.category])],
            "write_actions": [_covered(tool, *action) for action in capabilities.actions],
            "features": [
                {
                    "id": "automatic_source_writing",
                    "label": "Automatic source writing",
                    "coverage_status": coverage(tool, "automatic_source_writing"),
                }
            ],
        },
    }


@lru_cache
def integration_parts(tool: Tool, capabilities: Capabilities, disabled: frozenset[str]) -> dict[str, Any]:
    """Return what the details of an integration say about its tool, its models and its actions.

    It is shared, and must not be changed: mirrors and users ask for the details often, and they have 150 fields.
    """
    models = (*capabilities.models, _NOT_SERVED[tool.category])
    return {
        "tool": {"id": tool.id, "label": tool.label, "internal_label": tool.internal_label, **_images(tool)},
        "read_models": [_configured(tool, disabled, *model, configurable=True) for model in models],
        "write_actions": [_configured(tool, disabled, *action, configurable=False) for action in capabilities.actions],
    }


def _images(tool: Tool) -> dict[str, str]:
    base = f"https://assets.tool.example/{tool.id}"
    return {"logo_url": f"{base}/logo.svg", "icon_url": f"{base}/icon.svg"}


def _covered(tool: Tool, name: str, label: str, fields: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": name,
        "label": label,
        "coverage_status": coverage(tool, name),
        "fields": [{"id": field, "coverage_status": coverage(tool, f"{name}.{field}")} for field in fields],
    }


def _configured(
    tool: Tool, disabled: frozenset[str], name: str, label: str, fields: tuple[str, ...], *, configurable: bool
) -> dict[str, Any]:
    whole = _availability(tool, name)
    if name in disabled:
        whole |= {"is_available": False, "scope_config_setting": "DISABLED"}
    parts: list[dict[str, Any]] = []
    for field in fields:
        part = _availability(tool, f"{name}.{field}")
        if not configurable:
            part = {"is_available": part["coverage_status"] == "SUPPORTED", "coverage_status": part["coverage_status"]}
        part["is_available"] = part["is_available"] and whole["is_available"]
        parts.append({"id": field, **part})
    return {"id": name, "label": label, **whole, "fields": parts}


def _availability(tool: Tool, name: str) -> dict[str, Any]:
    status = coverage(tool, name)
    model, _, field = name.partition(".")
    if model not in _UNSERVED:
        setting = {_DISABLED: "DISABLED", _OPTED_OUT: "OPTIONAL", "home_address": "OPTIONAL"}.get(field, "ENABLED")
        opted_out = field == _OPTED_OUT
    else:
        setting = IndexedRandom("setting", tool.id, name).pick(_SETTINGS, 0)
        # Customers can only opt out of what is optional.
        opted_out = setting == "OPTIONAL" and IndexedRandom("opted out", tool.id, name)(0) % 2 == 0
    return {
        "is_available": status == "SUPPORTED" and setting != "DISABLED" and not opted_out,
        "coverage_status": status,
        "scope_config_setting": setting,
        "opted_out_by_customer": opted_out,
    }
