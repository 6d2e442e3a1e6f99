"""`kombo-async check-key`."""

from __future__ import annotations

from .options import Options


def check_key(*, options: Options = Options()) -> int:
    """Tell which environment the API key belongs to.

    For example:

    ```
    kombo-async check-key
    ```
    """
    from .running import Run, carry_out

    async def work(run: Run) -> None:
        info = await run.client.check_api_key()
        run.out.result(info, [f"The key works, and opens the environment {info.environment_id}."])

    return carry_out("check-key", options, work)
