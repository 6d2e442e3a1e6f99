"""`kombo-async sandbox`: run one, or use a running one."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Generator, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ...sandbox.config import SandboxConfig
from ..options import ExitCode, Flag, OutputOptions
from .sandbox_control import event, fault
from .sandbox_records import record
from .sandbox_state import advance, requests, reset, sync

if TYPE_CHECKING:
    from ...sandbox import Sandbox
    from ...sandbox.http.feed import SandboxEvent
    from ..console import Output

_DEFAULTS = SandboxConfig()

Count = Annotated[int, Parameter(validator=Number(gte=0))]
AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]
Seconds = Annotated[float, Parameter(validator=Number(gte=0))]


sandbox = App(name="sandbox")
for _command in (fault, record, event, sync, requests, reset, advance):
    sandbox.command(_command)


@sandbox.default
def serve(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65_535))] = 8642,
    key: str = "ks_dev_sandbox",
    fields: Count = _DEFAULTS.fields,
    custom_fields: Count = _DEFAULTS.custom_fields,
    employees: Count = _DEFAULTS.employees,
    integrations: AtLeastOne = _DEFAULTS.integrations,
    seed: Count = _DEFAULTS.seed,
    latency: Seconds = _DEFAULTS.latency,
    action_latency: Seconds = _DEFAULTS.action_latency,
    sync_seconds: Seconds = _DEFAULTS.sync_seconds,
    requests_per_window: AtLeastOne = _DEFAULTS.requests_per_window,
    window_seconds: Seconds = _DEFAULTS.window_seconds,
    actions_per_integration: AtLeastOne = _DEFAULTS.actions_per_integration,
    webhook_url: str | None = None,
    webhook_secret: str = _DEFAULTS.webhook_secret,
    control: Literal["local", "network", "off"] = "local",
    quiet: Annotated[Flag, Parameter(name=("--quiet", "-q"))] = False,
) -> int:
    """Run a local Kombo until Ctrl-C. The rest of its help is in `app.py`, which shows it without an import.

    Parameters
    ----------
    host
        The address to listen on; 0.0.0.0 lets your network in.
    port
        The port to listen on; with 0 the system chooses.
    key
        The one API key that is accepted.
    fields
        Integration fields of each integration. Any number costs no memory.
    custom_fields
        Custom fields of the environment.
    employees
        Employees of each integration. Any number costs no memory.
    integrations
        Connected tools.
    seed
        Another number gives other records.
    latency
        Seconds that each request takes at least.
    action_latency
        Seconds that requests to the connected tool take in addition.
    sync_seconds
        Seconds that a sync takes.
    requests_per_window
        Requests in a window before PLATFORM.RATE_LIMIT_EXCEEDED.
    window_seconds
        Length of that window.
    actions_per_integration
        Actions in flight on an integration before PLATFORM.CONCURRENCY_LIMIT_EXCEEDED.
    webhook_url
        Where webhooks are sent, such as data-changed after a sync.
    webhook_secret
        The secret that they are signed with.
    control
        Who may use the control API under /_sandbox: programs on this machine, any on the network, or none.
    quiet
        No lines about requests and webhooks.
    """
    import asyncio

    from ..runner import run_local

    def work(out: Output) -> int:
        config = SandboxConfig(
            fields=fields,
            custom_fields=custom_fields,
            employees=employees,
            integrations=integrations,
            seed=seed,
            latency=latency,
            action_latency=action_latency,
            sync_seconds=sync_seconds,
            requests_per_window=requests_per_window,
            window_seconds=window_seconds,
            actions_per_integration=actions_per_integration,
            webhook_url=webhook_url,
            webhook_secret=webhook_secret,
        )
        settings = {"api_key": key, "host": host, "port": port, "control": control}
        return asyncio.run(_serve(out, config, settings, quiet=quiet))

    return run_local("sandbox", OutputOptions(), work)


async def _serve(out: Output, config: SandboxConfig, settings: dict[str, Any], *, quiet: bool) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    from ...sandbox import Sandbox
    from ..error_messages import cannot_listen
    from ..signals import stop_requested

    stop = stop_requested()
    async with AsyncExitStack() as stack:
        try:
            local = await stack.enter_async_context(Sandbox(config, **settings))
        except OSError as error:
            out.error(cannot_listen(settings["host"], settings["port"], error))
            return ExitCode.REFUSED
        out.text(_introduction(local, controlled=settings["control"] != "off"))
        if not quiet:
            stack.enter_context(_reported(local, out))
        await stop.wait()
    out.text(["Stopped."])
    return ExitCode.OK


@contextmanager
def _reported(local: Sandbox, out: Output) -> Generator[None]:
    """Print a line for each request and each delivery on a terminal, and elsewhere only about lost webhooks."""
    from ...sandbox import Delivery, ReceivedRequest
    from ..control_tables import delivery_line, request_line
    from ..log_lines import logs_to

    def report(event: SandboxEvent) -> None:
        now = f"{datetime.now().astimezone():%H:%M:%S}"
        if isinstance(event, Delivery):
            tries = [(answer.status, answer.error) for answer in event.answers]
            line = delivery_line(now, event.type, event.url, tries)
            if not event.arrived:
                out.message(line, "bold red")
            elif sys.stdout.isatty():
                out.text([line])
        elif isinstance(event, ReceivedRequest) and sys.stdout.isatty():
            query = "&".join(f"{name}={value}" for name, value in event.query)
            sent = f"{event.method:6} {event.path}{'?' if query else ''}{query}"
            fault = event.fault and f"fault {event.fault}"
            notes = (event.headers.get("X-Integration-Id"), event.code, fault)
            out.text([request_line(now, sent, event.status, event.milliseconds, notes)])

    local.observe(report)
    # The line says it; the log would say it again.
    with logs_to(lambda _: None, "kombo_async.sandbox"):
        yield


def _introduction(local: Sandbox, *, controlled: bool) -> Iterator[str]:
    """Yield lines on what was started and how to use it."""
    config = local.config
    yield f"A local Kombo listens at {local.base_url} until Ctrl-C."
    yield ""
    yield f"  key           {local.api_key}"
    yield f"  each has      {config.fields:,} integration fields, {config.employees:,} employees"
    if controlled:
        yield f"  control       {local.base_url.removesuffix('/v1')}/_sandbox/ (a page; kombo-async sandbox --help)"
    for number, integration_id in enumerate(local.integration_ids):
        yield f"  {'' if number else 'integrations':13} {integration_id}"
    yield ""
    yield "In a shell:"
    yield f"  export KOMBO_API_KEY={shlex.quote(local.api_key)} KOMBO_BASE_URL={local.base_url}"
    yield ""
    yield "In Python, with those two set:"
    yield "  from kombo_async import KomboClient"
    yield "  async with KomboClient() as client:"
    yield f'      kombo = client.for_integration("{local.integration_id}")'
    yield "      print(await kombo.iter_integration_fields().collect(limit=3))"
    yield ""
