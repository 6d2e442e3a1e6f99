"""Switching many integration fields on or off, and finding fields by their names."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field, frozen

from ..errors import APIError, KomboError, OutcomeUnknownError
from ..models.general import IntegrationField
from .console import Column
from .error_messages import exit_code, hint_for, summary
from .options import ExitCode, UsageError
from .progress import ProgressBar
from .runner import Invocation

NO_FIELDS = (
    "This integration has no such fields. Usually they are switched off for the model in the scope config: "
    "https://app.kombo.dev/scope-config"
)

_CONCURRENCY = 10
"""How many fields are switched at the same time."""


@frozen(kw_only=True)
class Outcome:
    """The result for one field; printed as a JSON line."""

    field: str
    """The name or id that was given for it."""
    id: str | None = None
    outcome: str
    """`changed`, `unchanged` if the field had that state already, or `failed`."""
    code: str | None = None
    """Kombo's error code, if it refused."""
    message: str | None = None


def read_field_names(given: Sequence[str], file: str | None) -> Iterator[str]:
    """Yield the names of fields in the arguments, in *file*, and for `-` in standard input, each of them once."""
    if not given and file is None:
        raise UsageError("name at least one FIELD, or - for standard input, or a --file")
    yield from dict.fromkeys(_all_names(given, file))


def _all_names(given: Sequence[str], file: str | None) -> Iterator[str]:
    for name in given:
        if name == "-":
            yield from _names_in(sys.stdin, "standard input")
        elif name.startswith("-"):
            raise UsageError(f"unknown option {name.partition('=')[0]}")
        else:
            yield name
    if file == "-":
        yield from _names_in(sys.stdin, "standard input")
    elif file is not None:
        with Path(file).open(encoding="utf-8") as lines:
            yield from _names_in(lines, file)


def _names_in(lines: Iterable[str], source: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        name = line.strip()
        if name.startswith("{"):
            try:
                name = str(json.loads(name)["id"])
            except (ValueError, LookupError):
                raise UsageError(f"line {number} of {source} is no line of `fields list`: it has no id") from None
        if name:
            yield name


@define
class _Counts:
    """Counts outcomes, and collects those that failed."""

    total: int
    on: bool
    changed: int = 0
    unchanged: int = 0
    failed: list[Outcome] = field(factory=list[Outcome])
    failure_codes: set[ExitCode] = field(factory=set[ExitCode])

    def add(self, outcome: Outcome, failure_code: ExitCode) -> None:
        match outcome.outcome:
            case "changed":
                self.changed += 1
            case "unchanged":
                self.unchanged += 1
            case _:
                self.failed.append(outcome)
                self.failure_codes.add(failure_code)

    def text(self) -> str:
        word = "on" if self.on else "off"
        parts = [f"{self.changed:,} of {self.total:,} switched {word}"]
        if self.unchanged:
            parts.append(f"{self.unchanged:,} {'was' if self.unchanged == 1 else 'were'} {word} already")
        if self.failed:
            parts.append(f"{len(self.failed):,} failed")
        return ", ".join(parts)

    def exit_code(self) -> ExitCode:
        if not self.failed:
            return ExitCode.OK
        if self.changed or self.unchanged:
            return ExitCode.PARTLY
        return ExitCode.NETWORK if self.failure_codes == {ExitCode.NETWORK} else ExitCode.REFUSED


async def set_enabled(invocation: Invocation, integration_id: str, names: Sequence[str], *, on: bool) -> int:
    """Switch the named fields on or off, except those that are so already, and return the exit code."""
    out, counts = invocation.out, _Counts(len(names), on)
    invocation.progress_summary = counts.text

    def record(outcome: Outcome, failure_code: ExitCode = ExitCode.REFUSED) -> None:
        counts.add(outcome, failure_code)
        if out.json:
            out.records((outcome,))

    found = await find_fields(invocation, integration_id, names) if names else {}
    to_switch: dict[str, str] = {}
    for name in names:
        match found[name]:
            case str(problem):
                record(Outcome(field=name, outcome="failed", message=problem))
            case one if one.is_passthrough_enabled is on or one.id in to_switch:
                record(Outcome(field=name, id=one.id, outcome="unchanged"))
            case one:
                to_switch[one.id] = name
    hints = await _switch_all(invocation, integration_id, to_switch, record, on=on) if to_switch else []

    columns: list[Column[Outcome]] = [
        Column("Failed", lambda outcome: outcome.field),
        Column("Why", lambda outcome: outcome.message or ""),
    ]
    out.table(columns, counts.failed)
    if out.json:
        out.note(f"{counts.text()}.")
    else:
        out.result(None, [f"{counts.text()}."])
    for hint in dict.fromkeys(hints):
        out.note(hint)
    if counts.changed:
        out.note(f"The change shows after the next sync: kombo-async sync {integration_id}")
    return counts.exit_code()


async def _switch_all(
    invocation: Invocation,
    integration_id: str,
    to_switch: Mapping[str, str],
    record: Callable[[Outcome, ExitCode], None],
    *,
    on: bool,
) -> list[str]:
    """Switch fields, given as ids with names, several at a time; return hints about those that failed."""
    remaining, hints = iter(to_switch.items()), list[str]()

    async def work(bar: ProgressBar) -> None:
        for field_id, name in remaining:
            try:
                await invocation.client.update_integration_field(
                    field_id, enable_passthrough=on, integration_id=integration_id
                )
            except KomboError as error:
                code = error.code if isinstance(error, APIError | OutcomeUnknownError) else None
                failed = Outcome(field=name, id=field_id, outcome="failed", code=code, message=summary(error))
                record(failed, exit_code(error))
                hints.append(hint_for(error, integration_id))
            else:
                record(Outcome(field=name, id=field_id, outcome="changed"), ExitCode.OK)
            bar.advance()

    with invocation.out.progress_bar(f"switching {'on' if on else 'off'}", len(to_switch)) as bar:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(_CONCURRENCY, len(to_switch))):
                group.create_task(work(bar))
    return hints


async def find_fields(
    invocation: Invocation, integration_id: str, names: Sequence[str]
) -> dict[str, IntegrationField | str]:
    """Return for each name the field that it refers to, or why it refers to none."""
    by_unique_name: dict[str, IntegrationField] = {}
    by_short_name: dict[str, list[IntegrationField]] = {}
    wanted = set(names)
    seen = 0
    with invocation.out.progress_bar("looking for them") as bar:
        async for page in invocation.client.iter_integration_fields(integration_id).pages():
            for one in page.results:
                if one.id in wanted:
                    by_unique_name[one.id] = one
                if (name := full_name(one)) in wanted:
                    by_unique_name[name] = one
                if (name := f"{one.model}/{one.key}") in wanted:
                    by_short_name.setdefault(name, []).append(one)
            seen += len(page.results)
            bar.advance(len(page.results))
            if len(by_unique_name) == len(wanted):
                break
    return {name: by_unique_name.get(name) or _only(by_short_name.get(name, ()), seen) for name in names}


def full_name(field: IntegrationField) -> str:
    """Return `model/type/key`, which names one field of an integration."""
    return f"{field.model}/{field.type}/{field.key}"


def _only(candidates: Sequence[IntegrationField], seen: int) -> IntegrationField | str:
    match candidates:
        case [one]:
            return one
        case []:
            return f"none of the {seen:,} fields has this name" if seen else NO_FIELDS
        case several:
            return f"several fields have this name: write {' or '.join(map(full_name, several))}"
