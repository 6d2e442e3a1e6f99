"""What the commands of `kombo-async mirror` say of a database."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .options import UsageError

if TYPE_CHECKING:
    from .console import Output


def check_existence(database: str) -> None:
    """Refuse the name of a file that does not exist, for commands that have nothing to do in a new database."""
    from pathlib import Path

    from ..mirror.database import parse_url

    url = parse_url(database)
    name = url.database if url.get_backend_name() == "sqlite" else None
    if name and not Path(name).exists():
        raise UsageError(f"there is no database {name}: kombo-async mirror add creates it")


@contextmanager
def database_errors(out: Output) -> Generator[list[str]]:
    """Show an error of the database as a line; what is given has an element then."""
    failed: list[str] = []
    try:
        yield failed
    except Exception as error:
        from ..mirror.database import describe_failure, is_disconnect

        if (failure := describe_failure(error)) is None:
            raise
        failed.append(failure)
        # Without a statement, there was no connection.
        hint = "What was read before is stored; run the command again."
        if is_disconnect(error) and getattr(error, "statement", None) is None:
            hint = "Check the address of the database, and whether its server runs."
        out.error(f"the database failed: {failure}", hint)
