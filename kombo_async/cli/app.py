"""The commands there are, and how their arguments are read. What they do is imported when they run."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from itertools import pairwise

from cyclopts import App, CycloptsError

from .._version import __version__
from .check_key import check_key
from .custom_fields import custom_fields
from .demo import demo
from .fields import fields
from .integration import integration, sync
from .options import EXIT_CODES, Options
from .problems import without_keys
from .request import passthrough, request
from .sandbox import sandbox
from .tools import tools
from .webhook import webhook

app = App(
    name="kombo-async",
    help="""Work with the Kombo Unified API from a terminal.

    Start with `kombo-async demo`: it needs no account and no key.
    """,
    help_epilogue=EXIT_CODES,
    version=__version__,
    suppress_keyboard_interrupt=False,
)
for command in (
    check_key,
    custom_fields,
    demo,
    fields,
    integration,
    passthrough,
    request,
    sandbox,
    sync,
    tools,
    webhook,
):
    app.command(command)
# Its commands are made from the operations, which take their time to load.
app.command(
    f"{__package__}.read:read",
    name="read",
    help="""Read a whole list, page by page, as JSON lines or CSV.

    Memory stays flat however long it is. For example:

    ```
    kombo-async read hris employees personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --updated-after 2026-06-01 --include-deleted
    kombo-async read integration-fields personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --output fields.csv --resume fields.resume
    ```
    """,
)
app.register_install_completion_command(  # pyright: ignore[reportUnknownMemberType]
    help="Install completion for your shell: bash, zsh, fish or PowerShell."
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code; a command line that makes no sense is 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a letter shows a question mark.
            stream.reconfigure(errors="replace")
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = app(given, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        command = " ".join(("kombo-async", *(error.command_chain or ())))
        from .output import Output

        out = Output("", Options())
        out.tell(without_keys(f"{command}: {error}", *_keys(given)))
        out.tell(f"See {command} --help")
        return 2
    return code if isinstance(code, int) else 0


def _keys(arguments: Sequence[str]) -> list[str]:
    """Return what was given as a key or a secret, for a command line that could not be read."""
    secret = {"--key", "--secret"}
    followers = [after for name, after in pairwise(arguments) if name in secret]
    parts = [argument.partition("=") for argument in arguments]
    return followers + [value for name, _, value in parts if name in secret]
