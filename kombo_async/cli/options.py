"""The options that commands share, and the exit codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Literal, Self

from cyclopts import Group, Parameter

SHARED_OPTIONS = Group("Options of every command", sort_key=9)
"""Where `--help` shows them: after those of the command itself."""

IntegrationId = Annotated[str, Parameter(name="ID", help="The integration, such as personio:GWd1wgE7fRQGywhDLfgbcBAc.")]
"""Declares the argument ID of a command, for parameters before the `/` of its signature."""

Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
"""Declares a switch that is off by default and has no `--no-…` form."""


class ExitCode(IntEnum):
    """The exit codes, with their meanings: the end of each `--help`, and a page of the documentation."""

    meaning: str
    """What the code says to a user."""

    def __new__(cls, value: int, meaning: str) -> Self:
        member = int.__new__(cls, value)
        member._value_, member.meaning = value, meaning
        return member

    OK = 0, "done"
    REFUSED = 1, "failed: Kombo refused, or for any reason not named here"
    USAGE = 2, "the command line is wrong"
    NETWORK = 3, "Kombo could not be reached, or did not answer in time"
    PARTLY = 4, "done in part: some changes failed, or some records could not be read"
    INTERRUPTED = 130, "ended by Ctrl-C, SIGTERM or SIGHUP"


EXIT_CODES = f"Exit codes: {'; '.join(f'{code.value} {code.meaning}' for code in ExitCode)}."


class UsageError(Exception):
    """The command line is wrong; the message says what to write instead."""


@Parameter(name="*", group=SHARED_OPTIONS)
@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """The options of every command: its last keyword, `options: OutputOptions = OutputOptions()`."""

    json: Annotated[Flag, Parameter(help="Write JSON lines on a terminal too, as into a file or a pipe.")] = False
    quiet: Annotated[Flag, Parameter(name=("--quiet", "-q"), help="No progress bars and no notes.")] = False


@Parameter(name="*", group=SHARED_OPTIONS)
@dataclass(frozen=True, kw_only=True)
class CommandOptions(OutputOptions):
    """The options of every command that calls Kombo."""

    key: Annotated[
        str | None, Parameter(help="The API key; better in KOMBO_API_KEY, as other users of this machine see options.")
    ] = field(default=None, repr=False)
    region: Annotated[
        Literal["eu", "us", "ca"] | None, Parameter(help="Where Kombo keeps your environment; eu by default.")
    ] = None
    base_url: Annotated[
        str | None, Parameter(help="Another address of Kombo, such as that of a sandbox; or KOMBO_BASE_URL.")
    ] = None
    verbose: Annotated[
        Flag, Parameter(name=("--verbose", "-v"), help="Report each request, response, wait and retry.")
    ] = False


@Parameter(name="*", group=SHARED_OPTIONS)
@dataclass(frozen=True, kw_only=True)
class ControlOptions(OutputOptions):
    """The shared options that apply to commands for a running sandbox."""

    base_url: Annotated[
        str | None, Parameter(help="The base URL of the sandbox; or KOMBO_BASE_URL, or http://127.0.0.1:8642/v1.")
    ] = None
