"""`kombo-async integration`, and `kombo-async sync`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from .options import Flag, IntegrationId, Options

if TYPE_CHECKING:
    from ..models.general import Integration, ReadModel, WriteAction
    from .output import Column
    from .running import Run

integration = App(name="integration", help="Look at an integration, switch it on or off, let a customer reconnect.")

_STATUS = {
    "ACTIVE": "data is syncing",
    "INVALID": "the credentials failed, and syncing stopped",
    "INACTIVE": "switched off",
}
_SETUP = {
    "INCOMPLETE": "the customer has not finished it, and there is no data yet",
    "FINAL_SYNC_PENDING": "the first sync is running and may take hours",
    "COMPLETED": "ready to use",
}


@integration.command
def show(integration_id: IntegrationId, /, *, options: Options = Options()) -> int:
    """Show an integration: its tool, its state and what to do about it, what it can read and write.

    For example:

    ```
    kombo-async integration show personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from .running import carry_out

    async def work(run: Run) -> None:
        found = await run.client.get_integration(integration_id)
        if run.out.json:
            run.out.result(found)
        else:
            _show(run, found)

    return carry_out("integration show", options, work, integration_id=integration_id)


def _show(run: Run, found: Integration) -> None:
    out, customer, expired = run.out, found.end_user, found.data_expired_at
    out.facts(
        [
            ("Integration", found.id),
            ("Tool", f"{found.tool.label} ({found.tool.id})" + (", a beta of Kombo's" if found.beta else "")),
            ("Category", found.category),
            ("Customer", _joined(customer.organization_name, customer.creator_email, customer.origin_id)),
            ("Status", _joined(found.status, _STATUS.get(found.status), between=": ")),
            ("Setup", _joined(found.setup_status, _SETUP.get(found.setup_status), between=": ")),
            ("Scope config", f"{found.scope_config.name or 'without a name'} ({found.scope_config.id})"),
            ("Connected", f"{found.created_at:%Y-%m-%d %H:%M} UTC"),
            ("Data", "" if expired is None else f"stale since {expired:%Y-%m-%d %H:%M} UTC: filters or scope changed"),
        ]
    )
    out.table(_columns("Model", "Fields"), found.read_models)
    out.table(_columns("Action", "Inputs"), found.write_actions)
    out.result(None, _to_do(found))


def _to_do(found: Integration) -> Iterator[str]:
    """Tell what an integration waits for."""
    if found.status == "INVALID":
        yield f"Make a link for the customer to reconnect: kombo-async integration reconnect {found.id}"
    elif found.status == "INACTIVE":
        yield f"Switch it on: kombo-async integration enable {found.id}"
    elif found.setup_status == "FINAL_SYNC_PENDING":
        yield "Kombo tells the end of the first sync by the webhook data-changed."
    elif found.setup_status != "INCOMPLETE" and found.data_expired_at is not None:
        yield f"Bring the data up to date: kombo-async sync {found.id}"


def _joined(*parts: str | None, between: str = ", ") -> str:
    return between.join(filter(None, parts))


def _columns(name: str, parts: str) -> list[Column[ReadModel | WriteAction]]:
    """Return the columns of a table of models or actions, whose own *parts* are counted."""
    from .output import Column

    def available(thing: ReadModel | WriteAction) -> str:
        return f"{sum(part.is_available for part in thing.fields)} of {len(thing.fields)}" if thing.fields else ""

    def setting(thing: ReadModel | WriteAction) -> str:
        return thing.scope_config_setting + (", declined" if thing.opted_out_by_customer else "")

    return [
        Column(name, lambda thing: thing.label),
        Column("Offered", lambda thing: "yes" if thing.is_available else "no"),
        Column(parts, available),
        Column("Coverage", lambda thing: thing.coverage_status),
        Column("Scope config", setting),
        Column("Id", lambda thing: thing.id, extra=True),
    ]


@integration.command
def enable(integration_id: IntegrationId, /, *, options: Options = Options()) -> int:
    """Switch an integration on.

    For example:

    ```
    kombo-async integration enable personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    return _switch("enable", integration_id, options, on=True)


@integration.command
def disable(integration_id: IntegrationId, /, *, options: Options = Options()) -> int:
    """Switch an integration off: running syncs are cancelled, the credentials stay.

    For example:

    ```
    kombo-async integration disable personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    return _switch("disable", integration_id, options, on=False)


def _switch(command: str, integration_id: str, options: Options, *, on: bool) -> int:
    from .running import carry_out

    async def work(run: Run) -> None:
        await run.client.set_integration_enabled(on, integration_id=integration_id)
        run.out.result({"id": integration_id, "enabled": on}, [f"{integration_id} is {'on' if on else 'off'}."])

    return carry_out(f"integration {command}", options, work, integration_id=integration_id)


@integration.command
def reconnect(
    integration_id: IntegrationId,
    /,
    *,
    language: Annotated[
        str | None, Parameter(help="The language of the pages: en, de, fr, it or es; English where left out.")
    ] = None,
    scope_config: Annotated[
        str | None, Parameter(help="Id of the scope config to use from then on; where left out, it stays as it is.")
    ] = None,
    link_type: Annotated[
        Literal["embedded", "magic-link"],
        Parameter(help="For your app, with Kombo's SDK, for an hour; or to be sent to the customer, for a year."),
    ] = "embedded",
    options: Options = Options(),
) -> int:
    """Print a link by which the customer gives new credentials. It is a secret: send it to nobody else.

    For example:

    ```
    kombo-async integration reconnect personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --language de --link-type magic-link
    ```
    """
    from msgspec import UNSET

    from .running import carry_out

    async def work(run: Run) -> None:
        link = await run.client.create_reconnection_link(
            language=language or UNSET,
            scope_config_id=scope_config or UNSET,
            link_type=link_type.replace("-", "_").upper(),
            integration_id=integration_id,
        )
        run.out.result(link, [link.link])
        if link_type == "embedded":
            run.out.note("It opens in your app, for an hour. To send one by mail: --link-type magic-link")

    return carry_out("integration reconnect", options, work, integration_id=integration_id)


def sync(
    integration_id: IntegrationId,
    /,
    *,
    delta: Annotated[Flag, Parameter(help="Only what changed since the last sync, where the tool can tell.")] = False,
    options: Options = Options(),
) -> int:
    """Ask Kombo to sync an integration now, and do not wait for it: a sync takes minutes to hours.

    For example:

    ```
    kombo-async sync personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from .running import carry_out

    async def work(run: Run) -> None:
        from ..models.general import SyncType

        asked = SyncType.DELTA if delta else SyncType.FULL
        queued = await run.client.trigger_sync(type=asked, integration_id=integration_id)
        state = "was under way already" if queued.already_queued else "is queued"
        run.out.result(queued, [f"The {queued.type} sync {queued.sync_id} {state}."])
        if queued.type != asked:
            run.out.note(f"It is {queued.type}, not {asked}: one was under way, or the tool has no such sync.")

    return carry_out("sync", options, work, integration_id=integration_id)
