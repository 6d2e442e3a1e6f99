"""The table of mirrored models, against the operations, the models of webhooks and the published description."""

from __future__ import annotations

import typing
from importlib import import_module

import pytest

from kombo_async.engine.operation import Operation
from kombo_async.mirror.mirrored_models import (
    DEPRECATED_TWINS,
    MIRRORED,
    WITHOUT_LIST,
    affected_models,
    check_models,
    model_of,
    models_of,
)
from kombo_async.models.hris import Employee, Group, Skill
from kombo_async.models.webhooks import ChangedModelName

from ..support.openapi.spec import Spec, needed

FAMILIES = ("hris", "ats", "lms", "assessment")


def lists_with_updated_after() -> dict[str, Operation[typing.Any]]:
    return {
        value.path: value
        for family in FAMILIES
        for value in vars(import_module(f"kombo_async.operations.{family}")).values()
        if isinstance(value, Operation) and "updated_after" in typing.get_type_hints(value.filters or dict)
    }


def test_every_list_with_updated_after_is_mirrored_or_a_deprecated_twin() -> None:
    mirrored = {row.operation.path for row in MIRRORED.values()}
    assert mirrored | set(DEPRECATED_TWINS) == set(lists_with_updated_after())
    assert not mirrored & set(DEPRECATED_TWINS)
    assert set(DEPRECATED_TWINS.values()) <= set(MIRRORED)


def test_every_mirrored_list_can_be_asked_for_records_by_id_and_for_deleted_ones() -> None:
    for row in MIRRORED.values():
        filters = typing.get_type_hints(row.operation.filters)
        assert {"ids", "include_deleted", "updated_after"} <= set(filters), row.name
        assert row.operation.page_size == 250, row.name


def test_every_name_in_webhooks_has_a_reader() -> None:
    for name in ChangedModelName:
        family = name.partition("_")[0]
        affected = affected_models([name], models_of(family))
        if name in WITHOUT_LIST:
            assert affected == ()
        else:
            assert affected, name
            assert affected != tuple(sorted(models_of(family))), f"{name} is not in the table"


def test_the_table_names_only_what_webhooks_name() -> None:
    named = set(ChangedModelName)
    for row in MIRRORED.values():
        assert set(row.embeds) <= named, row.name
        assert set(row.nested) <= set(MIRRORED), row.name
        assert row.name in named, row.name


def test_the_published_description_has_the_same_lists_and_names() -> None:
    spec = needed()
    published = {
        path
        for path, methods in spec.document["paths"].items()
        if any(each.get("name") == "updated_after" for each in methods.get("get", {}).get("parameters", ()))
    }
    assert len(published) == 28
    # The official SDK has five more, and a closed beta one.
    newer = {"/hris/pay-runs", "/hris/payslips", "/ats/notes", "/ats/scorecards", "/ats/attachments"}
    newer.add("/hris/skill-proficiency-ratings")
    mirrored = {row.operation.path for row in MIRRORED.values()}
    assert mirrored - newer == published - set(DEPRECATED_TWINS)
    assert len(mirrored - newer) == 26
    assert published_names(spec) <= set(ChangedModelName)


def published_names(spec: Spec) -> set[str]:
    payload = spec.document["components"]["schemas"]["DataChangedWebhookPayload"]["properties"]["data"]["properties"]
    return {name for name in payload["changed_models"]["items"]["properties"]["name"]["enum"] if name is not None}


@pytest.mark.parametrize(
    ("changed", "affected"),
    [
        (["hris_join_employees_teams"], ("hris_employees",)),
        (["hris_employments"], ("hris_employees", "hris_employments")),
        (["hris_teams"], ("hris_staffing_entities", "hris_teams")),
        (["hris_absence_types"], ("hris_absence_types", "hris_absences", "hris_time_off_balances")),
        (["hris_skills"], ()),
        (["hris_timesheets", "hris_something_new"], tuple(sorted(models_of("hris")))),
    ],
)
def test_changed_models_request_the_lists_that_show_them(changed: list[str], affected: tuple[str, ...]) -> None:
    assert affected_models(changed, models_of("hris")) == affected


def test_only_timesheets_have_a_rolling_window() -> None:
    assert [row.name for row in MIRRORED.values() if row.rolling_window] == ["hris_timesheets"]


@pytest.mark.parametrize(
    ("names", "family", "error"),
    [
        (["hris_employes"], None, "hris_employees"),
        (["employees"], "hris", "hris_employees"),
        (["ats_users"], "lms", "not a model of LMS tools: did you mean lms_users"),
        (["hris_groups"], "hris", "no mirrored model"),
        ([], None, "empty"),
    ],
)
def test_wrong_names_are_refused_with_the_nearest_ones(names: list[str], family: str | None, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        check_models(names, family)


def test_one_str_in_place_of_names_is_refused() -> None:
    with pytest.raises(TypeError, match="list of names"):
        check_models("hris_employees")


def test_classes_of_records_name_their_model() -> None:
    assert model_of(Employee) == "hris_employees"
    assert model_of(Group) == "hris_teams"
    with pytest.raises(ValueError, match="Skill"):
        model_of(Skill)
    for name, row in MIRRORED.items():
        assert model_of(row.record_type) == name
