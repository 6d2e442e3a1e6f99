"""`kombo-async demo`."""

from __future__ import annotations

from ..options import OutputOptions


def demo() -> int:
    """Demonstrate integration fields, with the real client against a local Kombo.

    It starts a local Kombo on this machine, so it needs no account, no key and no network. In a few seconds it
    checks a key, looks at an integration, lists its 4,321 fields, switches three of them on, waits for a sync, reads
    their values from employees, and calls the connected tool. Each of Kombo's limits is reached once.

    Each step checks what it shows: the exit code is 0 if everything was as expected, else 1.

    Example: `kombo-async demo`
    """
    import asyncio

    from ..demo_script import run
    from ..runner import run_local

    return run_local("demo", OutputOptions(), lambda out: asyncio.run(run(out)))
