"""`kombo-async passthrough`: the API of the connected tool."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from ..options import CommandOptions, ExitCode, Flag, IntegrationId, UsageError
from .request import Data, MethodName, Params


def passthrough(
    api: Annotated[
        str, Parameter(name="TOOL/API", help="One of the APIs that Kombo lists, such as personio/personnel.")
    ],
    method: MethodName,
    path: Annotated[str, Parameter(name="PATH", help="The path after the base URL of that API.")],
    integration_id: IntegrationId,
    /,
    *,
    param: Params = (),
    header: Annotated[
        tuple[str, ...],
        Parameter(negative=(), show_default=False, help="KEY=VALUE for a header to the tool; can be repeated."),
    ] = (),
    data: Data = None,
    text: Annotated[
        str | None,
        Parameter(allow_leading_hyphen=True, help="The body if it is not JSON, such as XML; @FILE and - as above."),
    ] = None,
    option: Annotated[
        tuple[str, ...],
        Parameter(
            negative=(),
            show_default=False,
            help="KEY=VALUE that an API needs, such as service_name=… for workday/rest.",
        ),
    ] = (),
    base64: Annotated[Flag, Parameter(help="Get the response as base64, for binary data.")] = False,
    fail: Annotated[Flag, Parameter(help="End with exit code 1 if the tool answers 400 or above.")] = False,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Call the API of the connected tool with the customer's credentials, and print status and data.

    The exit code is 0 whatever the tool answers, unless --fail is given. For example:

    ```
    kombo-async passthrough personio/personnel GET /company/employees \\
        personio:GWd1wgE7fRQGywhDLfgbcBAc --param limit=2 --fail
    kombo-async passthrough personio/personnel POST /echo \\
        personio:GWd1wgE7fRQGywhDLfgbcBAc --data '{"a": 1}'
    ```
    """
    from msgspec import UNSET

    from ..json_io import print_json, print_text, read_json, read_text, unique_pairs
    from ..runner import Invocation, run_command

    arguments: dict[str, Any] = {}

    def prepare() -> None:
        if data is not None and text is not None:
            raise UsageError("--data and --text exclude each other")
        if api.count("/") != 1 or not all(api.split("/")):
            raise UsageError(f"TOOL/API is written like personio/personnel, not {api!r}")
        arguments["params"] = unique_pairs("--param", param) or UNSET
        arguments["headers"] = unique_pairs("--header", header) or UNSET
        arguments["api_options"] = unique_pairs("--option", option) or UNSET
        if data is not None:
            arguments["data"] = read_json(data)
        elif text is not None:
            arguments["data"] = read_text(text)[0]

    async def work(invocation: Invocation) -> int | None:
        tool, _, api_name = api.partition("/")
        response = await invocation.client.send_passthrough_request(
            tool,
            api_name,
            method,
            path,
            **arguments,
            response_as_base64=base64 or UNSET,
            integration_id=integration_id,
        )
        if invocation.out.json:
            invocation.out.result(response)
        else:
            invocation.out.result(response, [f"{response.status} {response.url}"])
            if isinstance(response.data, str):
                print_text(invocation.out, response.data)
            elif response.data is not None:
                print_json(invocation.out, response.data)
        for warning in response.warnings:
            invocation.out.note(f"Kombo warns: {warning.message}")
        if fail and response.status >= 400:
            invocation.out.error(f"the tool answered {response.status}")
            return ExitCode.REFUSED
        return None

    return run_command("passthrough", options, work, integration_id=integration_id, prepare=prepare)
