"""What belongs to one event loop."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from kombo_async.engine.running import OneATick


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_one_gets_in_with_each_turn_of_the_loop_in_order(comers: list[tuple[int, bool]]) -> None:
    async def main() -> None:
        ticks, gate, let_in = 0, OneATick(), []
        loop = asyncio.get_running_loop()

        def tick() -> None:
            nonlocal ticks
            ticks += 1
            clock.append(loop.call_soon(tick))

        async def come(number: int) -> None:
            order.append(number)
            await gate.turn()
            let_in.append((ticks, number))

        clock, order = [loop.call_soon(tick)], list[int]()
        tasks = []
        for number, (pause, leaves) in enumerate(comers):
            for _ in range(pause):
                await asyncio.sleep(0)
            tasks.append(asyncio.create_task(come(number)))
            if leaves:
                await asyncio.sleep(0)
                tasks[-1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        clock[-1].cancel()
        assert len({tick for tick, _ in let_in}) == len(let_in)
        arrived = [number for _, number in let_in]
        assert arrived == [number for number in order if number in arrived]
        assert {number for number, (_, leaves) in enumerate(comers) if not leaves} <= set(arrived)

    asyncio.run(main())
