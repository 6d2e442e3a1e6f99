"""Attributes of modules that are imported when they are first used (PEP 562).

An attrs class takes about a millisecond to make, and there are 400 of them (`python -m benchmarks --only import` has
the time of the import as it is). pytest imports the package in every run, to find the fixture of the sandbox.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any


class DefinedNames(Collection[str]):
    """The public names that a module defines itself, without those that it imports. It is imported when they are asked
    for."""

    def __init__(self, module: str) -> None:
        self._module = module

    def _members(self) -> dict[str, Any]:
        from importlib import import_module

        return vars(import_module(self._module))

    def _defines(self, name: str, value: object) -> bool:
        return name[0] != "_" and f"{getattr(value, '__module__', '')}.".startswith(f"{self._module}.")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name != "" and self._defines(name, self._members().get(name))

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, value in self._members().items() if self._defines(name, value)])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def lazy_attributes(
    module: str, homes: Mapping[str, Collection[str]], *, submodules: Collection[str] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for *module*.

    *homes* maps the modules to import from, in the form of `importlib.import_module`, to the names that each of them
    has; the first one that has a name provides it. *submodules* are attributes too.
    """

    def get_attribute(name: str) -> object:
        from importlib import import_module

        own = vars(sys.modules[module])
        if name in submodules:
            return import_module(f".{name}", own["__package__"])
        if name == "__all__":
            # Of a module that lists no names itself; only classes, as helpers are of no use to others.
            return [each for names in homes.values() for each in names if isinstance(get_attribute(each), type)]
        for home, names in homes.items():
            if name in names:
                value: object = getattr(import_module(home, own["__package__"]), name)
                own[name] = value
                return value
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    def list_attributes() -> list[str]:
        return sorted({*vars(sys.modules[module]), *(name for names in homes.values() for name in names)})

    return get_attribute, list_attributes
