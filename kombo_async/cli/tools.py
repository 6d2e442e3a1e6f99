"""`kombo-async tools`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from .options import Options

if TYPE_CHECKING:
    from ..models.general import Tool, ToolCoverageItem


def tools(
    category: Annotated[str, Parameter(help="hris, ats, assessment or lms.")], /, *, options: Options = Options()
) -> int:
    """List the tools of a category that Kombo can connect, and how much of each it covers.

    For example:

    ```
    kombo-async tools hris
    ```
    """
    from .output import Column
    from .running import Run, carry_out

    columns: list[Column[Tool]] = [
        Column("Id", lambda tool: tool.id),
        Column("Tool", lambda tool: tool.label),
        Column("Models", lambda tool: _covered(tool.coverage.read_models)),
        Column("Actions", lambda tool: _covered(tool.coverage.write_actions)),
        Column("Asks for", _asks_for),
    ]

    async def work(run: Run) -> None:
        found = await run.client.get_tools(category)
        with run.out.listing(columns) as write:
            write(found)

    return carry_out("tools", options, work)


def _covered(things: Sequence[ToolCoverageItem]) -> str:
    return f"{sum(thing.coverage_status == 'SUPPORTED' for thing in things)} of {len(things)}"


def _asks_for(tool: Tool) -> str:
    asked = {
        "a paid API": tool.paid_api_details_markdown,
        "a partnership": tool.partner_only_details_markdown,
    }
    return ", ".join(name for name, details in asked.items() if details)
