"""What holds for the whole suite."""

from __future__ import annotations

import gc
import os
import signal
import ssl
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from .support.loops import LOOPS
from .support.soak import rounds

if TYPE_CHECKING:
    import trustme

# Collecting makes hundred thousands of objects that all stay, which the garbage collector would pass again and again.
gc.disable()

# Tests talk over the loopback, which the proxies of this machine cannot reach, and with keys of their own.
for _name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[_name]
for _name in ("KOMBO_API_KEY", "KOMBO_BASE_URL"):
    os.environ.pop(_name, None)

# No test trusts a certificate of the machine. To read them takes 50 ms, in each process that imports aiohttp.
os.environ["SSL_CERT_FILE"] = os.devnull

settings.register_profile("suite", max_examples=rounds(40), deadline=None)
settings.load_profile("suite")


# A shell ignores SIGINT for background jobs, and nohup ignores SIGHUP: so would what the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Return a certificate authority that only `trusting` trusts."""
    import trustme

    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return the context of a client that trusts `authority`."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse ids that differ from process to process, which pytest-xdist cannot match."""
    if unstable := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"give these tests ids without addresses: {unstable[0]}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `--numprocesses auto` starts: one more than processors, since some tests wait.

    Each of them imports everything, which takes ten seconds of a processor.
    """
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Let the garbage collector leave out the tests and modules, which it would pass each time, for the whole run."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say if the tests ran on one event loop only."""
    if "uvloop" not in LOOPS:
        terminalreporter.write_line("uvloop is not installed: everything ran on asyncio alone")
