"""Whatever happens at the source and to the processes, the mirror equals the source once it is quiet."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from kombo_async.mirror import deletions, refresher
from kombo_async.mirror.protocols import Lease
from kombo_async.mirror.refresher import Refresher
from kombo_async.mirror.results import Change, RefreshResult
from kombo_async.mirror.schedule import Schedule

from ..support import virtual_time
from ..support.soak import rounds
from .memory_store import LEASE, Content, MemoryStore
from .model_source import ModelSource

IDS = [f"id{number}" for number in range(12)]
WAITS = (0.3, 0.7, 2.0, LEASE + 1, 4000.0, 12_000.0, 3 * 86400.0, 15 * 86400.0)
"""Seconds: within a page, past a lease, past an incremental refresh, past the retention of deleted records."""
BEFORE = {
    "created": {None},
    "updated": {"created", "updated", "restored"},
    "deleted": {"created", "updated", "restored"},
    # A record may have been deleted before the mirror saw it.
    "restored": {"deleted", "erased", None},
    "erased": {"deleted", None},
}


class Process:
    """A process that refreshes what is due, until it is killed."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.lease: Lease | None = None
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        pause = 1.0
        while True:
            self.lease = self.world.store.acquire()
            if self.lease is None:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 3600.0)
            else:
                await self.world.work(self.lease, seconds=1.0)
                pause = 1.0

    async def kill(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    def freeze(self) -> None:
        if self.lease is not None:
            self.world.store.frozen[self.lease.fence] = asyncio.Event()


class World:
    def __init__(self, seed: int, *, rows: int = 3, overlap: float = 3600.0) -> None:
        loop = asyncio.get_running_loop()
        self.source = ModelSource(loop.time, "hris_locations", rows=rows)
        self.schedule = Schedule(overlap=timedelta(seconds=overlap))
        self.store = MemoryStore(loop.time)
        self.rng = random.Random(seed)
        self.processes: list[Process] = []
        self.failing_changes = 0

    async def work(self, lease: Lease, *, seconds: float, full: bool = False) -> list[RefreshResult]:
        loop = asyncio.get_running_loop()
        refresher = Refresher(
            lease,
            self.store,
            self.source,
            schedule=self.schedule,
            on_change=self.on_change,
            rng=self.rng,
            monotonic=loop.time,
        )
        results = await refresher.work(seconds=seconds, full=full)
        await self.store.finish(lease)
        return results

    async def on_change(self, content: Content, changes: Sequence[Change]) -> None:
        state = self.store.state
        started = [each.started_at for each in (state.full, state.incremental) if each is not None]
        for change in changes:
            previous = content.effects.get(change.id)
            assert previous in BEFORE[change.kind], f"{change.id} was {previous} and is {change.kind}"
            content.effects[change.id] = change.kind
            if change.kind == "deleted":
                since = min(started, default=asyncio.get_running_loop().time())
                assert self.source.was_not_shown_since(change.id, since), f"{change.id} is still shown"
            if self.failing_changes:
                self.failing_changes -= 1
                raise RuntimeError("of the callback")

    async def do(self, action: str, argument: int) -> None:
        source, store = self.source, self.store
        record_id = IDS[argument % len(IDS)]
        match action:
            case "put":
                source.put(record_id)
            case "delete":
                source.delete(record_id)
            case "vanish":
                source.vanish(record_id)
            case "garble":
                if record_id in source.records:
                    source.records[record_id].unreadable = True
            case "fail":
                source.failures = argument % 4
            case "fail in on_change":
                self.failing_changes = argument % 2
            case "odd":
                source.set_odd(["empty", "half"][argument % 2])
                source.in_order = False
            case "normal":
                source.set_odd(None)
                source.in_order = True
            case "out of order":
                source.in_order = False
            case "expire cursors":
                source.generation += 1
            case "skew":
                source.skew = [None, -7200.0, 7200.0, 40.0][argument % 4]
            case "webhook":
                store.ask()
            case "full":
                if store.lease_until <= asyncio.get_running_loop().time():
                    store.content.state = msgspec.json.encode(structs.replace(store.state, full_due_at=0.0))
            case "start":
                if len(self.processes) < 3:
                    self.processes.append(Process(self))
            case "kill":
                if self.processes:
                    await self.processes.pop(argument % len(self.processes)).kill()
            case "freeze":
                if self.processes:
                    self.processes[argument % len(self.processes)].freeze()
            case "thaw":
                self.thaw()
            case "wait":
                await asyncio.sleep(WAITS[argument % len(WAITS)])
            case _:
                raise AssertionError(action)

    def thaw(self) -> None:
        for event in self.store.frozen.values():
            event.set()
        self.store.frozen.clear()

    async def settle(self, *, full: bool = True) -> None:
        """Let the source be quiet, and the mirror catch up."""
        source, store = self.source, self.store
        source.set_odd(None)
        source.in_order, source.failures, source.skew, self.failing_changes = True, 0, 0.0, 0
        for record in source.records.values():
            record.unreadable = False
        self.thaw()
        for process in self.processes:
            await process.kill()
            assert process.task.cancelled(), "a process must not fail"
        # A mass deletion is withheld by one full refresh and confirmed by the next.
        for _ in range(3 if full else 1):
            store.ask()
            while (lease := store.acquire(regardless=True)) is None:  # noqa: ASYNC110 - the time is virtual
                await asyncio.sleep(1.0)
            results = await self.work(lease, seconds=float("inf"), full=full)
            assert all(result.error is None for result in results), results

    def check(self) -> None:
        source, content = self.source, self.store.content
        living = {each for each in source.records if source.is_living(each)}
        stored = {each for each, row in content.records.items() if row.remote_deleted_at is None}
        assert stored == living
        for each in living:
            assert json.loads(content.records[each].data) == source.content(each)
        reported = {each for each, kind in content.effects.items() if kind in {"created", "updated", "restored"}}
        assert reported == living
        for each, record in source.records.items():
            if record.deleted_at is not None and each in content.records:
                assert content.records[each].remote_deleted_at is not None
        assert not content.unreadable
        assert not self.store.state.withheld
        assert not any(content.notes.values()), "all notes are dropped in the end"


COMMON = (
    st.tuples(st.just("put"), st.integers(0, 11)),
    st.tuples(st.just("wait"), st.integers(0, 7)),
    st.tuples(st.just("wait"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["webhook", "start", "thaw", "expire cursors", "full"]), st.just(0)),
    st.tuples(st.sampled_from(["fail", "fail in on_change", "kill", "freeze", "skew"]), st.integers(0, 3)),
)
EVERYTHING = st.one_of(
    *COMMON,
    st.tuples(st.sampled_from(["delete", "vanish", "garble"]), st.integers(0, 11)),
    st.tuples(st.sampled_from(["out of order", "normal", "odd"]), st.integers(0, 3)),
)
FEW_DELETIONS = st.one_of(*COMMON, st.tuples(st.just("delete"), st.integers(0, 2)))


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresher, "BATCH", 2)
    monkeypatch.setattr(deletions, "BATCH", 2)
    monkeypatch.setattr(deletions, "IDS", 2)
    monkeypatch.setattr(deletions, "NOTES", 3)


def play(world_options: dict[str, float], actions: list[tuple[str, int]], seed: int, *, full: bool) -> None:
    async def main() -> None:
        world = World(seed, **world_options)
        for number in range(8):
            world.source.put(IDS[number])
        await world.do("start", 0)
        for action, argument in actions:
            await world.do(action, argument)
        await world.settle(full=full)
        world.check()

    virtual_time.run(main())


@settings(max_examples=rounds(60), suppress_health_check=list(HealthCheck))
@given(actions=st.lists(EVERYTHING, max_size=60), seed=st.integers(0, 100))
def test_mirror_equals_source_after_full_refreshes(actions: list[tuple[str, int]], seed: int) -> None:
    play({}, actions, seed, full=True)


@settings(max_examples=rounds(60), suppress_health_check=list(HealthCheck))
@given(actions=st.lists(FEW_DELETIONS, max_size=60), seed=st.integers(0, 100))
def test_mirror_equals_source_after_an_incremental_refresh(actions: list[tuple[str, int]], seed: int) -> None:
    """Pages do not shift here, and Kombo commits at once, so that no overlap is needed."""
    play({"rows": 100, "overlap": 0.0}, actions, seed, full=False)
