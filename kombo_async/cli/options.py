"""What every command that talks to Kombo takes, and the exit codes that all of them share."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Literal

from cyclopts import Group, Parameter

SHARED = Group("Options of every command", sort_key=9)
"""Where `--help` shows them: after those of the command itself."""

IntegrationId = Annotated[str, Parameter(name="ID", help="The integration, such as personio:GWd1wgE7fRQGywhDLfgbcBAc.")]
"""Declares the argument ID of a command, to be used before a `/` in its signature."""

Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
"""Declares a switch that is off unless given, without a `--no-…` beside it."""


class Exit(IntEnum):
    """The exit codes."""

    OK = 0
    REFUSED = 1
    """Kombo refused, or nothing of several things could be done."""
    USAGE = 2
    """The command line makes no sense."""
    NETWORK = 3
    """Kombo could not be reached, or did not answer in time."""
    PARTLY = 4
    """Some of several things were done, others were not."""
    INTERRUPTED = 130
    """Ctrl-C."""


EXIT_CODES = (
    "Exit codes: 0 done, 1 refused by Kombo or failed, 2 wrong use, 3 Kombo not reached or too slow, 4 done in part, "
    "130 ended by Ctrl-C, SIGTERM or SIGHUP."
)
"""What `--help` says of them."""


class UsageError(Exception):
    """Something on the command line makes no sense; the message says what to write instead."""


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Options:
    """The options. Commands take them as their last keyword, `options: Options = Options()`."""

    key: Annotated[
        str | None, Parameter(help="The API key; better in KOMBO_API_KEY, as other users of this machine see options.")
    ] = field(default=None, repr=False)
    region: Annotated[
        Literal["eu", "us", "ca"] | None, Parameter(help="Where Kombo keeps your environment; eu where left out.")
    ] = None
    base_url: Annotated[
        str | None, Parameter(help="Another address of Kombo, such as that of a sandbox; or KOMBO_BASE_URL.")
    ] = None
    json: Annotated[Flag, Parameter(help="Write JSON lines on a terminal too, as into a file or a pipe.")] = False
    quiet: Annotated[Flag, Parameter(name=("--quiet", "-q"), help="No bars and no notes.")] = False
    verbose: Annotated[
        Flag, Parameter(name=("--verbose", "-v"), help="Tell of every request, answer, wait and retry.")
    ] = False
