"""The operations of the API: for each family, its filters and its `Operation` values."""

from typing import TYPE_CHECKING

from .._lazy import lazy_attributes

if TYPE_CHECKING:
    from . import general as general

# Type checkers would take any name for one of the package's.
if not TYPE_CHECKING:
    # `client.py` needs the general operations, but not their models before the first call.
    __getattr__, __dir__ = lazy_attributes(__name__, {}, submodules=("general",))
