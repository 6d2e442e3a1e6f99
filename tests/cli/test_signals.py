"""Signals that end a command during a read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from kombo_async.sandbox import SandboxConfig, SandboxThread

from ..support.command_line import KEY, environment, settings
from ..support.forked import COMMAND

FIELDS = ["read", "integration-fields", "personio:GWd1wgE7fRQGywhDLfgbcBAc"]
RESUMED = ["--output", "out", "--resume", "state"]

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of this kind on Windows")


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("resume", [False, True])
def test_signal_ends_a_read_as_ctrl_c_does(number: signal.Signals, resume: bool, start, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    with SandboxThread(SandboxConfig(fields=4_000, latency=0.02), api_key=KEY) as slow:
        options = RESUMED if resume else RESUMED[:2]
        command = [*FIELDS, *options, "--page-size", "20", "--unreadable", "odd"]
        process: subprocess.Popen[str] = start(*command, env=environment(**settings(slow)))
        while (
            not any(each.stat().st_size for each in tmp_path.glob(".out*.part"))
            or (tmp_path / "state").exists() != resume
        ):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait() == 130
        names = {path.suffix for path in tmp_path.iterdir()}
        assert names == ({"", ".part"} if resume else set())


@needs_posix
def test_sigterm_ends_a_background_job_for_which_the_shell_ignores_sigint(start, tmp_path) -> None:
    with SandboxThread(SandboxConfig(fields=4_000, latency=0.02), api_key=KEY) as slow:
        ignoring_sigint = ["bash", "-c", 'trap "" INT; exec "$@"', "bash"]
        command = [*FIELDS, "--output", "out", "--page-size", "20"]
        process: subprocess.Popen[str] = start(
            *command, program=[*ignoring_sigint, COMMAND], cwd=tmp_path, env=environment(**settings(slow))
        )
        while not any(tmp_path.iterdir()):
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
        assert process.wait() == 130
        assert "Interrupted" in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


@needs_posix
def test_repeated_signals_leave_no_file_behind(start, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    with SandboxThread(SandboxConfig(fields=4_000, latency=0.02), api_key=KEY) as slow:
        command = [*FIELDS, "--output", "out", "--page-size", "20", "--unreadable", "odd"]
        process: subprocess.Popen[str] = start(*command, env=environment(**settings(slow)))
        while not slow.requests:
            assert process.poll() is None
            time.sleep(0.01)
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.001)
    assert list(tmp_path.iterdir()) == []


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_a_read_whose_reader_takes_nothing(number: signal.Signals, start, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with SandboxThread(SandboxConfig(fields=20_000), api_key=KEY) as local:
        settled = environment(**settings(local))
        # Nothing opens the named pipe for reading; of standard output nothing is read after its beginning.
        unopened = start(*FIELDS, "--output", "pipe", env=settled)
        unread = start(*FIELDS, env=settled)
        assert unread.stdout.read(1) == "{"
        before = -1
        while before != (before := len(local.requests)):
            time.sleep(0.5)
        unopened.send_signal(number)
        unread.send_signal(number)
        assert (unopened.wait(), unread.wait()) == (130, 130)
        assert unread.stderr.read().startswith("Interrupted")
