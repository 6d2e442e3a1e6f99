"""What Kombo answers and takes, as frozen attrs classes: each family has its own, `common` is what they share.

All of them can be imported from here; a module is imported when the first of its names is used.
"""

from typing import TYPE_CHECKING

from .._lazy import DefinedNames, lazy_attributes

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

_FAMILIES = ("general", "hris", "ats", "assessment", "lms", "ai_apply", "connect", "custom")
_MODULES = ("base", "diagnostics", "common", *_FAMILIES, "webhooks")

_HOMES = {f".{module}": DefinedNames(f"{__name__}.{module}") for module in _MODULES}

# Type checkers would take any name for a model.
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_attributes(__name__, _HOMES, submodules=_MODULES)
