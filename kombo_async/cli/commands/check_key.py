"""`kombo-async check-key`."""

from __future__ import annotations

from ..options import CommandOptions


def check_key(*, options: CommandOptions = CommandOptions()) -> int:
    """Check the API key, and print the environment that it belongs to.

    For example:

    ```
    kombo-async check-key
    ```
    """
    from ..runner import Invocation, run_command

    async def work(invocation: Invocation) -> None:
        info = await invocation.client.check_api_key()
        invocation.out.result(info, [f"The key works, and opens the environment {info.environment_id}."])

    return run_command("check-key", options, work)
