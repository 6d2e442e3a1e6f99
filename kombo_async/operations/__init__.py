"""What can be asked of Kombo: for each family its filters and the table of its operations."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import general as general


def __getattr__(name: str) -> object:
    # The client itself has the general operations, and its making should not wait for their models.
    if name == "general":
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
