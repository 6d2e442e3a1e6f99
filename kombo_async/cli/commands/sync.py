"""`kombo-async sync`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ..options import CommandOptions, Flag, IntegrationId

if TYPE_CHECKING:
    from ..runner import Invocation


def sync(
    integration_id: IntegrationId,
    /,
    *,
    delta: Annotated[Flag, Parameter(help="Only changes since the last sync, if the tool supports that.")] = False,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Queue a sync of an integration, and do not wait for it: a sync takes minutes to hours.

    For example:

    ```
    kombo-async sync personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from ..runner import run_command

    async def work(invocation: Invocation) -> None:
        from ...models.general import SyncType

        wanted = SyncType.DELTA if delta else SyncType.FULL
        queued = await invocation.client.trigger_sync(type=wanted, integration_id=integration_id)
        state = "was under way already" if queued.already_queued else "is queued"
        invocation.out.result(queued, [f"The {queued.type} sync {queued.sync_id} {state}."])
        if queued.type != wanted:
            invocation.out.note(f"It is {queued.type}, not {wanted}: one was under way, or the tool lacks it.")

    return run_command("sync", options, work, integration_id=integration_id)
