"""All types in public signatures can be imported from public modules."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import kombo_async
from kombo_async import events, models, types, webhooks
from kombo_async.families import custom
from kombo_async.families.family import Family

PUBLIC = (kombo_async, models, types, events, webhooks)
FAMILIES = [types.Hris, types.Ats, types.Assessment, types.Lms, types.AiApply, types.Connect, types.Custom]
OWNERS = [kombo_async.KomboClient, *FAMILIES, types.CoursesTask, custom.Datev, custom.Silae, custom.Avionte]
# What `client.py` and the families import for type checkers alone.
NAMES = {"ClientSession": object, "Mapping": dict, "Iterable": list, "Observer": events.Observer} | {
    family.__name__: family for family in FAMILIES
}


def classes(hint: Any) -> Iterator[type]:
    """Return the classes of ours that a type hint is made of."""
    origin = get_origin(hint) or hint
    if isinstance(origin, type) and origin.__module__.startswith("kombo_async."):
        yield origin
    for argument in get_args(hint):
        yield from classes(argument)


def signatures(owner: type) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the type hints of the public methods and properties of a class, and of how it is constructed."""
    constructible = not issubclass(owner, Family) or owner is kombo_async.KomboClient
    for name in dir(owner):
        member = inspect.getattr_static(owner, name)
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if inspect.isfunction(function) and (not name.startswith("_") or (name == "__init__" and constructible)):
            yield name, get_type_hints(function, localns=NAMES)


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_types_of_public_signatures_are_public(owner: type) -> None:
    methods = list(signatures(owner))
    used = {each: name for name, hints in methods for hint in hints.values() for each in classes(hint)}
    hidden = [
        f"{each.__name__} in {owner.__name__}.{name}"
        for each, name in used.items()
        if not any(getattr(module, each.__name__, None) is each for module in PUBLIC)
    ]
    assert methods
    assert not hidden


def test_declared_and_loaded_names_agree() -> None:
    tree = ast.parse(Path(types.__file__).read_text())
    declared = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(set(declared) - {"TYPE_CHECKING", "lazy_attributes"}) == sorted(types.__all__)
    for name in types.__all__:
        assert getattr(types, name) is not None
        assert name in dir(types)
    with pytest.raises(AttributeError, match="EmployeeFilter'"):
        types.EmployeeFilter  # noqa: B018


def test_using_a_name_imports_only_its_family() -> None:
    code = "import sys, kombo_async; kombo_async.types.LmsUserFilters; print('kombo_async.models.hris' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"


def test_every_family_is_covered() -> None:
    folder = Path(types.__file__).parent / "families"
    found = {
        value
        for file in folder.glob("[a-z]*.py")
        for value in vars(import_module(f"kombo_async.families.{file.stem}")).values()
        if isinstance(value, type) and issubclass(value, Family) and value.__module__.endswith(f".{file.stem}")
    }
    assert {each.__name__ for each in found - set(OWNERS)} == {"Family", "General"}
