"""The faults as clients describe them: one type for each class method of `Fault`, made of its parameters."""

from __future__ import annotations

import inspect
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, get_args, get_type_hints

from msgspec import Meta, Struct, defstruct
from msgspec.structs import asdict

from ..http.faults import Fault, Method

_Seconds: TypeAlias = Annotated[int, Meta(ge=0, le=3_600)] | Annotated[float, Meta(ge=0, le=3_600)]
_ACCEPTED: dict[str, Any] = {
    "retry_after": _Seconds,
    "reset": _Seconds,
    "seconds": _Seconds,
    "status": Annotated[int, Meta(ge=200, le=599)],
    "redirect.status": Literal[301, 302, 303, 307, 308],
    "limit": Annotated[int, Meta(ge=1, le=1_000_000)],
    "size": Annotated[int, Meta(ge=1, le=1_000_000)],
    "headers": dict[str, str | None],
    "body": str,
    "payload": Any,
}
"""The types of parameters, by name, that are narrower than in Python, or other ones."""


def _kind(name: str) -> type[Struct]:
    """Return the type of a fault, with the parameters of the class method *name*."""
    method = getattr(Fault, name)
    hints, fields = get_type_hints(method), list[Any]()
    for each in inspect.signature(method).parameters.values():
        hint, default = hints[each.name], each.default
        accepted = _ACCEPTED.get(f"{name}.{each.name}", _ACCEPTED.get(each.name, hint))
        hint = accepted | None if NoneType in get_args(hint) else accepted
        if (name, each.name) == ("error", "code"):
            default = "PLATFORM.UNKNOWN_ERROR"
        fields.append((each.name, hint) if default is each.empty else (each.name, hint, default))
    return defstruct(
        f"{name.title().replace('_', '')}Kind",
        fields,
        namespace={"__doc__": inspect.getdoc(method)},
        tag=name,
        tag_field="kind",
        frozen=True,
        forbid_unknown_fields=True,
    )


KINDS = {name: _kind(name) for name, each in vars(Fault).items() if isinstance(each, classmethod)}

if TYPE_CHECKING:
    FaultKind: TypeAlias = Struct
else:
    FaultKind = Union[tuple(KINDS.values())]  # noqa: UP007


def make_fault(kind: Struct) -> Fault:
    """Return the fault that a client described."""
    arguments = asdict(kind)
    if isinstance(arguments.get("body"), str):
        arguments["body"] = arguments["body"].encode()
    fault: Fault = getattr(Fault, str(kind.__struct_config__.tag))(**arguments)
    return fault


class NewFault(Struct, frozen=True, forbid_unknown_fields=True):
    """A fault to apply to the next `times` matching requests."""

    fault: FaultKind
    path: Annotated[str, Meta(pattern="^/", max_length=2_000)] | None = None
    """As after `/v1`, with `*` for any one segment; null for any."""
    method: Method | None = None
    times: Annotated[int, Meta(ge=1, le=2**53)] | None = 1
    """Null for all requests."""
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    """How many matching requests are left alone before."""
