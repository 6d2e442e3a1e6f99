"""The pages of the errors, the exit codes and the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import griffe
from code_objects import PACKAGE, PLACES, cell, linked, public, table, text

from kombo_async import _help, errors
from kombo_async.cli.options import ExitCode

ERRORS = "reference/errors.md"

KINDS = {
    "every call": ("Errors of every call", _help.COMMON_ERRORS),
    "an integration": ("Errors of an integration", _help.INTEGRATION_ERRORS),
    "a synced list": ("Errors of a synced list", _help.MODEL_ERRORS),
    "an action": ("Errors of an action", _help.ACTION_ERRORS),
}


def error_classes() -> list[griffe.Class]:
    """Return all classes of errors."""
    return list(public(PACKAGE["errors"], griffe.Class))


def add_places() -> None:
    """Record where each error is described."""
    for cls in error_classes():
        PLACES.add(cls.name, ERRORS)


def errors_page() -> str:
    """Return the page of all errors."""
    lines = ["# All errors\n", text(PACKAGE["errors"], ERRORS) + "\n"]
    lines += ["What to do with them is in the concept [errors](../concepts/errors.md).\n"]
    for heading, names in KINDS.values():
        lines += [
            f"## {heading}\n",
            '<div class="codes" markdown>',
            "",
            "| class | code | meaning |",
            "| --- | --- | --- |",
        ]
        for name in names:
            link, code = PLACES.link(name, ERRORS), getattr(getattr(errors, name), "code", None)
            first = text(PACKAGE["errors"].members[name], ERRORS).partition("\n\n")[0]
            lines.append(f"| {link} | {f'`{code}`' if code else ''} | {cell(first)} |")
        lines += ["", "</div>", ""]
    lines += ["## Each class\n"]
    for cls in error_classes():
        lines += error_part(cls)
    return "\n".join(lines)


def error_part(cls: griffe.Class) -> list[str]:
    """Return what is said of one class of errors."""
    kind = getattr(errors, cls.name)
    base = str(cls.bases[0]) if cls.bases else ""
    lines = [f"### {cls.name}\n", text(cls, ERRORS) + "\n"]
    facts = {
        "Kombo's code": f"`{kind.code}`" if getattr(kind, "code", None) else None,
        "What to do": linked(kind().hint, ERRORS) if kind().hint else None,
        "Base": PLACES.link(base, ERRORS) or f"`{base}`",
    }
    lines += [*(f"- {what}: {value}" for what, value in facts.items() if value), ""]
    init = cls.members.get("__init__")
    inside = (
        list(public(cls, griffe.Attribute)) if isinstance(init, griffe.Function) or not base.endswith("Error") else []
    )
    if not inside:
        inside = [each for each in public(cls, griffe.Attribute) if each.docstring is not None]
    return lines + table("attribute", [each for each in inside if each.docstring is not None], ERRORS)


def exit_codes_page() -> str:
    """Return the page of the exit codes."""
    docs = _help.attribute_docs(ExitCode)
    rows = [f"| {code.value} | {linked(docs[code.name], 'reference/exit-codes.md')} |" for code in ExitCode]
    return "\n".join(
        [
            "# Exit codes\n",
            "What a command of `kombo-async` ends with:\n",
            "| code | meaning |",
            "| --- | --- |",
            *rows,
            "",
            "In a script:\n",
            "```sh",
            "kombo-async fields enable personio:GWd1wgE7fRQGywhDLfgbcBAc hris_employees/nickname",
            "case $? in",
            "0) echo done ;;",
            "3) echo 'Kombo was not reached: try again later' ;;",
            "4) echo 'some were changed, others were not' ;;",
            "*) exit 1 ;;",
            "esac",
            "```",
        ]
    )


def command_line_page() -> str:
    """Return what `--help` says of every command."""
    lines = [
        "# The command line\n",
        (
            '`pip install "kombo_async[cli]"` installs `kombo-async`. What its commands end with is in '
            "[exit codes](exit-codes.md); the [guide](../guides/command-line.md) shows them at work.\n"
        ),
    ]
    for words in commands():
        lines += [f"## kombo-async {' '.join(words)}".rstrip() + "\n", "```text", run_help(words).rstrip(), "```\n"]
    return "\n".join(lines)


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every command, as the words after the program's name."""
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        words = waiting.pop(0)
        if words[:1] == ("read",) and len(words) > 1:
            continue
        yield words
        panel = re.search(r"╭─ Commands .*?╰", run_help(words), re.DOTALL)
        inner = re.findall(r"^│ ([a-z][a-z-]+)  ", panel[0], re.MULTILINE) if panel else []
        waiting += [(*words, each) for each in inner]


@cache
def run_help(words: tuple[str, ...]) -> str:
    """Return what `--help` prints."""
    command = [sys.executable, "-c", "from kombo_async.cli import main; main()", *words, "--help"]
    environment = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "PATH": ""}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True).stdout
