"""`kombo-async request`: any endpoint of Kombo."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from ..options import CommandOptions, UsageError

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

MethodName = Annotated[Method, Parameter(name="METHOD", help="GET, POST, PUT, PATCH or DELETE.")]
Params = Annotated[
    tuple[str, ...],
    Parameter(name="--param", negative=(), show_default=False, help="KEY=VALUE for the query; can be repeated."),
]
Data = Annotated[
    str | None,
    Parameter(
        name="--data", allow_leading_hyphen=True, help="The body: JSON, @FILE to read it from, or - for standard input."
    ),
]


def request(
    method: MethodName,
    path: Annotated[str, Parameter(name="PATH", help="The path after /v1, such as /hris/employees.")],
    /,
    *,
    integration: Annotated[
        str | None, Parameter(help="The integration of the request, unless its id is in the path or it needs none.")
    ] = None,
    param: Params = (),
    data: Data = None,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Call any endpoint of Kombo, also one that this version does not know, and print the data of the response.

    A GET is retried if that may help; other methods only if the request certainly did not arrive. For example:

    ```
    kombo-async request GET /hris/employees --param page_size=1 \\
        --integration personio:GWd1wgE7fRQGywhDLfgbcBAc
    kombo-async request POST /force-sync --data '{"type": "DELTA"}' \\
        --integration personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from ..json_io import pairs, print_json, read_json
    from ..runner import Invocation, run_command

    params: dict[str, Any] = {}
    body: list[Any] = []

    def prepare() -> None:
        for key, value in pairs("--param", param):
            # A repeated key is a list, which Kombo takes with commas.
            params[key] = f"{params[key]},{value}" if key in params else value
        if data is not None:
            if method == "GET":
                raise UsageError("a GET has no body: write --param KEY=VALUE")
            body.append(read_json(data))

    async def work(invocation: Invocation) -> None:
        reply = await invocation.client.request(
            method, path, params=params, json=body[0] if body else None, integration_id=integration
        )
        print_json(invocation.out, reply.data)
        for warning in reply.warnings:
            invocation.out.note(f"Kombo warns: {warning.message}")

    return run_command("request", options, work, integration_id=integration, prepare=prepare)
