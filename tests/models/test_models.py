"""The models hold what Kombo sends, in all the shapes its documents show and some they do not."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import pickle
import pkgutil
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

import attrs
import msgspec
import pytest
from msgspec import UnsetType

from kombo_async import Page, Reply, models
from kombo_async.engine import codec
from kombo_async.engine.rows import decoder
from kombo_async.models import common
from kombo_async.models.common import File, IntegrationFieldType, OpenEnum, SyncedRecord
from kombo_async.models.custom import EauReport
from kombo_async.models.general import (
    ApiKeyInfo,
    CoverageStatus,
    CustomField,
    Integration,
    IntegrationField,
    IntegrationStatus,
    MultipartField,
    PassthroughResponse,
    SyncTrigger,
    SyncType,
    Tool,
)
from kombo_async.models.hris import BalanceUnit, Employee, EmploymentStatus, Gender, PayPeriod

from ..support.for_each import for_each
from ..support.model_examples import full, minimal
from ..support.openapi.spec import operations

T = TypeVar("T")

FOLDER = Path(common.__file__).parent
MODULES = [import_module(module.name) for module in pkgutil.walk_packages([str(FOLDER)], "kombo_async.models.")]


def is_request(cls: type[Any]) -> bool:
    """Whether *cls* is made by the caller: it can leave things out, or take any sequence."""
    return any(UnsetType in get_args(hint) or get_origin(hint) is Sequence for hint in get_type_hints(cls).values())


CLASSES = [
    cls
    for module in MODULES
    for cls in vars(module).values()
    if inspect.isclass(cls) and cls.__module__ == module.__name__
]
MODELS = [cls for cls in CLASSES if attrs.has(cls)]
ANSWERS = [cls for cls in MODELS if not is_request(cls)]
ENUMS = [cls for cls in CLASSES if issubclass(cls, OpenEnum) and cls is not OpenEnum]


def decode(kind: type[T], data: object) -> T:
    return decoder(kind).decode(json.dumps(data))


def lists(model: type[Any]) -> list[str]:
    """The fields of *model* that are lists in JSON."""
    return [name for name, value in full(model).items() if isinstance(value, list)]


SYNCED_MODELS = [cls for cls in MODELS if issubclass(cls, SyncedRecord)]
MODELS_WITH_LISTS = [model for model in ANSWERS if lists(model)]


def integration(**changes: Any) -> dict[str, Any]:
    field = {"id": "ssn", "is_available": False, "coverage_status": "SUPPORTED"}
    offer = {
        "is_available": True,
        "coverage_status": "SUPPORTED",
        "scope_config_setting": "ENABLED",
        "opted_out_by_customer": False,
    }
    choice = {"scope_config_setting": "OPTIONAL", "opted_out_by_customer": True}
    return {
        "id": "hibob:5mQtR8wYc3VnKx7LzDpJbGhe",
        "tool": {
            "id": "hibob",
            "label": "HiBob",
            "internal_label": "HiBob (service user)",
            "logo_url": "https://assets.example.com/hibob/logo.svg",
            "icon_url": "https://assets.example.com/hibob/icon.svg",
        },
        "category": "HRIS",
        "status": "ACTIVE",
        "setup_status": "COMPLETED",
        "end_user": {"organization_name": "Tannenhof GmbH", "creator_email": None, "origin_id": "tenant-12"},
        "scope_config": {"id": "Yb2Nf6", "name": None},
        "data_expired_at": "2026-02-01T08:30:00.000Z",
        "created_at": "2024-11-05T09:15:22.104Z",
        "beta": False,
        "read_models": [{"id": "hris_employees", "label": "Employees", **offer, "fields": [field | choice]}],
        "write_actions": [{"id": "hris_create_absence", "label": "Absence", **offer, "fields": [field]}],
    } | changes


def without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in keys}


def test_classes_under_test_are_found() -> None:
    assert {Employee, Integration, PassthroughResponse} <= set(MODELS)
    assert {Gender, IntegrationStatus, IntegrationFieldType} <= set(ENUMS)
    assert lists(Integration) == ["read_models", "write_actions"]


class TestEveryModel:
    @pytest.mark.parametrize("build", [minimal, full])
    @for_each("model", MODELS)
    def test_instance_survives_json_pickle_and_copy(self, model: type[Any], build: Any) -> None:
        instance = decode(model, build(model))

        for twin in (
            pickle.loads(pickle.dumps(instance)),
            copy.copy(instance),
            copy.deepcopy(instance),
            attrs.evolve(instance),
            decode(model, json.loads(msgspec.json.encode(instance))),
        ):
            assert type(twin) is model
            assert twin == instance

    @for_each("model", MODELS)
    def test_encoding_reverses_decoding(self, model: type[Any]) -> None:
        assert json.loads(msgspec.json.encode(decode(model, full(model)))) == full(model)

    @for_each("model", ANSWERS)
    def test_builtins_are_in_the_order_of_fields(self, model: type[Any]) -> None:
        instance = decode(model, full(model))
        plain = codec.to_builtins(instance)
        expected = full(model)["raw"] if model.__name__.startswith("Unknown") else full(model)
        assert json.dumps(plain) == json.dumps(expected)

    @for_each("model", MODELS)
    def test_unknown_keys_are_ignored(self, model: type[Any]) -> None:
        assert decode(model, full(model) | {"added_by_kombo": {"next": "year"}}) == decode(model, full(model))

    @for_each("model", MODELS)
    def test_class_is_frozen_slotted_and_keyword_only(self, model: type[Any]) -> None:
        instance = decode(model, full(model))
        first = attrs.fields(model)[0].name

        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(instance, first, None)
        assert not hasattr(instance, "__dict__")
        with pytest.raises(TypeError, match="positional"):
            model("text")

    @for_each("model", MODELS_WITH_LISTS)
    def test_lists_are_tuples_and_never_none(self, model: type[Any]) -> None:
        filled, bare = decode(model, full(model)), decode(model, minimal(model))

        for name in lists(model):
            assert isinstance(getattr(filled, name), tuple), name
            assert getattr(bare, name) == (), name


class TestDocstrings:
    @for_each("module", MODULES)
    def test_every_class_field_member_and_method_has_a_docstring(self, module: Any) -> None:
        tree = ast.parse(inspect.getsource(module))
        missing = [
            f"{cls.name}.{name}" if name else cls.name
            for cls in tree.body
            if isinstance(cls, ast.ClassDef)
            for name in undocumented(cls)
        ]
        assert ast.get_docstring(tree)
        assert missing == []

    def test_check_finds_missing_docstrings(self) -> None:
        source = """
class A:
    x: int
    'Described.'
    y: int
    B = 1
    def c(self): ...
    def _d(self): ...
"""
        (cls,) = ast.parse(source).body
        assert isinstance(cls, ast.ClassDef)
        assert list(undocumented(cls)) == ["", "y", "B", "c"]


def undocumented(cls: ast.ClassDef) -> list[str]:
    """The names in *cls* that lack a docstring, and an empty one if the class itself lacks it."""
    found = [] if ast.get_docstring(cls) else [""]
    for statement, after in zip(cls.body, [*cls.body[1:], ast.Pass()], strict=True):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                described = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            case ast.FunctionDef(name=name):
                described = ast.get_docstring(statement) is not None
            case _:
                continue
        if not described and not name.startswith("_"):
            found.append(name)
    return found


class TestOpenEnums:
    @for_each("kind", ENUMS)
    def test_known_value_is_a_member_and_equals_its_string(self, kind: type[OpenEnum]) -> None:
        for member in kind:
            assert decode(kind, member.value) is member
            assert member == member.value
            assert {member: 1}[member.value] == 1  # type: ignore[index]
            assert member.is_known

    @for_each("kind", ENUMS)
    def test_unknown_value_is_kept(self, kind: type[OpenEnum]) -> None:
        value = decode(kind, "im Sabbatical")

        assert isinstance(value, kind)
        assert value == "im Sabbatical" == str(value) == value.name == value.value
        assert not value.is_known
        assert json.loads(msgspec.json.encode(value)) == "im Sabbatical"
        for twin in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
            assert isinstance(twin, kind)
            assert twin == value
            assert not twin.is_known

    @for_each("kind", ENUMS)
    def test_unknown_value_is_not_cached(self, kind: type[OpenEnum]) -> None:
        members = list(kind)
        first, second = kind("im Sabbatical"), kind("im Sabbatical")

        assert first is not second
        assert list(kind) == members
        assert "im Sabbatical" not in kind.__members__

    def test_value_that_is_not_a_string_is_refused(self) -> None:
        with pytest.raises(ValueError, match="7 is not a valid"):
            IntegrationStatus(7)  # type: ignore[arg-type]
        with pytest.raises(msgspec.ValidationError):
            decode(IntegrationStatus, 7)


class TestIntegration:
    def test_integration_is_decoded(self) -> None:
        read = decode(Integration, integration())

        assert (read.tool.label, read.status, read.end_user.origin_id) == ("HiBob", "ACTIVE", "tenant-12")
        assert read.created_at == datetime.fromisoformat("2024-11-05T09:15:22.104+00:00")
        (model,) = read.read_models
        assert model.is_available
        assert model.fields[0].opted_out_by_customer
        assert read.write_actions[0].fields[0].coverage_status is CoverageStatus.SUPPORTED

    def test_integration_of_older_documentation_is_decoded(self) -> None:
        read = decode(Integration, without(integration(), "data_expired_at", "write_actions"))

        assert read.data_expired_at is None
        assert read.write_actions == ()
        assert read.read_models[0].id == "hris_employees"

    def test_integration_with_unknown_enum_values_is_decoded(self) -> None:
        data = integration(category="CRM", status="PAUSED")
        data["read_models"][0]["scope_config_setting"] = "ASK"
        read = decode(Integration, data)

        assert (read.category, read.status) == ("CRM", "PAUSED")
        assert not read.status.is_known
        assert read.read_models[0].scope_config_setting == "ASK"

    def test_integration_without_status_is_refused(self) -> None:
        with pytest.raises(msgspec.ValidationError, match="status"):
            decode(Integration, without(integration(), "status"))


class TestFields:
    GUIDE: ClassVar[dict[str, Any]] = {
        "id": "7TnWc4",
        "key": "custom_4711",
        "model": "hris_employees",
        "type": "CUSTOM",
        "label": None,
        "is_passthrough_enabled": True,
    }

    def test_integration_field_without_is_writable_is_decoded(self) -> None:
        field = decode(IntegrationField, self.GUIDE)

        assert field.is_writable is False
        assert field.label is None
        assert field.type is IntegrationFieldType.CUSTOM

    def test_integration_field_without_passthrough_flag_is_refused(self) -> None:
        with pytest.raises(msgspec.ValidationError, match="is_passthrough_enabled"):
            decode(IntegrationField, without(self.GUIDE, "is_passthrough_enabled"))

    def test_custom_field_may_be_mapped_or_not(self) -> None:
        bare = {"id": "c1", "key": "shirt", "model": "hris_employees", "label": None, "description": None}
        source = {"id": "7TnWc4", "key": "custom_4711", "type": "CUSTOM", "label": "Shirt size"}

        assert decode(CustomField, bare | {"integration_field": None}).integration_field is None
        mapped = decode(CustomField, bare | {"integration_field": source}).integration_field
        assert mapped is not None
        assert (mapped.key, mapped.label) == ("custom_4711", "Shirt size")


class TestEmployee:
    def test_nested_records_are_decoded(self) -> None:
        read = decode(
            Employee,
            {
                "id": "e1",
                "weekly_hours": 40,
                "employment_status": "ACTIVE",
                "employments": [{"id": "m1", "pay_rate": 61500, "pay_period": "YEAR", "integration_fields": None}],
                "time_off_balances": [{"id": "b1", "balance": 12.5, "balance_unit": "DAYS"}],
                "bank_accounts": [{"domestic_bank_routing": {"number": "01-23-45", "type": None}}],
                "groups": [{"id": "g1", "name": "Werk Süd", "type": "COST_CENTER"}],
                "manager": {"id": "e2", "employment_status": "gekündigt"},
                "home_address": {"city": "Graz", "country": "AT"},
                "custom_fields": {"shirt": "L", "parking": {"level": -1}},
                "integration_fields": [
                    {"id": "1", "key": "a", "type": "CUSTOM", "value": "text", "label": "A"},
                    {"id": "2", "key": "b", "type": "DEFAULT", "value": 3.5, "label": None},
                    {"id": "3", "key": "c", "type": "DEFAULT", "value": {"deep": [1]}},
                    {"id": "4", "key": "d", "type": "DEFAULT"},
                ],
            },
        )

        assert read.employment_status is EmploymentStatus.ACTIVE
        assert isinstance(read.weekly_hours, float)
        assert read.employments[0].pay_period is PayPeriod.YEAR
        assert read.employments[0].integration_fields == ()
        assert read.time_off_balances[0].balance_unit is BalanceUnit.DAYS
        routing = read.bank_accounts[0].domestic_bank_routing
        assert routing is not None
        assert routing.number == "01-23-45"
        assert read.manager is not None
        assert read.manager.employment_status == "gekündigt"
        assert [field.value for field in read.integration_fields] == ["text", 3.5, {"deep": [1]}, None]

    def test_anonymised_employee_has_only_its_id(self) -> None:
        names = [field.name for field in attrs.fields(Employee)]
        read = decode(Employee, dict.fromkeys(names) | {"id": "e1"})

        assert read == Employee(id="e1")
        assert {value for name, value in attrs.asdict(read).items() if name != "id"} == {None, ()}

    def test_employee_without_id_is_refused(self) -> None:
        with pytest.raises(msgspec.ValidationError, match="id"):
            decode(Employee, {"id": None})

    def test_birthday_is_midnight_utc(self) -> None:
        born = decode(Employee, {"id": "e1", "date_of_birth": "1991-01-01T00:00:00.000Z"}).date_of_birth

        assert born is not None
        assert born.utcoffset() == timedelta(0)
        assert born.date() == date(1991, 1, 1)

    def test_repr_hides_sensitive_values(self) -> None:
        read = decode(
            Employee,
            {
                "id": "e1",
                "ssn": "SECRET-1",
                "tax_id": "SECRET-2",
                "remote_data": {"/people": "SECRET-3"},
                "bank_accounts": [{"iban": "SECRET-4", "account_number": "SECRET-5"}],
            },
        )
        assert read.ssn == "SECRET-1"
        shown = repr(read)
        assert "e1" in shown
        assert "SECRET" not in shown
        # It can be seen that there is something.
        assert "ssn=<hidden>, tax_id=<hidden>" in shown
        assert "iban=<hidden>" in shown
        assert "remote_data=<hidden>" in shown
        assert "ssn=None" in repr(Employee(id="e1"))

    @pytest.mark.parametrize(
        "made",
        [
            models.Link(link="https://x/SECRET"),
            models.ConnectionLink(link="https://x/SECRET"),
            models.PassthroughResponse(
                url="u", status=200, headers={"Set-Cookie": "SECRET"}, data=[{"name": "SECRET"}]
            ),
            models.ScreeningAnswer(question_id="q", answer="SECRET"),
            models.FormAnswer(question_id="q", answer="SECRET"),
        ],
    )
    def test_repr_hides_links_and_bulk(self, made: object) -> None:
        assert "SECRET" not in repr(made)
        assert "=<hidden>" in repr(made)


class TestPassthroughResponse:
    @pytest.mark.parametrize("data", [None, "<xml/>", 7, True, [1, "a"], {"a": None}])
    def test_passthrough_body_may_be_any_json(self, data: object) -> None:
        reply = {"url": "https://tool.example.com/v1/people", "status": 200, "headers": {}, "data": data}
        assert decode(PassthroughResponse, reply).data == data

    def test_passthrough_response_may_lack_a_body_and_repeat_headers(self) -> None:
        headers = {"Content-Type": "text/plain", "set-cookie": ["a=1", "b=2"]}
        read = decode(PassthroughResponse, {"url": "https://tool.example.com", "status": 204, "headers": headers})

        assert read.data is None
        assert read.headers == {"Content-Type": "text/plain", "set-cookie": ("a=1", "b=2")}
        assert read.header("content-type") == "text/plain"
        assert read.header("Set-Cookie") == "a=1, b=2"
        assert read.header("Retry-After") is None

    @pytest.mark.parametrize(
        ("status", "success"),
        [(199, False), (200, True), (204, True), (299, True), (300, False), (404, False)],
    )
    def test_passthrough_success_is_2xx(self, status: int, success: bool) -> None:
        assert PassthroughResponse(url="", status=status, headers={}).is_success is success


class TestFile:
    def test_bytes_are_sent_as_base64(self) -> None:
        cv = File(name="cv.pdf", data=b"%PDF-\xff")

        assert json.loads(msgspec.json.encode(MultipartField(name="file", value=cv))) == {
            "name": "file",
            "value": {"name": "cv.pdf", "content_type": "application/pdf", "data": "JVBERi3/"},
        }

    def test_file_address_is_sent_unchanged(self) -> None:
        photo = File.from_url("https://files.example.com/holiday%20photo?sig=abc")

        assert json.loads(msgspec.json.encode(photo)) == {
            "name": "holiday photo",
            "data_url": "https://files.example.com/holiday%20photo?sig=abc",
        }

    def test_file_from_path_has_name_type_and_content(self, tmp_path: Path) -> None:
        (tmp_path / "cv.txt").write_bytes(b"I can")
        with (tmp_path / "cv.txt").open("rb") as opened:
            read = [
                File.from_path(tmp_path / "cv.txt"),
                File.from_path(str(tmp_path / "cv.txt")),
                File.from_file(opened),
            ]

        assert read == [File(name="cv.txt", content_type="text/plain", data=b"I can")] * 3
        assert File.from_file(BytesIO(b"I can"), name="x.txt").data == b"I can"

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: File(name="cv.txt"), ValueError, "either data or data_url"),
            (lambda: File(name="cv.txt", data=b"SECRET", data_url="https://SECRET"), ValueError, "either"),
            (lambda: File(name="cv", data=b"SECRET"), ValueError, "content_type does not follow"),
            (lambda: File(name="cv.txt", data="SECRET"), TypeError, "not str: see File.from_path"),
            (lambda: File.from_url("data:text/plain,SECRET"), ValueError, "begins with http"),
            (lambda: File.from_url("https://files.example.com/"), ValueError, "pass name="),
            (lambda: File.from_url(None), TypeError, "url is a str, not NoneType"),  # type: ignore[arg-type]
            (lambda: File.from_file("/cv.pdf"), TypeError, "see File.from_path"),  # type: ignore[arg-type]
            (lambda: File.from_file(BytesIO(b"SECRET")), ValueError, "pass name="),
            (lambda: File.from_file(StringIO("SECRET"), name="cv.txt"), TypeError, "mode 'rb'"),
        ],
    )
    def test_misuse_of_files_is_refused_without_the_content(
        self, make: Callable[[], File], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message) as raised:
            make()
        assert "SECRET" not in str(raised.value)

    def test_repr_of_file_hides_content_and_address(self) -> None:
        assert "data=<hidden>, data_url=UNSET" in repr(File(name="cv.txt", data=b"SECRET"))
        assert "data=UNSET, data_url=<hidden>" in repr(
            File(name="cv.txt", data_url="https://files.example.com/cv?sig=1")
        )


class TestHashes:
    def test_records_hash_by_class_and_id(self) -> None:
        old = Employee(id="e1", custom_fields={"shirt": {"size": [1]}}, remote_data={})
        new = Employee(id="e1", first_name="Ada")
        assert hash(old) == hash(new)
        assert {old, new, Employee(id="e1", first_name="Ada")} == {old, new}
        assert len({Employee(id="e1"), models.Group(id="e1")}) == 2

    def test_hashability_does_not_depend_on_data(self) -> None:
        decided = {}
        for name in models.__all__:
            kind = getattr(models, name)
            if attrs.has(kind):
                decided[kind] = kind.__hash__ is not None
                assert decided[kind] == any(field.name == "id" for field in attrs.fields(kind)), name
        assert {True, False} == set(decided.values())
        assert len(decided) > 250

    @pytest.mark.parametrize(
        "made",
        [
            models.Address(city="Berlin"),
            Page((Employee(id="e1"),), None, None),
            Reply(None, (), 200, {}),
        ],
        ids=lambda made: type(made).__name__,
    )
    def test_model_without_id_is_unhashable(self, made: object) -> None:
        with pytest.raises(TypeError, match=f"unhashable type: '{type(made).__name__}'"):
            hash(made)


def test_both_forms_of_the_key_check_are_decoded() -> None:
    assert decode(ApiKeyInfo, {"environment_id": "env"}).customer_id is None
    assert decode(ApiKeyInfo, {"environment_id": "env", "customer_id": "env"}).customer_id == "env"


def test_sync_trigger_has_the_type_that_runs() -> None:
    read = decode(SyncTrigger, {"already_queued": True, "sync_id": "s1", "type": "DELTA"})
    assert (read.already_queued, read.type) == (True, SyncType.DELTA)


def test_coverage_of_a_tool_is_decoded() -> None:
    covered = {"id": "hris_absences", "label": "Absences", "coverage_status": "NOT_IMPLEMENTED", "fields": []}
    read = decode(
        Tool,
        {
            "id": "hibob",
            "label": "HiBob",
            "internal_label": None,
            "assets": {"logo_url": "a", "icon_url": "b", "icon_black_url": "c"},
            "paid_api_details_markdown": "Costs **extra**.",
            "fast_track_details_markdown": None,
            "partner_only_details_markdown": None,
            "connection_guide_url": None,
            "coverage": {"read_models": [covered], "write_actions": [], "features": []},
        },
    )
    assert read.coverage.read_models[0].coverage_status is CoverageStatus.NOT_IMPLEMENTED
    assert read.coverage.features == ()
    assert read.paid_api_details_markdown == "Costs **extra**."


def test_class_names_are_unique_and_importable_from_models() -> None:
    assert len(models.__all__) == len(set(models.__all__))
    assert {cls.__name__ for cls in CLASSES} - {"EnumOrStr", "OpenMapping"} <= set(models.__all__) | {
        cls.__name__ for cls in CLASSES if cls.__name__.startswith("_")
    }
    for name in models.__all__:
        # At run time, `JobStatusOrStr` is `JobStatus`.
        assert getattr(models, name).__name__ in {name, name.removesuffix("OrStr")}
    with pytest.raises(AttributeError, match="has no attribute 'Nobody'"):
        models.Nobody  # noqa: B018


JSON_VALUES = [None, {}, {"a": [1.5]}, [], ["a"], "text", "", 5, 1.5, True]


@pytest.mark.parametrize("name", ["custom_fields", "remote_data"])
def test_free_form_fields_take_any_json(name: str) -> None:
    free_form = [model for model in ANSWERS if name in {field.name for field in attrs.fields(model)}]
    assert Employee in free_form
    for model in free_form:
        for value in JSON_VALUES:
            assert getattr(decode(model, minimal(model) | {name: value}), name) == value


def test_days_of_datev_reports_are_texts() -> None:
    report = full(EauReport)
    for text in ("2026-03-09", "09.03.2026", ""):
        report["start_work_incapacity"] = text
        (feedback,) = report["feedbacks_from_health_insurance"]
        feedback["incapacity_for_work"] = dict.fromkeys(feedback["incapacity_for_work"], text) | {
            "flag_current_work_incapacity": 2,
            "accident_at_work": False,
            "assignment_accident_insurance_doctor": False,
            "other_accident": False,
            "initial_certificate": True,
        }
        assert json.loads(msgspec.json.encode(decode(EauReport, report))) == report


class TestSyncedRecords:
    """The base of the records that Kombo copies from the tools."""

    SYNCED: ClassVar[dict[str, type[Any]]] = {
        operation.name: operation.response_type
        for operation in operations().values()
        if operation.filters is not None and "updated_after" in get_type_hints(operation.filters)
    }

    def test_lists_with_updated_after_return_synced_records(self) -> None:
        assert [name for name, model in self.SYNCED.items() if not issubclass(model, SyncedRecord)] == []
        assert {"iter_employees", "iter_jobs", "iter_payslips", "iter_courses"} <= self.SYNCED.keys()

    @for_each("model", SYNCED_MODELS)
    def test_fields_are_those_of_the_base_or_have_its_default(self, model: type[SyncedRecord]) -> None:
        record = decode(model, {"id": "a"})
        assert [record.id, record.remote_id, record.changed_at, record.remote_deleted_at] == ["a", None, None, None]
        assert [record.custom_fields, record.integration_fields, record.remote_data] == [None, (), None]
        hints, base = get_type_hints(model, include_extras=True), get_type_hints(SyncedRecord, include_extras=True)
        own = {field.name for field in attrs.fields(model)}
        assert {"id", "remote_id", "changed_at", "remote_deleted_at"} <= own
        assert [
            name for name in base if name in own and name != "integration_fields" and hints[name] != base[name]
        ] == []
        # A base with fields of attrs would put these first, and not where Kombo has them.
        assert SyncedRecord.__slots__ == ()
        assert not attrs.has(SyncedRecord)
