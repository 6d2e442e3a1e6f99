"""One client in many event loops, threads and processes. Each program is a process of its own: what Python says at its
very end counts too."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from ..support.forked import run_program
from ..support.loops import LOOPS
from .conftest import Remote

HEAD = """
import asyncio, gc, os, pickle, sys, threading
from kombo_async import KomboClient, KomboError

base_url, integration_id, loop_name = sys.argv[1:]
client = KomboClient("ks_dev_sandbox", base_url=base_url, integration_id=integration_id)
if loop_name == "uvloop":
    from uvloop import new_event_loop
else:
    from asyncio import new_event_loop


def make_loop():
    loop = new_event_loop()
    # The development mode reports what takes longer than this, as anything may on a busy machine.
    loop.slow_callback_duration = 60
    return loop


def run(main):
    with asyncio.Runner(loop_factory=make_loop) as runner:
        return runner.run(main)


async def work(times=5):
    await asyncio.gather(*[client.check_api_key() for _ in range(times)])
    return len(await client.iter_integration_fields(page_size=1).collect())
"""


def run(remote: Remote, program: str, folder: Path, loop: str, *options: str) -> list[str]:
    """Run a program after `HEAD`, with warnings as errors; return what it printed."""
    path = folder / "program.py"
    path.write_text(HEAD + dedent(program))
    ran = run_program(
        *(path, remote.base_url, remote.integration_ids[0], loop),
        options=("-W", "error", *options),
        modules=("kombo_async.client", "kombo_async.families", "kombo_async.operations"),
    )
    assert (ran.stderr, ran.returncode) == ("", 0)
    return ran.stdout.split()


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    """The name of the event loop on which the program runs."""
    return request.param


@pytest.mark.parametrize("ending", ["pass", "run(client.close())", "del client; gc.collect()"])
def test_client_works_in_one_loop_after_another(remote: Remote, tmp_path: Path, loop: str, ending: str) -> None:
    program = f"""
    for _ in range(3):
        print(run(work()))
        gc.collect()
    assert len(client._executor._states._values) <= 1, "the past loops are kept"
    {ending}
    """
    assert run(remote, program, tmp_path, loop, "-X", "dev") == ["4"] * 3


def test_loop_that_ends_during_calls_leaves_no_warnings(remote: Remote, tmp_path: Path, loop: str) -> None:
    program = """
    async def impatient():
        calls = [asyncio.create_task(client.check_api_key()) for _ in range(20)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)

    for _ in range(3):
        run(impatient())
        print(run(work()))
    """
    assert run(remote, program, tmp_path, loop, "-X", "dev") == ["4"] * 3


def test_client_works_in_two_threads_at_once(remote: Remote, tmp_path: Path, loop: str) -> None:
    program = """
    both, done = threading.Barrier(2), []

    def thread():
        for _ in range(2):
            both.wait()
            done.append(run(work(20)))

    threads = [threading.Thread(target=thread) for _ in range(2)]
    for one in threads: one.start()
    for one in threads: one.join()
    print(*done, run(work()))
    """
    assert run(remote, program, tmp_path, loop, "-X", "dev") == ["4"] * 5


def test_close_ends_the_calls_in_other_threads(remote: Remote, tmp_path: Path, loop: str) -> None:
    program = """
    under_way, errors = threading.Event(), []

    async def busy():
        asyncio.get_running_loop().call_later(0.1, under_way.set)
        while True:
            await asyncio.gather(*[client.check_api_key() for _ in range(20)])

    def thread():
        try:
            run(busy())
        except (KomboError, RuntimeError) as error:
            errors.append(error)

    one = threading.Thread(target=thread)
    one.start()
    under_way.wait(20)
    run(client.close())
    one.join(20)
    print(not one.is_alive(), "closed" in str(errors[0]))
    """
    assert run(remote, program, tmp_path, loop) == ["True", "True"]


FORK = """
def say(what):
    # In one piece: several processes write here.
    os.write(1, f"{{what}}\\n".encode())

def child():
    try:
        say(run(work()))
        {ending}
    except BaseException as error:
        say(repr(error))
        os._exit(1)
    gc.collect()

def fork():
    if not (pid := os.fork()):
        child()
        os._exit(0)
    return pid
"""


@pytest.mark.parametrize("ending", ["pass", "run(client.close())"])
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork")
def test_client_works_after_a_fork(remote: Remote, tmp_path: Path, loop: str, ending: str) -> None:
    program = dedent(FORK.format(ending=ending)) + dedent("""
    say(run(work()))
    pids = [fork() for _ in range(3)]
    say(run(work()))
    say([os.waitpid(pid, 0)[1] for pid in pids] == [0, 0, 0])
    """)
    assert sorted(run(remote, program, tmp_path, loop)) == ["4"] * 5 + ["True"]


@pytest.mark.parametrize("ending", ["pass", "run(client.close())"])
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork")
def test_client_works_after_a_fork_of_a_running_loop(remote: Remote, tmp_path: Path, loop: str, ending: str) -> None:
    # The child has copies of the parent's loop and connections, which it must not use.
    program = dedent(FORK.format(ending=ending)) + dedent("""
    async def main():
        say(await work())
        pids = [fork() for _ in range(3)]
        for _ in range(3):
            assert await work() == 4
        say(all(os.waitpid(pid, 0)[1] == 0 for pid in pids))
        say(await work())

    run(main())
    """)
    assert sorted(run(remote, program, tmp_path, loop)) == ["4"] * 5 + ["True"]


# What is pickled and forked does not depend on the loop.
@pytest.mark.parametrize("loop", ["asyncio"])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_client_works_in_workers_of_multiprocessing(remote: Remote, tmp_path: Path, loop: str, method: str) -> None:
    program = f"""
    import multiprocessing

    from kombo_async import errors, models

    def worker(number):
        found = run(client.iter_integration_fields(page_size=1).collect())
        try:
            run(client.get_integration("nobody:here"))
        except errors.IntegrationNotFoundError as error:
            error.cursor = "kept"
            return found, run(client.get_integration()), error

    def failing(number):
        run(client.get_integration("nobody:here"))

    if __name__ == "__main__":
        whole = run(client.iter_integration_fields(page_size=1).collect())
        here = run(client.get_integration())
        context = multiprocessing.get_context("{method}")
        # Not as a context manager, which would terminate the workers before they are at their end.
        pool = context.Pool(2)
        for found, integration, error in pool.map(worker, range(3)):
            assert found == whole and integration == here
            assert (type(error), error.code, error.cursor, error.attempts, error.integration_id) == (
                errors.IntegrationNotFoundError, "PLATFORM.INTEGRATION_NOT_FOUND", "kept", 1, "nobody:here"
            )
            print(str(error).startswith("PLATFORM.INTEGRATION_NOT_FOUND: "))
        try:
            pool.map(failing, range(3))
        except errors.IntegrationNotFoundError as error:
            print(error.path == "/integrations/{{integration_id}}")
        pool.close()
        pool.join()
    """
    assert run(remote, program, tmp_path, loop) == ["True"] * 4
