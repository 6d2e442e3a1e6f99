"""The table of commands, and the parsing of their arguments. What a command does is imported when it runs."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from itertools import pairwise

from cyclopts import App, CycloptsError

from .._version import __version__
from .commands.check_key import check_key
from .commands.custom_fields import custom_fields
from .commands.demo import demo
from .commands.fields import fields
from .commands.integration import integration
from .commands.mirror import mirror
from .commands.mirror_worker import worker
from .commands.passthrough import passthrough
from .commands.request import request
from .commands.sync import sync
from .commands.tools import tools
from .commands.webhook import webhook
from .error_messages import mask_keys
from .options import EXIT_CODES, OutputOptions

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
    mirror,
    passthrough,
    request,
    sync,
    tools,
    webhook,
):
    app.command(command)
mirror.command(worker)
# Its options have the defaults of the sandbox, which take a while to load.
app.command(
    f"{__package__}.commands.sandbox:sandbox",
    name="sandbox",
    help="""Run a local Kombo until Ctrl-C, for trials and tests.

    It prints its address, its key, its integrations, and how to use them; on a terminal also a line for each request
    and each webhook. The same options give the same data. The commands use a running one.

    Example: `kombo-async sandbox --port 9000 --fields 100000 --integrations 3`
    """,
)
# Its commands are made from the operations, which take a while to load.
app.command(
    f"{__package__}.commands.read:read",
    name="read",
    help="""Read a whole list, page by page: a table on a terminal, JSON lines, CSV or Parquet.

    Memory stays flat however long it is. For example:

    ```
    kombo-async read hris employees personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --updated-after 2026-06-01 --include-deleted
    kombo-async read hris employees personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --columns id,first_name,work_email --output people.csv
    kombo-async read integration-fields personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --output fields.csv --resume fields.resume
    ```
    """,
)
app.register_install_completion_command(  # pyright: ignore[reportUnknownMemberType]
    help="Install completion for your shell: bash, zsh, fish or PowerShell."
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 2 for a command line that cannot be parsed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the encoding of the terminal lacks becomes a question mark.
            stream.reconfigure(errors="replace")
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = app(given, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        command = " ".join(("kombo-async", *(error.command_chain or ())))
        from .console import Output

        out = Output("", OutputOptions())
        out.message(mask_keys(f"{command}: {error}", *_secrets_in(given)))
        out.message(f"See {command} --help")
        return 2
    return code if isinstance(code, int) else 0


def _secrets_in(arguments: Sequence[str]) -> list[str]:
    """Return the values of `--key` and `--secret` in a command line that cannot be parsed."""
    secret = {"--key", "--secret"}
    followers = [after for name, after in pairwise(arguments) if name in secret]
    parts = [argument.partition("=") for argument in arguments]
    return followers + [value for name, _, value in parts if name in secret]
