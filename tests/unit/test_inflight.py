"""The order in which waiters are admitted, one per iteration of the event loop."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from kombo_async.engine.inflight import OnePerIteration


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_one_waiter_is_admitted_per_iteration_in_order(waiters: list[tuple[int, bool]]) -> None:
    async def main() -> None:
        ticks, one_per_iteration, admitted = 0, OnePerIteration(), []
        loop = asyncio.get_running_loop()

        def tick() -> None:
            nonlocal ticks
            ticks += 1
            clock.append(loop.call_soon(tick))

        async def wait(number: int) -> None:
            order.append(number)
            await one_per_iteration.wait()
            admitted.append((ticks, number))

        clock, order = [loop.call_soon(tick)], list[int]()
        tasks = []
        for number, (pause, leaves) in enumerate(waiters):
            for _ in range(pause):
                await asyncio.sleep(0)
            tasks.append(asyncio.create_task(wait(number)))
            if leaves:
                await asyncio.sleep(0)
                tasks[-1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        clock[-1].cancel()
        assert len({tick for tick, _ in admitted}) == len(admitted)
        arrived = [number for _, number in admitted]
        assert arrived == [number for number in order if number in arrived]
        assert {number for number, (_, leaves) in enumerate(waiters) if not leaves} <= set(arrived)

    asyncio.run(main())
