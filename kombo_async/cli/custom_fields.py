"""`kombo-async custom-fields`: the fields you defined in Kombo, and what feeds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from .options import Flag, IntegrationId, Options, UsageError

if TYPE_CHECKING:
    from ..models.general import CustomField
    from .running import Run

custom_fields = App(name="custom-fields", help="List the fields you defined in Kombo; map them to fields of a tool.")


@custom_fields.command(name="list")
def list_custom_fields(integration_id: IntegrationId, /, *, options: Options = Options()) -> int:
    """List the custom fields, and which field of the connected tool feeds each of them.

    For example:

    ```
    kombo-async custom-fields list personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from .output import Column
    from .running import carry_out

    columns: list[Column[CustomField]] = [
        Column("Field", _name),
        Column("Fed from", _source),
        Column("Label", lambda one: one.label or "", extra=True),
        Column("Id", lambda one: one.id, extra=True),
    ]

    async def work(run: Run) -> None:
        seen = 0
        with run.out.listing(columns) as write, run.out.bar("custom fields") as bar:
            async for page in run.client.iter_custom_fields(integration_id).pages():
                write(page.results)
                seen += len(page.results)
                bar.advance(len(page.results))
        if not seen:
            run.out.note("There are no custom fields; define them in the dashboard: https://app.kombo.dev")

    return carry_out("custom-fields list", options, work, integration_id=integration_id)


@custom_fields.command(name="map")
def map_custom_field(
    integration_id: IntegrationId,
    field: Annotated[str, Parameter(name="FIELD", help="The custom field, by its id, its key, or as model/key.")],
    target: Annotated[
        str | None,
        Parameter(name="TARGET", help="What feeds it: a field of the tool, by its id or as model/type/key."),
    ] = None,
    /,
    *,
    clear: Annotated[Flag, Parameter(help="Let nothing feed it.")] = False,
    options: Options = Options(),
) -> int:
    """Let a field of the connected tool feed a custom field, or with --clear nothing, from the next sync on.

    For example:

    ```
    kombo-async custom-fields map personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        diet hris_employees/CUSTOM/dynamic_1000000
    kombo-async custom-fields map personio:GWd1wgE7fRQGywhDLfgbcBAc diet --clear
    ```
    """
    from .running import carry_out

    def prepare() -> None:
        if (target is None) != clear:
            raise UsageError("give either a TARGET or --clear")

    async def work(run: Run) -> None:
        one = await _find(run, integration_id, field)
        feeding = None if target is None else await _id_of(run, integration_id, target)
        now = one.integration_field.id if one.integration_field is not None else None
        if feeding == now:
            run.out.result(one, [f"{_name(one)} is {_fed(one)} already."])
            return
        changed = await run.client.update_custom_field_mapping(
            one.id, integration_field_id=feeding, integration_id=integration_id
        )
        run.out.result(changed, [f"{_name(changed)} is {_fed(changed)}."])
        run.out.note(f"It shows after the next sync: kombo-async sync {integration_id}")

    return carry_out("custom-fields map", options, work, integration_id=integration_id, prepare=prepare)


async def _find(run: Run, integration_id: str, name: str) -> CustomField:
    found = [
        one async for one in run.client.iter_custom_fields(integration_id) if name in {one.id, one.key, _name(one)}
    ]
    if not found:
        raise UsageError(f"no custom field is called {name!r}: see kombo-async custom-fields list {integration_id}")
    if len(found) > 1:
        raise UsageError(f"several custom fields are called {name!r}: write {_choice([_name(one) for one in found])}")
    return found[0]


async def _id_of(run: Run, integration_id: str, target: str) -> str:
    if "/" not in target:
        return target
    from .switching import find

    match (await find(run, integration_id, [target]))[target]:
        case str(why):
            raise UsageError(f"{target}: {why}")
        case one:
            return one.id


def _choice(names: Sequence[str]) -> str:
    return " or ".join(names)


def _name(one: CustomField) -> str:
    return f"{one.model}/{one.key}"


def _source(one: CustomField) -> str:
    source = one.integration_field
    return "" if source is None else f"{source.type}/{source.key}" + (f" ({source.label})" if source.label else "")


def _fed(one: CustomField) -> str:
    return f"fed from {_source(one)}" if one.integration_field is not None else "fed from nothing"
