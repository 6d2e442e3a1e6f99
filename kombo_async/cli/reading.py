"""Reading one list, from its first page or from where an earlier run ended, into bytes of one format."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..client import KomboClient
from ..config import BASE_URLS
from ..engine.operation import Operation
from ..errors import InputInvalidError, KomboError
from .bar import Bar
from .encoding import Csv, Format, JsonLines, format_of, unreadable_lines
from .files import PartFile, is_same_file, output_file
from .filters import Filter, dashed
from .options import Exit, Options, UsageError
from .output import StandardOutput, plain
from .running import Run, carry_out
from .sinks import ResumableSink, Sink

if TYPE_CHECKING:
    from ..engine.rows import RawRecord
    from ..families.family import Family
    from ..paging import Pager
    from .read import Destination


@frozen(kw_only=True)
class List:
    """One list of the client."""

    family: str | None
    """The attribute of the client it is read from; None for the client itself."""
    operation: Operation[Any]
    filters: Sequence[Filter]

    @property
    def words(self) -> str:
        """What the command is called after `read`."""
        model = dashed(self.operation.name.removeprefix("iter_"))
        return model if self.family is None else f"{dashed(self.family)} {model}"

    @property
    def of_integration(self) -> bool:
        """Whether it belongs to an integration."""
        return self.operation.integration or "{integration_id}" in self.operation.path

    def has(self, keyword: str) -> bool:
        """Whether it can be filtered by that."""
        return any(one.keyword == keyword for one in self.filters)

    def method(self, client: KomboClient) -> Any:
        """Return the method that reads it."""
        home: object = client if self.family is None else getattr(client, self.family)
        return getattr(home, self.operation.name)

    def raw(self, client: KomboClient, keywords: Mapping[str, Any]) -> Pager[RawRecord]:
        """Return the list with its records as the bytes that arrive."""
        home: Family = client if self.family is None else getattr(client, self.family)
        return home._iterate_raw(self.operation, keywords)  # noqa: SLF001


@frozen(kw_only=True)
class Reading:
    """One run of `kombo-async read`, as it was asked for."""

    which: List
    integration_id: str | None
    given: Mapping[str, Any]
    """The options of the filters, as they were typed."""
    destination: Destination
    page_size: int | None
    options: Options

    def carry_out(self) -> int:
        """Read the list to its end, or to the limit, and return the exit code."""
        prepared: list[tuple[Mapping[str, Any], JsonLines | Csv, Sink]] = []

        def prepare() -> None:
            keywords, form = self._keywords(), self._format()
            prepared.append((keywords, self._encoder(form), self._sink(keywords, form)))

        async def work(run: Run) -> int:
            return await self._work(run, *prepared[0])

        return carry_out(
            f"read {self.which.words}", self.options, work, integration_id=self.integration_id, prepare=prepare
        )

    def _keywords(self) -> dict[str, Any]:
        read = {one.keyword: one.read(one.option, self.given[one.keyword]) for one in self.which.filters}
        return {keyword: value for keyword, value in read.items() if value is not None}

    def _format(self) -> Format:
        wanted = self.destination.format
        if self.options.json and wanted == "csv":
            raise UsageError("--json and --format csv exclude each other")
        output = self.destination.output
        named = "jsonl" if wanted or self.options.json or output in {None, "-"} else format_of(str(output))
        form = wanted or named
        if self.destination.spreadsheet and form != "csv":
            raise UsageError("--spreadsheet is for CSV: add --format csv, or name a file that ends in .csv")
        return form

    def _encoder(self, form: Format) -> JsonLines | Csv:
        if form == "jsonl":
            return JsonLines()
        return Csv(self.which.operation.response_type, for_spreadsheets=self.destination.spreadsheet)

    def _sink(self, keywords: Mapping[str, Any], form: Format) -> Sink:
        output, resume = self.destination.output, self.destination.resume
        unreadable = None if self.destination.unreadable is None else Path(self.destination.unreadable)
        odd = None if unreadable is None else output_file(unreadable)
        if output is None or output == "-":
            if resume is not None:
                raise UsageError("--resume needs --output FILE: standard output cannot be gone on with")
            return Sink(StandardOutput(), odd)
        if output.startswith("-"):
            raise UsageError(f"--output needs the name of a file, or - for standard output, not {output}")
        path = Path(output)
        data = output_file(path)
        if unreadable is not None and isinstance(odd, PartFile) and is_same_file(unreadable, path):
            raise UsageError("--unreadable and --output name the same file")
        if resume is None:
            return Sink(data, odd, output if isinstance(data, PartFile) else None)
        for name, file in ((output, data), (str(unreadable), odd)):
            if file is not None and not isinstance(file, PartFile):
                raise UsageError(f"{name} is no plain file, and cannot be gone on with")
        if any(is_same_file(Path(resume), each) for each in (path, unreadable) if each is not None):
            raise UsageError("--resume names the file that keeps the cursor, and none that holds records")
        return ResumableSink(path, Path(resume), self._identity(keywords, form), unreadable)

    def _is_on_terminal(self) -> bool:
        return self.destination.output in {None, "-"} and sys.stdout.isatty()

    def _identity(self, keywords: Mapping[str, Any], form: Format) -> dict[str, Any]:
        """Return all that makes the records and their bytes what they are."""
        options = self.options
        address = options.base_url or (BASE_URLS[options.region] if options.region else None)
        address = address or os.environ.get("KOMBO_BASE_URL") or BASE_URLS["eu"]
        return {
            "list": self.which.words,
            "integration": self.integration_id,
            "filters": plain(keywords),
            "address": address.rstrip("/"),
            "format": form,
            "spreadsheet": self.destination.spreadsheet,
            "limit": self.destination.limit,
        }

    async def _work(self, run: Run, keywords: Mapping[str, Any], encoder: JsonLines | Csv, sink: Sink) -> int:
        run.so_far = sink.so_far
        try:
            with sink:
                if not sink.complete:
                    if sink.records:
                        run.out.note(f"Going on after {sink.records:,} records.")
                    await self._copy(run, keywords, encoder, sink)
        except KomboError as error:
            if not sink.fresh:
                run.out.note(f"It ended early: {sink.so_far()}.")
                if isinstance(sink, ResumableSink) and isinstance(error, InputInvalidError):
                    run.out.note("If Kombo no longer takes the cursor, delete the resume file and begin anew.")
            raise
        run.out.note(f"{sink.records:,} {'record' if sink.records == 1 else 'records'}{sink.location()}.")
        if sink.unreadable:
            many = "1 record" if sink.unreadable == 1 else f"{sink.unreadable:,} records"
            run.out.note(f"{many} could not be read: see {self.destination.unreadable}.")
            return Exit.PARTLY
        if not sink.records:
            self._explain_nothing(run, keywords)
        return Exit.OK

    async def _copy(self, run: Run, keywords: Mapping[str, Any], encoder: JsonLines | Csv, sink: Sink) -> None:
        limit, size = self.destination.limit, self.page_size
        if limit is not None:
            if sink.records >= limit:
                return
            size = size or min(limit, self.which.operation.page_size or limit)
        paging: dict[str, Any] = {"page_size": size, "cursor": sink.cursor}
        if limit is not None and size is not None and limit - sink.records <= 2 * size:
            # The page that is read ahead would be one too many.
            paging["read_ahead"] = False
        if self.integration_id is not None:
            paging["integration_id"] = self.integration_id
        with warnings.catch_warnings(record=True) as deprecations:
            warnings.simplefilter("always", DeprecationWarning)
            pager: Pager[Any] = self.which.method(run.client)(**keywords, **paging)
            if isinstance(encoder, JsonLines):
                pager = self.which.raw(run.client, {**keywords, **paging})
        if deprecations:
            run.out.note("This list is deprecated at Kombo; --help names the one to use.")
        # Records that pass by on the terminal show by themselves that it goes on.
        with nullcontext(Bar()) if self._is_on_terminal() else run.out.bar(self.which.words, limit) as bar:
            bar.advance(sink.records)
            async for page in pager.pages(unreadable="raise" if self.destination.unreadable is None else "keep"):
                records: Sequence[Any] = page.results
                if limit is not None:
                    records = records[: limit - sink.records]
                beginning = encoder.beginning if sink.fresh else b""
                sink.write(
                    beginning + encoder.encode(records),
                    len(records),
                    page.next_cursor,
                    unreadable=unreadable_lines(page.unreadable),
                    count=len(page.unreadable),
                )
                bar.advance(len(records))
                if sink.records == limit:
                    break

    def _explain_nothing(self, run: Run, keywords: Mapping[str, Any]) -> None:
        if self.which.operation.name == "iter_integration_fields":
            from .fields import NONE_AT_ALL

            run.out.note(NONE_AT_ALL)
        elif keywords and self.which.has("ignore_unsupported_filters") and "ignore_unsupported_filters" not in keywords:
            run.out.note("Should there be some? A filter that the tool cannot serve makes a list empty:")
            run.out.note("--ignore-unsupported-filters drops it.")
