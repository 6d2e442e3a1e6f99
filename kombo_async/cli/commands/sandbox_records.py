"""`kombo-async sandbox record`: the records of a running sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from ..control_runner import Data, Limit, Values, run_control, values_of
from ..options import ControlOptions, Flag

if TYPE_CHECKING:
    from ..console import Output
    from ..control_client import ControlClient

record = App(name="record", help="Change the records of a running sandbox, as users of the connected tool do.")

Model = Annotated[str, Parameter(name="MODEL", help="The model, such as hris_employees.")]
RecordId = Annotated[str, Parameter(name="ID", help="The id of the record, or remote: and its id in the tool.")]
Integration = Annotated[str | None, Parameter(help="The integration; by default the first one that has the model.")]


@record.command(name="list")
def list_records(
    model: Model,
    /,
    *,
    integration: Integration = None,
    include_deleted: Annotated[Flag, Parameter(help="Deleted ones, too.")] = False,
    search: Annotated[str | None, Parameter(help="Only those that contain this text.")] = None,
    limit: Limit = 100,
    options: ControlOptions = ControlOptions(),
) -> int:
    """List records of a model, as the API has them.

    Example: `kombo-async sandbox record list hris_teams --limit 5`
    """

    def work(out: Output, control: ControlClient) -> None:
        from ..control_client import segment
        from ..json_io import print_json

        found, cursor = list[Any](), None
        while len(found) < limit:
            page = control.get(
                f"/records/{segment(model)}",
                integration_id=integration,
                include_deleted=str(include_deleted).lower(),
                search=search,
                limit=limit - len(found),
                cursor=cursor,
            )
            found += page["results"]
            cursor = page["next"]
            if cursor is None:
                break
        for each in found:
            print_json(out, each)

    return run_control("record list", options, work)


@record.command(name="put")
def put_record(
    model: Model,
    record_id: RecordId,
    /,
    *values: Values,
    data: Data = None,
    integration: Integration = None,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Add a record, or replace the one with its id. What is left out is null or empty.

    For example:

    ```
    kombo-async sandbox record put hris_employees ada \\
        first_name=Ada employment_status=ACTIVE
    ```
    """
    return _on_record(
        "put", "PUT", model, record_id, integration=integration, options=options, values=lambda: values_of(values, data)
    )


@record.command(name="change")
def change_record(
    model: Model,
    record_id: RecordId,
    /,
    *values: Values,
    data: Data = None,
    integration: Integration = None,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Change fields of a record; `changed_at` follows.

    Example: `kombo-async sandbox record change hris_employees remote:10001 last_name=Byron`
    """
    return _on_record(
        "change",
        "PATCH",
        model,
        record_id,
        integration=integration,
        options=options,
        values=lambda: values_of(values, data),
    )


def _on_record(
    command: str,
    method: str,
    model: str,
    record_id: str,
    *,
    integration: str | None,
    options: ControlOptions,
    ending: str = "",
    values: Callable[[], dict[str, Any]] = dict,
) -> int:
    def work(out: Output, control: ControlClient) -> None:
        from ..control_client import segment
        from ..json_io import print_json

        path = f"/records/{segment(model)}/{segment(record_id)}{ending}"
        if method == "GET":
            result = control.get(path, integration_id=integration)
        else:
            result = control.send(method, path, values(), integration_id=integration)
        if result is not None:
            print_json(out, result)

    return run_control(f"record {command}", options, work)


def _add_command(name: str, method: str, about: str, ending: str = "") -> None:
    """Add a command that sends nothing but the id of a record."""

    def command(
        model: Model,
        record_id: RecordId,
        /,
        *,
        integration: Integration = None,
        options: ControlOptions = ControlOptions(),
    ) -> int:
        return _on_record(name, method, model, record_id, integration=integration, options=options, ending=ending)

    command.__doc__ = f"{about}\n\nExample: `kombo-async sandbox record {name} hris_employees remote:10001`"
    record.command(command, name=name)


_add_command("show", "GET", "Show a record.")
_add_command("delete", "DELETE", "Delete a record in the tool: `remote_deleted_at` is set.")
_add_command(
    "anonymise", "POST", "Set all fields but the id to null, as Kombo does 14 days after a deletion.", "/anonymise"
)
_add_command("remove", "POST", "Remove a record without a trace.", "/remove")
