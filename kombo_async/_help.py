"""What `help()` and `?` show of methods and models beyond their docstrings: endpoints, filters, fields and errors.

All of it is generated when it is read. Decorating a method or a class costs a microsecond when it is imported.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import sys
import textwrap
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum, EnumType
from functools import cache
from inspect import Parameter, Signature
from types import FunctionType
from typing import Any, Self, TypeVar

from ._version import DOCUMENTATION

T = TypeVar("T")

OPTIONS = {"ignore_unsupported_filters", "page_size", "cursor", "read_ahead", "integration_id"}
"""The keywords of lists that are not filters: they change how a list is read, not what is in it."""

FILTERS_COMBINE = "Several filters must all match; of several values of one filter, any may."

_WIDTH = 100
_INDENT = "    "

COMMON_ERRORS = (
    "AuthenticationInvalidError",
    "IPNotWhitelistedError",
    "InputInvalidError",
    "RateLimitExceededError",
    "UnknownPlatformError",
    "KomboConnectionError",
    "KomboTimeoutError",
    "DecodeError",
)
INTEGRATION_ERRORS = (
    "IntegrationNotFoundError",
    "IntegrationInactiveError",
    "IntegrationSetupIncompleteError",
    "IntegrationQAFailedError",
    "IntegrationAuthenticationInvalidError",
)
MODEL_ERRORS = (
    "IntegrationSetupSyncPendingError",
    "IntegrationModelNotAvailableError",
    "IntegrationModelDisabledError",
    "PaginationError",
)
ACTION_ERRORS = (
    "ConcurrencyLimitExceededError",
    "TaskTimedOutError",
    "IntegrationPermissionMissingError",
    "IntegrationActionNotAvailableError",
    "IntegrationActionDisabledError",
    "RemoteServiceUnavailableError",
    "RemoteRateLimitExceededError",
    "RemoteInputInvalidError",
    "RemoteUnknownHTTPError",
)


class LazyDoc(str):
    """A docstring that `help()`, `?` and `str()` show completed; for all other readers it is the one of the source."""

    __slots__ = ("_complete",)

    _complete: Callable[[], str]

    def __new__(cls, text: str, complete: Callable[[], str]) -> Self:
        self = super().__new__(cls, text)
        self._complete = complete
        return self

    @property
    def original(self) -> str:
        """The docstring of the source."""
        return str.__str__(self)

    def __str__(self) -> str:
        return self._complete()

    def expandtabs(self, tabsize: typing.SupportsIndex = 8) -> str:
        """Return the completed docstring: `inspect.cleandoc`, through which it is read, begins with this call."""
        return self._complete().expandtabs(tabsize)


class LazySignature(Signature):
    """A signature with a keyword for each filter, where the method itself has `**filters`."""

    __slots__ = ("_made", "_method")

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        self._made: Signature | None = None

    def _signature(self) -> Signature:
        if self._made is None:
            self._made = _with_filters(self._method)
        return self._made

    @property
    def parameters(self) -> Any:
        """The parameters, with one for each filter."""
        return self._signature().parameters

    @property
    def return_annotation(self) -> Any:
        """As the method has it."""
        return self._signature().return_annotation

    def replace(self, **changes: Any) -> Signature:  # type: ignore[override]
        """Return a plain signature with these changes."""
        return self._signature().replace(**changes)

    def __reduce__(self) -> Any:
        return self._signature().__reduce__()


def complete_method(method: Callable[..., Any]) -> None:
    """Let `help()` of a family's method show its endpoint, filters, fields and errors."""
    original = original_doc(method)
    method.__doc__ = LazyDoc(original, lambda: _method_doc(method, original))
    code = inspect.unwrap(method).__code__
    if code.co_flags & inspect.CO_VARKEYWORDS:
        method.__signature__ = LazySignature(method)  # type: ignore[attr-defined]


def complete_class(cls: type[T]) -> type[T]:
    """Let `help()` of a model show its fields, and return it."""
    original = original_doc(cls)
    cls.__doc__ = LazyDoc(original, lambda: _class_doc(cls, original))
    return cls


def original_doc(documented: object) -> str:
    """Return the docstring of the source, without what `help()` adds."""
    doc = documented.__doc__
    return doc.original if isinstance(doc, LazyDoc) else doc or ""


def operation_of(method: Callable[..., Any]) -> Any:
    """Return the `Operation` that a method of a family calls; None for one that calls none."""
    function = inspect.unwrap(method)
    operations = function.__globals__.get("op")
    modules = [operations, *(getattr(operations, name, None) for name in function.__code__.co_names if name.islower())]
    for name in function.__code__.co_names:
        if name.isupper():
            for module in modules:
                if (found := getattr(module, name, None)) is not None:
                    return found
    return None


def runs_against(operation: Any) -> str:
    """Say where the response comes from, and so how long it may take."""
    if operation.action:
        return "the connected tool: it takes one of the integration's action slots and may take minutes"
    return "Kombo's copy of the tool's data, as fresh as the last sync" if operation.integration else "Kombo itself"


def errors_of(operation: Any, doc: str) -> dict[str, tuple[str, ...]]:
    """Return the names of the errors to expect, by the kind of call that they belong to."""
    groups: dict[str, tuple[str, ...]] = {"every call": COMMON_ERRORS}
    if operation.integration or "{integration_id}" in operation.path:
        groups["an integration"] = INTEGRATION_ERRORS
    if operation.integration and operation.page_size is not None:
        groups["a synced list"] = MODEL_ERRORS
    if operation.action:
        groups["an action"] = ACTION_ERRORS
    own = tuple(name for name in re.findall(r"`(\w+Error)`", doc) if not hasattr(builtins, name))
    if operation.page_size is not None:
        own += ("PaginationError",)
    if not operation.idempotent:
        own += ("OutcomeUnknownError",)
    known = {name for names in groups.values() for name in names}
    if rest := tuple(dict.fromkeys(name for name in own if name not in known)):
        groups["this method"] = rest
    return groups


def attribute_docs(cls: type) -> dict[str, str]:
    """Return the docstrings below the fields of a class and its bases, from the source: they do not exist at run time.

    It is empty where the package is installed without sources.
    """
    docs: dict[str, str] = {}
    for base in bases_in_source(cls):
        docs |= attribute_docs(base)
    for base in reversed(cls.__mro__):
        if base.__module__.startswith(f"{__package__}."):
            docs |= _module_docs(base.__module__).get(base.__name__, {})
    return docs


def annotation(hint: object) -> str:
    """Return an annotation as people read it."""
    text = str(getattr(hint, "__forward_arg__", hint)) if not isinstance(hint, type) else hint.__name__
    text = re.sub(r"\b(?:_?models|typing|kombo_async(?:\.\w+)*)\.", "", text)
    text = re.sub(r"\b(\w+)OrStr\b", r"\1 | str", text)
    text = re.sub(r"\b(?:NullableList\[(.+)\])", r"tuple[\1, ...]", text)
    return text.replace("SequenceNotStr[", "Sequence[").replace("Timestamp", "datetime")


def _with_filters(method: Callable[..., Any]) -> Signature:
    function = inspect.unwrap(method)
    # A function without the attribute that this computes.
    plain = FunctionType(function.__code__, function.__globals__)
    plain.__kwdefaults__, plain.__annotations__ = function.__kwdefaults__, function.__annotations__
    own = inspect.signature(plain)
    parameters = [each for each in own.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
    for name, hint in _filters(operation_of(method)):
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, default=_LEFT_OUT, annotation=annotation(hint)))
    return own.replace(parameters=parameters)


class _LeftOut(Enum):
    LEFT_OUT = "left out"

    def __repr__(self) -> str:
        return "<left out>"


_LEFT_OUT = _LeftOut.LEFT_OUT


def _filters(operation: Any) -> list[tuple[str, object]]:
    """Return the filters of a list and their types: its own, then those of every list."""
    if operation is None or operation.filters is None:
        return []
    hints: Mapping[str, object] = operation.filters.__annotations__
    shared = set[str]().union(*(base.__annotations__ for base in bases_in_source(operation.filters)))
    return sorted(hints.items(), key=lambda item: (item[0] in OPTIONS, item[0] in shared))


def _method_doc(method: Callable[..., Any], original: str) -> str:
    text = inspect.cleandoc(original)
    operation = operation_of(method)
    if operation is None:
        return text
    lines = [text, "", f"{operation.method} {operation.path}", f"Runs against {runs_against(operation)}."]
    if operation.changes:
        again = "is sent again" if operation.idempotent else "is not sent again: OutcomeUnknownError"
        lines.append(f"After a lost response it {again}.")
    keywords = _filters(operation)
    filters = [each for each in keywords if each[0] not in OPTIONS]
    if filters:
        lines += ["", f"Filters. {FILTERS_COMBINE}", *_described(filters, attribute_docs(operation.filters))]
    if options := keywords[len(filters) :]:
        lines += ["", "Options:", *_described(options, attribute_docs(operation.filters))]
    for cls, what in ((operation.body, "Fields to send"), (operation.response_type, "Fields of the result")):
        lines += _field_names(cls, what)
    lines += ["", "Errors to expect; all derive from KomboError, and Kombo may add codes:"]
    for kind, names in errors_of(operation, text).items():
        lines += _wrapped(f"of {kind}: {', '.join(names)}")
    lines += ["", f"See {page_of(method)}"]
    return "\n".join(lines)


def page_of(method: Callable[..., Any]) -> str:
    """Return the address of the page that describes a method of a family."""
    module = method.__module__.rpartition(".")[2]
    return f"{DOCUMENTATION}/reference/methods/{module}.html#{method.__name__}"


def error_page(cls: type) -> str:
    """Return the address of the page that explains a class of errors, or the nearest base of it in this package."""
    own = next(each for each in cls.__mro__ if each.__module__ == f"{__package__}.errors")
    return f"{DOCUMENTATION}/reference/errors.html#{own.__name__.lower()}"


def _field_names(cls: Any, what: str) -> list[str]:
    names = [name for name, _ in _fields(cls)]
    if not names or cls.__name__.startswith("_"):
        return []
    return ["", *_wrapped(f"{what}, kombo_async.models.{cls.__name__}: {', '.join(names)}", "")]


def _class_doc(cls: Any, original: str) -> str:
    text = inspect.cleandoc(original)
    if hasattr(cls, "docs_url"):
        code, hint = getattr(cls, "code", None), cls._hint
        text = "\n\n".join(filter(None, (text, code and f"Kombo's code: {code}", hint, f"See {error_page(cls)}")))
    fields = list(_fields(cls))
    if not fields:
        return text
    heading = "Values" if isinstance(cls, EnumType) else "Fields"
    return f"{text}\n\n{heading}:\n" + "\n".join(_described(fields, attribute_docs(cls)))


def _fields(cls: Any) -> Iterator[tuple[str, object]]:
    """Return the fields of a model with their types, the values of an enum, or the attributes of an error."""
    if attributes := getattr(cls, "__attrs_attrs__", ()):
        yield from ((each.name, each.type) for each in attributes if not each.name.startswith("_"))
    elif isinstance(cls, EnumType):
        yield from ((name, "") for name in cls.__members__)
    elif hasattr(cls, "docs_url"):
        yield from ((name, "") for name in attribute_docs(cls))
    else:
        hints = [inspect.get_annotations(each) for each in getattr(cls, "__mro__", ())]
        for name in getattr(cls, "__struct_fields__", ()):
            yield name, next(each[name] for each in hints if name in each)


def _described(fields: Collection[tuple[str, object]], docs: Mapping[str, str]) -> Iterator[str]:
    for name, hint in fields:
        yield f"{_INDENT}{name}: {annotation(hint)}" if hint else f"{_INDENT}{name}"
        if name in docs:
            yield from _wrapped(docs[name], _INDENT * 2)


def _wrapped(text: str, indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent or _INDENT, break_on_hyphens=False
    )


@cache
def _module_tree(name: str) -> ast.Module:
    try:
        return ast.parse(inspect.getsource(sys.modules[name]))
    except (OSError, TypeError, KeyError):  # installed without sources
        return ast.Module([], [])


@cache
def _module_docs(name: str) -> dict[str, dict[str, str]]:
    """Return the docstrings of attributes by class and name."""
    return {node.name: dict(_docs_in(node)) for node in _module_tree(name).body if isinstance(node, ast.ClassDef)}


def _docs_in(node: ast.ClassDef | ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for statement, after in zip(node.body, node.body[1:], strict=False):
        match statement, after:
            case (
                (
                    ast.AnnAssign(target=ast.Name(id=name) | ast.Attribute(attr=name))
                    | ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)])
                ),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                yield name, " ".join(words.split())
            case _:
                pass
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            yield from _docs_in(statement)


@cache
def bases_in_source(cls: type) -> tuple[type, ...]:
    """Return the bases of a TypedDict; of any other class nothing, as it has them at run time."""
    if not typing.is_typeddict(cls):
        return ()
    module = sys.modules[cls.__module__]
    names = {
        base.id
        for node in _module_tree(cls.__module__).body
        if isinstance(node, ast.ClassDef) and node.name == cls.__name__
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    found = (getattr(module, name, None) for name in sorted(names))
    return tuple(each for each in found if isinstance(each, type) and typing.is_typeddict(each))
