"""Every public module, class, function and method has a docstring, and so has every field of public models."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import kombo_async

from ..support.for_each import for_each

FOLDER = Path(kombo_async.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


def test_modules_are_found() -> None:
    assert {"errors.py", "engine/call.py", "models/hris/people.py", "sandbox/server.py"} <= {
        module.relative_to(FOLDER).as_posix() for module in MODULES
    }


@for_each("module", MODULES)
def test_every_public_name_has_a_docstring(module: Path) -> None:
    inside = module.relative_to(FOLDER).parts[0] in {"engine", "sandbox", "cli"}
    assert list(undescribed(tree_of(module), fields=not inside)) == []


@cache
def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def undescribed(tree: ast.Module, *, fields: bool) -> Iterator[str]:
    """The names in a module that lack a docstring."""
    if ast.get_docstring(tree) is None:
        yield "the module"
    described = dict(_described_anywhere())
    for statement in tree.body:
        match statement:
            case ast.ClassDef(name=name):
                inherited = set[str]().union(*(described.get(ast.unparse(base), ()) for base in statement.bases))
                described[name] = inherited | _described_methods(statement)
                if not name.startswith("_"):
                    yield from _in_class(statement, inherited, fields=fields)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _of_function(statement)


@cache
def _described_anywhere() -> dict[str, set[str]]:
    """By class, the methods with a docstring, for those that are overridden in another module."""
    classes = (it for module in MODULES for it in tree_of(module).body if isinstance(it, ast.ClassDef))
    return {cls.name: _described_methods(cls) for cls in classes}


def _described_methods(cls: ast.ClassDef) -> set[str]:
    functions = (it for it in cls.body if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if ast.get_docstring(function) is not None}


def _in_class(cls: ast.ClassDef, inherited: set[str], *, fields: bool) -> Iterator[str]:
    if ast.get_docstring(cls) is None:
        yield cls.name
    for statement, after in zip(cls.body, [*cls.body[1:], ast.Pass()], strict=True):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                if fields and not name.startswith("_") and not _is_text(after):
                    yield f"{cls.name}.{name}"
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                # What overrides a described method does what that one says.
                yield from (f"{cls.name}.{name}" for name in _of_function(statement) if name not in inherited)
                if statement.name == "__init__" and cls.name.endswith("Error"):
                    yield from (f"{cls.name}.{name}" for name in _of_attributes(statement))


def _of_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    decorators = {ast.unparse(decorator) for decorator in function.decorator_list}
    # A setter is described by its property.
    described_elsewhere = "overload" in decorators or f"{function.name}.setter" in decorators
    public = not function.name.startswith("_") and not described_elsewhere
    if public and ast.get_docstring(function) is None:
        yield function.name


def _of_attributes(init: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The attributes that an `__init__` sets without a word."""
    for statement, after in zip(init.body, [*init.body[1:], ast.Pass()], strict=True):
        match statement:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)]) if not _is_text(after):
                yield name


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def test_check_finds_missing_docstrings() -> None:
    source = '''
import typing

class MyError(Exception):
    code: str
    status: int
    """Described."""
    def __init__(self):
        self.message = ""
        self.place = ""
        """Described."""
    @property
    def head(self): ...
    @head.setter
    def head(self, value): ...
    @overload
    def read(self): ...
    async def read(self): ...
    def _hidden(self): ...

class _Hidden:
    x: int

class _Base:
    def read(self):
        """Described."""

class Derived(_Base):
    """Described."""
    def read(self): ...
    def write(self): ...

def function(): ...
async def described():
    """Described."""
'''
    assert list(undescribed(ast.parse(source), fields=True)) == [
        "the module",
        "MyError",
        "MyError.code",
        "MyError.message",
        "MyError.head",
        "MyError.read",
        "Derived.write",
        "function",
    ]
    assert list(undescribed(ast.parse(source), fields=False)) == [
        "the module",
        "MyError",
        "MyError.message",
        "MyError.head",
        "MyError.read",
        "Derived.write",
        "function",
    ]
