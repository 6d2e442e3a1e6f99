"""`kombo-async sandbox`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from ...sandbox.config import SandboxConfig
from ..options import CommandOptions, ExitCode

if TYPE_CHECKING:
    from ...sandbox import Sandbox
    from ..console import Output

_DEFAULTS = SandboxConfig()

Count = Annotated[int, Parameter(validator=Number(gte=0))]
AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]
Seconds = Annotated[float, Parameter(validator=Number(gte=0))]


def sandbox(
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
) -> int:
    """Run a local Kombo until Ctrl-C, for trials and tests.

    It prints its address, its key, its integrations, and how to use them. The same options give the same data.

    Example: `kombo-async sandbox --port 9000 --fields 100000 --integrations 3`

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
    """
    import asyncio

    from ..runner import run_action

    def action(out: Output) -> int:
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
        return asyncio.run(_serve(out, config, key, host, port))

    return run_action("sandbox", CommandOptions(), action)


async def _serve(out: Output, config: SandboxConfig, key: str, host: str, port: int) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    from ...sandbox import Sandbox
    from ..error_messages import cannot_listen
    from ..signals import stop_requested

    stop = stop_requested()
    async with AsyncExitStack() as stack:
        try:
            local = await stack.enter_async_context(Sandbox(config, api_key=key, host=host, port=port))
        except OSError as error:
            out.error(cannot_listen(host, port, error))
            return ExitCode.REFUSED
        out.text(_introduction(local))
        await stop.wait()
    out.text(["Stopped."])
    return ExitCode.OK


def _introduction(local: Sandbox) -> Iterator[str]:
    """Yield lines on what was started and how to use it."""
    config = local.config
    yield f"A local Kombo listens at {local.base_url} until Ctrl-C."
    yield ""
    yield f"  key           {local.api_key}"
    yield f"  each has      {config.fields:,} integration fields, {config.employees:,} employees"
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
