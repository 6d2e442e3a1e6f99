"""`kombo-async fields`: the fields that the connected tool itself has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from .options import IntegrationId, Options

if TYPE_CHECKING:
    from ..models.general import IntegrationField

fields = App(name="fields", help="List the fields of the connected tool; switch on which of them come with records.")

NONE_AT_ALL = (
    "This integration has no such fields. Usually they are switched off for the model in the scope config: "
    "https://app.kombo.dev/scope-config"
)

FieldName = Annotated[
    str,
    Parameter(
        name="FIELD",
        allow_leading_hyphen=True,
        help="By its id, or as model/type/key, where the type may be left out if no other field is so named. "
        "With - they are read from standard input.",
    ),
]
FieldFile = Annotated[
    str | None,
    Parameter(
        name="--file",
        allow_leading_hyphen=True,
        help="A file that names one in each line, or holds lines that `fields list` wrote.",
    ),
]


@fields.command(name="list")
def list_fields(
    integration_id: IntegrationId,
    /,
    *,
    model: Annotated[str | None, Parameter(help="Those of one model, such as hris_employees.")] = None,
    type_: Annotated[
        str | None, Parameter(name="--type", help="DEFAULT, which the tool defined, or CUSTOM, which the customer did.")
    ] = None,
    enabled: Annotated[
        bool | None, Parameter(negative="--disabled", help="Those that come with records, or those that do not.")
    ] = None,
    search: Annotated[str | None, Parameter(help="Those with this text in key or label, in whatever case.")] = None,
    options: Options = Options(),
) -> int:
    """List the fields of the connected tool, or those that match. Kombo has no filters: all pages are read.

    For example:

    ```
    kombo-async fields list personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --model hris_employees --search shirt
    ```
    """
    from .output import Column
    from .running import Run, carry_out

    columns: list[Column[IntegrationField]] = [
        Column("On", lambda field: "yes" if field.is_passthrough_enabled else "no"),
        Column("Field", lambda field: f"{field.model}/{field.type}/{field.key}"),
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

    async def work(run: Run) -> None:
        seen = shown = 0
        run.so_far = lambda: f"{shown:,} of the {seen:,} fields read so far match"
        with run.out.listing(columns) as write, run.out.bar("fields") as bar:
            async for page in run.client.iter_integration_fields(integration_id).pages():
                found: Sequence[IntegrationField] = page.results
                if not unfiltered:
                    found = [field for field in found if matches(field)]
                write(found)
                seen, shown = seen + len(page.results), shown + len(found)
                bar.advance(len(page.results))
        if not seen:
            run.out.note(NONE_AT_ALL)
        elif not shown:
            run.out.note(f"None of the {seen:,} fields matches.")
        else:
            run.out.note(f"{seen:,} fields." if unfiltered else f"{shown:,} of {seen:,} fields.")

    return carry_out("fields list", options, work, integration_id=integration_id)


@fields.command
def enable(
    integration_id: IntegrationId,
    /,
    *field: FieldName,
    file: FieldFile = None,
    options: Options = Options(),
) -> int:
    """Let the values of fields come with every record, in integration_fields, from the next sync on.

    What is on already is left alone, so that it can be run again. For example:

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
    options: Options = Options(),
) -> int:
    """Let the values of fields come no longer, from the next sync on.

    What is off already is left alone, so that it can be run again. For example:

    ```
    kombo-async fields disable personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        hris_employees/CUSTOM/dynamic_1000006
    ```
    """
    return _switch("disable", integration_id, field, file, options, on=False)


def _switch(
    command: str, integration_id: str, given: Sequence[str], file: str | None, options: Options, *, on: bool
) -> int:
    from .running import Run, carry_out
    from .switching import names_from, switch

    names: list[str] = []

    def prepare() -> None:
        names.extend(names_from(given, file))

    async def work(run: Run) -> int:
        return await switch(run, integration_id, names, on=on)

    return carry_out(f"fields {command}", options, work, integration_id=integration_id, prepare=prepare)


def references(field: IntegrationField) -> Iterator[str]:
    """Give what a field can be called by, what names it and no other first."""
    yield field.id
    yield f"{field.model}/{field.type}/{field.key}"
    yield f"{field.model}/{field.key}"
