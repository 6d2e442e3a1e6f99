"""`python -m benchmarks.sandbox`: the time until a sandbox listens, and the memory of idle integrations.

Each figure is measured in a process of its own. `imports` is for comparison: it is paid once, before the start.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from . import report, results
from .machine import description, memory_now

ROOT = Path(__file__).parents[1]
MIB = 1024**2
INTEGRATIONS = 1_000


def start() -> dict[str, float]:
    """Return the seconds of the imports, and of a start after them."""
    began = time.perf_counter()
    from kombo_async.sandbox import SandboxThread

    imported = time.perf_counter()
    with SandboxThread():
        started = time.perf_counter()
    return {"imports": imported - began, "start": started - imported}


def idle() -> dict[str, float]:
    """Return the memory of 1,000 integrations in addition to that of one: idle, and once each was asked for."""
    from kombo_async.sandbox import SandboxConfig, SandboxThread

    def ask(sandbox: SandboxThread, integration_id: str) -> None:
        address = f"{sandbox.base_url}/integrations/{integration_id}"
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as response:
            response.read()

    with SandboxThread() as one:
        ask(one, one.integration_id)
    before = memory_now()
    with SandboxThread(SandboxConfig(integrations=INTEGRATIONS)) as sandbox:
        ids = sandbox.integration_ids
        ask(sandbox, ids[0])
        unused = memory_now()
        for integration_id in ids:
            ask(sandbox, integration_id)
        return {"idle": unused - before, "asked": memory_now() - before}


def main() -> int:
    """Print the figures with their bounds, and return 1 if one does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--case", choices=["start", "idle"], help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="also write the section into RESULTS.md")
    given = parser.parse_args()
    if given.case:
        print(json.dumps({"start": start, "idle": idle}[given.case]()))
        return 0
    print("\n".join(description()))
    figures: dict[str, list[float]] = {}
    for case in ("start", "idle"):
        for _ in range(given.rounds):
            command = [sys.executable, "-m", "benchmarks.sandbox", "--case", case]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            for name, value in json.loads(done.stdout).items():
                figures.setdefault(name, []).append(value)
    median = {name: statistics.median(values) for name, values in figures.items()}
    measured = [
        ("imports", median["imports"] * 1_000, "ms", None),
        ("start after the imports", median["start"] * 1_000, "ms", 300),
        (f"{INTEGRATIONS:,} idle integrations", median["idle"] / MIB, "MiB", 20),
        ("the same, each asked for once", median["asked"] / MIB, "MiB", 20),
    ]
    rows = [
        (
            name,
            f"{value:.1f} {unit}",
            *(("", "") if bound is None else (f"≤ {bound}", "yes" if value <= bound else "NO")),
        )
        for name, value, unit, bound in measured
    ]
    print("\n".join(" | ".join(filter(None, row)) for row in rows))
    if given.write:
        results.write_section("Sandbox", report.section(("work", "found", "bound", "holds"), rows))
    return int(any(row[-1] == "NO" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
