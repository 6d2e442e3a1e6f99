"""`kombo-async read`: every list with a cursor that the client has, made into a command from its operation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, Literal

from cyclopts import App, Group, Parameter
from cyclopts.validators import Number

from ..client import KomboClient
from ..config import BASE_URLS
from ..engine.operation import Operation
from .filters import dashed, filters_of
from .options import Flag, IntegrationId, Options
from .reading import List, Reading

FAMILIES = {
    "hris": ("absences", "--date-from 2026-06-01", "--date-until 2026-06-30"),
    "ats": ("applications", "--outcomes HIRED,PENDING", "--format csv"),
    "assessment": ("orders", "--statuses OPEN"),
    "lms": ("course-progressions", "--limit 3"),
    "ai_apply": ("postings", "--limit 3"),
}
"""Those that have lists with a cursor, beside the client itself, and an example of each."""

_EXAMPLES: dict[str | None, str] = {
    None: "personio:GWd1wgE7fRQGywhDLfgbcBAc",
    "hris": "personio:GWd1wgE7fRQGywhDLfgbcBAc",
    "ats": "greenhouse:YpxeZ7H24Q15q9H9YeP2VEZK",
    "assessment": "smartrecruiters:KMJH5HvyaC7fmcs5fNgVTYLz",
    "lms": "360learning:zdExgi6hyBEFcpT1P8NvRr8f",
}
"""Integrations of the sandbox, for examples."""

_NOBODY = KomboClient("none", base_url=BASE_URLS["eu"], proxy=None)
"""A client that sends nothing: its methods say what they read."""


@Parameter(name="*", group=Group("What is written, and where", sort_key=2))
@dataclass(frozen=True, kw_only=True)
class Destination:
    """The options of every read."""

    output: Annotated[
        str | None,
        Parameter(
            name=("--output", "-o"),
            allow_leading_hyphen=True,
            help="Write into a file and not to standard output. It appears, in place of an older one, when it is "
            "whole.",
        ),
    ] = None
    format: Annotated[
        Literal["jsonl", "csv"] | None,
        Parameter(
            help="JSON lines, or CSV with a column for each field of the model and JSON in the cells of nested ones. "
            "Where left out, by the name of the file: csv if it ends in .csv.",
        ),
    ] = None
    spreadsheet: Annotated[
        Flag,
        Parameter(
            help="CSV to be opened in Excel and the like: an apostrophe goes before texts that would be run as a "
            "formula. Without it texts are left as they are, for programs.",
        ),
    ] = False
    resume: Annotated[
        str | None,
        Parameter(
            help="Keep in this file how far it came, page by page. After an interruption the same command goes on "
            "from there, with no record lost or twice; at the end the file is deleted. Needs --output.",
        ),
    ] = None
    unreadable: Annotated[
        str | None,
        Parameter(
            help="Write records that cannot be read into this file, as JSON lines with their bytes, and continue; the "
            "exit code is then 4. Where left out, the first such record ends the read.",
        ),
    ] = None
    limit: Annotated[
        int | None, Parameter(validator=Number(gte=1), help="End after so many records; all where left out.")
    ] = None


def _lists(family: str | None) -> Iterator[List]:
    home = __name__.removesuffix(".cli.read")
    module = import_module(f"{home}.operations.{family or 'general'}")
    rows: list[Operation[Any]] = [row for row in vars(module).values() if isinstance(row, Operation)]
    for operation in rows:
        if operation.page_size is not None:
            yield List(family=family, operation=operation, filters=filters_of(operation))


def _command(which: List) -> Callable[..., int]:
    """Make the function that the argument library reads a command from."""

    def command(integration_id: str | None = None, /, **given: Any) -> int:
        reading = Reading(
            which=which,
            integration_id=integration_id,
            given={one.keyword: given.get(one.keyword, one.empty) for one in which.filters},
            destination=given.get("destination", Destination()),
            page_size=given.get("page_size"),
            options=given.get("options", Options()),
        )
        return reading.carry_out()

    keyword, largest = inspect.Parameter.KEYWORD_ONLY, which.operation.page_size
    size = Parameter(
        validator=Number(gte=1, lte=largest),
        help=f"Records a page; {largest:,} where left out, the most there may be.",
        group=Group("What is written, and where", sort_key=2),
    )
    parameters = [
        *(one.parameter() for one in which.filters),
        inspect.Parameter("destination", keyword, default=Destination(), annotation=Destination),
        inspect.Parameter("page_size", keyword, default=None, annotation=Annotated[int | None, size]),
        inspect.Parameter("options", keyword, default=Options(), annotation=Options),
    ]
    if which.of_integration:
        integration = inspect.Parameter("ID", inspect.Parameter.POSITIONAL_ONLY, annotation=IntegrationId)
        parameters.insert(0, integration)
    command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    command.__doc__ = _help(which)
    return command


def _help(which: List) -> str:
    """Return what the method says of itself, in the words of the command line, with an example."""
    told = inspect.getdoc(which.method(_NOBODY)) or ""
    told = re.sub(r"^Iterate over", "Read", told)
    told = re.sub(r"this raises\s+`\w+`", "Kombo refuses", told)
    told = re.sub(
        r"`(?:client\.(\w+)\.)?iter_(\w+)(?:\((\w+)=\[(.+?)\]\))?`", lambda match: _called(which, match), told
    )
    for one in which.filters:
        told = told.replace(f"`{one.keyword}`", f"`{one.option}`")
    options = ("--format csv", "--limit 3")
    if which.has("updated_after"):
        options = ("--updated-after 2026-06-01", "--output records.csv")
    return told + _example(which.family, which.words, *options)


def _example(family: str | None, words: str, *options: str) -> str:
    lines = [f"kombo-async read {words}"]
    for part in (*filter(None, (_EXAMPLES.get(family),)), *options):
        if len(lines[-1]) + len(part) < 74:
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}")
    return "\n\nFor example:\n\n```\n" + " \\\n".join(lines) + "\n```"


def _called(which: List, match: re.Match[str]) -> str:
    family, name, keyword, value = match.groups()
    home = dashed(family or which.family or "")
    words = " ".join(filter(None, ("read", home, dashed(name))))
    values = "" if keyword is None else f" --{dashed(keyword)} {value.strip(chr(34))}"
    return f"`{words}{values}`"


def _family(family: str) -> App:
    lists = App(name=dashed(family))
    for which in _lists(family):
        lists.command(_command(which), name=which.words.rpartition(" ")[2])
    return lists


def __getattr__(name: str) -> App:
    # The commands of a family are made when one of them is called.
    if name in FAMILIES:
        return _family(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


read = App(name="read")
for _which in _lists(None):
    read.command(_command(_which), name=_which.words)
for _family_name, (_model, *_options) in FAMILIES.items():
    _about = inspect.getdoc(getattr(KomboClient, _family_name)) or ""
    _words = f"{dashed(_family_name)} {_model}"
    read.command(
        f"{__name__}:{_family_name}",
        name=dashed(_family_name),
        help=_about + _example(_family_name, _words, *_options),
    )
