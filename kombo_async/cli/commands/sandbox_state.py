"""`kombo-async sandbox sync`, `requests`, `reset` and `advance`: they use a running sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from ..control_runner import Limit, run_control
from ..options import ControlOptions, Flag

if TYPE_CHECKING:
    from ..console import Output
    from ..control_client import ControlClient


def sync(
    integration_id: Annotated[
        str | None, Parameter(name="ID", help="The integration; by default the first one.")
    ] = None,
    /,
    *,
    delta: Annotated[Flag, Parameter(help="Only changes since the last sync.")] = False,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Start a sync of an integration in a running sandbox. When it ends, receivers of webhooks hear what changed.

    Example: `kombo-async sandbox sync`
    """

    def work(out: Output, control: ControlClient) -> None:
        from ..control_client import segment
        from ..control_tables import clock

        chosen = integration_id or next((each["id"] for each in control.get("/integrations", limit=1)["results"]), "")
        wanted = {"type": "DELTA" if delta else "FULL"}
        started = control.send("POST", f"/integrations/{segment(chosen)}/syncs", wanted)
        state = "was running already" if started["already_running"] else "is running"
        line = (
            f"The {started['type']} sync {started['id']} of {chosen} {state}; it ends at {clock(started['ends_at'])}."
        )
        out.result(started, [line])

    return run_control("sync", options, work)


def requests(
    request_id: Annotated[str | None, Parameter(name="ID", help="Show all of this request and its response.")] = None,
    /,
    *,
    follow: Annotated[Flag, Parameter(name=("--follow", "-f"), help="Print what happens until Ctrl-C.")] = False,
    method: Annotated[str | None, Parameter(help="Only with this method.")] = None,
    path: Annotated[str | None, Parameter(help="Only with this text in the path.")] = None,
    status: Annotated[str | None, Parameter(help="Only with this status, or class such as 4xx.")] = None,
    faults: Annotated[Flag, Parameter(help="Only those that a fault was applied to.")] = False,
    clear: Annotated[Flag, Parameter(help="Forget them.")] = False,
    limit: Limit = 50,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Show the latest requests to a running sandbox, newest first; or what happens from now on.

    For example:

    ```
    kombo-async sandbox requests --status 4xx
    ```
    """

    def work(out: Output, control: ControlClient) -> None:
        from ..control_client import segment
        from ..control_tables import REQUESTS, event_line
        from ..json_io import print_json

        if clear:
            control.send("DELETE", "/requests")
            out.note("Forgot all requests.")
        elif follow:
            for name, data in control.watch():
                line = event_line(name, data)
                if line is not None:
                    out.result({"event": name, **data}, [line])
                    out.flush()
        elif request_id is not None:
            print_json(out, control.get(f"/requests/{segment(request_id)}"))
        else:
            filters = {"method": method, "path": path, "status": status, "limit": limit}
            found = control.get("/requests", **filters, faults_only="true" if faults else None)["results"]
            out.rows(REQUESTS, found)

    return run_control("requests", options, work)


def reset(
    *,
    seed: Annotated[
        int | None, Parameter(validator=Number(gte=0), help="Another number gives other records, and other ids.")
    ] = None,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Forget all changes, faults, requests and added webhooks of a running sandbox, as after its start.

    Example: `kombo-async sandbox reset --seed 7`
    """

    def work(out: Output, control: ControlClient) -> None:
        status = control.send("POST", "/reset", {"seed": seed})
        out.result(status, [f"The sandbox is as after its start, with seed {status['seed']}."])

    return run_control("reset", options, work)


def advance(
    seconds: Annotated[float, Parameter(name="SECONDS", help="How far; back if it is negative.")],
    /,
    *,
    options: ControlOptions = ControlOptions(),
) -> int:
    """Set the clock of a running sandbox forward. A sync that is due by then has ended.

    Example: `kombo-async sandbox advance 86400`
    """

    def work(out: Output, control: ControlClient) -> None:
        clock = control.send("POST", "/clock/advance", {"seconds": seconds})
        out.result(clock, [f"The time in the sandbox is {clock['time']}."])

    return run_control("advance", options, work)
