"""`kombo-async fields`: the fields of the connected tool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ..options import CommandOptions, IntegrationId

if TYPE_CHECKING:
    from ...models.general import IntegrationField

fields = App(name="fields", help="List the fields of the connected tool; switch on those that come with records.")

FieldName = Annotated[
    str,
    Parameter(
        name="FIELD",
        allow_leading_hyphen=True,
        help="Its id, or model/type/key; without the type if no other field has that name. "
        "- reads them from standard input.",
    ),
]
FieldFile = Annotated[
    str | None,
    Parameter(
        name="--file",
        allow_leading_hyphen=True,
        help="A file with a name in each line, or with the lines of `fields list`.",
    ),
]


@fields.command(name="list")
def list_fields(
    integration_id: IntegrationId,
    /,
    *,
    model: Annotated[str | None, Parameter(help="Only those of one model, such as hris_employees.")] = None,
    type_: Annotated[
        str | None, Parameter(name="--type", help="DEFAULT, defined by the tool, or CUSTOM, defined by the customer.")
    ] = None,
    enabled: Annotated[
        bool | None, Parameter(negative="--disabled", help="Only those that come with records, or those that do not.")
    ] = None,
    search: Annotated[str | None, Parameter(help="Only those with this text in key or label, in any case.")] = None,
    options: CommandOptions = CommandOptions(),
) -> int:
    """List the fields of the connected tool, or those that match. Kombo has no filters: all pages are read.

    For example:

    ```
    kombo-async fields list personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --model hris_employees --search shirt
    ```
    """
    from ..console import Column
    from ..runner import Invocation, run_command
    from ..toggle_fields import NO_FIELDS, full_name

    columns: list[Column[IntegrationField]] = [
        Column("On", lambda field: "yes" if field.is_passthrough_enabled else "no"),
        Column("Field", full_name),
        Column("Label", lambda field: field.label or ""),
        Column("Id", lambda field: field.id, extra=True),
    ]
    of_type = type_.upper() if type_ is not None else None
    text = search.casefold() if search is not None else None

    def matches(field: IntegrationField) -> bool:
        return (
            (model is None or field.model == model)
            and (of_type is None or field.type == of_type)
            and (enabled is None or field.is_passthrough_enabled is enabled)
            and (text is None or text in field.key.casefold() or text in (field.label or "").casefold())
        )

    unfiltered = model is None and of_type is None and enabled is None and text is None

    async def work(invocation: Invocation) -> None:
        seen = shown = 0
        invocation.progress_summary = lambda: f"{shown:,} of the {seen:,} fields read so far match"
        with invocation.out.listing(columns) as write, invocation.out.progress_bar("fields") as bar:
            async for page in invocation.client.iter_integration_fields(integration_id).pages():
                found: Sequence[IntegrationField] = page.results
                if not unfiltered:
                    found = [field for field in found if matches(field)]
                write(found)
                seen, shown = seen + len(page.results), shown + len(found)
                bar.advance(len(page.results))
        if not seen:
            invocation.out.note(NO_FIELDS)
        elif not shown:
            invocation.out.note(f"None of the {seen:,} fields matches.")
        else:
            invocation.out.note(f"{seen:,} fields." if unfiltered else f"{shown:,} of {seen:,} fields.")

    return run_command("fields list", options, work, integration_id=integration_id)


@fields.command
def enable(
    integration_id: IntegrationId,
    /,
    *field: FieldName,
    file: FieldFile = None,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Switch fields on: their values come with every record, in integration_fields, from the next sync on.

    Those that are on already are left alone, so the command can be repeated. For example:

    ```
    kombo-async fields enable personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        hris_employees/CUSTOM/dynamic_1000006 hris_employees/badge_number_11
    kombo-async fields list personio:GWd1wgE7fRQGywhDLfgbcBAc --search shirt |
        kombo-async fields enable personio:GWd1wgE7fRQGywhDLfgbcBAc -
    ```
    """
    return _switch("enable", integration_id, field, file, options, on=True)


@fields.command
def disable(
    integration_id: IntegrationId,
    /,
    *field: FieldName,
    file: FieldFile = None,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Switch fields off: their values come no longer, from the next sync on.

    Those that are off already are left alone, so the command can be repeated. For example:

    ```
    kombo-async fields disable personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        hris_employees/CUSTOM/dynamic_1000006
    ```
    """
    return _switch("disable", integration_id, field, file, options, on=False)


def _switch(
    command: str, integration_id: str, given: Sequence[str], file: str | None, options: CommandOptions, *, on: bool
) -> int:
    from ..runner import Invocation, run_command
    from ..toggle_fields import read_field_names, set_enabled

    names: list[str] = []

    def prepare() -> None:
        names.extend(read_field_names(given, file))

    async def work(invocation: Invocation) -> int:
        return await set_enabled(invocation, integration_id, names, on=on)

    return run_command(f"fields {command}", options, work, integration_id=integration_id, prepare=prepare)
