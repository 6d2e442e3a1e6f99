"""`python -m benchmarks`: all clients, interleaved, as one table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import chart, machine, report
from .rows import rows
from .runner import run

HERE = Path(__file__).parent


def main() -> int:
    """Measure the chosen rows, print the table, and return the exit code."""
    names = [row.name for row in rows(quick=False)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, help="rounds in which each client is measured (9, or 2 with --quick)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"some of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="less than a minute, and less exact")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a bound does not hold")
    parser.add_argument("--write", action="store_true", help="also write RESULTS.md and results.svg")
    given = parser.parse_args()
    if given.write and (given.quick or given.only):
        parser.error("--write needs all rows in full")
    rounds = given.rounds or (2 if given.quick else 9)
    chosen = [row for row in rows(quick=given.quick) if not given.only or row.name in given.only]
    samples = run(chosen, rounds)
    summaries = [row.summary(samples[row.name]) for row in chosen]
    print("\n".join(machine.description()))
    print("of official, of bare, of httpx: the median over the rounds of the ratio of times (of CPU times)\n")
    print(report.table(summaries))
    if given.write:
        picture = HERE / "results.svg"
        picture.write_text(chart.draw(summaries), encoding="utf-8")
        (HERE / "RESULTS.md").write_text(report.page(summaries, rounds, picture.name), encoding="utf-8")
    missed = [verdict for each in summaries for verdict in each.verdicts if not verdict.holds]
    return int(bool(given.check and missed))


if __name__ == "__main__":
    sys.exit(main())
