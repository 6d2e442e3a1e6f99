"""`kombo-async sandbox fault` and `event`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ..control_runner import Data, Limit, Values, run_control, values_of
from ..options import ControlOptions, ExitCode, Flag

if TYPE_CHECKING:
    from ..console import Output
    from ..control_client import ControlClient

fault = App(name="fault", help="Make requests to a running sandbox fail.")
event = App(name="event", help="Send webhooks from a running sandbox, and see what receivers answered.")


@fault.command(name="add")
def add_fault(
    kind: Annotated[str, Parameter(name="KIND", help="Such as rate_limited, error, drop, delayed, html_502.")],
    /,
    *values: Values,
    path: Annotated[str | None, Parameter(help="Only on this path after /v1, with * for any one segment.")] = None,
    method: Annotated[str | None, Parameter(help="Only with this method.")] = None,
    times: Annotated[int, Parameter(validator=Number(gte=1), help="To how many requests it is applied.")] = 1,
    always: Annotated[Flag, Parameter(help="To all requests, until it is removed.")] = False,
    after: Annotated[int, Parameter(validator=Number(gte=0), help="How many requests are left alone before.")] = 0,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Apply a fault to the next matching requests. A wrong kind or key is answered with those that there are.

    For example:

    ```
    kombo-async sandbox fault add rate_limited retry_after=2 \\
        --path /hris/employees --times 3
    kombo-async sandbox fault add error code=REMOTE.SERVICE_UNAVAILABLE
    ```
    """

    def work(out: Output, control: ControlClient) -> None:
        from ..control_tables import fault_line

        wanted = {
            "fault": {**values_of(values), "kind": kind},
            "path": path,
            "method": None if method is None else method.upper(),
            "times": None if always else times,
            "after": after,
        }
        added = control.send("POST", "/faults", wanted)
        out.result(added, [fault_line(added)])
        if not added["operations"]:
            out.note("No operation of Kombo has this path and method.")

    return run_control("fault add", options, work)


@fault.command(name="list")
def list_faults(*, options: ControlOptions = ControlOptions()) -> int:
    """List the faults that will still be applied.

    Example: `kombo-async sandbox fault list`
    """

    def work(out: Output, control: ControlClient) -> None:
        from ..control_tables import FAULTS

        found = control.get("/faults")["results"]
        out.rows(FAULTS, found)

    return run_control("fault list", options, work)


@fault.command(name="remove")
def remove_fault(
    fault_id: Annotated[str, Parameter(name="ID", help="The id that the list shows.")],
    /,
    *,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Remove a fault.

    For example:

    ```
    kombo-async sandbox fault add html_502 --always
    kombo-async sandbox fault remove 1
    ```
    """

    def work(out: Output, control: ControlClient) -> None:
        from ..control_client import segment

        control.send("DELETE", f"/faults/{segment(fault_id)}")
        out.note(f"Removed fault {fault_id}.")

    return run_control("fault remove", options, work)


@fault.command(name="clear")
def clear_faults(*, options: ControlOptions = ControlOptions()) -> int:
    """Remove all faults.

    Example: `kombo-async sandbox fault clear`
    """

    def work(out: Output, control: ControlClient) -> None:
        control.send("DELETE", "/faults")
        out.note("Removed all faults.")

    return run_control("fault clear", options, work)


@event.command(name="send")
def send_event(
    event_type: Annotated[str, Parameter(name="TYPE", help="Such as data-changed.")],
    /,
    *values: Values,
    data: Data = None,
    integration: Annotated[str | None, Parameter(help="The integration; by default the first fitting one.")] = None,
    event_id: Annotated[str | None, Parameter(help="The id of an earlier event, to send a duplicate.")] = None,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Send an event to all receivers, with generated data in which these values are replaced.

    The exit code is 4 if a receiver did not answer with success. For example:

    ```
    kombo-async sandbox event send data-changed \\
        changed_models='[{"name": "hris_employees"}]'
    ```
    """

    def work(out: Output, control: ControlClient) -> int:
        wanted = {
            "type": event_type,
            "integration_id": integration,
            "event_id": event_id,
            "data": values_of(values, data),
        }
        return _show_deliveries(out, control.send("POST", "/webhooks/send", wanted)["results"])

    return run_control("event send", options, work)


@event.command(name="list")
def list_deliveries(*, limit: Limit = 20, options: ControlOptions = ControlOptions()) -> int:
    """List the latest deliveries, and what their receivers answered.

    Example: `kombo-async sandbox event list`
    """

    def work(out: Output, control: ControlClient) -> None:
        _show_deliveries(out, control.get("/deliveries", limit=limit)["results"])

    return run_control("event list", options, work)


@event.command(name="redeliver")
def redeliver(
    delivery_id: Annotated[str, Parameter(name="ID", help="The id that the list shows.")],
    /,
    *,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Send the same bytes to the same receiver again.

    The exit code is 4 if it did not answer with success.

    Example: `kombo-async sandbox event redeliver 1`
    """

    def work(out: Output, control: ControlClient) -> int:
        from ..control_client import segment

        return _show_deliveries(out, [control.send("POST", f"/deliveries/{segment(delivery_id)}/redeliver")])

    return run_control("event redeliver", options, work)


def _show_deliveries(out: Output, deliveries: Sequence[dict[str, Any]]) -> int:
    from ..control_tables import DELIVERIES

    out.rows(DELIVERIES, deliveries)
    return ExitCode.OK if all(each["arrived"] for each in deliveries) else ExitCode.PARTLY
