"""`python -m benchmarks`: all clients, interleaved, as one table."""

from __future__ import annotations

import argparse
import sys

from . import machine, report
from .rows import rows
from .runner import run


def main() -> int:
    """Measure what was asked for and print the table; return the exit code."""
    names = [row.name for row in rows(quick=False)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, help="how often everybody gets a turn (7, or 2 with --quick)")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"some of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="in about a minute, and less exactly")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a bound does not hold")
    given = parser.parse_args()
    rounds = given.rounds or (2 if given.quick else 7)
    chosen = [row for row in rows(quick=given.quick) if not given.only or row.name in given.only]
    samples = run(chosen, rounds)
    lines = [line for row in chosen for line in row.lines(samples[row.name])]
    print("\n".join(machine.description()))
    print(f"{rounds} rounds; of official, of bare: median over the rounds of the ratio of wall times (of CPU times)\n")
    print(report.table(lines))
    failed = [verdict for line in lines for verdict in line.verdicts if not verdict.holds]
    return int(bool(given.check and failed))


if __name__ == "__main__":
    sys.exit(main())
