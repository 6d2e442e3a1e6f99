"""`kombo-async tools`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ..options import CommandOptions

if TYPE_CHECKING:
    from ...models.general import Tool, ToolCoverageItem


def tools(
    category: Annotated[str, Parameter(help="hris, ats, assessment or lms.")],
    /,
    *,
    options: CommandOptions = CommandOptions(),
) -> int:
    """List the tools of a category that Kombo can connect, and how much of each it covers.

    For example:

    ```
    kombo-async tools hris
    ```
    """
    from ..console import Column
    from ..runner import Invocation, run_command

    columns: list[Column[Tool]] = [
        Column("Id", lambda tool: tool.id),
        Column("Tool", lambda tool: tool.label),
        Column("Models", lambda tool: _covered(tool.coverage.read_models)),
        Column("Actions", lambda tool: _covered(tool.coverage.write_actions)),
        Column("Requires", _requirements),
    ]

    async def work(invocation: Invocation) -> None:
        found = await invocation.client.get_tools(category)
        with invocation.out.listing(columns) as write:
            write(found)

    return run_command("tools", options, work)


def _covered(items: Sequence[ToolCoverageItem]) -> str:
    return f"{sum(item.coverage_status == 'SUPPORTED' for item in items)} of {len(items)}"


def _requirements(tool: Tool) -> str:
    requirements = {
        "a paid API": tool.paid_api_details_markdown,
        "a partnership": tool.partner_only_details_markdown,
    }
    return ", ".join(name for name, details in requirements.items() if details)
