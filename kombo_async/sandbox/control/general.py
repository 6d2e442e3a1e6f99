"""The sandbox as a whole: its status, the words it knows, its clock, and its restart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

from ..._version import __version__
from ...webhook_examples import EXAMPLES
from ..api_errors import STATUSES
from ..data.deterministic import iso
from ..data.tools import TOOLS
from . import schemas
from .errors import ControlError
from .fault_kinds import KINDS
from .routes import Call, Routes

ROUTES = Routes()


@ROUTES.add("GET", "/status", returns=schemas.SandboxStatus)
def get_status(call: Call[schemas.NoParameters, Any]) -> schemas.SandboxStatus:
    """Return what the sandbox is, and how much there is of everything."""
    app = call.app
    clock = app.environment.clock
    return schemas.SandboxStatus(
        version=__version__,
        base_url=call.base_url,
        api_key=app.api_key,
        seed=app.config.seed,
        time=iso(clock()),
        clock_offset_seconds=clock.offset.total_seconds(),
        integrations=app.environment.count,
        requests=len(app.log.requests),
        deliveries=len(app.webhooks.deliveries),
        faults=len(app.faults.scripted),
        webhooks=len(app.webhooks.receivers),
    )


@ROUTES.add("GET", "/choices", returns=schemas.Choices)
def get_choices(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.Choices:
    """Return the words that the control API knows."""
    return schemas.Choices(
        tools=[schemas.ToolChoice(tool.id, tool.label, tool.category) for tool in TOOLS],
        models=[
            schemas.ModelChoice(table.name, table.label, category, table.fields)
            for category, tables in call.app.environment.tables.items()
            for table in tables.values()
        ],
        event_types=list(EXAMPLES),
        fault_kinds=list(KINDS),
        error_codes=list(STATUSES),
        statuses=get_args(schemas.Status),
        setup_statuses=get_args(schemas.SetupStatus),
        qa_statuses=get_args(schemas.QAStatus),
        sync_types=get_args(schemas.SyncType),
    )


@ROUTES.add("GET", "/clock", returns=schemas.ClockInfo)
def get_clock(call: Call[schemas.NoParameters, Any]) -> schemas.ClockInfo:
    """Return the time in the sandbox."""
    clock = call.app.environment.clock
    return schemas.ClockInfo(iso(clock()), clock.offset.total_seconds())


@ROUTES.add("POST", "/clock/advance", body=schemas.Advance, returns=schemas.ClockInfo)
def advance_clock(call: Call[schemas.NoParameters, schemas.Advance]) -> schemas.ClockInfo:
    """Set the clock forward, or back if `seconds` is negative. A sync that is due by then has ended."""
    try:
        call.app.environment.clock.advance(timedelta(seconds=call.body.seconds))
    except ValueError as error:
        raise ControlError(400, str(error), path="$.seconds") from None
    call.changed("clock")
    return get_clock(call)


@ROUTES.add("POST", "/reset", body=schemas.NewSeed, returns=schemas.SandboxStatus)
def reset(call: Call[schemas.NoParameters, schemas.NewSeed]) -> schemas.SandboxStatus:
    """Forget all changes, faults, requests, added webhooks and the clock, as after the start. Another seed gives other
    records, and other ids."""
    call.app.reset(call.body.seed)
    call.faults.clear()
    call.changed("reset")
    return get_status(call)
