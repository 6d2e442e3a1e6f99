"""What a repr shows in place of a value that nobody should read there."""

from __future__ import annotations


def hidden(value: object) -> str:
    """Return what a repr shows of a secret or personal value, or of bulk: only whether there is one."""
    # By name, so that whoever only wants a repr need not load msgspec.
    is_unset = type(value).__name__ == "UnsetType"
    return repr(value) if value is None or is_unset or value == () else "<hidden>"
