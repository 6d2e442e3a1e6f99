"""What `help()` and `?` show: endpoints, filters, fields and errors; and what editors complete."""

from __future__ import annotations

import ast
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import kombo_async
from kombo_async import KomboClient, Limits, RetryPolicy, Timeouts, _help, errors, events, json, models
from kombo_async.mirror import Change, ModelStatus, RefreshResult, Schedule
from kombo_async.models import OpenEnum
from kombo_async.sandbox import SandboxConfig

from ..support.for_each import for_each

CLIENT = KomboClient("ks_test")
FAMILIES = [
    *(CLIENT, CLIENT.hris, CLIENT.ats, CLIENT.assessment, CLIENT.lms, CLIENT.ai_apply, CLIENT.connect),
    *(CLIENT.custom.datev, CLIENT.custom.silae, CLIENT.custom.avionte),
]
METHODS = {
    f"{type(family).__name__}.{name}": method
    for family in FAMILIES
    for name, method in inspect.getmembers(family, inspect.ismethod)
    if _help.operation_of(method.__func__) is not None
}
CLASSES = [getattr(models, name) for name in models.__all__]
OTHERS = [Timeouts, RetryPolicy, Limits, Schedule, Change, RefreshResult, ModelStatus, SandboxConfig]
MODELS = [cls for cls in [*CLASSES, *OTHERS] if attrs.has(cls)]
ENUMS = [cls for cls in CLASSES if issubclass(cls, OpenEnum) and cls is not OpenEnum]


def shown(documented: object) -> str:
    """What `help()` shows, without its frame."""
    return pydoc.render_doc(documented, renderer=pydoc.plaintext)


def test_methods_of_all_operations_are_found() -> None:
    assert len(METHODS) == 130


@for_each("name", METHODS)
def test_help_of_a_method_shows_endpoint_filters_fields_and_errors(name: str) -> None:
    method = METHODS[name]
    operation, text = _help.operation_of(method.__func__), inspect.getdoc(method)
    assert text is not None
    assert text.startswith(inspect.cleandoc(_help.original_doc(method)))
    assert f"\n{operation.method} {operation.path}\n" in text
    for keyword in operation.filters.__annotations__ if operation.filters else ():
        assert f"\n    {keyword}: " in text
    for cls in (operation.response_type, operation.body):
        if attrs.has(cls) and not cls.__name__.startswith("_"):
            fields = [field.name for field in attrs.fields(cls)]
            assert f"kombo_async.models.{cls.__name__}: {', '.join(fields)}" in " ".join(text.split())
            assert hasattr(models, cls.__name__)
    assert "AuthenticationInvalidError" in text
    assert ("OutcomeUnknownError" in text) is (not operation.idempotent)
    assert text.splitlines()[-1].endswith(f".html#{method.__name__}")


def test_help_explains_filters_fields_and_the_kinds_of_errors() -> None:
    text = shown(CLIENT.hris.iter_employees)
    assert "Only people in one of these states; everybody where left out." in text
    # From Python 3.13 on, each parameter has a line of its own.
    assert "employment_statuses: 'Sequence[EmploymentStatus | str]' = <left out>," in text
    assert "of a synced list: IntegrationSetupSyncPendingError" in text
    assert "of an action: ConcurrencyLimitExceededError" in shown(CLIENT.hris.create_absence)
    assert "of this method: HRISEmployeeAlreadyExistsError" in shown(CLIENT.hris.create_employee_with_form)


def test_names_of_errors_exist() -> None:
    for method in METHODS.values():
        groups = _help.errors_of(_help.operation_of(method.__func__), _help.original_doc(method))
        for name in (name for names in groups.values() for name in names):
            assert issubclass(getattr(errors, name), errors.KomboError)


@for_each("name", METHODS)
def test_signature_of_a_list_has_a_keyword_for_each_filter(name: str) -> None:
    method = METHODS[name]
    operation, signature = _help.operation_of(method.__func__), inspect.signature(method)
    assert "self" not in signature.parameters
    assert not any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values())
    if operation.filters is not None:
        assert set(operation.filters.__annotations__) <= set(signature.parameters)
        with pytest.raises(TypeError):
            signature.bind(no_such_filter=1)


def test_lazy_signature_behaves_as_a_plain_one() -> None:
    lazy = vars(kombo_async.types.Hris)["iter_employees"].__signature__
    plain = lazy.replace()
    assert type(plain) is inspect.Signature
    assert lazy == plain
    assert str(lazy) == str(plain)
    assert lazy.bind(None, ids=["a"]).arguments == {"self": None, "ids": ["a"]}


def test_help_of_a_model_explains_each_field() -> None:
    assert len(MODELS) > 300
    for cls in MODELS:
        text, docs = inspect.getdoc(cls), _help.attribute_docs(cls)
        assert text is not None
        for name in (field.name for field in attrs.fields(cls) if not field.name.startswith("_")):
            assert f"\n    {name}: " in text, cls
            assert docs[name]
        assert "OrStr" not in text, cls


def test_help_of_an_enum_explains_each_value() -> None:
    assert len(ENUMS) > 70
    for cls in ENUMS:
        text = inspect.getdoc(cls)
        assert text is not None
        assert list(_help.attribute_docs(cls)) == list(cls.__members__), cls
        assert all(f"\n    {name}\n" in text for name in cls.__members__), cls


def test_help_of_errors_and_events_explains_their_attributes() -> None:
    text = shown(errors.RateLimitExceededError)
    assert "Kombo's code: PLATFORM.RATE_LIMIT_EXCEEDED" in text
    assert errors.RateLimitExceededError("x").docs_url in text
    assert "Seconds to wait, as the server said" in text
    assert "wait: float" in shown(events.Throttled)
    assert "Seconds since the call began." in shown(events.Throttled)


class OwnError(errors.RateLimitExceededError):
    """An error of a user."""

    def __init__(self, needed: int) -> None:
        super().__init__(str(needed))


def test_errors_of_users_have_the_page_of_their_base() -> None:
    assert OwnError(1).docs_url.endswith("/reference/errors.html#ratelimitexceedederror")
    assert "An error of a user." in shown(OwnError)


def test_docstrings_are_completed_only_where_they_are_read_by_people() -> None:
    doc = models.Employee.__doc__
    assert isinstance(doc, _help.LazyDoc)
    assert "Fields:" in str(doc)
    assert "Fields:" not in f"{doc:s}"
    description = json.schema(models.Employee)["$defs"]["Employee"]["description"]
    assert "Fields:" not in description
    assert "\n " not in description


def test_help_works_without_docstrings_and_sources() -> None:
    program = """
import inspect
from kombo_async import KomboClient, models

def no_source(module):
    raise OSError("could not get source code")

inspect.getsource = no_source
print(inspect.getdoc(KomboClient("k").hris.iter_employees), inspect.getdoc(models.Employee))
"""
    done = subprocess.run([sys.executable, "-OO", "-c", program], check=True, capture_output=True, text=True)
    assert {"GET /hris/employees", "    employment_statuses: Sequence[EmploymentStatus | str]"} <= set(
        done.stdout.splitlines()
    )
    assert "\n    work_email: str | None\n" in done.stdout


def test_editors_are_offered_each_value_of_an_enum() -> None:
    found: dict[str, tuple[str, ...]] = {}
    for path in (Path(kombo_async.__file__).parent / "models").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Subscript(
                        value=ast.Name(id="EnumOrStr"),
                        slice=ast.Tuple(elts=[ast.Name(id=enum), ast.Subscript(slice=values)]),
                    ),
                ):
                    assert name == f"{enum}OrStr"
                    literal = ast.literal_eval(values)
                    found[enum] = literal if isinstance(literal, tuple) else (literal,)
                case _:
                    pass
    assert len(found) == 36
    for enum, strings in found.items():
        assert strings == tuple(member.value for member in getattr(models, enum))
