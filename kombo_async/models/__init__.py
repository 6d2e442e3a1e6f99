"""What Kombo answers and takes, as frozen attrs classes: each family has its own, `common` is what they share.

All of them can be imported from here; a module is loaded when the first of its names is touched.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ai_apply import *  # noqa: F403
    from .assessment import *  # noqa: F403  # pyright: ignore[reportGeneralTypeIssues]
    from .ats import *  # noqa: F403  # pyright: ignore[reportGeneralTypeIssues]
    from .common import *  # noqa: F403  # pyright: ignore[reportGeneralTypeIssues]
    from .connect import *  # noqa: F403
    from .custom import *  # noqa: F403  # pyright: ignore[reportGeneralTypeIssues]
    from .general import *  # noqa: F403
    from .hris import *  # noqa: F403  # pyright: ignore[reportGeneralTypeIssues]
    from .lms import *  # noqa: F403  # pyright: ignore[reportGeneralTypeIssues]
    from .webhooks import *  # noqa: F403

_MODULES = ("common", "general", "hris", "ats", "assessment", "lms", "ai_apply", "connect", "custom", "webhooks")


def _names(module: str) -> list[str]:
    """The models of one module or folder, without what it imports."""
    loaded = import_module(f"{__name__}.{module}")
    home = f"{loaded.__name__}."
    return [
        name
        for name, value in vars(loaded).items()
        if not name.startswith("_") and f"{getattr(value, '__module__', '')}.".startswith(home)
    ]


# With it, type checkers would take any name for a model.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Making an attrs class takes half a millisecond, which nobody should pay for families they do not use.
        if name == "__all__":
            return [name for module in _MODULES for name in _names(module) if isinstance(__getattr__(name), type)]
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if not name.startswith("_"):
            for module in _MODULES:
                if name in _names(module):
                    value: object = getattr(import_module(f"{__name__}.{module}"), name)
                    globals()[name] = value
                    return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *(name for module in _MODULES for name in _names(module))})
