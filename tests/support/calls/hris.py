"""Calls of the HR family that only read; those that change something are in `hris_writes`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from kombo_async.models.hris import GroupType, PerformanceReviewType, StaffingModelType, StaffingStatus

from . import Call

MONDAY = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
SYNCED: dict[str, Any] = {
    "page_size": 50,
    "cursor": None,
    "read_ahead": False,
    "updated_after": MONDAY,
    "include_deleted": True,
    "ignore_unsupported_filters": True,
    "remote_ids": ["17", "18"],
}

READS: list[Call] = [
    Call("hris.iter_employees", lambda c, _: c.hris.iter_employees()),
    Call(
        "hris.iter_employees",
        lambda c, ids: c.hris.iter_employees(
            ids=[ids.employee],
            employment_statuses=["ACTIVE", "LEAVE"],
            group_ids=[ids.group],
            legal_entity_ids=[ids.legal_entity],
            work_location_ids=[ids.location],
            work_emails=["mira.lindqvist@tannenhof.example"],
            personal_emails=["mira@lindqvist.example"],
            custom_fields={"shirt_size": "M"},
            **SYNCED,
        ),
    ),
    Call("hris.iter_employments", lambda c, _: c.hris.iter_employments()),
    Call("hris.iter_employments", lambda c, _: c.hris.iter_employments(ids=["4kTf9Qz2"], **SYNCED)),
    Call("hris.iter_employee_document_categories", lambda c, _: c.hris.iter_employee_document_categories()),
    Call(
        "hris.iter_employee_document_categories",
        lambda c, ids: c.hris.iter_employee_document_categories(ids=[ids.document_category], **SYNCED),
    ),
    Call("hris.iter_groups", lambda c, _: c.hris.iter_groups()),
    Call(
        "hris.iter_groups",
        lambda c, ids: c.hris.iter_groups(
            ids=[ids.group], types=[GroupType.DEPARTMENT, "TEAM", None], name_contains="Field sales", **SYNCED
        ),
    ),
    Call("hris.iter_teams", lambda c, _: c.hris.iter_teams()),
    Call("hris.iter_teams", lambda c, ids: c.hris.iter_teams(ids=[ids.group], **SYNCED)),
    Call("hris.iter_legal_entities", lambda c, _: c.hris.iter_legal_entities()),
    Call(
        "hris.iter_legal_entities",
        lambda c, ids: c.hris.iter_legal_entities(ids=[ids.legal_entity], name_contains="GmbH", **SYNCED),
    ),
    Call("hris.iter_locations", lambda c, _: c.hris.iter_locations()),
    Call(
        "hris.iter_locations",
        lambda c, ids: c.hris.iter_locations(ids=[ids.location], name_contains="Hamburg", **SYNCED),
    ),
    Call("hris.iter_absence_types", lambda c, _: c.hris.iter_absence_types()),
    Call("hris.iter_absence_types", lambda c, ids: c.hris.iter_absence_types(ids=[ids.absence_type], **SYNCED)),
    Call("hris.iter_absences", lambda c, _: c.hris.iter_absences()),
    Call(
        "hris.iter_absences",
        lambda c, ids: c.hris.iter_absences(
            ids=[ids.absence],
            date_from=date(2026, 3, 1),
            date_until=date(2026, 3, 31),
            type_ids=[ids.absence_type],
            employee_id=ids.employee,
            **SYNCED,
        ),
    ),
    Call("hris.iter_time_off_balances", lambda c, _: c.hris.iter_time_off_balances()),
    Call(
        "hris.iter_time_off_balances",
        lambda c, ids: c.hris.iter_time_off_balances(ids=["7mWc3Rb8"], employee_id=ids.employee, **SYNCED),
    ),
    Call("hris.iter_timesheets", lambda c, _: c.hris.iter_timesheets()),
    Call(
        "hris.iter_timesheets",
        lambda c, ids: c.hris.iter_timesheets(
            ids=["7mWc3Rb8"],
            employee_id=ids.employee,
            started_after=MONDAY,
            started_before=datetime(2026, 3, 6, 18, tzinfo=UTC),
            ended_after=date(2026, 3, 2),
            ended_before=date(2026, 3, 7),
            **SYNCED,
        ),
    ),
    Call("hris.iter_performance_review_cycles", lambda c, _: c.hris.iter_performance_review_cycles()),
    Call(
        "hris.iter_performance_review_cycles",
        lambda c, ids: c.hris.iter_performance_review_cycles(ids=[ids.review_cycle], **SYNCED),
    ),
    Call("hris.iter_performance_reviews", lambda c, _: c.hris.iter_performance_reviews()),
    Call(
        "hris.iter_performance_reviews",
        lambda c, ids: c.hris.iter_performance_reviews(
            ids=["2hNs6Lp5"],
            types=[PerformanceReviewType.MANAGER, "SELF"],
            review_cycle_ids=[ids.review_cycle],
            reviewee_ids=[ids.employee],
            **SYNCED,
        ),
    ),
    Call("hris.get_skills", lambda c, _: c.hris.get_skills()),
    Call(
        "hris.get_skills",
        lambda c, ids: c.hris.get_skills(ids=[ids.skill], remote_ids=["SK-4"], name_contains="Weld"),
    ),
    Call("hris.get_employee_skill_assignments", lambda c, _: c.hris.get_employee_skill_assignments()),
    Call(
        "hris.get_employee_skill_assignments",
        lambda c, ids: c.hris.get_employee_skill_assignments(
            ids=[ids.skill_assignment], remote_ids=["SA-9"], employee_ids=[ids.employee], skill_ids=[ids.skill]
        ),
    ),
    Call("hris.iter_skill_proficiency_ratings", lambda c, _: c.hris.iter_skill_proficiency_ratings()),
    Call(
        "hris.iter_skill_proficiency_ratings", lambda c, _: c.hris.iter_skill_proficiency_ratings(ids=["r"], **SYNCED)
    ),
    Call("hris.iter_skill_proficiency_ratings", lambda c, _: c.hris.iter_skill_proficiency_ratings()),
    Call(
        "hris.iter_skill_proficiency_ratings", lambda c, _: c.hris.iter_skill_proficiency_ratings(ids=["r"], **SYNCED)
    ),
    Call("hris.iter_staffing_entities", lambda c, _: c.hris.iter_staffing_entities()),
    Call(
        "hris.iter_staffing_entities",
        lambda c, ids: c.hris.iter_staffing_entities(
            ids=[ids.staffing_entity],
            model_types=[StaffingModelType.POSITION, "REQUISITION"],
            statuses=[StaffingStatus.OPEN_LIMITED, "OPEN_UNLIMITED"],
            **SYNCED,
        ),
    ),
    Call("hris.iter_pay_runs", lambda c, _: c.hris.iter_pay_runs()),
    Call(
        "hris.iter_pay_runs",
        lambda c, ids: c.hris.iter_pay_runs(ids=["9xVd4Gk2"], legal_entity_ids=[ids.legal_entity], **SYNCED),
    ),
    Call("hris.iter_payslips", lambda c, _: c.hris.iter_payslips()),
    Call(
        "hris.iter_payslips",
        lambda c, ids: c.hris.iter_payslips(
            ids=["5cJy8Tq3"],
            legal_entity_ids=[ids.legal_entity],
            employee_ids=[ids.employee],
            payrun_ids=["9xVd4Gk2"],
            **SYNCED,
        ),
    ),
]
