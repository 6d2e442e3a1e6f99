"""The pages of the models of each family, and the list of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import griffe
from code_objects import FAMILIES, MODELS, PLACES, model_classes, models, models_in, public, table, text
from method_pages import methods_of, operation_of


def page_of(module: str) -> str:
    """Return the page of the models of a family."""
    return f"reference/models/{module}.md"


def add_places() -> None:
    """Record where each model is described."""
    for name, (module, _) in models().items():
        PLACES.add(name, page_of(module))


def fields(cls: griffe.Class) -> Iterator[griffe.Attribute]:
    """Yield the fields of a class: those of its bases that it does not declare itself, then its own."""
    own = list(public(cls, griffe.Attribute))
    seen = {attribute.name for attribute in own}
    for base in cls.bases:
        name = str(base).rpartition(".")[2]
        # A base that is not public is in the same module.
        found = models()[name][1] if name in models() else cls.module.members.get(name)
        if isinstance(found, griffe.Class):
            for attribute in fields(found):
                if attribute.name not in seen:
                    seen.add(attribute.name)
                    yield attribute
    yield from own


def model_page(module: str) -> str:
    """Return the page of one module of models."""
    page = page_of(module)
    lines = [
        f"# {MODELS[module]} models\n",
        f"Import them from `kombo_async.models.{module}` or `kombo_async.models`.\n",
    ]
    for cls in sorted(model_classes(module), key=rank):
        lines += [f"## {cls.name}\n", text(cls, page) + "\n", *methods_with(cls.name)]
        is_enum = any("OpenEnum" in str(base) for base in cls.bases)
        lines += table("value" if is_enum else "field", list(fields(cls)), page)
    return "\n".join(lines)


@cache
def methods_by_model() -> dict[str, dict[str, list[str]]]:
    """Return by model: links to the methods that list it, return it otherwise, and take it."""
    found: dict[str, dict[str, list[str]]] = {}
    for module in FAMILIES:
        for prefix, _, methods in methods_of(module):
            for method in methods:
                if prefix == "task" or operation_of(method, module) is None:
                    continue
                link = f"[{prefix}.{method.name}](../methods/{module}.md#{method.name})"
                how = "Listed by" if method.name.startswith("iter_") else "Returned by"
                for name in models_in(method.returns):
                    found.setdefault(name, {}).setdefault(how, []).append(link)
                for name in dict.fromkeys(name for each in method.parameters for name in models_in(each.annotation)):
                    found.setdefault(name, {}).setdefault("Taken by", []).append(link)
    return found


def methods_with(name: str) -> list[str]:
    """Return a list of the methods of a model."""
    found = methods_by_model().get(name, {})
    return [*(f"- {how} {', '.join(links)}" for how, links in found.items()), ""] if found else []


def rank(cls: griffe.Class) -> tuple[int, int]:
    """Return the place of a class on its page: records in the order of their methods, last what single tools take."""
    if any(str(base).endswith("SyncedRecord") for base in cls.bases):
        return 0, [*methods_by_model(), cls.name].index(cls.name)
    return (2 if cls.module.name == "remote_fields" else 1), 0


def index_page() -> str:
    """Return the list of all models."""
    lines = ["# All models\n", "Frozen attrs classes; see [records, times and fields](../../concepts/data.md).\n"]
    lines += ["## What lists return\n"]
    # The models of all tools are few, and known from the first page.
    for module, title in sorted(MODELS.items(), key=lambda item: item[0] == "general"):
        listed = {
            name: methods["Listed by"]
            for name, methods in methods_by_model().items()
            if "Listed by" in methods and models()[name][0] == module
        }
        if listed:
            lines += [f"| {title} model | the method that lists it |", "| --- | --- |"]
            lines += [f"| [{name}]({module}.md#{name.lower()}) | {', '.join(by)} |" for name, by in listed.items()]
            lines.append("")
    for module, title in MODELS.items():
        names = sorted(name for name, (home, _) in models().items() if home == module)
        links = ", ".join(f"[{name}]({module}.md#{name.lower()})" for name in names)
        lines += [f"## All {title} models\n", links + "\n"]
    return "\n".join(lines)
