"""`kombo-async custom-fields`: the fields you defined in Kombo, and the fields of the tool that feed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ..options import CommandOptions, Flag, IntegrationId, UsageError

if TYPE_CHECKING:
    from ...models.general import CustomField
    from ..runner import Invocation

custom_fields = App(name="custom-fields", help="List the fields you defined in Kombo; map them to fields of a tool.")


@custom_fields.command(name="list")
def list_custom_fields(integration_id: IntegrationId, /, *, options: CommandOptions = CommandOptions()) -> int:
    """List the custom fields, and which field of the connected tool feeds each of them.

    For example:

    ```
    kombo-async custom-fields list personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from ..console import Column
    from ..runner import run_command

    columns: list[Column[CustomField]] = [
        Column("Field", _name),
        Column("Fed from", _source),
        Column("Label", lambda one: one.label or "", extra=True),
        Column("Id", lambda one: one.id, extra=True),
    ]

    async def work(invocation: Invocation) -> None:
        seen = 0
        with invocation.out.listing(columns) as write, invocation.out.progress_bar("custom fields") as bar:
            async for page in invocation.client.iter_custom_fields(integration_id).pages():
                write(page.results)
                seen += len(page.results)
                bar.advance(len(page.results))
        if not seen:
            invocation.out.note("There are no custom fields; define them in the dashboard: https://app.kombo.dev")

    return run_command("custom-fields list", options, work, integration_id=integration_id)


@custom_fields.command(name="map")
def map_custom_field(
    integration_id: IntegrationId,
    field: Annotated[str, Parameter(name="FIELD", help="The custom field: its id, its key, or model/key.")],
    target: Annotated[
        str | None,
        Parameter(name="TARGET", help="The field of the tool that feeds it: its id, or model/type/key."),
    ] = None,
    /,
    *,
    clear: Annotated[Flag, Parameter(help="Remove the mapping.")] = False,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Let a field of the connected tool feed a custom field, or with --clear nothing, from the next sync on.

    For example:

    ```
    kombo-async custom-fields map personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        diet hris_employees/CUSTOM/dynamic_1000000
    kombo-async custom-fields map personio:GWd1wgE7fRQGywhDLfgbcBAc diet --clear
    ```
    """
    from ..runner import run_command

    def prepare() -> None:
        if (target is None) != clear:
            raise UsageError("give either a TARGET or --clear")

    async def work(invocation: Invocation) -> None:
        one = await _find(invocation, integration_id, field)
        feeding = None if target is None else await _id_of(invocation, integration_id, target)
        now = one.integration_field.id if one.integration_field is not None else None
        if feeding == now:
            invocation.out.result(one, [f"{_name(one)} is {_fed(one)} already."])
            return
        changed = await invocation.client.update_custom_field_mapping(
            one.id, integration_field_id=feeding, integration_id=integration_id
        )
        invocation.out.result(changed, [f"{_name(changed)} is {_fed(changed)}."])
        invocation.out.note(f"The change shows after the next sync: kombo-async sync {integration_id}")

    return run_command("custom-fields map", options, work, integration_id=integration_id, prepare=prepare)


async def _find(invocation: Invocation, integration_id: str, name: str) -> CustomField:
    found = [
        one
        async for one in invocation.client.iter_custom_fields(integration_id)
        if name in {one.id, one.key, _name(one)}
    ]
    if not found:
        raise UsageError(f"no custom field has the name {name!r}: see kombo-async custom-fields list {integration_id}")
    if len(found) > 1:
        raise UsageError(f"several custom fields have the name {name!r}: write {' or '.join(map(_name, found))}")
    return found[0]


async def _id_of(invocation: Invocation, integration_id: str, target: str) -> str:
    if "/" not in target:
        return target
    from ..toggle_fields import find_fields

    match (await find_fields(invocation, integration_id, [target]))[target]:
        case str(problem):
            raise UsageError(f"{target}: {problem}")
        case one:
            return one.id


def _name(one: CustomField) -> str:
    return f"{one.model}/{one.key}"


def _source(one: CustomField) -> str:
    source = one.integration_field
    return "" if source is None else f"{source.type}/{source.key}" + (f" ({source.label})" if source.label else "")


def _fed(one: CustomField) -> str:
    return f"fed from {_source(one)}" if one.integration_field is not None else "fed from nothing"
