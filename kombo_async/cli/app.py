"""The commands there are, and how their arguments are read. What they do is imported when they run."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from .. import __version__
from .demo import demo
from .sandbox import sandbox

app = App(
    name="kombo-async",
    help="""Work with the Kombo Unified API from a terminal.

    Start with `kombo-async demo`: it needs no account and no key.
    """,
    version=__version__,
    suppress_keyboard_interrupt=False,
)
app.command(demo)
app.command(sandbox)


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code; a command line that makes no sense is 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a letter shows a question mark.
            stream.reconfigure(errors="replace")
    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        command = " ".join(("kombo-async", *(error.command_chain or ())))
        print(f"{command}: {error}", file=sys.stderr)  # noqa: T201
        print(f"See {command} --help", file=sys.stderr)  # noqa: T201
        return 2
    return code if isinstance(code, int) else 0
