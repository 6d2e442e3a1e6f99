"""Write the pages of the reference that follow from the code: methods, models and the command line.

Runs in `mkdocs build`. A public name without a docstring ends it with an error.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from csv import DictReader
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import griffe
import mkdocs_gen_files

from kombo_async.engine.operation import Operation

ROOT = Path(__file__).parents[2]
PACKAGE = griffe.load("kombo_async", search_paths=[str(ROOT)])
FAMILIES = {
    "general": ("KomboClient", "client", "General"),
    "hris": ("HRIS", "client.hris", "Hris"),
    "ats": ("ATS", "client.ats", "Ats"),
    "assessment": ("Assessment", "client.assessment", "Assessment"),
    "lms": ("LMS", "client.lms", "Lms"),
    "ai_apply": ("AI Apply", "client.ai_apply", "AiApply"),
    "connect": ("Connect", "client.connect", "Connect"),
    "custom": ("Custom", "client.custom", "Custom"),
}
MODELS = {
    "common": "Shared shapes",
    "general": "General",
    "hris": "HRIS",
    "ats": "ATS",
    "assessment": "Assessment",
    "lms": "LMS",
    "ai_apply": "AI Apply",
    "connect": "Connect",
    "custom": "Custom",
    "webhooks": "Webhook events",
}
with (ROOT / "docs" / "_generate" / "official_sdk.csv").open(encoding="utf-8") as table:
    OFFICIAL = {row["ours"]: row["official"] for row in DictReader(table)}


class Undocumented(Exception):
    """A public name has no docstring."""


def text(of: griffe.Object) -> str:
    """Return the docstring of an object."""
    if of.docstring is None:
        raise Undocumented(of.path)
    return linked(of.docstring.value)


def linked(words: str) -> str:
    """Make links of addresses."""
    return re.sub(r"(?<![<(\[\"`])https://docs\.kombo\.dev\S*[^\s.,)`]", lambda found: f"<{found[0]}>", words)


def cell(words: str) -> str:
    """Return text that stays within one cell of a table."""
    return re.sub(r"\s*\n\s*", " ", words).replace("|", "\\|")


def public(of: griffe.Object, kind: type) -> Iterator[Any]:
    """Yield the public members of one kind in the order of the source."""
    for name, member in of.members.items():
        # A class with only `__class_getitem__` is a form of annotation, described where it is used.
        if not name.startswith("_") and isinstance(member, kind) and "__class_getitem__" not in member.members:
            yield member


@cache
def classes() -> dict[str, tuple[str, griffe.Class]]:
    """Return every public model by name, with the page that describes it."""
    found = {}
    for module in MODELS:
        for cls in module_classes(PACKAGE[f"models.{module}"]):
            found[cls.name] = (module, cls)
    return found


def module_classes(module: griffe.Module) -> Iterator[griffe.Class]:
    """Yield the public classes of a module and of those inside it."""
    yield from public(module, griffe.Class)
    for inner in module.members.values():
        if isinstance(inner, griffe.Module):
            yield from module_classes(inner)


def typed(annotation: object, folder: str) -> str:
    """Return an annotation in which each model is a link to its page below *folder*."""
    words = re.sub(r"\b_?models\.", "", str(annotation))
    parts = []
    for part in re.split(r"(\w+)", words):
        if part in classes():
            module, _ = classes()[part]
            parts.append(f"[{part}]({folder}{module}.md#{part.lower()})")
        else:
            parts.append(part.replace("[", "\\[").replace("]", "\\]").replace("|", "&#124;"))
    return cell("".join(parts))


def attributes(cls: griffe.Class) -> Iterator[griffe.Attribute]:
    """Yield the fields of a class, those of its bases first."""
    seen: set[str] = set()
    for base in cls.bases:
        name = str(base).rpartition(".")[2]
        if name in classes():
            for attribute in attributes(classes()[name][1]):
                seen.add(attribute.name)
                yield attribute
    yield from (each for each in public(cls, griffe.Attribute) if each.name not in seen)


def model_page(module: str, title: str) -> str:
    """Return the page of one module of models."""
    lines = [f"# {title} models\n", f"From `kombo_async.models.{module}`.\n"]
    for cls in module_classes(PACKAGE[f"models.{module}"]):
        lines += [f"## {cls.name}\n", text(cls) + "\n"]
        members = list(attributes(cls))
        if not members:
            continue
        if any("OpenEnum" in str(base) for base in cls.bases):
            lines += ["| value | meaning |", "| --- | --- |"]
            lines += [f"| `{each.name}` | {cell(text(each))} |" for each in members]
        else:
            lines += table("field", members, "")
        lines.append("")
    return "\n".join(lines)


def family_page(module: str, title: str, attribute: str, name: str) -> str:
    """Return the page of one family."""
    family = PACKAGE[f"families.{module}"]
    lines = [f"# {title}: `{attribute}`\n", text(family[name]) + "\n"]
    for cls in public(family, griffe.Class):
        prefix = attribute if cls.name == name else f"{attribute}.{cls.name.lower()}"
        methods = [each for each in public(cls, griffe.Function) if "property" not in each.labels]
        if cls.name != name and methods:
            lines += [f"## `{prefix}`\n", text(cls) + "\n"]
        for method in methods:
            lines += method_part(method, prefix, module)
    return "\n".join(lines)


def method_part(method: griffe.Function, prefix: str, module: str) -> list[str]:
    """Return what is said of one method."""
    source = method.source
    operations = import_module(f"kombo_async.operations.{module}")
    found = re.findall(r"\bop\.([A-Z][A-Z_]+)", source)
    lines = [f"### {method.name}\n", "```python", signature(method, prefix), "```\n", text(method) + "\n"]
    if not found:
        return lines
    operation: Operation[Any] = getattr(operations, found[0])
    facts = [("Endpoint", f"`{operation.method} {operation.path}`"), ("Runs against", runs_against(operation))]
    facts.append(("Sent again after a lost answer", "yes" if operation.idempotent else "no"))
    if operation.page_size is not None:
        facts.append(("Records a page", f"up to {operation.page_size:,}"))
    ours = f"{prefix}.{method.name}"
    facts.append(("In the official SDK", f"`{OFFICIAL[ours]}`" if OFFICIAL.get(ours) else "not there"))
    facts.append(("Returns", typed(method.returns, "../models/")))
    lines += [*(f"- {what}: {value}" for what, value in facts), ""]
    filters = filter_class(method)
    if filters is not None:
        lines += table("filter", filter_fields(filters), "../models/")
    return lines


def table(heading: str, members: Iterable[griffe.Attribute], folder: str) -> list[str]:
    """Return a table of fields with their types and meanings."""
    rows = [f"| `{each.name}` | {typed(each.annotation, folder)} | {cell(text(each))} |" for each in members]
    return [
        '<div class="fields" markdown>',
        "",
        f"| {heading} | type | meaning |",
        "| --- | --- | --- |",
        *rows,
        "",
        "</div>",
        "",
    ]


def runs_against(operation: Operation[Any]) -> str:
    """Say where the answer comes from, and so how long it may take."""
    if operation.action:
        return "the connected tool: takes an action slot and may take minutes"
    return "Kombo's copy, as fresh as the last sync" if operation.integration else "Kombo itself"


def signature(method: griffe.Function, prefix: str) -> str:
    """Return how the method is called."""
    parts, keyword_only = [], False
    for parameter in method.parameters:
        if parameter.name == "self":
            continue
        if parameter.kind is griffe.ParameterKind.keyword_only and not keyword_only:
            parts.append("*")
            keyword_only = True
        if parameter.kind is griffe.ParameterKind.var_keyword:
            parts.append(f"**{parameter.name}")
        else:
            default = f" = {parameter.default}" if parameter.default is not None else ""
            parts.append(f"{parameter.name}: {parameter.annotation}{default}")
    awaited = "await " if "async" in method.labels or str(method.returns).startswith(("Awaitable", "Coroutine")) else ""
    call = f"{awaited}{prefix}.{method.name}"
    one = f"{call}({', '.join(parts)})"
    return one if len(one) <= 100 else f"{call}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def filter_class(method: griffe.Function) -> griffe.Class | None:
    """Return the TypedDict of a method's filters."""
    for parameter in method.parameters:
        if parameter.kind is griffe.ParameterKind.var_keyword:
            name = re.sub(r"^Unpack\[(.*)\]$", r"\1", str(parameter.annotation)).rpartition(".")[2]
            return filter_named(name)
    return None


def filter_named(name: str) -> griffe.Class | None:
    """Return a TypedDict by its name."""
    for home in ("engine.query", *(f"operations.{family}" for family in FAMILIES)):
        found = PACKAGE[home].members.get(name)
        if isinstance(found, griffe.Class):
            return found
    return None


def filter_fields(cls: griffe.Class) -> Iterator[griffe.Attribute]:
    """Yield the filters of a TypedDict: its own, then those of all lists."""
    yield from public(cls, griffe.Attribute)
    for base in cls.bases:
        found = filter_named(str(base).rpartition(".")[2])
        if found is not None:
            yield from filter_fields(found)


def command_line_page() -> str:
    """Return what `--help` says of every command."""
    lines = ["# The command line\n", '`pip install "kombo_async[cli]"` installs `kombo-async`.\n']
    for words in commands():
        shown = run_help(words)
        lines += [f"## kombo-async {' '.join(words)}".rstrip() + "\n", "```text", shown.rstrip(), "```\n"]
    return "\n".join(lines)


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every command, as the words after the program's name."""
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        words = waiting.pop(0)
        if words[:1] == ("read",) and len(words) > 1:
            continue
        yield words
        inner = re.findall(r"^│ ([a-z][a-z-]+)  ", commands_panel(run_help(words)), re.MULTILINE)
        waiting += [(*words, each) for each in inner]


def commands_panel(shown: str) -> str:
    """Return the part of a help text that lists commands."""
    found = re.search(r"╭─ Commands .*?╰", shown, re.DOTALL)
    return found[0] if found else ""


@cache
def run_help(words: tuple[str, ...]) -> str:
    """Return what `--help` prints."""
    command = [sys.executable, "-c", "from kombo_async.cli import main; main()", *words, "--help"]
    environment = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "PATH": ""}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True).stdout


def write(path: str, page: str) -> None:
    """Add a page to the site."""
    with mkdocs_gen_files.open(path, "w") as file:
        file.write(page)


for module, names in FAMILIES.items():
    write(f"reference/methods/{module}.md", family_page(module, *names))
for module, title in MODELS.items():
    write(f"reference/models/{module}.md", model_page(module, title))
write("reference/command-line.md", command_line_page())
