"""The pages of the errors, the exit codes and the command line."""

from __future__ import annotations

import re

import griffe
from code_objects import PACKAGE, PLACES, cell, linked, public, table, text

from kombo_async import _help, errors
from kombo_async.cli.app import app
from kombo_async.cli.export import DESTINATION
from kombo_async.cli.options import SHARED_OPTIONS, ExitCode
from kombo_async.sandbox.api_errors import STATUSES

ERRORS = "reference/errors.md"
COMMAND_LINE, COMMAND_LINE_READ = "reference/command-line.md", "reference/command-line-read.md"

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
    status = STATUSES.get(getattr(kind, "code", None) or "")
    lines = [f"### {cls.name}\n", text(cls, ERRORS) + "\n"]
    facts = {
        "Kombo's code": f"`{kind.code}`" if getattr(kind, "code", None) else None,
        "HTTP status": f"{status} in the sandbox; Kombo may send another one" if status else None,
        "What to do": linked(kind().hint, ERRORS) if kind().hint else None,
        "Base": ", ".join(PLACES.link(str(each), ERRORS) or f"`{each}`" for each in cls.bases),
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
    rows = [f"| {code.value} | {code.meaning} |" for code in ExitCode]
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


def command_line_pages() -> dict[str, str]:
    """Return the pages of all commands, by path: one of `read` and its lists, one of all others."""
    sections = command_sections()
    shared = panel(sections["check-key"], SHARED_OPTIONS.name)
    written = panel(sections["read hris employees"], DESTINATION.name)
    pages = {
        COMMAND_LINE: [
            "# All commands\n",
            (
                '`pip install "kombo_async[cli]"` installs `kombo-async`. What its commands end with is in '
                "[exit codes](exit-codes.md); the [guide](../guides/command-line.md) shows them at work, and "
                "[Lists on the command line](command-line-read.md) has `kombo-async read`.\n"
            ),
            f"## {SHARED_OPTIONS.name}\n",
            "Each command that calls Kombo also has these:\n",
            without_name(shared),
        ],
        COMMAND_LINE_READ: [
            "# Lists on the command line\n",
            sections["read"],
            (
                "Each list of the client is a command, and each of its filters an option. All of them also have the "
                "options of the next section, and the "
                "[options of every command](command-line.md#options-of-every-command).\n"
            ),
            f"## {DESTINATION.name}\n",
            re.sub(r"by default [\d,]+, which", "by default this", without_name(written)),
        ],
    }
    for words, section in sections.items():
        page = COMMAND_LINE_READ if words.startswith("read ") else COMMAND_LINE
        if words != "read":
            about = section.replace(shared, "").replace(panel(section, DESTINATION.name), "")
            pages[page] += [f"## kombo-async {words}\n", about.replace(SHARED_OPTIONS.name, "More options")]
    return {page: re.sub(r"\n{3,}", "\n\n", linked("\n".join(parts), page)) for page, parts in pages.items()}


def command_sections() -> dict[str, str]:
    """Return what cyclopts says of each command, by the words after the program's name."""
    parts = re.split(r"^# kombo-async ?(.*)\n", app.generate_docs(flatten_commands=True), flags=re.MULTILINE)
    # Before the first command are nothing and the program itself, with a list of all commands.
    return dict(zip(parts[3::2], parts[4::2], strict=True))


def panel(section: str, name: str) -> str:
    """Return the list of options that a command has under a heading; nothing if it has none."""
    found = re.search(rf"^\*\*{re.escape(name)}\*\*:\n\n(?:.+\n)+", section, re.MULTILINE)
    return found[0] if found else ""


def without_name(options: str) -> str:
    """Return such a list without its heading."""
    return options.partition("\n\n")[2]
