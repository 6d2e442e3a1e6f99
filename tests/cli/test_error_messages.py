"""What goes wrong: exit codes, a line or two that say what and what to do, and never a key or a traceback."""

from __future__ import annotations

import socket

import pytest

from kombo_async import APIError, KomboTimeoutError, OutcomeUnknownError, errors
from kombo_async.cli import main
from kombo_async.cli.console import Output
from kombo_async.cli.error_messages import exit_code, hint_for, mask_keys, summary
from kombo_async.cli.options import CommandOptions, ExitCode
from kombo_async.cli.runner import run_local
from kombo_async.cli.terminal import one_line
from kombo_async.sandbox import Fault

from ..support.command_line import KEY, run_command

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"


@pytest.mark.parametrize(
    ("fault", "code", "says", "advised"),
    [
        (Fault.error("PLATFORM.AUTHENTICATION_INVALID"), 1, "PLATFORM.AUTHENTICATION_INVALID: ", "the region"),
        (Fault.error("PLATFORM.IP_NOT_WHITELISTED"), 1, "PLATFORM.IP_NOT_WHITELISTED: ", "addresses"),
        (Fault.error("PLATFORM.INPUT_INVALID", "Mend it."), 1, "PLATFORM.INPUT_INVALID: Mend it. (GET /", None),
        (Fault.rate_limited(0.01), 1, "PLATFORM.RATE_LIMIT_EXCEEDED: ", "Wait a minute"),
        (Fault.error("PLATFORM.UNKNOWN_ERROR"), 1, "PLATFORM.UNKNOWN_ERROR: ", "Try again later"),
        (Fault.error("INTEGRATION.AUTHENTICATION_INVALID"), 1, "INVALID: ", f"kombo-async integration reconnect {ID}"),
        (Fault.error("INTEGRATION.INACTIVE"), 1, "INTEGRATION.INACTIVE: ", f"kombo-async integration enable {ID}"),
        (Fault.error("INTEGRATION.SETUP_SYNC_PENDING"), 1, "PENDING: ", f"kombo-async integration show {ID}"),
        (Fault.error("INTEGRATION.MODEL_DISABLED"), 1, "DISABLED: ", "https://app.kombo.dev/scope-config"),
        (Fault.error("INTEGRATION.NOT_YET_KNOWN"), 1, "INTEGRATION.NOT_YET_KNOWN: ", None),
        (Fault.message_only("Two\nlines \x1b[31mof it."), 1, "HTTP 503: Two\\nlines \\x1b[31mof it. (", None),
        (Fault.html_502(), 1, "HTTP 502: ", None),
        (Fault.json({"status": "success", "data": {"id": 7}}), 1, "$.data", "newer version"),
        (Fault.drop(), 3, "", "Check the network"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_error_is_printed_with_its_hint_and_exit_code(fault, code, says, advised, here, capsys) -> None:  # noqa: PLR0917
    here.faults.add(fault, times=None)
    assert main(["integration", "show", ID]) == code
    written = capsys.readouterr()
    first, second = written.err.splitlines()
    assert written.out == ""
    assert first.startswith("kombo-async integration show: ")
    assert says in first
    hint, page = second.split("See ")
    assert advised in hint if advised else not hint
    assert "/reference/errors.html#" in page
    assert KEY not in written.err


def test_unreachable_server_is_exit_code_3(here, capsys) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert main(["check-key", "--base-url", address]) == 3
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("kombo-async check-key: cannot connect to 127.0.0.1:")
    assert second.startswith("Check the network, the proxy")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("check-key --key=", "no API key"),
        ("check-key --key ks_dev_ü", "the API key has a space, a line break or a character outside ASCII"),
        ("check-key --base-url ftp://x", "base_url is an http(s) address"),
        ("check-key --region mars", "--region"),
        ("check-key ks_dev_OnTheWrongPlace", "***"),
        ("check-key --key NoKindOfKey --bogus=NoKindOfKey", "--bogus"),
        ("integration show .", "integration_id"),
        ("integration", None),
        ("custom-fields map x y z --clear", "give either a TARGET or --clear"),
        ("custom-fields map x y", "give either a TARGET or --clear"),
        (f"custom-fields map {ID} nothing --clear", "no custom field has the name 'nothing': see kombo-async cus"),
        (f"custom-fields map {ID} diet a/b/c", "a/b/c: none of the 4,321 fields has this name"),
    ],
)
def test_wrong_command_line_is_exit_code_2(arguments, says, here, capsys) -> None:
    code = main(arguments.split())
    written = capsys.readouterr()
    if says is None:
        assert (code, written.err) == (0, "")  # its help
        return
    assert (code, written.out) == (2, "")
    lines = [line for line in written.err.splitlines() if not line.startswith("A key on the command line")]
    assert lines[0].startswith(f"kombo-async {arguments.split(maxsplit=1)[0]}")
    assert says in lines[0]
    assert all(line.startswith("See kombo-async") for line in lines[1:])
    assert not {"OnTheWrongPlace", "NoKindOfKey", "ks_dev_"} & {word for word in written.err.split() if "_" in word}
    assert "NoKindOfKey" not in written.err
    assert "OnTheWrongPlace" not in written.err


def test_key_option_warns_once_and_the_key_is_never_printed(local) -> None:
    local.faults.clear()
    done = run_command("check-key", "-v", "--key", KEY, "--base-url", local.base_url)
    assert done.returncode == 0
    warning, *events = done.stderr.splitlines()
    assert warning.startswith("A key on the command line can be seen")
    assert not any("command line" in line for line in events)
    wrong = run_command("check-key", "--quiet", "--key", "my-wrong-key", "--base-url", local.base_url)
    assert wrong.returncode == 1
    assert wrong.stderr.count("\n") == 3
    assert not any(key in done.stdout + done.stderr + wrong.stderr for key in (KEY, "my-wrong-key"))
    assert KEY not in repr(CommandOptions(key=KEY))


def test_every_secret_on_the_command_line_is_masked(capsys) -> None:
    def fail(out: Output) -> None:
        raise ValueError("neither old-secret nor new-secret")

    assert run_local("x", CommandOptions(), fail, secrets=["old-secret", "new-secret"]) == 2
    assert capsys.readouterr().err == "kombo-async x: neither *** nor ***\n"


def test_missing_key_is_reported_with_the_name_of_its_variable() -> None:
    done = run_command("check-key")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "kombo-async check-key: no API key: set the environment variable KOMBO_API_KEY, or pass --key",
        "See kombo-async check-key --help",
    ]


def test_option_overrides_the_environment(monkeypatch) -> None:
    from kombo_async import Limits
    from kombo_async.cli.runner import _client

    monkeypatch.setenv("KOMBO_API_KEY", KEY)
    monkeypatch.setenv("KOMBO_BASE_URL", "http://sandbox.example/v1")
    addresses = {
        repr(_client(options, Output("x", options), Limits()))
        for options in (
            CommandOptions(),
            CommandOptions(region="us"),
            CommandOptions(region="us", base_url="http://mine.example"),
        )
    }
    assert addresses == {
        "KomboClient(api_key=<hidden>, base_url='http://sandbox.example/v1')",
        "KomboClient(api_key=<hidden>, base_url='https://api.us.kombo.dev/v1')",
        "KomboClient(api_key=<hidden>, base_url='http://mine.example')",
    }


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type)]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_error_class_has_an_exit_code_and_one_line(kind) -> None:
    error = kind("What happened.", integration_id="a b")
    network = issubclass(kind, OSError) or kind is OutcomeUnknownError
    assert exit_code(error) is (ExitCode.NETWORK if network else ExitCode.REFUSED)
    assert "What happened." in summary(error)
    message = hint_for(error)
    assert "\n" not in message
    assert message.endswith(f"See {error.docs_url}")
    assert "'a b'" in message if "kombo-async integration" in message else True


def test_unknown_outcome_with_a_response_is_not_a_network_error() -> None:
    error = OutcomeUnknownError("What happened.")
    error.status = 502
    assert exit_code(error) is ExitCode.REFUSED
    assert exit_code(KomboTimeoutError("x")) is ExitCode.NETWORK


def test_control_characters_of_a_server_are_removed_from_messages() -> None:
    assert one_line("a\x1b]0;title\x07b\r\nc\u202ed") == "a ]0;title b c d"
    assert len(summary(APIError("long " * 1000))) == 1_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key ks_prod_abc.", "key ***"),
        ("'ks_dev_a1', ok", "'***', ok"),
        ("no-kind-of-key here", "*** here"),
        ("tasks_of_mine", "tasks_of_mine"),
    ],
)
def test_keys_are_masked_in_messages(text: str, shown: str) -> None:
    assert mask_keys(text, "no-kind-of-key", None, "") == shown


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (RuntimeError("never"), 1, "unexpected RuntimeError: never"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (FileNotFoundError(2, "No such file or directory", "name"), 1, "name: No such file or directory"),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
    ids=["mistake", "disk", "file", "Ctrl-C"],
)
def test_every_exception_is_reported_without_a_traceback(error, code, says, capsys) -> None:
    def act(out: Output) -> int:
        raise error

    assert run_local("x", CommandOptions(), act) == code
    first, *others = capsys.readouterr().err.splitlines()
    assert first.endswith(says)
    assert len(others) == (code == 1 and isinstance(error, RuntimeError))
