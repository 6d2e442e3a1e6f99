"""The rows of the table: what is measured, and its bounds."""

from __future__ import annotations

from collections.abc import Mapping

from .interactive import InteractiveBesideBulk
from .row_types import Crowd, Flat, JudgedRow, Loops, Options, Stall, Timed
from .start import CLIENT, FirstAnswer, FirstTime, Memory, Views
from .variants import HOMES, OURS

_SLACK = 1.5
"""The factor by which bounds are wider in the quick form."""
_SLOW = {"official": 5, "httpx": 2}
"""The rounds of the slow peers: their ratios are far from any bound."""
_SLOWEST = {"official": 2, "httpx": 1}


def rows(*, quick: bool) -> list[JudgedRow]:
    """Return the rows of the table, in its order; in the quick form fewer of them, with less work each."""
    return (
        _quick_rows()
        if quick
        else [*_timed_rows(), *_stall_rows(), *_interactive_rows(), *_start_rows(), *_flat_rows()]
    )


def _timed_rows() -> list[JudgedRow]:
    return [
        Timed(
            name="fields-500x100",
            title="500 pages × 100 fields",
            workload="fields",
            options={"pages": 500, "page_size": 100, "repeat": 3},
            unit="a field",
            upper_bound={"official": 0.12, "bare": 1.15},
            rounds=_SLOW,
        ),
        Timed(
            name="fields-50x2000",
            title="50 pages × 2,000 fields",
            workload="fields",
            # Full runs of the garbage collector hit some lists and not others.
            options={"pages": 50, "page_size": 2000, "repeat": 7},
            unit="a field",
            upper_bound={"official": 0.15, "bare": 1.08},
            rounds=_SLOW,
        ),
        Timed(
            name="by-page",
            title="50 pages × 2,000 fields, page by page",
            workload="by_page",
            options={"pages": 50, "page_size": 2000, "repeat": 7},
            unit="a field",
            upper_bound={},
            rounds=_SLOW,
        ),
        Timed(
            name="employees",
            title="50 pages × 200 employees of 4.7 KB",
            workload="employees",
            options={"pages": 50, "page_size": 200, "repeat": 7},
            unit="an employee",
            upper_bound={"official": 0.14, "bare": 1.08},
            rounds=_SLOW,
        ),
        Timed(
            name="integrations",
            title="50 integrations × 50 pages × 100 fields at once",
            workload="fields",
            options={"integrations": 50, "pages": 50, "page_size": 100},
            unit="a field",
            upper_bound={"official": 0.048, "bare": 1.15},
            rounds=_SLOWEST,
        ),
        Timed(
            name="one-item-calls",
            title="2,000 one-item calls in a row",
            workload="one_item_calls",
            options={"calls": 2000},
            unit="a call",
            upper_bound={"official": 0.12, "bare": 1.20},
            rounds=_SLOW,
        ),
        Timed(
            name="tasks",
            title="1,000 tasks × 5 one-item calls",
            workload="one_item_calls",
            options={"tasks": 1000, "calls": 5},
            unit="a call",
            upper_bound={"official": 0.055, "bare": 1.20},
            rounds=_SLOWEST,
        ),
        Timed(
            name="actions",
            title="200 actions in a row",
            workload="actions",
            options={"count": 200, "repeat": 5},
            unit="an action",
            upper_bound={"official": 0.12, "bare": 1.25},
            rounds=_SLOW,
        ),
        Timed(
            name="far",
            title="50 pages, 30 ms away, 20 ms of work a page",
            workload="by_page",
            options={"pages": 50, "page_size": 2000, "far": True, "work_ms": 20},
            unit="a field",
            upper_bound={"official": 0.51, "bare": 0.65},
            rounds=_SLOW,
        ),
        Options(
            name="options-calls",
            title="limiter and two observers: one-item calls",
            options={"pairs": 24, "calls": 500},
            upper_bound=1.08,
            rounds={OURS: 9},
        ),
        Options(
            name="options-pages",
            title="limiter and two observers: 50 pages × 2,000 fields",
            options={"pairs": 24, "pages": 50, "page_size": 2000},
            upper_bound=1.02,
            rounds={OURS: 5},
        ),
    ]


def _stall_rows() -> list[JudgedRow]:
    return [
        Stall(
            name="stall-fields",
            title="longest stall of the event loop per page: 2,000 fields",
            options={"kind": "fields", "pages": 50, "page_size": 2000},
            upper_bound={"official": 0.18, "bare": 1.10},
            rounds=_SLOW,
        ),
        Stall(
            name="stall-employees",
            title="longest stall of the event loop per page: 200 employees",
            options={"kind": "employees", "pages": 50, "page_size": 200},
            upper_bound={"official": 0.24, "bare": 1.10},
            rounds=_SLOW,
        ),
        Crowd(
            name="crowd",
            title="event loop stalls with 200 integrations × 2 pages of employees at once",
            options={"integrations": 200, "pages": 2, "page_size": 200},
            upper_bound=15.0,
            rounds={OURS: 5},
        ),
    ]


def _interactive_rows() -> list[JudgedRow]:
    return [
        InteractiveBesideBulk(
            name=f"interactive-{limit}",
            title=f"interactive beside bulk: single reads beside 40 syncs, {limit} requests in {window:g} s",
            limit=limit,
            window=window,
            windows=windows,
            upper_bound=250.0,
            max_lost=0.12,
        )
        for limit, window, windows in ((60, 1.0, 22), (300, 10.0, 4))
    ]


def _start_rows() -> list[JudgedRow]:
    return [
        FirstAnswer(
            name="first-answer",
            title="from the first import to the first response",
            processes=3,
            of_official=0.60,
            over_bare=25.0,
        ),
        _import_row(25.0, processes=3),
        *_family_rows(100.0, processes=3),
        Timed(
            name="construction",
            title="creating a client",
            workload="construction",
            options={"count": 1000},
            less={"official": {"count": 10}},
            unit="a client",
            upper_bound={"official": 0.02},
            contenders=(OURS, "official"),
            rounds=_SLOW,
        ),
        Views(name="views", title="10,000 views for an integration", count=10_000, upper_bound=5.0, rounds={OURS: 3}),
        Memory(
            name="memory",
            title="1,000,000 fields: peak memory",
            page_size=2000,
            short=10,
            long=500,
            upper_bound=4.0,
            clients=tuple(HOMES),
        ),
    ]


def _import_row(upper_bound: float, processes: int) -> JudgedRow:
    return FirstTime(
        name="import",
        title="import and a client, over aiohttp",
        before="import aiohttp",
        statement=CLIENT,
        upper_bound=upper_bound,
        processes=processes,
    )


def _family_rows(upper_bound: float, processes: int) -> list[JudgedRow]:
    return [
        FirstTime(
            name=f"first-{family}",
            title=f"client.{family} for the first time",
            before=CLIENT,
            statement=f"client.{family}",
            upper_bound=upper_bound,
            processes=processes,
        )
        for family in ("hris", "ats")
    ]


def _flat_rows() -> list[JudgedRow]:
    return [
        Loops(
            name="loops",
            title="iteration over items that are in memory",
            options={"pages": 200, "page_size": 2000},
            rounds={OURS: 5},
        ),
        Flat(
            name="flat-pages",
            title="time per field, by the pages of a list",
            sizes={
                f"{count:,} pages": {"pages": count, "page_size": 100, "times": 1_000 // count}
                for count in (10, 100, 1_000)
            },
            repetitions=9,
            unit="a field",
            upper_bound=0.10,
            rounds={OURS: 3},
        ),
        Flat(
            name="flat-integrations",
            title="time per field, by the integrations at once",
            sizes={
                f"{count:,} at once": {
                    "integrations": count, "pages": 5, "page_size": 100, "times": min(1_000 // count, 200),
                }
                for count in (1, 10, 100, 1_000)
            },
            repetitions=5,
            unit="a field",
            upper_bound=0.10,
            rounds={OURS: 3},
        ),
    ]  # fmt: skip


def _quick_rows() -> list[JudgedRow]:
    once = {"official": 1}
    contenders = (OURS, "official", "bare")

    def bounds(official: float, bare: float) -> Mapping[str, float]:
        return {"official": round(official * _SLACK, 3), "bare": round(bare * _SLACK, 3)}

    def timed(
        name: str, title: str, workload: str, unit: str, upper_bound: Mapping[str, float], **options: int
    ) -> Timed:
        return Timed(
            name=name,
            title=title,
            workload=workload,
            options=options,
            unit=unit,
            upper_bound=upper_bound,
            contenders=contenders,
            rounds=once,
        )

    return [
        timed("fields-500x100", "100 pages × 100 fields", "fields", "a field", bounds(0.12, 1.15),
              pages=100, page_size=100, repeat=3),
        timed("fields-50x2000", "20 pages × 2,000 fields", "fields", "a field", bounds(0.15, 1.08),
              pages=20, page_size=2000, repeat=3),
        timed("employees", "10 pages × 200 employees", "employees", "an employee", bounds(0.14, 1.08),
              pages=10, page_size=200, repeat=3),
        timed("integrations", "10 integrations × 20 pages × 100 fields at once", "fields", "a field",
              bounds(0.048, 1.15), integrations=10, pages=20, page_size=100, repeat=3),
        timed("one-item-calls", "300 one-item calls in a row", "one_item_calls", "a call", bounds(0.12, 1.20),
              calls=300, repeat=3),
        timed("tasks", "100 tasks × 5 one-item calls", "one_item_calls", "a call", bounds(0.055, 1.20),
              tasks=100, calls=5, repeat=3),
        timed("actions", "100 actions in a row", "actions", "an action", bounds(0.12, 1.25), count=100, repeat=3),
        _import_row(25.0 * _SLACK, processes=2),
    ]  # fmt: skip
