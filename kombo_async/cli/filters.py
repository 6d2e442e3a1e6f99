"""The filters of a list as options: what they are called, what is read from them, and what `--help` says of them."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import Annotated, Any, cast

from attrs import frozen
from cyclopts import Group, Parameter

from ..engine.operation import Operation
from ..models.common import alternatives
from .options import UsageError

_GROUP = Group(
    "Filters",
    help="Several filters must all match. Of several values, written A,B or each with its own option, any may.",
    sort_key=1,
)
_NOT_FILTERS = {"page_size", "cursor", "read_ahead", "integration_id"}
"""The keywords of lists that choose no records."""

_FOR_PYTHON = re.compile(
    r"; None filters nothing|(?<=\.) None filters nothing\.|(?<=\.) Likewise\.|; off unless True| See https://\S+"
)
"""What the documentation of keywords says to people who write Python, and what is too long for a column."""


@frozen
class Filter:
    """One filter of a list."""

    keyword: str
    """What the method calls it."""
    kind: Any
    """The type of the option."""
    read: Callable[[str, Any], object]
    """Takes the name of the option and what was given; returns what the method takes."""
    help: str

    @property
    def option(self) -> str:
        """What it is called on the command line."""
        return "--" + dashed(self.keyword)

    def parameter(self) -> inspect.Parameter:
        """The option, as a keyword of a command."""
        told = Parameter(name=self.option, group=_GROUP, help=self.help, negative=(), show_default=False)
        # Only known at run time.
        annotation = cast("Any", Annotated)[self.kind, told]
        return inspect.Parameter(
            self.keyword, inspect.Parameter.KEYWORD_ONLY, default=self.empty, annotation=annotation
        )

    @property
    def empty(self) -> object:
        """What stands for an option that is not given."""
        return {bool: False, tuple[str, ...]: ()}.get(self.kind)


def dashed(name: str) -> str:
    """Return a name of Python's as one of the command line."""
    return name.replace("_", "-")


def filters_of(operation: Operation[Any]) -> list[Filter]:
    """Return the filters of a list, its own before those of every list."""
    if operation.filters is None:
        return []
    told = _documented(operation.filters)
    hints = typing.get_type_hints(operation.filters)
    found = [_filter(keyword, hint, told.get(keyword, "")) for keyword, hint in hints.items()]
    return sorted((each for each in found if each is not None), key=lambda each: each.keyword in _OF_EVERY_LIST)


_OF_EVERY_LIST = {"updated_after", "include_deleted", "ignore_unsupported_filters", "ids", "remote_ids"}


def _filter(keyword: str, hint: Any, told: str) -> Filter | None:
    if keyword in _NOT_FILTERS:
        return None
    words = _FOR_PYTHON.sub("", told).replace("None", "null")
    words = re.sub(r"`(\w+)(=True)?`", lambda match: _as_option(match[1]), words)
    kinds = alternatives(hint) - {NoneType}
    if kinds == {bool}:
        return Filter(keyword, bool, lambda _, given: given or None, words)
    if kinds == {str}:
        return Filter(keyword, str | None, _text, words)
    if kinds == {date}:
        return Filter(keyword, str | None, _day, f"{words} As 2026-11-01.")
    if kinds == {date, datetime}:
        return Filter(keyword, str | None, _moment, f"{words} As 2026-11-01 or 2026-11-01T08:00:00Z.")
    (kind,) = kinds
    match typing.get_origin(kind):
        case origin if origin is Sequence:
            items = alternatives(typing.get_args(kind)[0])
            (item,) = items - {NoneType}
            known = "" if item is str else f" {', '.join(member.value for member in item)}."
            return Filter(keyword, tuple[str, ...], _list_reader(item, or_null=NoneType in items), words + known)
        case origin if origin is Mapping:
            return Filter(keyword, str | None, _pair, f"{words} As KEY=VALUE.")
        case _:
            raise NotImplementedError(f"no option can be made of {keyword}: {hint}")


def _as_option(word: str) -> str:
    return f"`--{dashed(word)}`" if word in _OF_EVERY_LIST else f"`{word}`"


@cache
def _documented(keywords: type) -> dict[str, str]:
    """Return what the source of a TypedDict says below each of its keys; Python does not keep it anywhere else."""
    module = sys.modules[keywords.__module__]
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError):  # nobody installed the source
        return {}
    told: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == keywords.__name__:
            for base in node.bases:
                of_base = getattr(module, base.id, None) if isinstance(base, ast.Name) else None
                if isinstance(of_base, type) and typing.is_typeddict(of_base):
                    told |= _documented(of_base)
            for key, text in zip(node.body, node.body[1:], strict=False):
                match key, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                        told[name] = " ".join(words.split())
                    case _:
                        pass
    return told


def _text(option: str, given: str | None) -> str | None:
    if given is not None and not given.strip():
        raise UsageError(f"{option} is empty: leave it out instead")
    return given


def _day(option: str, given: str | None) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"{option} is a day such as 2026-11-01, not {given!r}") from None


def _moment(option: str, given: str | None) -> date | datetime | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise UsageError(f"{option} is a day or a time, such as 2026-11-01T08:00:00Z, not {given!r}") from None
    if moment.tzinfo is None:
        raise UsageError(f"{option} needs a time zone: {given}Z for UTC, or {given}+01:00")
    return moment


def _list_reader(item: Any, *, or_null: bool) -> Callable[[str, Sequence[str]], object]:
    # Words that Kombo writes in capitals may be typed in small letters; those that we do not know are left to Kombo.
    known = {} if item is str else {member.value.casefold(): member.value for member in item}

    def read(option: str, given: Sequence[str]) -> list[str | None] | None:
        items = [each.strip() for text in given for each in text.split(",")]
        if not all(items):
            raise UsageError(f"{option} has an empty item: write A,B or {option} A {option} B")
        words = [known.get(each.casefold(), each) for each in items]
        return [None if or_null and word == "null" else word for word in words] or None

    return read


def _pair(option: str, given: str | None) -> dict[str, object] | None:
    if given is None:
        return None
    key, equals, text = given.partition("=")
    if not equals or not key:
        raise UsageError(f"{option} is written KEY=VALUE, not {given!r}")
    try:
        value: object = json.loads(text)
    except ValueError:
        value = text
    return {key: value}
