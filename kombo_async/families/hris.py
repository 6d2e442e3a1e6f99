"""The HR family: people and what belongs to them. See https://docs.kombo.dev/hris/introduction"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from attrs import field
from msgspec import UNSET, UnsetType

from ..engine.query import ModelFilters
from ..models import hris as models
from ..models.base import OpenMapping, SequenceNotStr, frozen
from ..models.common import File
from ..models.general import LinkLanguageOrStr
from ..operations import hris as op
from ..paging import Pager
from .family import Family, Reply, deprecated, omit_unset
from .tasks import wait_for_task


class Hris(Family):
    """The operations of the HR family, as `client.hris`."""

    __slots__ = ()

    # People

    def iter_employees(self, **filters: Unpack[op.EmployeeFilters]) -> Pager[models.Employee]:
        """Iterate over the people of the connected HR system, up to 250 a page.

        Kombo reads from its copy, which is as fresh as the last sync. Before the end of the first sync this raises
        `IntegrationSetupSyncPendingError`, as do all lists with pages.
        See https://docs.kombo.dev/hris/v1/get-employees
        """
        return self._iterate(op.ITER_EMPLOYEES, filters)

    def iter_employments(self, **filters: Unpack[ModelFilters]) -> Pager[models.Employment]:
        """Iterate over the present and past positions of people; they are also in `Employee.employments`.

        See https://docs.kombo.dev/hris/v1/get-employments
        """
        return self._iterate(op.ITER_EMPLOYMENTS, filters)

    def iter_employee_document_categories(
        self, **filters: Unpack[ModelFilters]
    ) -> Pager[models.EmployeeDocumentCategory]:
        """Iterate over the categories that `add_employee_document` can put a document into.

        See https://docs.kombo.dev/hris/v1/get-employee-document-categories
        """
        return self._iterate(op.ITER_EMPLOYEE_DOCUMENT_CATEGORIES, filters)

    # The organisation

    def iter_groups(self, **filters: Unpack[op.GroupFilters]) -> Pager[models.Group]:
        """Iterate over departments, teams and cost centres. Who belongs to one: `iter_employees(group_ids=[…])`.

        See https://docs.kombo.dev/hris/v1/get-groups
        """
        return self._iterate(op.ITER_GROUPS, filters)

    @deprecated("use iter_groups")
    def iter_teams(self, **filters: Unpack[ModelFilters]) -> Pager[models.Group]:
        """Iterate over groups under their old name: `iter_groups` gives the same records, and can filter them.

        See https://docs.kombo.dev/hris/v1/get-teams
        """
        return self._iterate(op.ITER_TEAMS, filters)

    def iter_legal_entities(self, **filters: Unpack[op.NameFilters]) -> Pager[models.LegalEntity]:
        """Iterate over the companies that formally employ people.

        See https://docs.kombo.dev/hris/v1/get-legal-entities
        """
        return self._iterate(op.ITER_LEGAL_ENTITIES, filters)

    def iter_locations(self, **filters: Unpack[op.NameFilters]) -> Pager[models.Location]:
        """Iterate over the places of work.

        See https://docs.kombo.dev/hris/v1/get-locations
        """
        return self._iterate(op.ITER_LOCATIONS, filters)

    # Time

    def iter_absence_types(self, **filters: Unpack[ModelFilters]) -> Pager[models.AbsenceType]:
        """Iterate over the kinds of absence, and what `create_absence` may say for each.

        See https://docs.kombo.dev/hris/v1/get-absence-types
        """
        return self._iterate(op.ITER_ABSENCE_TYPES, filters)

    def iter_absences(self, **filters: Unpack[op.AbsenceFilters]) -> Pager[models.Absence]:
        """Iterate over absences in any state, also declined and cancelled ones: check `status`.

        See https://docs.kombo.dev/hris/v1/get-absences
        """
        return self._iterate(op.ITER_ABSENCES, filters)

    def iter_time_off_balances(self, **filters: Unpack[op.OneEmployeeFilters]) -> Pager[models.TimeOffBalance]:
        """Iterate over what people have left of each type of time off.

        See https://docs.kombo.dev/hris/v1/get-time-off-balances
        """
        return self._iterate(op.ITER_TIME_OFF_BALANCES, filters)

    def iter_timesheets(self, **filters: Unpack[op.TimesheetFilters]) -> Pager[models.Timesheet]:
        """Iterate over the shifts that people worked. In open beta at Kombo.

        See https://docs.kombo.dev/hris/v1/get-timesheets
        """
        return self._iterate(op.ITER_TIMESHEETS, filters)

    # Performance, skills, staffing

    def iter_performance_review_cycles(self, **filters: Unpack[ModelFilters]) -> Pager[models.PerformanceReviewCycle]:
        """Iterate over the rounds in which reviews are written.

        See https://docs.kombo.dev/hris/v1/get-performance-review-cycles
        """
        return self._iterate(op.ITER_PERFORMANCE_REVIEW_CYCLES, filters)

    def iter_performance_reviews(
        self, **filters: Unpack[op.PerformanceReviewFilters]
    ) -> Pager[models.PerformanceReview]:
        """Iterate over what people wrote about each other's work.

        See https://docs.kombo.dev/hris/v1/get-performance-reviews
        """
        return self._iterate(op.ITER_PERFORMANCE_REVIEWS, filters)

    async def get_skills(self, **filters: Unpack[op.SkillFilters]) -> tuple[models.Skill, ...]:
        """Get the skills that the HR system lists, all at once. In closed beta at Kombo.

        If a response names a next page, that is read too, although this is not documented. Raises `PaginationError` if
        the next page has the same records: pass filters then. See https://docs.kombo.dev/hris/v1/get-skills
        """
        return await self._read_all_pages(op.GET_SKILLS, filters)

    async def get_employee_skill_assignments(
        self, **filters: Unpack[op.EmployeeSkillAssignmentFilters]
    ) -> tuple[models.EmployeeSkillAssignment, ...]:
        """Get who has which skill, all at once. In closed beta at Kombo.

        If a response names a next page, that is read too, although this is not documented. Raises `PaginationError` if
        the next page has the same records: pass filters then. See
        https://docs.kombo.dev/hris/v1/get-employee-skill-assignments
        """
        return await self._read_all_pages(op.GET_EMPLOYEE_SKILL_ASSIGNMENTS, filters)

    def iter_skill_proficiency_ratings(self, **filters: Unpack[ModelFilters]) -> Pager[models.SkillProficiencyRating]:
        """Iterate over how well people have which skills, by source of the rating. In closed beta at Kombo.

        See https://docs.kombo.dev/hris/v1/get-skill-proficiency-ratings
        """
        return self._iterate(op.ITER_SKILL_PROFICIENCY_RATINGS, filters)

    def iter_staffing_entities(self, **filters: Unpack[op.StaffingEntityFilters]) -> Pager[models.StaffingEntity]:
        """Iterate over positions, requisitions and jobs, unless `model_types` chooses among them.

        See https://docs.kombo.dev/hris/v1/get-staffing-entities
        """
        return self._iterate(op.ITER_STAFFING_ENTITIES, filters)

    # Payroll

    def iter_pay_runs(self, **filters: Unpack[op.PayRunFilters]) -> Pager[models.PayRun]:
        """Iterate over the runs of the payroll, with what each paid in all. Kombo does not yet describe it in public.

        See https://docs.kombo.dev/hris/v1/get-pay-runs
        """
        return self._iterate(op.ITER_PAY_RUNS, filters)

    def iter_payslips(self, **filters: Unpack[op.PayslipFilters]) -> Pager[models.Payslip]:
        """Iterate over what each person was paid in each run. Kombo does not yet describe it in public.

        See https://docs.kombo.dev/hris/v1/get-payslips
        """
        return self._iterate(op.ITER_PAYSLIPS, filters)

    # Changes

    @deprecated("use create_employee_with_form")
    async def create_employee(
        self, employee: models.NewEmployee, *, integration_id: str | None = None
    ) -> Reply[models.Employee]:
        """Create an employee by fields that are the same for all tools; `create_employee_with_form` succeeds it.

        What is nested in an employee (groups, employments, …) does not come back. The scope config must allow "Create
        and manage employees". Raises `HRISEmployeeAlreadyExistsError`. See https://docs.kombo.dev/hris/v1/post-employees
        """
        return await self._action(op.CREATE_EMPLOYEE, integration_id, body=employee)

    async def get_employee_form(
        self, *, staffing_entity_id: str | UnsetType = UNSET, integration_id: str | None = None
    ) -> Reply[models.EmployeeForm]:
        """Ask the tool which questions to answer for a new employee. They differ between customers.

        `staffing_entity_id` is the Kombo id of the position or requisition to be filled: options are then narrowed
        to what fits it. See https://docs.kombo.dev/hris/v1/get-employees-form
        """
        params = omit_unset(staffing_entity_id=staffing_entity_id)
        return await self._action(op.GET_EMPLOYEE_FORM, integration_id, params=params)

    async def create_employee_with_form(
        self,
        properties: Mapping[str, Any],
        *,
        staffing_entity_id: str | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[models.EmployeeCreation]:
        """Create an employee with the answers to the questions of `get_employee_form`.

        `properties` has the keys of the form, nested as there: a select takes the id of its option, a date a `date`.
        Pass the same `staffing_entity_id` as to `get_employee_form`. The id in the reply is None if the tool created
        only a pre-hire. The scope config must allow "Create and manage employees". Raises
        `HRISEmployeeAlreadyExistsError`, or `HRISStaffingEntityClosedError`. See
        https://docs.kombo.dev/hris/v1/post-employees-form
        """
        body = omit_unset(properties=properties, staffing_entity_id=staffing_entity_id)
        return await self._action(op.CREATE_EMPLOYEE_WITH_FORM, integration_id, body=body)

    async def update_employee(
        self, employee_id: str, update: models.EmployeeUpdate, *, integration_id: str | None = None
    ) -> Reply[models.Employee]:
        """Change fields of an employee, by Kombo id or by the tool's own after `remote:`.

        Neither custom fields nor what is nested in an employee come back. The scope config must allow "Create and
        manage employees".
        See https://docs.kombo.dev/hris/v1/patch-employees-employee-id
        """
        return await self._action(op.UPDATE_EMPLOYEE, integration_id, body=update, employee_id=employee_id)

    async def add_employee_document(
        self,
        employee_id: str,
        category_id: str,
        document: File,
        *,
        remote_fields: OpenMapping[models.DocumentRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Put a file among the documents of an employee, in a category of `iter_employee_document_categories`.

        The scope config must allow "Manage documents".
        See https://docs.kombo.dev/hris/v1/post-employees-employee-id-documents
        """
        body = omit_unset(category_id=category_id, document=document, remote_fields=remote_fields)
        return await self._action(op.ADD_EMPLOYEE_DOCUMENT, integration_id, body=body, employee_id=employee_id)

    async def create_absence(
        self, absence: models.NewAbsence, *, integration_id: str | None = None
    ) -> Reply[models.Absence]:
        """Enter an absence; the tool may approve it at once. It comes back without its `type`.

        The scope config must allow "Manage absences".
        See https://docs.kombo.dev/hris/v1/post-absences
        """
        return await self._action(op.CREATE_ABSENCE, integration_id, body=absence)

    async def delete_absence(
        self,
        absence_id: str,
        *,
        remote_fields: OpenMapping[models.AbsenceDeletionRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[models.Absence]:
        """Delete an absence from the tool, by Kombo id, and get it as it was, without its `type`.

        The scope config must allow "Manage absences".
        See https://docs.kombo.dev/hris/v1/delete-absences-absence-id
        """
        body = omit_unset(remote_fields=remote_fields)
        return await self._action(op.DELETE_ABSENCE, integration_id, body=body, absence_id=absence_id)

    async def create_skill(
        self, name: str, *, levels: SequenceNotStr[str] | UnsetType = UNSET, integration_id: str | None = None
    ) -> Reply[models.Skill]:
        """Add a skill to those of the HR system. In closed beta at Kombo.

        `levels` are the names of the levels of proficiency, the lowest first; not all tools accept them.
        See https://docs.kombo.dev/hris/v1/post-skills
        """
        return await self._action(op.CREATE_SKILL, integration_id, body=omit_unset(name=name, levels=levels))

    async def create_skills(
        self, items: Sequence[models.SkillUpsert], *, integration_id: str | None = None
    ) -> Reply[SkillsTask]:
        """Create skills, or change those with the same `origin_id`. In closed beta at Kombo.

        The reply holds a task: `await` its `wait()`. Kombo processes the items afterwards, and each of them can fail by
        itself. See https://docs.kombo.dev/hris/v1/post-skills-bulk
        """
        reply = await self._action(op.CREATE_SKILLS, integration_id, body={"items": items})
        task = SkillsTask(self, reply.data.task_id, integration_id=integration_id or self._options.integration_id)
        return Reply(task, reply.warnings, reply.status, reply.headers)

    async def get_skills_task(self, task_id: str, *, integration_id: str | None = None) -> models.SkillsTaskState:
        """Get the state of a task of `create_skills`; `match` on its classes. In closed beta at Kombo.

        See https://docs.kombo.dev/hris/v1/get-skills-bulk-task-id
        """
        return await self._send(op.GET_SKILLS_TASK, integration_id, task_id=task_id)

    async def set_skill_proficiency_rating(
        self,
        employee_id: str,
        skill_id: str,
        *,
        rating: models.SkillRating | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[models.SkillProficiencyRating]:
        """Record that a person has a skill, optionally with a rating. In closed beta at Kombo.

        It replaces the rating of the same person, skill and source. The scope config must allow "Manage employee skill
        proficiency ratings". See https://docs.kombo.dev/hris/v1/post-skill-proficiency-ratings
        """
        body = omit_unset(employee_id=employee_id, skill_id=skill_id, rating=rating)
        return await self._action(op.SET_SKILL_PROFICIENCY_RATING, integration_id, body=body)

    async def update_skill(
        self,
        skill_id: str,
        *,
        name: str | UnsetType = UNSET,
        levels: SequenceNotStr[str] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[models.Skill]:
        """Rename a skill or set all of its levels; what is left out stays. In closed beta at Kombo.

        See https://docs.kombo.dev/hris/v1/patch-skills-skill-id
        """
        return await self._action(
            op.UPDATE_SKILL, integration_id, body=omit_unset(name=name, levels=levels), skill_id=skill_id
        )

    async def delete_skill(self, skill_id: str, *, integration_id: str | None = None) -> Reply[models.Skill]:
        """Delete a skill from the HR system, and get it as it was. In closed beta at Kombo.

        See https://docs.kombo.dev/hris/v1/delete-skills-skill-id
        """
        return await self._action(op.DELETE_SKILL, integration_id, skill_id=skill_id)

    async def create_employee_skill_assignment(
        self,
        employee_id: str,
        skill_id: str,
        *,
        current_level: str | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[models.EmployeeSkillAssignment]:
        """Record that a person has a skill, optionally at one of its `ordered_levels`. In closed beta at Kombo.

        See https://docs.kombo.dev/hris/v1/post-employee-skill-assignments
        """
        body = omit_unset(employee_id=employee_id, skill_id=skill_id, current_level=current_level)
        return await self._action(op.CREATE_EMPLOYEE_SKILL_ASSIGNMENT, integration_id, body=body)

    async def update_employee_skill_assignment(
        self, assignment_id: str, current_level: str | None, *, integration_id: str | None = None
    ) -> Reply[models.EmployeeSkillAssignment]:
        """Set the level at which a person has a skill; None removes it. In closed beta at Kombo.

        See https://docs.kombo.dev/hris/v1/patch-employee-skill-assignments-employee-skill-assignment-id
        """
        operation, body = op.UPDATE_EMPLOYEE_SKILL_ASSIGNMENT, {"current_level": current_level}
        return await self._action(operation, integration_id, body=body, employee_skill_assignment_id=assignment_id)

    async def delete_employee_skill_assignment(
        self, assignment_id: str, *, integration_id: str | None = None
    ) -> Reply[models.EmployeeSkillAssignment]:
        """Take a skill from a person, and get the assignment as it was. In closed beta at Kombo.

        See https://docs.kombo.dev/hris/v1/delete-employee-skill-assignments-employee-skill-assignment-id
        """
        operation = op.DELETE_EMPLOYEE_SKILL_ASSIGNMENT
        return await self._action(operation, integration_id, employee_skill_assignment_id=assignment_id)

    # Provisioning

    async def diff_provisioning_group(
        self,
        group_id: str,
        provisioned_users: Sequence[models.ProvisionedUser],
        *,
        employee_fields: SequenceNotStr[models.ProvisioningFieldOrStr],
        integration_id: str | None = None,
    ) -> models.ProvisioningDiff:
        """Compare the accounts on your side with the people who should have one. Nothing changes.

        `group_id` is `default`, the only one so far. Pass all your accounts: people without one are returned as to be
        provisioned. `employee_fields` are the fields of the people to return, possibly none.
        See https://docs.kombo.dev/hris/v1/post-provisioning-groups-group-id-diff
        """
        body = {"provisioned_users": provisioned_users, "options": {"employee_fields": employee_fields}}
        return await self._send(op.DIFF_PROVISIONING_GROUP, integration_id, body=body, group_id=group_id)

    @deprecated("use client.create_setup_link")
    async def create_provisioning_setup_link(
        self,
        group_id: str,
        *,
        language: LinkLanguageOrStr | UnsetType | None = UNSET,
        integration_id: str | None = None,
    ) -> models.ProvisioningSetupLink:
        """Make a link to the page where a customer chooses who gets an account; `create_setup_link` succeeds it.

        `group_id` is `default`. See https://docs.kombo.dev/hris/v1/post-provisioning-groups-group-id-setup-links
        """
        body = omit_unset(language=language)
        return await self._send(op.CREATE_PROVISIONING_SETUP_LINK, integration_id, body=body, group_id=group_id)


@frozen()
class SkillsTask:
    """A task of `create_skills`. For one whose id was stored: `SkillsTask(client.hris, task_id)`."""

    hris: Hris = field(repr=False, eq=False)
    """The family by which the state of the task is read."""
    task_id: str
    """The id to store, for another process that waits for the task."""
    integration_id: str | None = field(default=None, kw_only=True)
    """The integration of the task, if it is not that of `hris`."""

    async def wait(self, *, timeout: float = 600.0) -> models.CompletedSkillsTask:  # noqa: ASYNC109
        """Wait until all items were processed, and return the result of each: check its `failed`.

        The state is read at once, after a second, and then at growing intervals of up to 30 seconds. If the task failed
        as a whole, so that nothing was done, the error of its code is raised. After `timeout` seconds,
        `KomboTimeoutError` is raised, but the task continues: call this again, as after an error of a request.
        """
        return await wait_for_task(
            lambda: self.hris.get_skills_task(self.task_id, integration_id=self.integration_id),
            models.CompletedSkillsTask,
            task_id=self.task_id,
            get_name="get_skills_task",
            started_by=op.CREATE_SKILLS,
            integration_id=self.integration_id,
            retry=self.hris._options.retry,  # noqa: SLF001
            timeout=timeout,
        )
