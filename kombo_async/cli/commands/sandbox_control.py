"""`kombo-async sandbox fault` and `event`, and what commands for a running sandbox share."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ..options import SHARED_OPTIONS, ExitCode, Flag, OutputOptions, UsageError

if TYPE_CHECKING:
    from ..console import Output
    from ..control_client import ControlClient

fault = App(name="fault", help="Let requests to a running sandbox fail.")
event = App(name="event", help="Send webhooks from a running sandbox, and see what receivers answered.")

Values = Annotated[str, Parameter(name="KEY=VALUE", help="The value is JSON, or else a text.")]
Data = Annotated[str | None, Parameter(help="All of it as a JSON object, a file after @, or - for standard input.")]
Limit = Annotated[int, Parameter(validator=Number(gte=1, lte=1000), help="The most of them that are shown.")]


@Parameter(name="*", group=SHARED_OPTIONS)
@dataclass(frozen=True, kw_only=True)
class ControlOptions(OutputOptions):
    """The shared options that apply to commands for a running sandbox."""

    base_url: Annotated[
        str | None, Parameter(help="The base URL of the sandbox; or KOMBO_BASE_URL, or http://127.0.0.1:8642/v1.")
    ] = None


def run_control(command: str, options: ControlOptions, work: Callable[[Output, ControlClient], int | None]) -> int:
    """Run a command against a running sandbox, and return the exit code."""
    from ..runner import run_action

    def action(out: Output) -> int | None:
        from ..control_client import ControlClient, ControlRefusedError, SandboxUnreachableError

        try:
            return work(out, ControlClient(options.base_url))
        except ControlRefusedError as error:
            out.error(str(error))
            return ExitCode.REFUSED
        except SandboxUnreachableError as error:
            out.error(str(error), "Start one with kombo-async sandbox, or name its address with --base-url.")
            return ExitCode.NETWORK

    return run_action(f"sandbox {command}", options, action)


def values_of(given: Sequence[str], data: str | None = None) -> dict[str, Any]:
    """Return the values of `KEY=VALUE`s, and of the object of `--data`."""
    from ..json_io import read_json, unique_pairs

    decoded: Any = {} if data is None else read_json(data)
    if not isinstance(decoded, dict):
        raise UsageError("--data must be a JSON object")
    found: dict[str, Any] = {**decoded}
    for key, text in unique_pairs("KEY=VALUE", given).items():
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
    return found


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
