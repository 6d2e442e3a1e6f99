"""`kombo-async demo`."""

from __future__ import annotations


def demo() -> int:
    """Play the story of integration fields, through the real client, against a local Kombo.

    It starts a Kombo of its own on this machine, so it needs no account, no key and no network. In a few seconds it
    checks a key, looks at an integration, lists its 4,321 fields, switches three of them on, waits for a sync, reads
    their values from employees, and calls the connected tool. On the way both of Kombo's limits are met once.

    Every step checks what it shows: the exit code is 0 only if all was as told, else 1.

    Example: `kombo-async demo`
    """
    import asyncio

    from .story import run

    return asyncio.run(run())
