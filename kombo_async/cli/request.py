"""`kombo-async request` and `kombo-async passthrough`: any endpoint of Kombo, and the API of the connected tool."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from .options import Exit, Flag, IntegrationId, Options, UsageError

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

MethodName = Annotated[Method, Parameter(name="METHOD", help="GET, POST, PUT, PATCH or DELETE.")]
Params = Annotated[
    tuple[str, ...],
    Parameter(name="--param", negative=(), show_default=False, help="KEY=VALUE for the query; may come several times."),
]
Data = Annotated[
    str | None,
    Parameter(
        name="--data", allow_leading_hyphen=True, help="The body: JSON, @FILE to read it from, or - for standard input."
    ),
]


def request(
    method: MethodName,
    path: Annotated[str, Parameter(name="PATH", help="What comes after /v1, such as /hris/employees.")],
    /,
    *,
    integration: Annotated[
        str | None, Parameter(help="The integration it is for; not for what has its id in the path, or needs none.")
    ] = None,
    param: Params = (),
    data: Data = None,
    options: Options = Options(),
) -> int:
    """Call any endpoint of Kombo, also one that this version does not know, and print the data of the answer.

    A GET is tried again where that may help; everything else only where it certainly did not arrive. For example:

    ```
    kombo-async request GET /hris/employees --param page_size=1 \\
        --integration personio:GWd1wgE7fRQGywhDLfgbcBAc
    kombo-async request POST /force-sync --data '{"type": "DELTA"}' \\
        --integration personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """
    from .running import Run, carry_out
    from .values import json_of, pairs, show

    params: dict[str, Any] = {}
    body: list[Any] = []

    def prepare() -> None:
        for key, value in pairs("--param", param):
            # What comes several times is a list, which Kombo takes with commas.
            params[key] = f"{params[key]},{value}" if key in params else value
        if data is not None:
            if method == "GET":
                raise UsageError("a GET has no body: write --param KEY=VALUE")
            body.append(json_of(data))

    async def work(run: Run) -> None:
        reply = await run.client.request(
            method, path, params=params, json=body[0] if body else None, integration_id=integration
        )
        show(run.out, reply.data)
        for warning in reply.warnings:
            run.out.note(f"Kombo warns: {warning.message}")

    return carry_out("request", options, work, integration_id=integration, prepare=prepare)


def passthrough(
    api: Annotated[
        str, Parameter(name="TOOL/API", help="One of the APIs that Kombo lists, such as personio/personnel.")
    ],
    method: MethodName,
    path: Annotated[str, Parameter(name="PATH", help="What comes after the base URL of that API.")],
    integration_id: IntegrationId,
    /,
    *,
    param: Params = (),
    header: Annotated[
        tuple[str, ...],
        Parameter(negative=(), show_default=False, help="KEY=VALUE for a header to the tool; may come several times."),
    ] = (),
    data: Data = None,
    text: Annotated[
        str | None,
        Parameter(allow_leading_hyphen=True, help="The body where it is no JSON, such as XML; @FILE and - as above."),
    ] = None,
    option: Annotated[
        tuple[str, ...],
        Parameter(
            negative=(),
            show_default=False,
            help="KEY=VALUE that an API asks for, such as service_name=… for workday/rest.",
        ),
    ] = (),
    base64: Annotated[Flag, Parameter(help="Ask for the answer as base64, for what is no text.")] = False,
    fail: Annotated[Flag, Parameter(help="End with exit code 1 where the tool answers 400 or above.")] = False,
    options: Options = Options(),
) -> int:
    """Call the connected tool's own API, by the customer's credentials, and print its status and data.

    Whatever the tool answers, this has worked, and the exit code is 0, unless --fail is given. For example:

    ```
    kombo-async passthrough personio/personnel GET /company/employees \\
        personio:GWd1wgE7fRQGywhDLfgbcBAc --param limit=2 --fail
    kombo-async passthrough personio/personnel POST /echo \\
        personio:GWd1wgE7fRQGywhDLfgbcBAc --data '{"a": 1}'
    ```
    """
    from msgspec import UNSET

    from .running import Run, carry_out
    from .values import json_of, show, show_text, single_pairs, text_of

    given: dict[str, Any] = {}

    def prepare() -> None:
        if data is not None and text is not None:
            raise UsageError("--data and --text exclude each other")
        if api.count("/") != 1 or not all(api.split("/")):
            raise UsageError(f"TOOL/API is written like personio/personnel, not {api!r}")
        given["params"] = single_pairs("--param", param) or UNSET
        given["headers"] = single_pairs("--header", header) or UNSET
        given["api_options"] = single_pairs("--option", option) or UNSET
        if data is not None:
            given["data"] = json_of(data)
        elif text is not None:
            given["data"] = text_of(text)[0]

    async def work(run: Run) -> int | None:
        tool, _, of_tool = api.partition("/")
        answer = await run.client.send_passthrough_request(
            tool,
            of_tool,
            method,
            path,
            **given,
            response_as_base64=base64 or UNSET,
            integration_id=integration_id,
        )
        if run.out.json:
            run.out.result(answer)
        else:
            run.out.result(answer, [f"{answer.status} {answer.url}"])
            if isinstance(answer.data, str):
                show_text(run.out, answer.data)
            elif answer.data is not None:
                show(run.out, answer.data)
        for warning in answer.warnings:
            run.out.note(f"Kombo warns: {warning.message}")
        if fail and answer.status >= 400:
            run.out.error(f"the tool answered {answer.status}")
            return Exit.REFUSED
        return None

    return carry_out("passthrough", options, work, integration_id=integration_id, prepare=prepare)
