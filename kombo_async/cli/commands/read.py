"""`kombo-async read`: a command for each list of the client that has a cursor, made from its operation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ..._help import original_doc
from ...client import KomboClient
from ...config import BASE_URLS
from ...engine.operation import Operation
from ..export import DESTINATION, Destination, Export, RecordList
from ..filter_options import dashed, filters_of
from ..options import CommandOptions, IntegrationId

FAMILIES = {
    "hris": ("personio:GWd1wgE7fRQGywhDLfgbcBAc", "absences", "--date-from 2026-06-01", "--date-until 2026-06-30"),
    "ats": ("greenhouse:YpxeZ7H24Q15q9H9YeP2VEZK", "applications", "--outcomes HIRED,PENDING", "--format csv"),
    "assessment": ("smartrecruiters:KMJH5HvyaC7fmcs5fNgVTYLz", "orders", "--statuses OPEN"),
    "lms": ("360learning:zdExgi6hyBEFcpT1P8NvRr8f", "course-progressions", "--limit 3"),
    "ai_apply": ("", "postings", "--limit 3"),
}
"""The families that have lists with a cursor. Of each, an integration of the sandbox for examples, if its lists belong
to one, and the rest of an example: list and options."""

_OFFLINE_CLIENT = KomboClient("none", base_url=BASE_URLS["eu"], proxy=None)
"""A client that sends nothing, as only a client has the families: the docstrings of their methods become help texts."""


def _lists(family: str | None) -> Iterator[RecordList]:
    module = import_module(f"...operations.{family or 'general'}", __package__)
    operations: list[Operation[Any]] = [value for value in vars(module).values() if isinstance(value, Operation)]
    for operation in operations:
        if operation.page_size is not None:
            yield RecordList(family=family, operation=operation, filters=filters_of(operation))


def _command(source: RecordList) -> Callable[..., int]:
    """Return a function with the signature and the docstring from which cyclopts makes the command of a list."""

    def command(integration_id: str | None = None, /, **given: Any) -> int:
        export = Export(
            source=source,
            integration_id=integration_id,
            filter_values={one.keyword: given.get(one.keyword, one.empty) for one in source.filters},
            destination=given.get("destination", Destination()),
            page_size=given.get("page_size"),
            options=given.get("options", CommandOptions()),
        )
        return export.run()

    keyword, largest = inspect.Parameter.KEYWORD_ONLY, source.operation.page_size
    size = Parameter(
        validator=Number(gte=1, lte=largest),
        help=f"Records in each page; by default {largest:,}, which is the most that Kombo allows.",
        group=DESTINATION,
    )
    parameters = [
        *(one.parameter() for one in source.filters),
        inspect.Parameter("destination", keyword, default=Destination(), annotation=Destination),
        inspect.Parameter("page_size", keyword, default=None, annotation=Annotated[int | None, size]),
        inspect.Parameter("options", keyword, default=CommandOptions(), annotation=CommandOptions),
    ]
    if source.of_integration:
        integration = inspect.Parameter("ID", inspect.Parameter.POSITIONAL_ONLY, annotation=IntegrationId)
        parameters.insert(0, integration)
    command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    command.__doc__ = _help(source)
    return command


def _help(source: RecordList) -> str:
    """Return the docstring of the method in the terms of the command line, with an example."""
    text = inspect.cleandoc(original_doc(source.method(_OFFLINE_CLIENT)))
    text = re.sub(r"^Iterate over", "Read", text)
    text = re.sub(r"this raises\s+`\w+`", "Kombo refuses", text)
    text = re.sub(
        r"`(?:client\.(\w+)\.)?iter_(\w+)(?:\((\w+)=\[(.+?)\]\))?`", lambda match: _as_command(source, match), text
    )
    for one in source.filters:
        text = text.replace(f"`{one.keyword}`", f"`{one.option}`")
    options = ("--format csv", "--limit 3")
    if source.has("updated_after"):
        options = ("--updated-after 2026-06-01", "--output records.csv")
    return text + _example(source.family, source.words, *options)


def _example(family: str | None, words: str, *options: str) -> str:
    lines = [f"kombo-async read {words}"]
    integration_id = FAMILIES[family or "hris"][0]
    for part in filter(None, (integration_id, *options)):
        if len(lines[-1]) + len(part) < 74:
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}")
    return "\n\nFor example:\n\n```\n" + " \\\n".join(lines) + "\n```"


def _as_command(source: RecordList, match: re.Match[str]) -> str:
    """Return a mention of a method, such as `client.hris.iter_employees`, as the command `read hris employees`."""
    family, name, keyword, value = match.groups()
    words = " ".join(filter(None, ("read", dashed(family or source.family or ""), dashed(name))))
    values = "" if keyword is None else f" --{dashed(keyword)} {value.strip(chr(34))}"
    return f"`{words}{values}`"


def __getattr__(name: str) -> App:
    # The commands of a family are made when one of them is called.
    if name not in FAMILIES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    app = App(name=dashed(name))
    for source in _lists(name):
        app.command(_command(source), name=source.words.rpartition(" ")[2])
    return app


read = App(name="read")
for _source in _lists(None):
    read.command(_command(_source), name=_source.words)
for _family, (_, _model, *_options) in FAMILIES.items():
    _about = inspect.getdoc(getattr(KomboClient, _family)) or ""
    read.command(
        f"{__name__}:{_family}",
        name=dashed(_family),
        help=_about + _example(_family, f"{dashed(_family)} {_model}", *_options),
    )
