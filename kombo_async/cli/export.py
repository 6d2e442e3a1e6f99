"""Exporting one list to standard output or a file, from its first page or from where an earlier run ended."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import frozen
from cyclopts import Group, Parameter
from cyclopts.validators import Number

from ..client import KomboClient
from ..columns import select_columns
from ..config import BASE_URLS
from ..engine import codec
from ..engine.operation import Operation
from ..errors import InputInvalidError, KomboError
from .console import Output, StandardOutput
from .encoding import Csv, Encoder, Format, JsonLines, format_of, unreadable_lines
from .files import PartFile, is_same_file, output_file
from .filter_options import Filter, dashed
from .options import CommandOptions, ExitCode, Flag, UsageError
from .progress import ProgressBar
from .record_table import RecordTable
from .runner import Invocation, run_command
from .sinks import ResumableSink, Sink

if TYPE_CHECKING:
    from ..engine.rows import RawRecord
    from ..families.family import Family
    from ..paging import Pager

DESTINATION = Group("What is written, and where", sort_key=2)
"""Where `--help` shows the options of the destination."""


@Parameter(name="*", group=DESTINATION)
@dataclass(frozen=True, kw_only=True)
class Destination:
    """The options of every read that say what is written, and where."""

    output: Annotated[
        str | None,
        Parameter(
            name=("--output", "-o"),
            allow_leading_hyphen=True,
            help="Write to a file instead of standard output. It appears, or replaces an older one, when it is "
            "complete.",
        ),
    ] = None
    format: Annotated[
        Format | None,
        Parameter(
            help="JSON lines, or CSV or Parquet with a column for each field of the model and JSON in nested ones. By "
            "default what the name of the file ends in, .jsonl, .ndjson, .csv or .parquet; without a file, a table on "
            'a terminal and else JSON lines. Parquet needs "kombo_async[arrow]".',
        ),
    ] = None
    columns: Annotated[
        tuple[str, ...],
        Parameter(
            help="The columns of the table, of CSV or of Parquet, in this order, as id,first_name,work_email.",
            negative=(),
            show_default=False,
        ),
    ] = ()
    spreadsheet: Annotated[
        Flag,
        Parameter(
            help="CSV for Excel and the like: an apostrophe goes before texts that would be run as a formula. Without "
            "it texts are left as they are, for programs.",
        ),
    ] = False
    resume: Annotated[
        str | None,
        Parameter(
            help="Save the position after each page in this file. After an interruption the same command continues "
            "there, with no record lost or twice; at the end the file is deleted. Needs --output.",
        ),
    ] = None
    unreadable: Annotated[
        str | None,
        Parameter(
            help="Write records that cannot be read to this file, as JSON lines with their bytes, and continue; the "
            "exit code is then 4. By default the first such record ends the read.",
        ),
    ] = None
    limit: Annotated[
        int | None, Parameter(validator=Number(gte=1), help="Stop after this many records; by default read all.")
    ] = None


@frozen(kw_only=True)
class RecordList:
    """A list of the client that `kombo-async read` can export."""

    family: str | None
    """The attribute of the client that has the method; None for the client itself."""
    operation: Operation[Any]
    filters: Sequence[Filter]

    @property
    def words(self) -> str:
        """The words of the command after `read`, such as `hris employees`."""
        model = dashed(self.operation.name.removeprefix("iter_"))
        return model if self.family is None else f"{dashed(self.family)} {model}"

    @property
    def of_integration(self) -> bool:
        """Whether the list belongs to an integration."""
        return self.operation.integration or "{integration_id}" in self.operation.path

    def has(self, keyword: str) -> bool:
        """Return whether the list has this filter."""
        return any(one.keyword == keyword for one in self.filters)

    def method(self, client: KomboClient) -> Any:
        """Return the method of the client that reads the list."""
        home: object = client if self.family is None else getattr(client, self.family)
        return getattr(home, self.operation.name)

    def raw(self, client: KomboClient, keywords: Mapping[str, Any]) -> Pager[RawRecord]:
        """Return a pager whose records are the bytes that arrive."""
        home: Family = client if self.family is None else getattr(client, self.family)
        return home._iterate_raw(self.operation, keywords)  # noqa: SLF001


@frozen(kw_only=True)
class Export:
    """One run of `kombo-async read`, with its options."""

    source: RecordList
    integration_id: str | None
    filter_values: Mapping[str, Any]
    """The options of the filters, as they were typed."""
    destination: Destination
    page_size: int | None
    options: CommandOptions

    def run(self) -> int:
        """Read the list to its end, or to the limit, and return the exit code."""
        prepared: list[tuple[Mapping[str, Any], Callable[[Output], Encoder], Sink]] = []

        def prepare() -> None:
            keywords, form, columns = self._keywords(), self._format(), self._columns()
            if form == "jsonl" and columns is not None:
                raise UsageError(
                    "--columns is for the table on a terminal, CSV and Parquet: add --format csv, or name a file that "
                    "ends in .csv or .parquet"
                )
            prepared.append((keywords, self._encoder(form, columns), self._sink(keywords, form)))

        async def work(invocation: Invocation) -> int:
            return await self._export(invocation, *prepared[0])

        return run_command(
            f"read {self.source.words}", self.options, work, integration_id=self.integration_id, prepare=prepare
        )

    def _keywords(self) -> dict[str, Any]:
        values = {one.keyword: one.convert(one.option, self.filter_values[one.keyword]) for one in self.source.filters}
        return {keyword: value for keyword, value in values.items() if value is not None}

    def _format(self) -> Format | Literal["table"]:
        wanted = self.destination.format
        if self.options.json and wanted not in {None, "jsonl"}:
            raise UsageError(f"--json and --format {wanted} exclude each other")
        form: Format | Literal["table"]
        if wanted or self.options.json:
            form = wanted or "jsonl"
        elif self.destination.output in {None, "-"}:
            form = "table" if sys.stdout.isatty() else "jsonl"
        else:
            form = format_of(str(self.destination.output))
        if self.destination.spreadsheet and form != "csv":
            raise UsageError("--spreadsheet is for CSV: add --format csv, or name a file that ends in .csv")
        if form == "parquet" and self.destination.resume is not None:
            raise UsageError("--resume is for JSON lines and CSV: a Parquet file can only be written in one run")
        if form == "parquet" and self._is_on_terminal():
            raise UsageError("a terminal cannot show Parquet: name a file with --output")
        return form

    def _columns(self) -> list[str] | None:
        names = [name.strip() for text in self.destination.columns for name in text.split(",")]
        try:
            select_columns(self.source.operation.response_type, names or None)
        except ValueError as error:
            raise UsageError(f"--columns: {error}") from None
        return names or None

    def _encoder(self, form: Format | Literal["table"], columns: list[str] | None) -> Callable[[Output], Encoder]:
        model = self.source.operation.response_type
        if form == "table":
            return lambda out: RecordTable(out, model, columns)
        encoder: Encoder
        if form == "jsonl":
            encoder = JsonLines()
        elif form == "csv":
            encoder = Csv(select_columns(model, columns), for_spreadsheets=self.destination.spreadsheet)
        else:
            try:
                from .parquet import Parquet
            except ImportError as error:
                raise UsageError('Parquet needs one more package: pip install "kombo_async[arrow]"') from error
            encoder = Parquet(model, columns)
        return lambda _: encoder

    def _sink(self, keywords: Mapping[str, Any], form: str) -> Sink:
        output, resume = self.destination.output, self.destination.resume
        unreadable = None if self.destination.unreadable is None else Path(self.destination.unreadable)
        unreadable_file = None if unreadable is None else output_file(unreadable)
        if output is None or output == "-":
            if resume is not None:
                raise UsageError("--resume needs --output FILE: standard output cannot be resumed")
            return Sink(StandardOutput(), unreadable_file)
        if output.startswith("-"):
            raise UsageError(f"--output needs the name of a file, or - for standard output, not {output}")
        path = Path(output)
        data = output_file(path)
        if unreadable is not None and isinstance(unreadable_file, PartFile) and is_same_file(unreadable, path):
            raise UsageError("--unreadable and --output name the same file")
        if resume is None:
            return Sink(data, unreadable_file, output if isinstance(data, PartFile) else None)
        for name, file in ((output, data), (str(unreadable), unreadable_file)):
            if file is not None and not isinstance(file, PartFile):
                raise UsageError(f"{name} is not a plain file, and cannot be resumed")
        if any(is_same_file(Path(resume), each) for each in (path, unreadable) if each is not None):
            raise UsageError("--resume needs a file of its own, which keeps the cursor and no records")
        return ResumableSink(path, Path(resume), self._identity(keywords, form), unreadable)

    def _is_on_terminal(self) -> bool:
        return self.destination.output in {None, "-"} and sys.stdout.isatty()

    def _identity(self, keywords: Mapping[str, Any], form: str) -> dict[str, Any]:
        """Return everything that the records and their bytes depend on: a resumed run must agree in it."""
        options = self.options
        address = options.base_url or (BASE_URLS[options.region] if options.region else None)
        address = address or os.environ.get("KOMBO_BASE_URL") or BASE_URLS["eu"]
        return {
            "list": self.source.words,
            "integration": self.integration_id,
            "filters": codec.to_builtins(keywords),
            "address": address.rstrip("/"),
            "format": form,
            # None as in the files of versions without the option.
            "columns": self._columns(),
            "spreadsheet": self.destination.spreadsheet,
            "limit": self.destination.limit,
        }

    async def _export(
        self, invocation: Invocation, keywords: Mapping[str, Any], encoder_for: Callable[[Output], Encoder], sink: Sink
    ) -> int:
        out = invocation.out
        invocation.progress_summary = sink.progress_summary
        try:
            with sink, closing(encoder_for(out)) as encoder:
                if not sink.complete:
                    if sink.records:
                        out.note(f"Continuing after {sink.records:,} records.")
                    await self._copy_pages(invocation, keywords, encoder, sink)
                    sink.finish(encoder.finish())
        except KomboError as error:
            if not sink.fresh:
                out.note(f"The list was not read to its end: {sink.progress_summary()}.")
                if isinstance(sink, ResumableSink) and isinstance(error, InputInvalidError):
                    out.note("If Kombo no longer accepts the cursor, delete the resume file and start over.")
            raise
        out.note(f"{sink.records:,} {'record' if sink.records == 1 else 'records'}{sink.location()}.")
        if sink.unreadable:
            count = "1 record" if sink.unreadable == 1 else f"{sink.unreadable:,} records"
            out.note(f"{count} could not be read: see {self.destination.unreadable}.")
            return ExitCode.PARTLY
        if not sink.records:
            self._explain_empty_list(invocation, keywords)
        return ExitCode.OK

    async def _copy_pages(
        self, invocation: Invocation, keywords: Mapping[str, Any], encoder: Encoder, sink: Sink
    ) -> None:
        limit, size = self.destination.limit, self.page_size
        if limit is not None:
            if sink.records >= limit:
                return
            size = size or min(limit, self.source.operation.page_size or limit)
        paging: dict[str, Any] = {"page_size": size, "cursor": sink.cursor}
        if limit is not None and size is not None and limit - sink.records <= 2 * size:
            # Reading ahead would fetch a page past the limit.
            paging["read_ahead"] = False
        if self.integration_id is not None:
            paging["integration_id"] = self.integration_id
        with warnings.catch_warnings(record=True) as deprecations:
            warnings.simplefilter("always", DeprecationWarning)
            pager: Pager[Any] = self.source.method(invocation.client)(**keywords, **paging)
            if isinstance(encoder, JsonLines):
                pager = self.source.raw(invocation.client, {**keywords, **paging})
        if deprecations:
            invocation.out.note("This list is deprecated at Kombo; --help names the one to use.")
        # Records on a terminal show the progress by themselves, unless they are collected for a table.
        bar_or_nothing = (
            nullcontext(ProgressBar())
            if self._is_on_terminal() and not isinstance(encoder, RecordTable)
            else invocation.out.progress_bar(self.source.words, limit)
        )
        with bar_or_nothing as bar:
            bar.advance(sink.records)
            async for page in pager.pages(unreadable="raise" if self.destination.unreadable is None else "keep"):
                records: Sequence[Any] = page.results
                if limit is not None:
                    records = records[: limit - sink.records]
                header = encoder.header if sink.fresh else b""
                sink.write(
                    header + encoder.encode(records),
                    len(records),
                    page.next_cursor,
                    unreadable=unreadable_lines(page.unreadable),
                    count=len(page.unreadable),
                )
                bar.advance(len(records))
                if sink.records == limit:
                    break

    def _explain_empty_list(self, invocation: Invocation, keywords: Mapping[str, Any]) -> None:
        ignore = "ignore_unsupported_filters"
        if self.source.operation.name == "iter_integration_fields":
            from .toggle_fields import NO_FIELDS

            invocation.out.note(NO_FIELDS)
        elif keywords and self.source.has(ignore) and ignore not in keywords:
            invocation.out.note("If you expected records: a filter that the tool does not support makes a list empty;")
            invocation.out.note("--ignore-unsupported-filters drops such filters.")
