"""`kombo-async read`: every list, its filters, and its formats."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shlex
import typing
import warnings
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import attrs
import pytest

from kombo_async import KomboClient, operations
from kombo_async.cli import main
from kombo_async.cli.app import app
from kombo_async.cli.commands.read import FAMILIES
from kombo_async.cli.encoding import Csv, format_of
from kombo_async.columns import columns_of
from kombo_async.engine import codec
from kombo_async.engine.operation import Operation
from kombo_async.models.hris import Employee
from kombo_async.sandbox import Drift, SandboxConfig, SandboxThread

from ..support.command_line import (
    KEY,
    examples,
    help_of,
    joined,
    settings,
)

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"
CATEGORIES = {"ats": "ATS", "assessment": "ASSESSMENT", "lms": "LMS"}

LISTS = [
    (module.name, operation)
    for module in iter_modules(operations.__path__)
    for operation in vars(import_module(f"{operations.__name__}.{module.name}")).values()
    if isinstance(operation, Operation) and operation.page_size is not None
]


def words_of(family: str, operation: Operation[Any]) -> list[str]:
    home = [] if family == "general" else [family.replace("_", "-")]
    return [*home, operation.name.removeprefix("iter_").replace("_", "-")]


def test_every_list_of_the_client_has_a_command() -> None:
    assert {family for family, _ in LISTS} == {"general", *FAMILIES}
    read = app["read"]
    made = {(name,) for name in read} | {(family, name) for family in read for name in read[family]}
    assert {tuple(words_of(*which)) for which in LISTS} <= made


@pytest.mark.parametrize("command", ["read", *(f"read {family.replace('_', '-')}" for family in FAMILIES)])
def test_examples_of_families_run_unchanged(command: str, here, capsys) -> None:
    lines = joined(examples(help_of(command))).splitlines()
    assert lines
    for line in lines:
        assert line.startswith(f"kombo-async {command} ")
        assert main(shlex.split(line)[1:]) == 0
        assert [*Path().iterdir()] or "\n" in capsys.readouterr().out


@pytest.mark.parametrize("which", LISTS, ids=lambda which: " ".join(words_of(*which)))
def test_help_uses_options_instead_of_keywords(which) -> None:
    text = help_of(f"read {' '.join(words_of(*which))}")
    assert not re.search(r"\b(None|True|False|iter_\w+)\b", text)
    filters = typing.get_type_hints(which[1].filters).keys() if which[1].filters else set()
    for name in filters - {"cursor", "read_ahead", "integration_id", "page_size"}:
        assert re.search(rf"│ --{name.replace('_', '-')} .*(\n│ {{9,}})?\w", text)


def cell_of(value: Any) -> str:
    """What a cell of CSV has to be, to give back *value*."""
    if value is None or isinstance(value, str):
        return value or ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else dense(value)


def dense(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_every_list_can_be_read_as_json_lines_and_as_csv(monkeypatch, tmp_path, capsys) -> None:
    """All of them in one process, from a Kombo that sends what this version does not know."""
    drift = Drift.UNKNOWN_ENUMS | Drift.EXTRA_KEYS | Drift.NULL_LISTS | Drift.STRANGE_CURSORS
    config = SandboxConfig(employees=30, fields=2_010, drift=drift)
    with SandboxThread(config, api_key=KEY) as sandbox:
        for name, value in settings(sandbox).items():
            monkeypatch.setenv(name, value)

        async def collect(family: str, operation: Operation[Any], integration: dict[str, str]) -> list[Any]:
            async with KomboClient() as client:
                home = client if family == "general" else getattr(client, family)
                with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                    return await getattr(home, operation.name)(**integration).collect()

        for family, operation in LISTS:
            words = words_of(family, operation)
            needs = operation.integration or "{integration_id}" in operation.path
            integration = [sandbox.integration_id_of(CATEGORIES.get(family, "HRIS"))] if needs else []
            wanted = asyncio.run(collect(family, operation, {"integration_id": integration[0]} if needs else {}))
            assert wanted
            plain = [codec.to_builtins(record) for record in wanted]

            lines = tmp_path / f"{'-'.join(words)}.jsonl"
            assert main(["read", *words, *integration, "--output", str(lines)]) == 0
            written = [json.loads(line) for line in lines.read_bytes().splitlines()]
            # As it arrived: with the keys that this version does not know.
            assert all("x_new_in_2031" in record for record in written)
            assert [record["id"] for record in written] == [record["id"] for record in plain]

            rows = lines.with_suffix(".csv")
            assert main(["read", *words, *integration, "--output", str(rows)]) == 0
            with rows.open(newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file, strict=True)
                read_back = list(reader)
            assert reader.fieldnames == [field.name for field in attrs.fields(operation.response_type)]
            assert read_back == [{key: cell_of(value) for key, value in record.items()} for record in plain]
        said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("deprecated at Kombo") == 2 * 4
    assert KEY not in said.err


@pytest.mark.parametrize(
    ("model", "options", "sent"),
    [
        ("employees", ["--ids", "a,b", "--ids", "c"], {"ids": "a,b,c"}),
        ("employees", ["--employment-statuses", "active, LEAVE"], {"employment_statuses": "ACTIVE,LEAVE"}),
        ("employees", ["--include-deleted"], {"include_deleted": "true"}),
        ("employees", ["--updated-after", "2026-11-01"], {"updated_after": "2026-11-01"}),
        (
            "employees",
            ["--updated-after=2026-11-01T09:30+01:00"],
            {"updated_after": "2026-11-01T08:30:00.000Z"},
        ),
        ("employees", ["--custom-fields", "level=3"], {"custom_fields": '{"level":3}'}),
        ("employees", ["--custom-fields", "diet=no nuts"], {"custom_fields": '{"diet":"no nuts"}'}),
        ("employees", ["--page-size", "7"], {"page_size": "7"}),
        ("groups", ["--types", "team,null"], {"types": "TEAM,null"}),
        ("groups", ["--name-contains=-x"], {"name_contains": "-x"}),
        ("absences", ["--date-from", "2026-11-01"], {"date_from": "2026-11-01"}),
        ("employments", ["--limit", "3"], {"page_size": "3"}),
        ("employments", ["--limit", "3", "--page-size", "2"], {"page_size": "2"}),
    ],
)
def test_options_are_sent_as_filters(model, options, sent, here) -> None:
    assert main(["read", "hris", model, ID, *options, "--quiet"]) == 0
    query = dict([request for request in here.requests if request.path.startswith("/v1/hris")][-1].query)
    query.pop("cursor", None)
    assert query == {"page_size": "250", **sent}


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (f"hris employees {ID} --updated-after yesterday", "--updated-after is a day or a time, such as 2026-"),
        (f"hris employees {ID} --updated-after 2026-11-01T08:00", "2026-11-01T08:00Z for UTC"),
        (f"hris absences {ID} --date-from 2026-11-01T08:00Z", "--date-from is a day such as 2026-11-01"),
        (f"hris employees {ID} --ids a,,b", "--ids has an empty item"),
        (f"hris employees {ID} --custom-fields diet", "--custom-fields is written KEY=VALUE"),
        (f"hris employees {ID} --types TEAM", "--types"),
        (f"hris employees {ID} --page-size 251", "--page-size"),
        (f"hris employees {ID} --limit 0", "--limit"),
        (f"hris employees {ID} --format xml", "--format"),
        (f"hris employees {ID} --json --format csv", "--json and --format csv exclude each other"),
        (f"hris employees {ID} --columns id", "--columns is for the table on a terminal, CSV and Parquet"),
        (f"hris employees {ID} --columns id -o x.jsonl", "name a file that ends in .csv or .parquet"),
        (f"hris employees {ID} --columns id,fist_name", "no column 'fist_name'. Did you mean first_name"),
        (f"hris employees {ID} --columns id,,name --format csv", "no column ''. Did you mean id, remote_id"),
        (f"hris employees {ID} --columns id --columns id --format csv", "the column id is named twice"),
        (f"hris employees {ID} -o x.parquet --resume y", "--resume is for JSON lines and CSV"),
        (f"hris employees {ID} -o x.parquet --spreadsheet", "--spreadsheet is for CSV"),
        (f"hris employees {ID} -o x.xlsx", "there is no format .xlsx: name a file that ends in"),
        (f"hris employees {ID} --spreadsheet", "--spreadsheet is for CSV"),
        (f"hris employees {ID} --resume x", "--resume needs --output"),
        (f"hris employees {ID} --output nowhere/x", "there is no folder nowhere"),
        (f"hris employees {ID} --output .", ". is a folder"),
        (f"hris employees {ID} --output --quiet", "--output needs the name of a file"),
        (f"hris employees {ID} --output x --resume x", "--resume needs a file of its own"),
        ("hris employees", "ID"),
        (f"ai-apply postings {ID}", "postings"),
        ("hris horses", '"horses"'),
    ],
)
def test_wrong_option_is_reported_before_anything_is_sent(command: str, says: str, here, tmp_path, capsys) -> None:
    before = len(here.requests)
    assert main(["read", *command.split()]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("kombo-async read ")
    assert says in first
    assert second.startswith("See kombo-async read ")
    assert len(here.requests) == before
    assert not any(tmp_path.iterdir())


def test_unknown_enum_values_are_sent_to_kombo(here, capsys) -> None:
    assert main(["read", "hris", "employees", ID, "--employment-statuses", "active,New_One"]) == 1
    assert "PLATFORM.INPUT_INVALID" in capsys.readouterr().err
    assert ("employment_statuses", "ACTIVE,New_One") in here.requests[-1].query


def test_format_depends_on_file_name_format_option_and_json_option(here, capsys) -> None:
    assert [format_of(name) for name in ("a.csv", "A.CSV", "a.jsonl", "a.ndjson", "records")] == [
        *["csv"] * 2,
        *["jsonl"] * 3,
    ]
    for options, beginning in (("--format csv", "id,"), ("--json", '{"'), ("-o -", '{"')):
        assert main(["read", "hris", "locations", ID, "--limit", "1", *options.split()]) == 0
        assert capsys.readouterr().out.startswith(beginning)
    assert main(["read", "hris", "locations", ID, "--limit", "1", "--json", "-o", "x.csv"]) == 0
    assert Path("x.csv").read_text().startswith("{")


def test_csv_keeps_strings_unless_it_is_for_spreadsheets() -> None:
    odd = ["=1+1", "+49 151", "-", "@x", "\tx", "\rx", "a\nb\rc", '"', ",", "", None, "é", "'x", "1e5"]
    records = [Employee(id=str(number), first_name=name) for number, name in enumerate(odd)]
    for for_spreadsheets in (False, True):
        form = Csv(columns_of(Employee), for_spreadsheets=for_spreadsheets)
        data = form.header + form.encode(records[:5]) + form.encode(records[5:])
        assert data.startswith(b"\xef\xbb\xbf") is for_spreadsheets
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        names = [row["first_name"] for row in rows]
        assert names == [
            f"'{name}" if for_spreadsheets and number < 6 else name or "" for number, name in enumerate(odd)
        ]
