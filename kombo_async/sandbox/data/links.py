"""Relations between the records of the sandbox."""

from __future__ import annotations

import attrs


@attrs.frozen
class Link:
    """A relation of a record to others."""

    table: str
    key: str
    """The foreign key: it holds an id or a list of ids. It is a key of the other records if `reverse`."""
    max_count: int = 0
    """How many ids a generated record has at most, if the key holds a list; 0 if it does not."""
    reverse: bool = False
    """Whether the other records hold the id of this one."""
    optional: bool = False
    """Whether one generated record in eight has no related one."""
    keys: tuple[str, ...] = ()
    """The keys that are rendered of the other records; all of their class if it is empty."""
