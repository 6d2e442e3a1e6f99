"""Switching fields on or off, many at once."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field, frozen

from ..errors import APIError, KomboError, OutcomeUnknownError
from ..models.general import IntegrationField
from .bar import Bar
from .fields import NONE_AT_ALL, references
from .options import Exit, UsageError
from .output import Column
from .problems import advice, exit_code, summary
from .running import Run

_AT_ONCE = 10
"""How many are switched at the same time."""


@frozen(kw_only=True)
class Outcome:
    """What became of one field; the shape of a JSON line."""

    field: str
    """As the user named it."""
    id: str | None = None
    outcome: str
    """`changed`, `unchanged` because it was so already, or `failed`."""
    code: str | None = None
    """Kombo's error code, where it has refused."""
    message: str | None = None
    """Why it failed."""


def names_from(given: Sequence[str], file: str | None) -> Iterator[str]:
    """Give the names of fields in the arguments, in *file*, and for `-` in standard input, each of them once."""
    if not given and file is None:
        raise UsageError("name at least one FIELD, or - for standard input, or a --file")
    seen = set[str]()
    for name in _all_names(given, file):
        if name not in seen:
            seen.add(name)
            yield name


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


def _names_in(lines: Iterable[str], place: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        name = line.strip()
        if name.startswith("{"):
            try:
                name = str(json.loads(name)["id"])
            except (ValueError, LookupError):
                raise UsageError(f"line {number} of {place} is not one that fields list wrote: no id") from None
        if name:
            yield name


@define
class _Tally:
    """Counts, and collects what failed."""

    total: int
    on: bool
    changed: int = 0
    unchanged: int = 0
    failed: list[Outcome] = field(factory=list[Outcome])
    reasons: set[Exit] = field(factory=set[Exit])

    def add(self, outcome: Outcome, reason: Exit) -> None:
        match outcome.outcome:
            case "changed":
                self.changed += 1
            case "unchanged":
                self.unchanged += 1
            case _:
                self.failed.append(outcome)
                self.reasons.add(reason)

    def text(self) -> str:
        """The exact count, in words."""
        word = "on" if self.on else "off"
        parts = [f"{self.changed:,} of {self.total:,} switched {word}"]
        if self.unchanged:
            parts.append(f"{self.unchanged:,} {'was' if self.unchanged == 1 else 'were'} {word} already")
        if self.failed:
            parts.append(f"{len(self.failed):,} failed")
        return ", ".join(parts)

    def exit_code(self) -> Exit:
        if not self.failed:
            return Exit.OK
        if self.changed or self.unchanged:
            return Exit.PARTLY
        return Exit.NETWORK if self.reasons == {Exit.NETWORK} else Exit.REFUSED


async def switch(run: Run, integration_id: str, names: Sequence[str], *, on: bool) -> int:
    """Switch the named fields, those that are not so already, and return the exit code."""
    out, tally = run.out, _Tally(len(names), on)
    run.so_far = tally.text

    def note(outcome: Outcome, reason: Exit = Exit.REFUSED) -> None:
        tally.add(outcome, reason)
        if out.json:
            out.records((outcome,))

    found = await find(run, integration_id, names) if names else {}
    todo: dict[str, str] = {}
    for name in names:
        match found[name]:
            case str(why):
                note(Outcome(field=name, outcome="failed", message=why))
            case one if one.is_passthrough_enabled is on or one.id in todo:
                note(Outcome(field=name, id=one.id, outcome="unchanged"))
            case one:
                todo[one.id] = name
    hints = await _switch_all(run, integration_id, todo, note, on=on) if todo else []

    columns: list[Column[Outcome]] = [
        Column("Failed", lambda outcome: outcome.field),
        Column("Why", lambda outcome: outcome.message or ""),
    ]
    out.table(columns, tally.failed)
    if out.json:
        out.note(f"{tally.text()}.")
    else:
        out.result(None, [f"{tally.text()}."])
    for hint in dict.fromkeys(hints):
        out.note(hint)
    if tally.changed:
        out.note(f"It shows after the next sync: kombo-async sync {integration_id}")
    return tally.exit_code()


async def _switch_all(
    run: Run, integration_id: str, todo: Mapping[str, str], note: Callable[[Outcome, Exit], None], *, on: bool
) -> list[str]:
    """Switch fields, given by their ids with their names, several at once; return what to do about what failed."""
    left, hints = iter(todo.items()), list[str]()

    async def work(bar: Bar) -> None:
        for field_id, name in left:
            try:
                await run.client.update_integration_field(
                    field_id, enable_passthrough=on, integration_id=integration_id
                )
            except KomboError as error:
                code = error.code if isinstance(error, APIError | OutcomeUnknownError) else None
                failed = Outcome(field=name, id=field_id, outcome="failed", code=code, message=summary(error))
                note(failed, exit_code(error))
                hints.extend(filter(None, [advice(error, integration_id)]))
            else:
                note(Outcome(field=name, id=field_id, outcome="changed"), Exit.OK)
            bar.advance()

    with run.out.bar(f"switching {'on' if on else 'off'}", len(todo)) as bar:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(_AT_ONCE, len(todo))):
                group.create_task(work(bar))
    return hints


async def find(run: Run, integration_id: str, names: Sequence[str]) -> dict[str, IntegrationField | str]:
    """Find for each name the field that it names, or say why it names none."""
    sure: dict[str, IntegrationField] = {}
    short: dict[str, list[IntegrationField]] = {}
    wanted = set(names)
    seen = 0
    with run.out.bar("looking for them") as bar:
        async for page in run.client.iter_integration_fields(integration_id).pages():
            for one in page.results:
                own_id, full, without_type = references(one)
                if own_id in wanted:
                    sure[own_id] = one
                if full in wanted:
                    sure[full] = one
                if without_type in wanted:
                    short.setdefault(without_type, []).append(one)
            seen += len(page.results)
            bar.advance(len(page.results))
            if len(sure) == len(wanted):
                break
    return {name: sure.get(name) or _only(short.get(name, ()), seen) for name in names}


def _only(candidates: Sequence[IntegrationField], seen: int) -> IntegrationField | str:
    match candidates:
        case [one]:
            return one
        case []:
            return f"none of the {seen:,} fields is so named" if seen else NONE_AT_ALL
        case several:
            return f"several fields are so named: write {' or '.join(list(references(one))[1] for one in several)}"
