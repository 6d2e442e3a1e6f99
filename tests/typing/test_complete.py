"""No operation goes without a typing test. The other files here are for mypy and pyright; this one only reads them."""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

from kombo_async.families.custom import Custom
from kombo_async.models.common import Variant
from tests.support.for_each import for_each
from tests.support.openapi.spec import FAMILIES, family_of, operations

OPERATIONS = operations()
for family in (*FAMILIES, "webhooks"):
    import_module(f"kombo_async.models.{family}")
UNIONS = [base for base in Variant.__subclasses__() if "_classes" in vars(base)]
FILES = [file for file in Path(__file__).parent.glob("*.py") if not file.name.startswith(("test_", "__"))]


def place(name: str) -> str:
    """The name of the operation on a client, such as `custom.datev.get_data_pushes`."""
    family, method = family_of(name), OPERATIONS[name].name
    if family == "general":
        return method
    if family != "custom":
        return f"{family}.{method}"
    (tool,) = [
        tool
        for tool, value in vars(Custom).items()
        if isinstance(value, property) and method in vars(get_type_hints(value.fget)["return"])
    ]
    return f"custom.{tool}.{method}"


def called(node: ast.AST) -> str | None:
    """What is called on `client`, if this is such a call, awaited or not."""
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call):
        return None
    root, _, rest = ast.unparse(node.func).partition(".")
    return rest if root == "client" else None


@cache
def uses() -> tuple[set[str | None], set[str | None], set[str | None], set[str]]:
    """All operations whose result has its type asserted, that are looped over, and that are refused in some way.

    And all classes that are matched.
    """
    asserted, looped, refused, matched = set[str | None](), set[str | None](), set[str | None](), set[str]()
    for file in FILES:
        text = file.read_text()
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "assert_type":
                asserted.add(called(node.args[0]))
            elif isinstance(node, ast.AsyncFor):
                looped.add(called(node.iter))
            elif isinstance(node, ast.Call) and "# type: ignore[" in lines[node.lineno - 1]:
                refused.add(called(node))
            elif isinstance(node, ast.MatchClass):
                matched.add(ast.unparse(node.cls))
    return asserted, looped, refused, matched


@for_each("name", OPERATIONS)
def test_the_result_of_every_operation_has_its_type_asserted(name: str) -> None:
    asserted, _, _, _ = uses()
    assert place(name) in asserted


@for_each("name", [name for name, each in OPERATIONS.items() if each.page_size is not None])
def test_every_pager_is_looped_over(name: str) -> None:
    _, looped, _, _ = uses()
    assert place(name) in looped


@for_each("name", OPERATIONS)
def test_every_operation_is_called_in_a_way_that_is_refused(name: str) -> None:
    _, _, refused, _ = uses()
    assert place(name) in refused


@for_each("base", UNIONS)
def test_every_variant_is_matched(base: type[Variant]) -> None:
    variants = {each.__name__ for each in (*base._classes.values(), base._unknown)}
    _, _, _, matched = uses()
    assert variants <= matched
