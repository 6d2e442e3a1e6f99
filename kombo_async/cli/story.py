"""The story that `kombo-async demo` plays. It is also an example of how an app uses the client."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from .. import KomboClient, KomboError
from ..events import CallEvent, PageFetched, RequestSent, Throttled
from ..models.general import CoverageStatus, Integration, IntegrationField, ReadModel, ScopeConfigSetting
from ..models.hris import Employee
from ..sandbox import Fault, Sandbox, SandboxConfig
from .screen import Screen

FIELDS = 4_321
"""How many integration fields there are to list."""

_MODEL = "hris_employees"
_WANTED = (("T-shirt size", "string"), ("Badge number", "number"), ("Emergency contact", "object"))
"""Which fields are switched on, by their labels, and the JSON kind of their values."""

_LIMITS = ("PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED")
"""The limits that the client meets on the way, once each."""


class StoryError(Exception):
    """Something was not as told."""


@frozen(kw_only=True)
class Wait:
    """A wait that a limit asked for."""

    code: str
    """Which limit."""
    asked: float
    """How many seconds it asked for."""
    waited: float
    """How many seconds it took."""


@frozen(eq=False)
class Journal:
    """Observes the client: it counts, and says on the screen when a limit makes the client wait."""

    screen: Screen
    requests: list[str] = field(factory=list[str])
    """The operation of each request that was sent."""
    pages: list[int] = field(factory=list[int])
    """The number of records of each page that came."""
    waits: list[Wait] = field(factory=list[Wait])
    """The waits that are over."""
    refusals: dict[str, Throttled] = field(factory=dict[str, Throttled])
    """What began the waits that are not over, by operation."""

    def __call__(self, event: CallEvent) -> None:
        """Take note of one event."""
        if isinstance(event, Throttled):
            self.refusals[event.operation] = event
            self.screen.wait(f"Kombo refused with {event.code}; waiting {event.wait:.1f} s")
        elif isinstance(event, RequestSent):
            self.requests.append(event.operation)
            refusal = self.refusals.pop(event.operation, None)
            if refusal is not None:
                wait = Wait(code=refusal.code, asked=refusal.wait, waited=event.elapsed - refusal.elapsed)
                self.waits.append(wait)
                self.screen.good(f"waited {wait.waited:.1f} s and went on")
        elif isinstance(event, PageFetched):
            self.pages.append(event.records)


async def run() -> int:
    """Start a local Kombo, play the story, and return the exit code."""
    screen = Screen()
    # Slow enough to see the bars.
    config = SandboxConfig(fields=FIELDS, employees=120, latency=0.08, sync_seconds=1.0)
    try:
        async with Sandbox(config) as sandbox:
            await play(sandbox, screen)
    except (StoryError, KomboError) as error:
        screen.error("demo", f"stopped, because something was not as told: {error}")
        return 1
    except OSError as error:
        screen.error("demo", f"cannot start a local Kombo on this machine: {error.strerror or error}")
        return 1
    return 0


async def play(sandbox: Sandbox, screen: Screen, *, patience: float = 20.0) -> None:
    """Play the story against a running *sandbox*; raises `StoryError` at the first thing that is not as told.

    `patience` is how many seconds a sync may take.
    """
    began_at = time.monotonic()
    journal = Journal(screen)
    sandbox.faults.add(Fault.rate_limited(1), path="/integrations/*/integration-fields", method="GET", after=1)
    busy = Fault.error(
        "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED",
        "Too many actions in flight.",
        headers={"Retry-After": "1", "Concurrency-Limit": "30", "Concurrency-Remaining": "0"},
    )
    sandbox.faults.add(busy, path="/passthrough/*/*", method="POST")

    screen.line(f"Integration fields, on a local Kombo at {sandbox.base_url}")
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, proxy=None, observers=[journal]) as client:
        await _check_key(client, screen)
        kombo = client.for_integration(sandbox.integration_id)
        await _show_integration(kombo, screen)
        fields = await _list_fields(kombo, screen, journal, sandbox.config.fields)
        chosen = await _switch_on(kombo, screen, fields)
        employees = await _show_that_nothing_changed_yet(kombo, screen, chosen)
        await _sync(kombo, screen, chosen, patience)
        await _show_values(kombo, screen, chosen, employees)
        await _call_tool(kombo, screen)
        await _switch_off(kombo, screen, chosen)
    _check_waits(journal)

    waited, seconds = sum(wait.waited for wait in journal.waits), time.monotonic() - began_at
    done = f"{len(journal.requests)} requests, {len(journal.waits)} waits of {waited:.1f} s together"
    screen.heading(f"Done in {seconds:.1f} s: {done}.")
    screen.line("Try next:")
    screen.line("   kombo-async sandbox                a local Kombo for your own code")
    screen.line('   KomboClient(api_key="ks_prod_…")   the same calls on your own integrations')


def _check_waits(journal: Journal) -> None:
    codes = sorted(wait.code for wait in journal.waits)
    _expect(codes == sorted(_LIMITS), f"the client met the limits {codes}, not each of {sorted(_LIMITS)} once")
    for wait in journal.waits:
        # The event comes a moment after the wait began.
        _expect(wait.waited > wait.asked - 0.05, f"{wait.code} asked for {wait.asked} s, the wait was {wait.waited} s")


async def _check_key(client: KomboClient, screen: Screen) -> None:
    screen.heading("1. Check the key", "await client.check_api_key()")
    key = await client.check_api_key()
    _expect(key.environment_id, "the key belongs to no environment")
    screen.good(f"it opens the environment {key.environment_id}")


async def _show_integration(kombo: KomboClient, screen: Screen) -> None:
    screen.heading("2. Look at an integration", "await client.get_integration(integration_id)")
    integration = await kombo.get_integration()
    _expect(integration.status == "ACTIVE", f"the integration is {integration.status}")
    _expect(integration.setup_status == "COMPLETED", f"its setup is {integration.setup_status}")
    _expect(any(model.id == _MODEL and model.is_available for model in integration.read_models), f"no {_MODEL}")
    screen.good(_summary(integration))
    rows = [
        (model.label, "yes" if model.is_available else "no", _available_fields(model), _why_not(model))
        for model in integration.read_models
    ]
    screen.table(("Model", "Offered", "Fields", "Why not"), rows)


def _summary(integration: Integration) -> str:
    customer = integration.end_user.organization_name
    state = f"status {integration.status}, setup {integration.setup_status}"
    return f"{integration.tool.label} of {customer}: {state} ({integration.id})"


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


async def _list_fields(kombo: KomboClient, screen: Screen, journal: Journal, total: int) -> list[IntegrationField]:
    screen.heading(f"3. List its {total:,} integration fields", "async for field in client.iter_integration_fields(…)")
    before = len(journal.pages)
    fields: list[IntegrationField] = []
    with screen.bar("fields", total) as bar:
        async for found in kombo.iter_integration_fields():
            fields.append(found)
            bar.advance()
    pages = journal.pages[before:]
    distinct = len({one.id for one in fields})
    _expect(len(fields) == distinct == total, f"{len(fields)} fields came, {distinct} of them distinct, not {total}")
    _expect(sum(pages) == total, f"the pages held {sum(pages)} fields, not {total}")
    enabled = sum(one.is_passthrough_enabled for one in fields)
    _expect(not enabled, f"{enabled} fields are on before anybody switched one on")
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
            raise StoryError(f"employees have no field with a label like {label!r}")
        changed = await kombo.update_integration_field(found.id, enable_passthrough=True)
        _expect(changed.id == found.id and changed.is_passthrough_enabled, f"the field {found.key} is still off")
        chosen.append(changed)
    screen.table(("Label", "Key", "Type"), [(one.label or "", one.key, str(one.type)) for one in chosen])
    screen.good("all three are on")
    return chosen


async def _show_that_nothing_changed_yet(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField]) -> int:
    screen.heading("5. Read employees before the sync", "await client.hris.iter_employees().collect()")
    employees = await kombo.hris.iter_employees().collect()
    _expect(employees, "there are no employees")
    early = sum(bool(_values(employee, chosen)) for employee in employees)
    _expect(not early, f"{early} employees carry the fields already")
    screen.good(f"{len(employees)} employees, and none of them carries the fields: values come with a sync")
    return len(employees)


async def _sync(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField], patience: float) -> None:
    screen.heading("6. Sync", "await client.trigger_sync()")
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    sync = await kombo.trigger_sync()
    _expect(not sync.already_queued, "a sync was under way already")
    looks, pause = 0, 0.05
    with screen.bar("syncing", None) as bar:
        while True:
            looks += 1
            page = await kombo.hris.iter_employees(page_size=1).first_page()
            if page.results and len(_values(page.results[0], chosen)) == len(chosen):
                break
            _expect(loop.time() - asked_at < patience, f"after {patience:g} s employees still lack the fields")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 2.0)
        bar.finish()
    screen.good(f"{sync.type} sync {sync.sync_id}: done after {loop.time() - asked_at:.1f} s, looked {looks} times")
    screen.remark("A real one takes minutes to hours: there, let Kombo's webhook tell you instead of looking.")


async def _show_values(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField], total: int) -> None:
    screen.heading("7. Read employees again", "async for employee in client.hris.iter_employees(): …")
    employees: list[Employee] = []
    with screen.bar("employees", total) as bar:
        async for employee in kombo.hris.iter_employees():
            employees.append(employee)
            bar.advance()
    _expect(len(employees) == total, f"there were {total} employees before, and now there are {len(employees)}")
    rows: list[list[str]] = []
    for employee in employees:
        values = _values(employee, chosen)
        kinds = [_kind(values.get(one.id)) for one in chosen]
        name = f"{employee.first_name} {employee.last_name}"
        wanted = [kind for _, kind in _WANTED]
        _expect(kinds == wanted, f"the values of employee {employee.id} are {kinds}, not {wanted}")
        rows.append([name, *(_shown(values[one.id]) for one in chosen)])
    screen.table(("Employee", *(f"{label}\n({kind})" for label, kind in _WANTED)), rows[:4])
    screen.good(f"all {len(employees)} employees carry all three in integration_fields")


async def _call_tool(kombo: KomboClient, screen: Screen) -> None:
    screen.heading(
        "8. Ask the connected tool itself",
        'await client.send_passthrough_request("personio", "personnel", "GET", …)',
    )
    answer = await kombo.send_passthrough_request(
        "personio", "personnel", "GET", "/company/employees", params={"limit": "1"}
    )
    _expect(answer.is_success, f"the tool answered with status {answer.status}")
    screen.good(f"status {answer.status} from {answer.url}")
    for line in json.dumps(_first_person(answer.data), indent=2, ensure_ascii=False).splitlines():
        screen.line(f"     {line}")


def _first_person(data: Any) -> object:
    """Return the first employee in the tool's own answer."""
    try:
        return data["data"][0]
    except (LookupError, TypeError):
        raise StoryError("the tool answered with no employee") from None


async def _switch_off(kombo: KomboClient, screen: Screen, chosen: Sequence[IntegrationField]) -> None:
    screen.heading(
        "9. Switch the fields off again", "await client.update_integration_field(field.id, enable_passthrough=False)"
    )
    for one in chosen:
        changed = await kombo.update_integration_field(one.id, enable_passthrough=False)
        _expect(not changed.is_passthrough_enabled, f"the field {one.key} is still on")
    screen.good("all three are off; the next sync takes the values away")


def _values(employee: Employee, chosen: Sequence[IntegrationField]) -> dict[str, object]:
    """Return what the employee carries of the chosen fields, by their ids."""
    ids = {one.id for one in chosen}
    return {one.id: one.value for one in employee.integration_fields if one.id in ids}


def _kind(value: object) -> str:
    """Name the kind of a JSON value."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return "object" if isinstance(value, dict) else "other"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _expect(fact: object, otherwise: str) -> None:
    if not fact:
        raise StoryError(otherwise)
