"""`kombo-async integration`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from ..options import CommandOptions, IntegrationId

if TYPE_CHECKING:
    from ...models.general import Integration, ReadModel, WriteAction
    from ..console import Column
    from ..runner import Invocation

integration = App(name="integration", help="Show an integration, switch it on or off, let a customer reconnect.")

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
def show(integration_id: IntegrationId, /, *, options: CommandOptions = CommandOptions()) -> int:
    """Show an integration: its tool, its state and what to do about it, what it can read and write.

    For example:

    ```
    kombo-async integration show personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from ..runner import run_command

    async def work(invocation: Invocation) -> None:
        found = await invocation.client.get_integration(integration_id)
        if invocation.out.json:
            invocation.out.result(found)
        else:
            _show(invocation, found)

    return run_command("integration show", options, work, integration_id=integration_id)


def _show(invocation: Invocation, found: Integration) -> None:
    out, customer, expired = invocation.out, found.end_user, found.data_expired_at
    out.key_values(
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
    out.result(None, _next_step(found))


def _next_step(found: Integration) -> Iterator[str]:
    """Yield what the user can do to get the integration working or its data up to date, if anything."""
    if found.status == "INVALID":
        yield f"Create a link for the customer to reconnect: kombo-async integration reconnect {found.id}"
    elif found.status == "INACTIVE":
        yield f"Switch it on: kombo-async integration enable {found.id}"
    elif found.setup_status == "FINAL_SYNC_PENDING":
        yield "When the first sync ends, Kombo sends the webhook data-changed."
    elif found.setup_status != "INCOMPLETE" and found.data_expired_at is not None:
        yield f"Bring the data up to date: kombo-async sync {found.id}"


def _joined(*parts: str | None, between: str = ", ") -> str:
    return between.join(filter(None, parts))


def _columns(name: str, parts: str) -> list[Column[ReadModel | WriteAction]]:
    """Return the columns of a table of models or actions, whose own *parts* are counted."""
    from ..console import Column

    def available(capability: ReadModel | WriteAction) -> str:
        return (
            f"{sum(part.is_available for part in capability.fields)} of {len(capability.fields)}"
            if capability.fields
            else ""
        )

    def setting(capability: ReadModel | WriteAction) -> str:
        return capability.scope_config_setting + (", declined" if capability.opted_out_by_customer else "")

    return [
        Column(name, lambda capability: capability.label),
        Column("Offered", lambda capability: "yes" if capability.is_available else "no"),
        Column(parts, available),
        Column("Coverage", lambda capability: capability.coverage_status),
        Column("Scope config", setting),
        Column("Id", lambda capability: capability.id, extra=True),
    ]


@integration.command
def enable(integration_id: IntegrationId, /, *, options: CommandOptions = CommandOptions()) -> int:
    """Switch an integration on.

    For example:

    ```
    kombo-async integration enable personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    return _switch("enable", integration_id, options, on=True)


@integration.command
def disable(integration_id: IntegrationId, /, *, options: CommandOptions = CommandOptions()) -> int:
    """Switch an integration off: running syncs are cancelled, the credentials stay.

    For example:

    ```
    kombo-async integration disable personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    return _switch("disable", integration_id, options, on=False)


def _switch(command: str, integration_id: str, options: CommandOptions, *, on: bool) -> int:
    from ..runner import run_command

    async def work(invocation: Invocation) -> None:
        await invocation.client.set_integration_enabled(on, integration_id=integration_id)
        invocation.out.result({"id": integration_id, "enabled": on}, [f"{integration_id} is {'on' if on else 'off'}."])

    return run_command(f"integration {command}", options, work, integration_id=integration_id)


@integration.command
def reconnect(
    integration_id: IntegrationId,
    /,
    *,
    language: Annotated[
        str | None, Parameter(help="The language of the pages: en, de, fr, it or es; English by default.")
    ] = None,
    scope_config: Annotated[
        str | None, Parameter(help="Id of the scope config to use from then on; by default it stays the same.")
    ] = None,
    link_type: Annotated[
        Literal["embedded", "magic-link"],
        Parameter(help="For your app, with Kombo's SDK, for an hour; or to send to the customer, for a year."),
    ] = "embedded",
    options: CommandOptions = CommandOptions(),
) -> int:
    """Print a link where the customer enters new credentials. It is a secret: send it only to that customer.

    For example:

    ```
    kombo-async integration reconnect personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --language de --link-type magic-link
    ```
    """
    from msgspec import UNSET

    from ..runner import run_command

    async def work(invocation: Invocation) -> None:
        link = await invocation.client.create_reconnection_link(
            language=language or UNSET,
            scope_config_id=scope_config or UNSET,
            link_type=link_type.replace("-", "_").upper(),
            integration_id=integration_id,
        )
        invocation.out.result(link, [link.link])
        if link_type == "embedded":
            invocation.out.note("It opens in your app, for an hour. To send a link by mail: --link-type magic-link")

    return run_command("integration reconnect", options, work, integration_id=integration_id)
