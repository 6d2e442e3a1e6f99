"""The filters of a list as options: their names, the conversion of their values, and their help."""

from __future__ import annotations

import inspect
import json
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Annotated, Any, cast

from attrs import frozen
from cyclopts import Group, Parameter

from .._help import attribute_docs
from ..engine.operation import Operation
from ..models.base import alternatives
from .options import UsageError

_GROUP = Group(
    "Filters",
    help="Several filters must all match. Of several values, written A,B or each with its own option, any may.",
    sort_key=1,
)
_NOT_FILTERS = {"page_size", "cursor", "read_ahead", "integration_id"}
"""The keywords of lists that are not filters."""

_FOR_PYTHON = re.compile(
    r"; None filters nothing|(?<=\.) None filters nothing\.|(?<=\.) Likewise\.|; off unless True| See https://\S+"
)
"""Parts of the documentation of keywords that only concern Python, or are too long for the help of an option."""


@frozen
class Filter:
    """One filter of a list."""

    keyword: str
    option_type: Any
    convert: Callable[[str, Any], object]
    """Takes the name of the option and its value; returns the argument of the method, or None to leave it out."""
    help: str

    @property
    def option(self) -> str:
        """The name of the option."""
        return "--" + dashed(self.keyword)

    def parameter(self) -> inspect.Parameter:
        """Return the option as a keyword-only parameter of a command."""
        settings = Parameter(name=self.option, group=_GROUP, help=self.help, negative=(), show_default=False)
        # The type is known at run time only.
        annotation = cast("Any", Annotated)[self.option_type, settings]
        return inspect.Parameter(
            self.keyword, inspect.Parameter.KEYWORD_ONLY, default=self.empty, annotation=annotation
        )

    @property
    def empty(self) -> object:
        """The value of an option that was not given."""
        return {bool: False, tuple[str, ...]: ()}.get(self.option_type)


def dashed(name: str) -> str:
    """Return a Python name as a name of the command line."""
    return name.replace("_", "-")


def filters_of(operation: Operation[Any]) -> list[Filter]:
    """Return the filters of a list: its own, then those of every list."""
    if operation.filters is None:
        return []
    docs = attribute_docs(operation.filters)
    hints = typing.get_type_hints(operation.filters)
    found = [_filter(keyword, hint, docs.get(keyword, "")) for keyword, hint in hints.items()]
    return sorted((each for each in found if each is not None), key=lambda each: each.keyword in _OF_EVERY_LIST)


_OF_EVERY_LIST = {"updated_after", "include_deleted", "ignore_unsupported_filters", "ids", "remote_ids"}


def _filter(keyword: str, hint: Any, doc: str) -> Filter | None:
    if keyword in _NOT_FILTERS:
        return None
    words = _FOR_PYTHON.sub("", doc).replace("None", "null")
    words = re.sub(r"`(\w+)(=True)?`", lambda match: _as_option(match[1]), words)
    types = alternatives(hint) - {NoneType}
    if types == {bool}:
        return Filter(keyword, bool, lambda _, given: given or None, words)
    if types == {str}:
        return Filter(keyword, str | None, _non_blank, words)
    if types == {date}:
        return Filter(keyword, str | None, _parse_date, f"{words} As 2026-11-01.")
    if types == {date, datetime}:
        return Filter(keyword, str | None, _parse_time, f"{words} As 2026-11-01 or 2026-11-01T08:00:00Z.")
    (only,) = types
    match typing.get_origin(only):
        case origin if origin is Sequence:
            items = alternatives(typing.get_args(only)[0])
            (item,) = items - {NoneType}
            known = "" if item is str else f" {', '.join(member.value for member in item)}."
            return Filter(keyword, tuple[str, ...], _list_parser(item, or_null=NoneType in items), words + known)
        case origin if origin is Mapping:
            return Filter(keyword, str | None, _parse_pair, f"{words} As KEY=VALUE.")
        case _:
            raise NotImplementedError(f"no option can be made of {keyword}: {hint}")


def _as_option(word: str) -> str:
    return f"`--{dashed(word)}`" if word in _OF_EVERY_LIST else f"`{word}`"


def _non_blank(option: str, given: str | None) -> str | None:
    if given is not None and not given.strip():
        raise UsageError(f"{option} is empty: leave it out instead")
    return given


def _parse_date(option: str, given: str | None) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"{option} is a day such as 2026-11-01, not {given!r}") from None


def _parse_time(option: str, given: str | None) -> date | datetime | None:
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


def _list_parser(item: Any, *, or_null: bool) -> Callable[[str, Sequence[str]], object]:
    # Enum values may be typed in lower case; unknown values go to Kombo as they are.
    known = {} if item is str else {member.value.casefold(): member.value for member in item}

    def parse(option: str, given: Sequence[str]) -> list[str | None] | None:
        items = [each.strip() for text in given for each in text.split(",")]
        if not all(items):
            raise UsageError(f"{option} has an empty item: write A,B or {option} A {option} B")
        words = [known.get(each.casefold(), each) for each in items]
        return [None if or_null and word == "null" else word for word in words] or None

    return parse


def _parse_pair(option: str, given: str | None) -> dict[str, object] | None:
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
