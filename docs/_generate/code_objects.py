"""The public names of the package, as griffe reads them from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import griffe

from kombo_async import _help

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
"""By module: the title of the family, the attribute of the client, and the class."""

MODELS = {
    "common": "Shared",
    "general": "General",
    "hris": "HRIS",
    "ats": "ATS",
    "assessment": "Assessment",
    "lms": "LMS",
    "ai_apply": "AI Apply",
    "connect": "Connect",
    "custom": "Custom",
    "webhooks": "Webhook event",
}


SHARED = ("common", "base", "diagnostics")
"""The modules whose classes are on the page of `common`, from which all of them can be imported."""


class UndocumentedError(Exception):
    """A public name has no docstring, or no page."""


class Places:
    """The page and the anchor of each public name, for links."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[str, str] | None] = {}
        self._on_page: set[tuple[str, str]] = set()

    def add(self, name: str, page: str, anchor: str | None = None) -> None:
        """Record where a name is described; one that is described twice gets no links."""
        self._places[name] = None if name in self._places else (page, name.lower() if anchor is None else anchor)

    def add_on_page(self, name: str, page: str) -> None:
        """Record that a page has a section with this name, to which its own links go."""
        self._on_page.add((page, name))

    def described(self) -> set[str]:
        """Return the names that have a place."""
        return set(self._places)

    def link(self, name: str, page: str, shown: str | None = None) -> str | None:
        """Return a link to a name from a page; None for an unknown or ambiguous name."""
        place = (page, name.lower()) if (page, name) in self._on_page else self._places.get(name)
        if place is None:
            return None
        home = "" if place[0] == page else "../" * page.count("/") + place[0]
        return f"[{shown or name}]({home}{'#' if place[1] else ''}{place[1]})"


PLACES = Places()


def text(of: griffe.Object | griffe.Alias, page: str) -> str:
    """Return the docstring of an object, with links for names and addresses."""
    if of.docstring is None:
        raise UndocumentedError(f"{of.path} has no docstring")
    return linked(of.docstring.value, page, of.name)


def linked(words: str, page: str, own: str = "") -> str:
    """Make links of addresses and of public names, but not in blocks of code."""

    def name(found: re.Match[str]) -> str:
        return (found[1] != own and PLACES.link(found[1], page, found[0])) or found[0]

    parts = re.split(r"(```.*?```)", words, flags=re.DOTALL)
    for number in range(0, len(parts), 2):
        part = re.sub(
            r"(?<![<(\[\"`])https://docs\.kombo\.dev\S*[^\s.,)`]", lambda found: f"<{found[0]}>", parts[number]
        )
        parts[number] = re.sub(r"(?<!\[)`(\w+)(?:\(\))?`", name, part)
    retries = f"[retries]({'../' * page.count('/')}concepts/limits-and-retries.md#retries)"
    return "".join(parts).replace('"Retries" in the documentation', retries)


def cell(words: str) -> str:
    """Return text that stays within one cell of a table."""
    return re.sub(r"\s*\n\s*", " ", words).replace("|", "\\|")


def public(of: griffe.Object | griffe.Alias, kind: type) -> Iterator[Any]:
    """Yield the public members of one kind in the order of the source."""
    for name, member in of.members.items():
        # A class with only `__class_getitem__` is a form of annotation, described where it is used.
        if not name.startswith("_") and isinstance(member, kind) and "__class_getitem__" not in member.members:
            yield member


def models_in(annotation: object) -> list[str]:
    """Return the names of the public models in an annotation."""
    return [name for name in dict.fromkeys(re.findall(r"\w+", str(annotation))) if name in models()]


@cache
def models() -> dict[str, tuple[str, griffe.Class]]:
    """Return every public model by name, with the module of its page."""
    return {cls.name: (module, cls) for module in MODELS for cls in model_classes(module)}


def model_classes(page: str) -> Iterator[griffe.Class]:
    """Yield the public classes that one page of models describes."""
    for module in SHARED if page == "common" else (page,):
        yield from module_classes(PACKAGE[f"models.{module}"])


def module_classes(module: griffe.Module) -> Iterator[griffe.Class]:
    """Yield the public classes of a module and of those inside it."""
    yield from public(module, griffe.Class)
    for inner in module.members.values():
        if isinstance(inner, griffe.Module):
            yield from module_classes(inner)


def typed(annotation: object, page: str) -> str:
    """Return an annotation in which each public name is a link."""
    words = re.sub(r"\b(?:op|results|datetime)\.(?=[A-Z])", "", _help.annotation(str(annotation)))
    parts = [
        PLACES.link(part, page) or part.replace("[", "\\[").replace("]", "\\]").replace("|", "&#124;")
        for part in re.split(r"(\w+)", words)
    ]
    return cell("".join(parts))


def default_of(field: griffe.Attribute) -> str:
    """Return a sentence with the default of a field of attrs; nothing where it is None, or not a plain value."""
    found = ast.parse(str(field.value or None), mode="eval").body
    if isinstance(found, ast.Call):
        found = next((keyword.value for keyword in found.keywords if keyword.arg == "default"), ast.Constant(None))
    is_plain = all(
        isinstance(node, ast.Constant | ast.operator | ast.BinOp | ast.expr_context) for node in ast.walk(found)
    )
    value = ast.unparse(found)
    return f" Default: `{value}`." if is_plain and value not in {"None", "..."} else ""


def table(
    heading: str, members: list[griffe.Attribute], page: str, addition: Callable[[griffe.Attribute], str] = lambda _: ""
) -> list[str]:
    """Return a table of fields with their types and meanings, to each of which *addition* adds."""
    if not members:
        return []
    rows = [
        f"| `{each.name}` | {typed(each.annotation or '', page)} | {cell(text(each, page) + addition(each))} |"
        for each in members
    ]
    head = [f"| {heading} | type | meaning |", "| --- | --- | --- |"]
    return ['<div class="fields" markdown>', "", *head, *rows, "", "</div>", ""]


def signature(method: griffe.Function, call: str) -> str:
    """Return how a function or method is called."""
    parts, keyword_only = [], False
    for parameter in method.parameters:
        if parameter.name in {"self", "cls"}:
            continue
        if parameter.kind is griffe.ParameterKind.keyword_only and not keyword_only:
            parts.append("*")
            keyword_only = True
        if parameter.kind is griffe.ParameterKind.var_keyword:
            parts.append(f"**{parameter.name}")
        elif parameter.kind is griffe.ParameterKind.var_positional:
            parts.append(f"*{parameter.name}: {parameter.annotation}")
            keyword_only = True
        else:
            default = "" if parameter.default is None else f" = {parameter.default}"
            if re.search(r"\b_[A-Z]", default):
                default = " = …"  # a name that is not public
            parts.append(f"{parameter.name}: {parameter.annotation}{default}")
    awaited = "await " if "async" in method.labels or str(method.returns).startswith(("Awaitable", "Coroutine")) else ""
    one = f"{awaited}{call}({', '.join(parts)})"
    return one if len(one) <= 100 else f"{awaited}{call}(\n" + "".join(f"    {part},\n" for part in parts) + ")"
