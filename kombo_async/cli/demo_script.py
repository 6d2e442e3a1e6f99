"""The steps of `kombo-async demo`, which are also an example of an app that uses the client."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from .. import KomboClient, KomboError
from ..events import CallEvent, PageFetched, RequestSent, Throttled
from ..models.general import CoverageStatus, IntegrationField, ReadModel, ScopeConfigSetting
from ..models.hris import Employee
from ..sandbox import Fault, Sandbox, SandboxConfig
from .console import Output
from .demo_screen import Screen
from .options import ExitCode

FIELDS = 4_321
"""How many integration fields there are to list."""

_MODEL = "hris_employees"
_WANTED = (("T-shirt size", "string"), ("Badge number", "number"), ("Emergency contact", "object"))
"""The labels of the fields that are switched on, and the JSON types of their values."""

_LIMITS = ("PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED")
"""The limits that the client reaches, once each."""


class DemoError(Exception):
    """A check of the demo failed."""


@frozen(kw_only=True)
class Wait:
    """A wait because of a limit."""

    code: str
    required: float
    waited: float


@frozen(eq=False)
class DemoObserver:
    """An observer of the client: it counts, and reports waits because of limits."""

    screen: Screen
    requests: list[str] = field(factory=list[str])
    pages: list[int] = field(factory=list[int])
    waits: list[Wait] = field(factory=list[Wait])
    refusals: dict[str, Throttled] = field(factory=dict[str, Throttled])
    """The refusals whose waits have not ended, by operation."""

    def __call__(self, event: CallEvent) -> None:
        """Record one event."""
        if isinstance(event, Throttled):
            self.refusals[event.operation] = event
            self.screen.wait(f"Kombo refused with {event.code}; waiting {event.wait:.1f} s")
        elif isinstance(event, RequestSent):
            self.requests.append(event.operation)
            refusal = self.refusals.pop(event.operation, None)
            if refusal is not None:
                wait = Wait(code=refusal.code, required=refusal.wait, waited=event.elapsed - refusal.elapsed)
                self.waits.append(wait)
                self.screen.good(f"waited {wait.waited:.1f} s and continued")
        elif isinstance(event, PageFetched):
            self.pages.append(event.records)


async def run(out: Output) -> ExitCode:
    """Start a local Kombo, run the demo, and return the exit code."""
    # Slow enough to see the bars.
    config = SandboxConfig(fields=FIELDS, employees=120, latency=0.08, sync_seconds=1.0)
    try:
        async with Sandbox(config) as sandbox:
            await run_steps(sandbox, Screen())
    except (DemoError, KomboError) as error:
        out.error(f"stopped, as a check failed: {error}")
        return ExitCode.REFUSED
    return ExitCode.OK


async def run_steps(sandbox: Sandbox, screen: Screen, *, sync_timeout: float = 20.0) -> None:
    """Run the steps against a running *sandbox*; raise `DemoError` at the first check that fails.

    A sync may take *sync_timeout* seconds.
    """
    began_at = time.monotonic()
    observer = DemoObserver(screen)
    sandbox.faults.add(Fault.rate_limited(1), path="/integrations/*/integration-fields", method="GET", after=1)
    busy = Fault.error(
        "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED",
        "Too many actions in flight.",
        headers={"Retry-After": "1", "Concurrency-Limit": "30", "Concurrency-Remaining": "0"},
    )
    sandbox.faults.add(busy, path="/passthrough/*/*", method="POST")

    screen.line(f"Integration fields, on a local Kombo at {sandbox.base_url}")
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, proxy=None, observers=[observer]) as client:
        await _check_key(client, screen)
        kombo = client.for_integration(sandbox.integration_id)
        await _show_integration(kombo, screen)
        fields = await _list_fields(kombo, screen, observer, sandbox.config.fields)
        chosen = await _switch_on(kombo, screen, fields)
        employees = await _read_before_sync(kombo, screen, chosen)
        await _sync(kombo, screen, chosen, sync_timeout)
        await _show_values(kombo, screen, chosen, employees)
        await _call_tool(kombo, screen)
        await _switch_off(kombo, screen, chosen)
    _check_waits(observer)

    waited, seconds = sum(wait.waited for wait in observer.waits), time.monotonic() - began_at
    done = f"{len(observer.requests)} requests, {len(observer.waits)} waits of {waited:.1f} s together"
    screen.heading(f"Done in {seconds:.1f} s: {done}.")
    screen.line("Try next:")
    screen.line("   kombo-async sandbox                a local Kombo for your own code")
    screen.line('   KomboClient(api_key="ks_prod_…")   the same calls on your own integrations')


def _check_waits(observer: DemoObserver) -> None:
    codes = sorted(wait.code for wait in observer.waits)
    _check(codes == sorted(_LIMITS), f"the client reached the limits {codes}, not each of {sorted(_LIMITS)} once")
    for wait in observer.waits:
        # The event is a moment later than the beginning of the wait.
        _check(wait.waited > wait.required - 0.05, f"{wait.code} required {wait.required} s, not {wait.waited} s")


async def _check_key(client: KomboClient, screen: Screen) -> None:
    screen.heading("1. Check the key", "await client.check_api_key()")
    key = await client.check_api_key()
    _check(key.environment_id, "the key belongs to no environment")
    screen.good(f"it opens the environment {key.environment_id}")


async def _show_integration(kombo: KomboClient, screen: Screen) -> None:
    screen.heading("2. Look at an integration", "await client.get_integration(integration_id)")
    integration = await kombo.get_integration()
    _check(integration.status == "ACTIVE", f"the integration is {integration.status}")
    _check(integration.setup_status == "COMPLETED", f"its setup is {integration.setup_status}")
    _check(any(model.id == _MODEL and model.is_available for model in integration.read_models), f"no {_MODEL}")
    customer = integration.end_user.organization_name
    state = f"status {integration.status}, setup {integration.setup_status}"
    screen.good(f"{integration.tool.label} of {customer}: {state} ({integration.id})")
    rows = [
        (model.label, "yes" if model.is_available else "no", _available_fields(model), _why_not(model))
        for model in integration.read_models
    ]
    screen.table(("Model", "Offered", "Fields", "Why not"), rows)


def _available_fields(model: ReadModel) -> str:
    if not model.is_available:
        return ""
    return f"{sum(one.is_available for one in model.fields)} of {len(model.fields)}"


def _why_not(model: ReadModel) -> str:
    if model.is_available:
        return ""
    if model.coverage_status is not CoverageStatus.SUPPORTED:
        return f"{model.coverage_status} for this tool"
    if model.scope_config_setting is ScopeConfigSetting.DISABLED:
        return "off in the scope config"
    return "declined by the customer"


async def _list_fields(
    kombo: KomboClient, screen: Screen, observer: DemoObserver, total: int
) -> list[IntegrationField]:
    screen.heading(f"3. List its {total:,} integration fields", "async for field in client.iter_integration_fields(…)")
    before = len(observer.pages)
    fields: list[IntegrationField] = []
    with screen.progress_bar("fields", total) as bar:
        async for found in kombo.iter_integration_fields():
            fields.append(found)
            bar.advance()
    pages = observer.pages[before:]
    distinct = len({one.id for one in fields})
    _check(len(fields) == distinct == total, f"{len(fields)} fields arrived, {distinct} of them distinct, not {total}")
    _check(sum(pages) == total, f"the pages held {sum(pages)} fields, not {total}")
    enabled = sum(one.is_passthrough_enabled for one in fields)
    _check(not enabled, f"{enabled} fields are on from the start")
    of_employees = sum(one.model == _MODEL for one in fields)
    sizes = " + ".join(f"{size:,}" for size in pages)
    screen.good(f"{len(fields):,} fields in {len(pages)} pages ({sizes}), {of_employees:,} of them of employees")
    return fields


async def _switch_on(kombo: KomboClient, screen: Screen, fields: Sequence[IntegrationField]) -> list[IntegrationField]:
    screen.heading(
        "4. Switch three of them on", "await client.update_integration_field(field.id, enable_passthrough=True)"
    )
    chosen: list[IntegrationField] = []
    for label, _ in _WANTED:
        found = next((one for one in fields if one.model == _MODEL and (one.label or "").startswith(label)), None)
        if found is None:
            raise DemoError(f"employees have no field with a label like {label!r}")
        changed = await kombo.update_integration_field(found.id, enable_passthrough=True)
        _check(changed.id == found.id and changed.is_passthrough_enabled, f"the field {found.key} is still off")
        chosen.append(changed)
    screen.table(("Label", "Key", "Type"), [(one.label or "", one.key, str(one.type)) for one in chosen])
    screen.good("all three are on")
    return chosen


async def _read_before_sync(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField]) -> int:
    screen.heading("5. Read employees before the sync", "await client.hris.iter_employees().collect()")
    employees = await kombo.hris.iter_employees().collect()
    _check(employees, "there are no employees")
    early = sum(bool(_values(employee, chosen)) for employee in employees)
    _check(not early, f"{early} employees carry the fields already")
    screen.good(f"{len(employees)} employees, and none of them carries the fields: values come with a sync")
    return len(employees)


async def _sync(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField], sync_timeout: float) -> None:
    screen.heading("6. Sync", "await client.trigger_sync()")
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    sync = await kombo.trigger_sync()
    _check(not sync.already_queued, "a sync was under way already")
    reads, pause = 0, 0.05
    with screen.progress_bar("syncing", None):
        while True:
            reads += 1
            page = await kombo.hris.iter_employees(page_size=1).first_page()
            if page.results and len(_values(page.results[0], chosen)) == len(chosen):
                break
            _check(loop.time() - started_at < sync_timeout, f"after {sync_timeout:g} s employees still lack the fields")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 2.0)
    screen.good(f"{sync.type} sync {sync.sync_id}: done after {loop.time() - started_at:.1f} s, read {reads} times")
    screen.remark("A real one takes minutes to hours: wait for Kombo's webhook instead of polling.")


async def _show_values(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField], total: int) -> None:
    screen.heading("7. Read employees again", "async for employee in client.hris.iter_employees(): …")
    employees: list[Employee] = []
    with screen.progress_bar("employees", total) as bar:
        async for employee in kombo.hris.iter_employees():
            employees.append(employee)
            bar.advance()
    _check(len(employees) == total, f"there were {total} employees before, and now there are {len(employees)}")
    rows: list[list[str]] = []
    for employee in employees:
        values = _values(employee, chosen)
        types = [_json_type(values.get(one.id)) for one in chosen]
        name = f"{employee.first_name} {employee.last_name}"
        wanted = [type_ for _, type_ in _WANTED]
        _check(types == wanted, f"the values of employee {employee.id} are {types}, not {wanted}")
        rows.append([name, *(_shown(values[one.id]) for one in chosen)])
    screen.table(("Employee", *(f"{label}\n({type_})" for label, type_ in _WANTED)), rows[:4])
    screen.good(f"all {len(employees)} employees carry all three in integration_fields")


async def _call_tool(kombo: KomboClient, screen: Screen) -> None:
    screen.heading(
        "8. Call the connected tool itself",
        'await client.send_passthrough_request("personio", "personnel", "GET", …)',
    )
    answer = await kombo.send_passthrough_request(
        "personio", "personnel", "GET", "/company/employees", params={"limit": "1"}
    )
    _check(answer.is_success, f"the tool answered with status {answer.status}")
    screen.good(f"status {answer.status} from {answer.url}")
    for line in json.dumps(_first_person(answer.data), indent=2, ensure_ascii=False).splitlines():
        screen.line(f"     {line}")


def _first_person(data: Any) -> object:
    """Return the first employee in the tool's own answer."""
    try:
        return data["data"][0]
    except (LookupError, TypeError):
        raise DemoError("the tool answered with no employee") from None


async def _switch_off(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField]) -> None:
    screen.heading(
        "9. Switch the fields off again", "await client.update_integration_field(field.id, enable_passthrough=False)"
    )
    for one in chosen:
        changed = await kombo.update_integration_field(one.id, enable_passthrough=False)
        _check(not changed.is_passthrough_enabled, f"the field {one.key} is still on")
    screen.good("all three are off; the next sync takes the values away")


def _values(employee: Employee, chosen: Sequence[IntegrationField]) -> dict[str, object]:
    """Return the values of the chosen fields of an employee, by the ids of the fields."""
    ids = {one.id for one in chosen}
    return {one.id: one.value for one in employee.integration_fields if one.id in ids}


def _json_type(value: object) -> str:
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return "object" if isinstance(value, dict) else "other"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check(fact: object, otherwise: str) -> None:
    if not fact:
        raise DemoError(otherwise)
