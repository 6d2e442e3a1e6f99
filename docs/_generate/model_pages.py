"""The pages of the models of each family, and the list of all of them."""

from __future__ import annotations

from collections.abc import Iterator

import griffe
from code_objects import MODELS, PLACES, model_classes, models, public, table, text


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
        lines += [f"## {cls.name}\n", text(cls, page) + "\n"]
        is_enum = any("OpenEnum" in str(base) for base in cls.bases)
        lines += table("value" if is_enum else "field", list(fields(cls)), page)
    return "\n".join(lines)


def rank(cls: griffe.Class) -> int:
    """Return the place of a class on its page: records first, and last what single tools take."""
    if any(str(base).endswith("SyncedRecord") for base in cls.bases):
        return 0
    return 2 if cls.module.name == "remote_fields" else 1


def index_page() -> str:
    """Return the list of all models."""
    lines = ["# All models\n", "Frozen attrs classes; see [records, times and fields](../../concepts/data.md).\n"]
    for module, title in MODELS.items():
        names = sorted(name for name, (home, _) in models().items() if home == module)
        links = ", ".join(f"[{name}]({module}.md#{name.lower()})" for name in names)
        lines += [f"## {title} models\n", links + "\n"]
    return "\n".join(lines)
