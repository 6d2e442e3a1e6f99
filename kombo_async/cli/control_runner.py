"""Running a command against a running sandbox, and the arguments that such commands share."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from .options import ControlOptions, ExitCode, UsageError

if TYPE_CHECKING:
    from .console import Output
    from .control_client import ControlClient

Values = Annotated[str, Parameter(name="KEY=VALUE", help="The value is JSON, or else a text.")]
Data = Annotated[str | None, Parameter(help="All of it as a JSON object, a file after @, or - for standard input.")]
Limit = Annotated[int, Parameter(validator=Number(gte=1, lte=1000), help="The most of them that are shown.")]


def run_control(command: str, options: ControlOptions, work: Callable[[Output, ControlClient], int | None]) -> int:
    """Run a command against a running sandbox, and return the exit code."""
    from .runner import run_local

    def with_sandbox(out: Output) -> int | None:
        from .control_client import ControlClient, ControlRefusedError, SandboxUnreachableError

        try:
            return work(out, ControlClient(options.base_url))
        except ControlRefusedError as error:
            out.error(str(error))
            return ExitCode.REFUSED
        except SandboxUnreachableError as error:
            out.error(str(error), "Start one with kombo-async sandbox, or name its address with --base-url.")
            return ExitCode.NETWORK

    return run_local(f"sandbox {command}", options, with_sandbox)


def values_of(given: Sequence[str], data: str | None = None) -> dict[str, Any]:
    """Return the values of `KEY=VALUE`s, and of the object of `--data`."""
    from .json_io import read_json, unique_pairs

    decoded: Any = {} if data is None else read_json(data)
    if not isinstance(decoded, dict):
        raise UsageError("--data must be a JSON object")
    found: dict[str, Any] = {**decoded}
    for key, text in unique_pairs("KEY=VALUE", given).items():
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
    return found
