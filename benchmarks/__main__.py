"""`python -m benchmarks`: all clients, interleaved, as one table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import chart, machine, report, results
from .rows import rows
from .runner import ROOT, Samples, run

HERE = Path(__file__).parent
SAMPLES = ROOT / ".cache/benchmarks.json"
"""The latest samples of each row that was measured in full, from which RESULTS.md is written."""


def save(samples: dict[str, Samples]) -> dict[str, Samples]:
    """Replace the saved samples of these rows; return those of all rows."""
    saved = json.loads(SAMPLES.read_text(encoding="utf-8")) if SAMPLES.exists() else {}
    SAMPLES.parent.mkdir(exist_ok=True)
    SAMPLES.write_text(json.dumps(saved | samples), encoding="utf-8")
    return saved | samples


def main() -> int:
    """Measure the chosen rows, print the table, and return 1 if a bound does not hold."""
    names = [row.name for row in rows(quick=False)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, help="rounds in which each client is measured (9, or 2 with --quick)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"some of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="less than a minute, and less exact")
    parser.add_argument(
        "--write",
        action="store_true",
        help="also write RESULTS.md and results.svg, with the latest samples of rows left out",
    )
    given = parser.parse_args()
    if given.write and given.quick:
        parser.error("--write needs rows in full")
    rounds = given.rounds or (2 if given.quick else 9)
    chosen = [row for row in rows(quick=given.quick) if not given.only or row.name in given.only]
    samples = run(chosen, rounds)
    summaries = [row.summary(samples[row.name]) for row in chosen]
    print("\n".join(machine.description()))
    print("of official, of bare, of httpx: the median over the rounds of the ratio of times (of CPU times)\n")
    print(report.table(summaries))
    all_samples = samples if given.quick else save(samples)
    if given.write:
        if missing := [name for name in names if name not in all_samples]:
            parser.error(f"RESULTS.md needs these rows too: --only {' '.join(missing)}")
        summaries = [row.summary(all_samples[row.name]) for row in rows(quick=False)]
        picture = HERE / "results.svg"
        picture.write_text(chart.draw(summaries), encoding="utf-8")
        results.write_page(report.page(summaries, picture.name))
    missed = [verdict for each in summaries for verdict in each.verdicts if not verdict.holds]
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
