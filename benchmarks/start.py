"""The types of rows about imports, first responses and memory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import median

from attrs import field, frozen

from .report import Line, RowSummary, Verdict
from .row_types import NO_LIMIT
from .runner import Sample, Samples, fresh, work
from .variants import API_KEY, OURS
from .workloads import INTEGRATION

_MIB = 1 << 20


@frozen(kw_only=True)
class Memory:
    """The growth of memory over a long list, compared with a short one."""

    name: str
    title: str
    page_size: int
    short: int
    long: int
    upper_bound: float
    """MiB that the long list may use more than the short one, and than the start."""
    clients: Sequence[str]
    contenders: Sequence[str] = field(init=False)
    rounds: Mapping[str, int] = field(init=False)

    @contenders.default
    def _contenders(self) -> Sequence[str]:
        return [f"{who} {pages} pages" for who in self.clients for pages in (self.short, self.long)]

    @rounds.default
    def _rounds(self) -> Mapping[str, int]:
        return dict.fromkeys(self.contenders, 1)

    def sample(self, contender: str, base_url: str) -> Sample:
        who, pages, _ = contender.split()
        return work("memory", who, base_url, {"pages": int(pages), "page_size": self.page_size})

    def summary(self, samples: Samples) -> RowSummary:
        lines: list[Line] = []
        for who in self.clients:
            short, long = (
                [sample["growth"] / _MIB for sample in samples[f"{who} {pages} pages"]]
                for pages in (self.short, self.long)
            )
            start = median(sample["start"] for sample in samples[f"{who} {self.long} pages"]) / _MIB
            lines.append(
                Line(
                    who=who,
                    figure=f"+{median(long):.1f} MiB",
                    each=f"+{median(short):.1f} MiB for {self.short} pages; start {start:.0f} MiB",
                    rounds=len(long),
                    verdicts=[
                        Verdict(value=median(long), limit=self.upper_bound, unit="MiB over start"),
                        Verdict(
                            value=max(median(long) - median(short), 0.0),
                            limit=self.upper_bound,
                            unit=f"MiB over {self.short} pages",
                        ),
                    ]
                    if who == OURS
                    else [],
                )
            )
        return RowSummary(name=self.name, title=self.title, lines=lines)


@frozen(kw_only=True)
class Views:
    """The time and memory of a view for one integration."""

    name: str
    title: str
    count: int
    upper_bound: float
    """Microseconds for one view."""
    rounds: Mapping[str, int] = NO_LIMIT
    contenders: Sequence[str] = (OURS,)

    def sample(self, contender: str, base_url: str) -> Sample:
        return work("views", contender, base_url, {"count": self.count})

    def summary(self, samples: Samples) -> RowSummary:
        each = [sample["wall"] / self.count * 1e6 for sample in samples[OURS]]
        made, used = (median(sample[key] / _MIB for sample in samples[OURS]) for key in ("made", "used"))
        return RowSummary(
            name=self.name,
            title=self.title,
            lines=[
                Line(
                    who=OURS,
                    figure=f"{median(each):.2f} µs a view",
                    spread=f"{min(each):.2f}–{max(each):.2f}",
                    each=f"+{made:.1f} MiB for {self.count:,}, +{used:.1f} once each has made a call",
                    rounds=len(each),
                    verdicts=[Verdict(value=median(each), limit=self.upper_bound, unit="µs")],
                )
            ],
        )


CLIENT = 'from kombo_async import KomboClient; client = KomboClient("x")'
_MARK = "before ends here"


@frozen(kw_only=True)
class FirstTime:
    """The time of a statement that a new process runs for the first time: mostly imports."""

    name: str
    title: str
    before: str
    """Statements that the process runs before, whose time does not count."""
    statement: str
    upper_bound: float
    """Milliseconds."""
    processes: int
    """Processes in each round."""
    rounds: Mapping[str, int] = NO_LIMIT
    contenders: Sequence[str] = (OURS,)

    def sample(self, contender: str, base_url: str) -> Sample:  # noqa: ARG002
        code = (
            f"import time\nstart = time.perf_counter()\n{self.before}\nmiddle = time.perf_counter()\n"
            f"{self.statement}\nprint(middle - start, time.perf_counter() - middle)"
        )
        marked = f"{self.before}\nimport sys\nprint({_MARK!r}, file=sys.stderr)\n{self.statement}"
        # The first process also compiles modules that are not compiled yet.
        fresh(marked)
        output = fresh(marked, "-X", "importtime").stderr
        runs = [[float(part) * 1e3 for part in fresh(code).stdout.split()] for _ in range(self.processes)]
        return {
            "before": [run[0] for run in runs],
            "over": [run[1] for run in runs],
            "importtime": _own_imports(output),
        }

    def summary(self, samples: Samples) -> RowSummary:
        over = [value for sample in samples[OURS] for value in sample["over"]]
        before = median(value for sample in samples[OURS] for value in sample["before"])
        own_imports = median(sample["importtime"] for sample in samples[OURS])
        return RowSummary(
            name=self.name,
            title=self.title,
            lines=[
                Line(
                    who=OURS,
                    figure=f"+{median(over):.1f} ms",
                    spread=f"{min(over):.1f}–{max(over):.1f}",
                    each=f"before it {before:.0f} ms; importtime +{own_imports:.1f} ms",
                    rounds=len(over),
                    verdicts=[Verdict(value=median(over), limit=self.upper_bound, unit="ms")],
                )
            ],
        )


def _own_imports(output: str) -> float:
    """Return the milliseconds of the imports after the mark, by `-X importtime`."""
    _, _, after = output.partition(f"{_MARK}\n")
    entries = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|", after, re.MULTILINE)
    return sum(map(int, entries)) / 1e3


# Imports, a client, and a page with one field, as users write it in a script.
_FIRST_ANSWER = {
    OURS: """
import asyncio
from kombo_async import KomboClient
async def main():
    async with KomboClient({key!r}, base_url={base_url!r}) as client:
        page = await client.iter_integration_fields({integration!r}, page_size=1).first_page()
        tell(page.results[0].id)
""",
    "official": """
import asyncio
from kombo import Kombo
async def main():
    async with Kombo(api_key={key!r}, server_url={base_url!r}) as client:
        page = await client.general.get_integration_fields_async(integration_id={integration!r}, page_size=1)
        tell(page.result.data.results[0].id)
""",
    "bare": """
import asyncio
import aiohttp, msgspec
from kombo_async.models.general import IntegrationField
class Page(msgspec.Struct):
    results: tuple[IntegrationField, ...]
    next: str | None
class Answer(msgspec.Struct):
    data: Page
async def main():
    async with aiohttp.ClientSession(headers={{"Authorization": {bearer!r}}}) as session:
        url = {base_url!r} + "/integrations/" + {integration!r} + "/integration-fields?page_size=1"
        async with session.get(url) as response:
            page = msgspec.json.Decoder(Answer).decode(await response.read()).data
        tell(page.results[0].id)
""",
}


@frozen(kw_only=True)
class FirstAnswer:
    """The time from the first import of a new process to its first response."""

    name: str
    title: str
    processes: int
    """Processes in each round."""
    of_official: float
    over_bare: float
    """Milliseconds."""
    rounds: Mapping[str, int] = NO_LIMIT
    contenders: Sequence[str] = tuple(_FIRST_ANSWER)

    def sample(self, contender: str, base_url: str) -> Sample:
        script = _FIRST_ANSWER[contender].format(
            key=API_KEY, bearer=f"Bearer {API_KEY}", base_url=base_url, integration=INTEGRATION
        )
        code = (
            "import time\ndef tell(_):\n    print(time.perf_counter() - start)\n"
            f"start = time.perf_counter()\n{script}\nasyncio.run(main())"
        )
        fresh(code)
        return {"first": median(float(fresh(code).stdout) * 1e3 for _ in range(self.processes))}

    def summary(self, samples: Samples) -> RowSummary:
        firsts = {who: [sample["first"] for sample in samples[who]] for who in self.contenders}
        ours = firsts[OURS]
        share = median(a / b for a, b in zip(ours, firsts["official"], strict=False))
        over = median(a - b for a, b in zip(ours, firsts["bare"], strict=False))
        return RowSummary(
            name=self.name,
            title=self.title,
            lines=[
                Line(
                    who=who,
                    figure=f"{median(times):.0f} ms",
                    spread=f"{min(times):.0f}–{max(times):.0f}",
                    rounds=len(times),
                    verdicts=[
                        Verdict(value=share, limit=self.of_official, peer="official"),
                        Verdict(value=over, limit=self.over_bare, unit="ms over bare"),
                    ]
                    if who == OURS
                    else [],
                )
                for who, times in firsts.items()
            ],
        )
