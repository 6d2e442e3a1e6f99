"""Checked by mypy and pyright, never run: what the HR family gives and takes, and what it refuses.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from datetime import UTC, date, datetime, time
from typing import Any, Literal, assert_type

from kombo_async import UNSET, KomboClient, Page, Pager, Reply
from kombo_async.families.hris import SkillsTask
from kombo_async.models.common import Address, File, IntegrationFieldValue, ReplyWarning
from kombo_async.models.general import LinkLanguage
from kombo_async.models.hris import (
    Absence,
    AbsenceDeletionRemoteFields,
    AbsenceRemoteFields,
    AbsenceStatus,
    AbsenceType,
    ArrayFormField,
    BalanceUnit,
    BankAccount,
    CheckboxFormField,
    CompletedSkillsTask,
    DateFormField,
    Employee,
    EmployeeCreation,
    EmployeeDocumentCategory,
    EmployeeForm,
    EmployeeRemoteFields,
    EmployeeSkillAssignment,
    EmployeeSummary,
    EmployeeUpdate,
    Employment,
    EmploymentStatus,
    ExpectedProficiency,
    FailedSkill,
    FailedSkillsTask,
    FileFormField,
    FormField,
    FormFileRestrictions,
    FormOption,
    FormOptions,
    FormUnifiedKey,
    Gender,
    Group,
    GroupSummary,
    GroupType,
    HomeAddress,
    InlineFormOptions,
    LegalEntity,
    Location,
    MaritalStatus,
    Money,
    MultiSelectFormField,
    NewAbsence,
    NewAbsenceStatus,
    NewEmployee,
    NumberFormField,
    NumericProficiency,
    NumericRatedProficiency,
    NumericRating,
    NumericScale,
    ObjectFormField,
    PayRun,
    Payslip,
    PayslipLineItem,
    PendingSkillsTask,
    PerformanceReview,
    PerformanceReviewCycle,
    PerformanceReviewType,
    ProficiencyLevel,
    ProficiencyScale,
    ProvisionedUser,
    ProvisioningDiff,
    ProvisioningEmployee,
    ProvisioningField,
    ProvisioningSetupLink,
    RatedProficiency,
    ReferencedFormOptions,
    SingleSelectFormField,
    SingleSelectProficiency,
    SingleSelectRatedProficiency,
    SingleSelectRating,
    SingleSelectScale,
    Skill,
    SkillProficiencyRating,
    SkillRating,
    SkillRatingSource,
    SkillsTaskState,
    SkillUpsert,
    StaffingEntity,
    StaffingModelType,
    StaffingSkill,
    StaffingStatus,
    SucceededSkill,
    SummaryRating,
    TextFormField,
    TimeOffBalance,
    Timesheet,
    TimesheetBreak,
    UnknownFormField,
    UnknownFormOptions,
    UnknownProficiency,
    UnknownRatedProficiency,
    UnknownRating,
    UnknownScale,
    UnknownSkillResult,
    UnknownSkillsTask,
    UserToProvision,
)


async def people(client: KomboClient) -> None:
    employees = client.hris.iter_employees(
        employment_statuses=[EmploymentStatus.ACTIVE, "LEAVE"],
        group_ids=("g",),
        legal_entity_ids=["l"],
        work_location_ids=["w"],
        work_emails=["ada@example.com"],
        personal_emails=["ada@example.org"],
        custom_fields={"shirt_size": "L"},
        updated_after=datetime.now(UTC),
        include_deleted=True,
        ignore_unsupported_filters=True,
        ids=["e"],
        remote_ids=["7"],
        page_size=100,
        cursor=None,
        read_ahead=False,
        integration_id=None,
    )
    assert_type(employees, Pager[Employee])
    assert_type(client.hris.iter_employees(), Pager[Employee])
    assert_type(await employees.first_page(), Page[Employee])
    assert_type(await employees.collect(), list[Employee])
    async for employee in client.hris.iter_employees(updated_after=date(2026, 1, 1), cursor="c"):
        assert_type(employee, Employee)
        assert_type(employee.id, str)
        assert_type(employee.first_name, str | None)
        assert_type(employee.gender, Gender | None)
        assert_type(employee.employment_status, EmploymentStatus | None)
        assert_type(employee.weekly_hours, float | None)
        assert_type(employee.start_date, datetime | None)
        assert_type(employee.home_address, Address | None)
        assert_type(employee.bank_accounts, tuple[BankAccount, ...])
        assert_type(employee.employments, tuple[Employment, ...])
        assert_type(employee.groups, tuple[GroupSummary, ...])
        assert_type(employee.work_location, Location | None)
        assert_type(employee.custom_fields, Any)
        assert_type(employee.integration_fields, tuple[IntegrationFieldValue, ...])
        assert_type(employee.remote_data, Any)
        print(employee.frist_name)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        print(employee.first_name.upper())  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
        print(employee.employments.append)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        employee.first_name = "Grace"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    assert_type(client.hris.iter_employments(ids=["e"]), Pager[Employment])
    async for employment in client.hris.iter_employments():
        assert_type(employment, Employment)
        assert_type(employment.pay_rate, float | None)
    assert_type(client.hris.iter_employee_document_categories(page_size=1), Pager[EmployeeDocumentCategory])
    async for category in client.hris.iter_employee_document_categories():
        assert_type(category, EmployeeDocumentCategory)
    client.hris.iter_employees(ids="e")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(employment_statuses="ACTIVE")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(employment_statuses=EmploymentStatus.ACTIVE)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(work_emails="ada@example.com")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(ids=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(ids=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(ids=["e", None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(ids=[7])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(ids={"e"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(employment_statuses=[EmploymentStatus.ACTIVE, None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(employment_statuses=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(employment_status="ACTIVE")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_employees(custom_fields={"sizes": ["L"]})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(custom_fields="shirt_size")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(updated_after="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(include_deleted=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(page_size="all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(page_size=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(cursor=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(integration_id=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employments(employee_ids=["e"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_employee_document_categories(name_contains="pay")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    list(client.hris.iter_employees())  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await client.hris.iter_employees()  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]


async def organisation(client: KomboClient) -> None:
    assert_type(client.hris.iter_groups(types=[GroupType.TEAM, "COST_CENTER", None], name_contains="a"), Pager[Group])
    async for group in client.hris.iter_groups():
        assert_type(group, Group)
        assert_type(group.type, GroupType | None)
        assert_type(group.parent_id, str | None)
    assert_type(client.hris.iter_teams(), Pager[Group])  # pyright: ignore[reportDeprecated]
    async for team in client.hris.iter_teams():  # pyright: ignore[reportDeprecated]
        assert_type(team, Group)
    assert_type(client.hris.iter_legal_entities(name_contains="GmbH"), Pager[LegalEntity])
    async for entity in client.hris.iter_legal_entities():
        assert_type(entity, LegalEntity)
        assert_type(entity.address, Address | None)
    assert_type(client.hris.iter_locations(name_contains="Berlin"), Pager[Location])
    async for location in client.hris.iter_locations():
        assert_type(location, Location)
        assert_type(location.type, str | None)
    client.hris.iter_teams(types=["TEAM"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportDeprecated]
    client.hris.iter_groups(types="TEAM")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_groups(types=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_groups(types=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.hris.iter_groups(name_contains=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_groups(name_contains=["a"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_legal_entities(types=["TEAM"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_locations(country="DE")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def absences(client: KomboClient) -> None:
    assert_type(client.hris.iter_absence_types(remote_ids=["7"]), Pager[AbsenceType])
    async for kind in client.hris.iter_absence_types():
        assert_type(kind, AbsenceType)
        assert_type(kind.unit, BalanceUnit | None)
    some = client.hris.iter_absences(
        date_from=date(2026, 1, 1), date_until=None, type_ids=["t"], employee_id="e", updated_after=None
    )
    assert_type(some, Pager[Absence])
    assert_type(client.hris.iter_absences(), Pager[Absence])
    async for absence in client.hris.iter_absences():
        assert_type(absence, Absence)
        assert_type(absence.status, AbsenceStatus | None)
        assert_type(absence.start_date, date | None)
        assert_type(absence.start_time, time | None)
        assert_type(absence.amount, float | None)
        assert_type(absence.type, AbsenceType | None)
    assert_type(client.hris.iter_time_off_balances(employee_id="e"), Pager[TimeOffBalance])
    async for balance in client.hris.iter_time_off_balances():
        assert_type(balance, TimeOffBalance)
        assert_type(balance.balance, float | None)
        assert_type(balance.type, AbsenceType | None)
    sheets = client.hris.iter_timesheets(
        started_before=datetime.now(UTC), started_after=date(2026, 1, 1), ended_before=None, ended_after=None
    )
    assert_type(sheets, Pager[Timesheet])
    assert_type(client.hris.iter_timesheets(employee_id="e"), Pager[Timesheet])
    async for sheet in client.hris.iter_timesheets():
        assert_type(sheet, Timesheet)
        assert_type(sheet.breaks, tuple[TimesheetBreak, ...])
    client.hris.iter_absence_types(employee_id="e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_absences(date_from="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_absences(time_from=date(2026, 1, 1))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_absences(employee_id=["e"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_absences(employee_ids=["e"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_absences(type_ids="t")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_absences(type_ids=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_time_off_balances(employee_id=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_timesheets(started_before="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_timesheets(date_from=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def performance(client: KomboClient) -> None:
    assert_type(client.hris.iter_performance_review_cycles(ids=["c"]), Pager[PerformanceReviewCycle])
    async for cycle in client.hris.iter_performance_review_cycles():
        assert_type(cycle, PerformanceReviewCycle)
    reviews = client.hris.iter_performance_reviews(
        types=[PerformanceReviewType.PEER, "SELF"], review_cycle_ids=["c"], reviewee_ids=["e"]
    )
    assert_type(reviews, Pager[PerformanceReview])
    assert_type(client.hris.iter_performance_reviews(), Pager[PerformanceReview])
    async for review in client.hris.iter_performance_reviews():
        assert_type(review, PerformanceReview)
        assert_type(review.reviewee, EmployeeSummary | None)
        assert_type(review.summary_rating, SummaryRating | None)
        print(review.summary_rating.value)  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportOptionalMemberAccess, reportUnknownArgumentType, reportUnknownMemberType]
    client.hris.iter_performance_reviews(types=[None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.hris.iter_performance_reviews(reviewer_ids=["e"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_performance_review_cycles(types=["SELF"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def rating(given: SummaryRating) -> None:
    match given:
        case NumericRating():
            assert_type(given, NumericRating)
            assert_type(given.type, Literal["NUMERIC"])
            assert_type(given.value, float | None)
        case SingleSelectRating(value=value, ordered_options=options):
            assert_type(value, str | None)
            assert_type(options, tuple[str, ...])
        case UnknownRating(raw=raw):
            assert_type(raw, Any)
        case _:
            assert_type(given, SummaryRating)


async def skills(client: KomboClient) -> None:
    assert_type(await client.hris.get_skills(), tuple[Skill, ...])
    assert_type(
        await client.hris.get_skills(ids=["s"], remote_ids=["7"], name_contains="a", integration_id="personio:1"),
        tuple[Skill, ...],
    )
    for skill in await client.hris.get_skills():
        assert_type(skill.ordered_levels, tuple[str, ...])
    assert_type(await client.hris.get_employee_skill_assignments(), tuple[EmployeeSkillAssignment, ...])
    assert_type(
        await client.hris.get_employee_skill_assignments(employee_ids=["e"], skill_ids=["s"]),
        tuple[EmployeeSkillAssignment, ...],
    )
    for assignment in await client.hris.get_employee_skill_assignments():
        assert_type(assignment.current_level, str | None)
    assert_type(await client.hris.create_skill("Python", levels=["low", "high"]), Reply[Skill])
    assert_type(await client.hris.create_skill("Python", levels=UNSET, integration_id=None), Reply[Skill])
    assert_type(await client.hris.update_skill("s"), Reply[Skill])
    assert_type(await client.hris.update_skill("s", name="Rust", levels=()), Reply[Skill])
    assert_type(await client.hris.update_skill("s", name=UNSET, levels=UNSET), Reply[Skill])
    assert_type(await client.hris.delete_skill("s"), Reply[Skill])
    assert_type(await client.hris.create_employee_skill_assignment("e", "s"), Reply[EmployeeSkillAssignment])
    assert_type(
        await client.hris.create_employee_skill_assignment("e", "s", current_level="high"),
        Reply[EmployeeSkillAssignment],
    )
    assert_type(await client.hris.update_employee_skill_assignment("a", None), Reply[EmployeeSkillAssignment])
    assert_type(await client.hris.update_employee_skill_assignment("a", "low"), Reply[EmployeeSkillAssignment])
    assert_type(await client.hris.delete_employee_skill_assignment("a"), Reply[EmployeeSkillAssignment])
    skill_items = [SkillUpsert(origin_id="7", name="Python", status="ACTIVE")]
    task = (await client.hris.create_skills(skill_items)).data
    assert_type(task, SkillsTask)
    assert_type((await task.wait(timeout=60)).failed, tuple[FailedSkill, ...])
    assert_type(await client.hris.create_skills(skill_items, integration_id=None), Reply[SkillsTask])
    assert_type(await client.hris.get_skills_task("t"), SkillsTaskState)
    match await client.hris.get_skills_task(task.task_id, integration_id="personio:1"):
        case PendingSkillsTask(created_at=since):
            assert_type(since, datetime)
        case CompletedSkillsTask(data=results):
            for result in results:
                match result:
                    case SucceededSkill(origin_id=origin) | FailedSkill(origin_id=origin):
                        assert_type(origin, str)
                    case UnknownSkillResult(raw=raw):
                        assert_type(raw, Any)
                    case _:
                        pass
        case FailedSkillsTask() | UnknownSkillsTask():
            pass
        case _:
            pass
    assert_type(client.hris.iter_skill_proficiency_ratings(), Pager[SkillProficiencyRating])
    async for rating in client.hris.iter_skill_proficiency_ratings(ids=["r"], include_deleted=True):
        assert_type(rating.rating_source, SkillRatingSource | None)
        assert_type(rating.proficiency, RatedProficiency | None)
        match rating.proficiency:
            case SingleSelectRatedProficiency(options=options):
                assert_type(options, tuple[ProficiencyLevel, ...])
            case NumericRatedProficiency(value=number):
                assert_type(number, float | None)
            case UnknownRatedProficiency(raw=raw):
                assert_type(raw, Any)
            case _:
                pass
    rated = SkillRating(rating_source="EXTERNAL", proficiency=4)
    assert_type(await client.hris.set_skill_proficiency_rating("e", "s", rating=rated), Reply[SkillProficiencyRating])
    await client.hris.create_skills(skill_items[0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.create_skills(["Python"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.hris.get_skills_task()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_skill_proficiency_ratings(ids="r")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.set_skill_proficiency_rating("e", "s", rated)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.set_skill_proficiency_rating("e", "s", rating=4)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SkillRating(rating_source="EXTERNAL")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.get_skills(ids="s")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.create_skill("Python", levels="low")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.update_skill("s", levels="low")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.get_skills(updated_after=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.get_skills(page_size=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.get_skills(cursor="c")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.get_employee_skill_assignments(employee_id="e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_skill()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_skill("Python", ["low"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_skill("Python", levels=[1, 2])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.hris.create_skill("Python", levels=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.update_skill(name="Rust")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.update_skill("s", "Rust")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.update_skill("s", name=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.delete_skill()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.delete_skill(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.delete_skill("s", "personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_employee_skill_assignment("e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_employee_skill_assignment("e", "s", "high")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_employee_skill_assignment("e", "s", current_level=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.update_employee_skill_assignment("a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.update_employee_skill_assignment("a", UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.delete_employee_skill_assignment(assignment="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def staffing(client: KomboClient) -> None:
    entities = client.hris.iter_staffing_entities(
        model_types=[StaffingModelType.POSITION, "JOB"], statuses=[StaffingStatus.OPEN_LIMITED, "FILLED"]
    )
    assert_type(entities, Pager[StaffingEntity])
    assert_type(client.hris.iter_staffing_entities(), Pager[StaffingEntity])
    async for entity in client.hris.iter_staffing_entities():
        assert_type(entity, StaffingEntity)
        assert_type(entity.status, StaffingStatus | None)
        assert_type(entity.skills, tuple[StaffingSkill, ...])
    client.hris.iter_staffing_entities(types=["JOB"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_staffing_entities(statuses=[True])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]


def proficiency(scale: ProficiencyScale, expected: ExpectedProficiency) -> None:
    match scale:
        case NumericScale(min=least, max=most):
            assert_type(scale.id, str)
            assert_type(least, float | None)
            assert_type(most, float | None)
        case SingleSelectScale(ordered_options=options):
            assert_type(options, tuple[ProficiencyLevel, ...])
        case UnknownScale():
            assert_type(scale.raw, Any)
            print(scale.id)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        case _:
            assert_type(scale, ProficiencyScale)
    match expected:
        case NumericProficiency(value=value):
            assert_type(value, float | None)
        case SingleSelectProficiency(selected_option_id=chosen):
            assert_type(chosen, str | None)
        case UnknownProficiency():
            assert_type(expected, UnknownProficiency)
        case _:
            assert_type(expected, ExpectedProficiency)


async def payroll(client: KomboClient) -> None:
    assert_type(client.hris.iter_pay_runs(legal_entity_ids=["l"]), Pager[PayRun])
    async for run in client.hris.iter_pay_runs():
        assert_type(run, PayRun)
        assert_type(run.start_date, date | None)
        if run.totals is not None:
            assert_type(run.totals.gross_pay, Money | None)
    some = client.hris.iter_payslips(legal_entity_ids=["l"], employee_ids=["e"], payrun_ids=["p"])
    assert_type(some, Pager[Payslip])
    assert_type(client.hris.iter_payslips(), Pager[Payslip])
    async for payslip in client.hris.iter_payslips():
        assert_type(payslip, Payslip)
        assert_type(payslip.line_items, tuple[PayslipLineItem, ...])
    client.hris.iter_pay_runs(employee_ids=["e"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_payslips(pay_run_ids=["p"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_payslips(employee_ids=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def employees(client: KomboClient) -> None:
    new = NewEmployee(
        first_name="Ada",
        last_name="Lovelace",
        work_email="ada@example.com",
        gender=Gender.FEMALE,
        job_title=UNSET,
        home_address=HomeAddress(city="London", country=UNSET),
        date_of_birth=date(1815, 12, 10),
        remote_fields={"humaans": {"employee": {"level": 1}}, "a_newer_tool": {"any": ["thing"]}},
    )
    assert_type(await client.hris.create_employee(new), Reply[Employee])  # pyright: ignore[reportDeprecated]
    reply = await client.hris.update_employee(
        "e", EmployeeUpdate(work_email="ada@example.com", gender="FEMALE", marital_status=MaritalStatus.MARRIED)
    )
    assert_type(reply, Reply[Employee])
    assert_type(reply.data, Employee)
    assert_type(reply.warnings, tuple[ReplyWarning, ...])
    assert_type(reply.status, int)
    update = EmployeeUpdate(work_email="ada@example.com", termination_date=date(2026, 12, 31), remote_fields=UNSET)
    assert_type(await client.hris.update_employee("remote:7", update, integration_id=None), Reply[Employee])
    document = File(name="contract.pdf", data=b"%PDF")
    assert_type(await client.hris.add_employee_document("e", "c", document), Reply[None])
    reply.data = Employee(id="e")  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    await client.hris.create_employee(update)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportDeprecated]
    await client.hris.update_employee("e", new)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.update_employee(update)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.update_employee("e", {"work_email": "ada@example.com"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.update_employee("e", update, "personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.update_employee("e", work_email="ada@example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.add_employee_document("e", document)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.add_employee_document("e", "c", b"%PDF")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.add_employee_document("e", "c", document, "personio:1")  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue]
    NewEmployee(first_name="Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewEmployee("Ada", "Lovelace")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewEmployee(first_name="Ada", last_name="Lovelace", gender=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewEmployee(first_name="Ada", last_name="Lovelace", gender=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewEmployee(first_name="Ada", last_name="Lovelace", home_address={"city": "London"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewEmployee(first_name="Ada", last_name="Lovelace", home_address=Address(city="London"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewEmployee(first_name="Ada", last_name="Lovelace", ssn="7")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewEmployee(first_name="Ada", last_name="Lovelace", start_date="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewEmployee(first_name="Ada", last_name="Lovelace", remote_fields="humaans")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewEmployee(first_name="Ada", last_name="Lovelace", remote_fields=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    EmployeeUpdate(first_name="Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    EmployeeUpdate(work_email=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    File(name="contract.pdf", data="%PDF")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    File(data=b"%PDF")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def forms(client: KomboClient) -> None:
    assert_type(await client.hris.get_employee_form(), Reply[EmployeeForm])
    assert_type(await client.hris.get_employee_form(staffing_entity_id="s"), Reply[EmployeeForm])
    assert_type(await client.hris.get_employee_form(staffing_entity_id=UNSET), Reply[EmployeeForm])
    assert_type((await client.hris.get_employee_form()).data.properties, dict[str, FormField])
    answers = {"first_name": "Ada", "start_date": date(2026, 1, 1), "home": {"city": "London"}}
    assert_type(await client.hris.create_employee_with_form(answers), Reply[EmployeeCreation])
    assert_type(
        await client.hris.create_employee_with_form(properties=answers, staffing_entity_id="s"),
        Reply[EmployeeCreation],
    )
    assert_type((await client.hris.create_employee_with_form(answers)).data.id, str | None)
    await client.hris.get_employee_form("s")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.get_employee_form(staffing_entity_id=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.create_employee_with_form()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_employee_with_form([("first_name", "Ada")])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.create_employee_with_form(answers, "s")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_employee_with_form(first_name="Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def form_field(field: FormField) -> None:
    match field:
        case TextFormField(max_length=most, reg_exp=pattern):
            assert_type(field.label, str)
            assert_type(field.unified_key, FormUnifiedKey | None)
            assert_type(most, float | None)
            assert_type(pattern, str | None)
        case NumberFormField():
            assert_type(field.min, float | None)
        case DateFormField() | CheckboxFormField():
            assert_type(field, DateFormField | CheckboxFormField)
            assert_type(field.required, bool)
        case SingleSelectFormField(options=options) | MultiSelectFormField(options=options):
            assert_type(options, FormOptions)
        case ObjectFormField(properties=properties):
            assert_type(properties, dict[str, FormField])
        case ArrayFormField(item_type=inner):
            assert_type(inner, FormField)
        case FileFormField():
            assert_type(field.file_restrictions, FormFileRestrictions)
            assert_type(field.file_restrictions.accepted_mime_types, tuple[str, ...])
        case UnknownFormField(raw=raw):
            assert_type(raw, Any)
            print(field.label)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        case _:
            assert_type(field, FormField)


def form_options(options: FormOptions) -> None:
    match options:
        case InlineFormOptions(entries=entries):
            assert_type(entries, tuple[FormOption, ...])
            assert_type(entries[0].remote_id, str | int | float | None)
        case ReferencedFormOptions(link=link):
            assert_type(link, str)
        case UnknownFormOptions():
            assert_type(options.raw, Any)
        case _:
            assert_type(options, FormOptions)
    print(options.link)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]


async def new_absences(client: KomboClient) -> None:
    first, last = date(2026, 3, 2), date(2026, 3, 4)
    absence = NewAbsence(
        employee_id="e",
        absence_type_id="t",
        start_date=first,
        end_date=last,
        employee_note=None,
        status=NewAbsenceStatus.REQUESTED,
        start_half_day=True,
        end_half_day=UNSET,
        amount=2.5,
        unit="DAYS",
        start_time=time(8, 30),
        remote_fields={"a3innuvanomina": {"benefit_type_id": "Direct payment"}},
    )
    assert_type(await client.hris.create_absence(absence), Reply[Absence])
    assert_type(await client.hris.create_absence(absence, integration_id="personio:1"), Reply[Absence])
    assert_type(await client.hris.delete_absence("a"), Reply[Absence])
    assert_type(await client.hris.delete_absence("a", remote_fields=UNSET), Reply[Absence])
    assert_type(
        await client.hris.delete_absence("a", remote_fields={"adpworkforcenow": {"employment_id": "7"}}),
        Reply[Absence],
    )
    await client.hris.create_absence()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_absence({"employee_id": "e"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.create_absence(employee_id="e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.create_absence(Absence(id="a"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.delete_absence()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.delete_absence(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.delete_absence(absence)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.delete_absence("a", {"adpworkforcenow": {}})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.delete_absence("a", remote_fields=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewAbsence(employee_id="e", absence_type_id="t", start_date=first, end_date=last)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewAbsence(employee_id="e", absence_type_id="t", start_date=first, employee_note=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    NewAbsence(employee_id="e", absence_type_id="t", start_date="1", end_date=last, employee_note="")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewAbsence(employee_id="e", absence_type_id=None, start_date=first, end_date=last, employee_note="")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    NewAbsence(employee_id="e", absence_type_id="t", start_date=first, end_date=last, employee_note=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    absence.start_date = last  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def remote_fields() -> None:
    # Where a literal is passed, any key and value is taken, as Kombo knows more than this package. Who wants known
    # keys checked says their type.
    absence: AbsenceRemoteFields = {"adpworkforcenow": {"employment_id": "7", "paid_leave": True}}
    deletion: AbsenceDeletionRemoteFields = {"adpworkforcenow": {"employment_id": "7"}}
    employee: EmployeeRemoteFields = {"workday": {"bank_account": {"iban": "a", "bic": "b", "bank_name": "c"}}}
    NewEmployee(first_name="Ada", last_name="Lovelace", remote_fields=employee)
    EmployeeUpdate(work_email="ada@example.com", remote_fields=employee)
    absence = {"adpworkforcenow": {"paid_leave": "yes"}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    absence = {"a3innuvanomina": {"benefit_type_id": "Cash"}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    deletion = {"adpworkforcenow": {"paid_leave": True}}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
    employee = {"workday": {"bank_account": {"iban": "a"}}}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    employee = {"a_newer_tool": {}}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
    print(absence, deletion, employee)


async def provisioning(client: KomboClient) -> None:
    users = [ProvisionedUser(origin_id="7", email="ada@example.com")]
    assert_type(
        await client.hris.diff_provisioning_group("default", users, employee_fields=[ProvisioningField.ID, "groups"]),
        ProvisioningDiff,
    )
    assert_type(await client.hris.diff_provisioning_group("default", [], employee_fields=[]), ProvisioningDiff)
    diff = await client.hris.diff_provisioning_group("default", tuple(users), employee_fields=())
    assert_type(diff.users.to_provision, tuple[UserToProvision, ...])
    assert_type(diff.users.to_provision[0].employee, ProvisioningEmployee)
    assert_type(diff.users.to_deprovision, tuple[ProvisionedUser, ...])
    link = await client.hris.create_provisioning_setup_link("default")  # pyright: ignore[reportDeprecated]
    assert_type(link, ProvisioningSetupLink)
    assert_type(link.expires_at, datetime)
    assert_type(
        await client.hris.create_provisioning_setup_link(  # pyright: ignore[reportDeprecated]
            "default", language=LinkLanguage.DE
        ),
        ProvisioningSetupLink,
    )
    await client.hris.create_provisioning_setup_link("default", language=None)  # pyright: ignore[reportDeprecated]
    await client.hris.diff_provisioning_group("default", users, employee_fields="id")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.diff_provisioning_group("default", users)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.diff_provisioning_group(users, employee_fields=[])  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.diff_provisioning_group("default", ["ada@example.com"], employee_fields=[])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.hris.diff_provisioning_group("default", users, employee_fields=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.hris.create_provisioning_setup_link(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportDeprecated]
    ProvisionedUser(origin_id="7")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
