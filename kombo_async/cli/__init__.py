"""The command line, `kombo-async`: thin commands over the client. It needs the extra `kombo_async[cli]`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from .signals import interrupt_on_termination
from .streams import drop_unwritten, open_closed_streams


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with *arguments*, by default those of the process, and return the exit code."""
    open_closed_streams()
    interrupt_on_termination()
    try:
        from .app import run

        code = run(arguments)
        sys.stdout.flush()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"cyclopts", "rich"}:
            raise
        return _fail('The command line needs more packages: pip install "kombo_async[cli]"', 2)
    except KeyboardInterrupt:
        return _fail("Interrupted.", 130)
    except BrokenPipeError:
        # The reader of our output has exited, as `head` does.
        return 1
    except OSError as error:
        return _fail(f"kombo-async: cannot write to standard output: {error.strerror}", 1)
    else:
        return code
    finally:
        drop_unwritten()


def _fail(message: str, code: int) -> int:
    with suppress(OSError):
        print(message, file=sys.stderr)  # noqa: T201
    return code
