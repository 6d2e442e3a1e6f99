"""Which lists of Kombo are mirrored, and which of them a changed model concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from msgspec import Struct

from ..engine.operation import Operation


class MirroredModel(Struct, frozen=True):
    """A list with `updated_after`, under the name by which webhooks and `Integration.read_models` call its model."""

    name: str
    """Such as `hris_employees`."""
    operation_name: str
    """The constant in `kombo_async.operations.FAMILY` that reads it."""
    embeds: tuple[str, ...] = ()
    """Models whose records it shows and which have no mirrored list of their own, join models among them."""
    nested: tuple[str, ...] = ()
    """Mirrored models whose changes `updated_after` of this list matches too."""
    rolling_window: bool = False
    """Whether Kombo drops records by their age: then absence says nothing about deletion."""

    @property
    def family(self) -> str:
        """The family it belongs to, such as `hris`."""
        return self.name.partition("_")[0]

    @property
    def operation(self) -> Operation[Any]:
        """The operation that reads it. Its family is imported when it is first asked for."""
        return _operation(self.family, self.operation_name)

    @property
    def record_type(self) -> type[Any]:
        """The class of its records."""
        return self.operation.response_type


@cache
def _operation(family: str, name: str) -> Operation[Any]:
    operation: Operation[Any] = getattr(import_module(f"kombo_async.operations.{family}"), name)
    return operation


_ROWS = (
    MirroredModel(
        "hris_employees",
        "ITER_EMPLOYEES",
        embeds=("hris_join_employees_teams",),
        nested=("hris_employments", "hris_time_off_balances", "hris_legal_entities", "hris_locations"),
    ),
    MirroredModel("hris_employments", "ITER_EMPLOYMENTS"),
    MirroredModel("hris_teams", "ITER_GROUPS"),
    MirroredModel("hris_legal_entities", "ITER_LEGAL_ENTITIES"),
    MirroredModel("hris_locations", "ITER_LOCATIONS"),
    MirroredModel("hris_absence_types", "ITER_ABSENCE_TYPES"),
    MirroredModel("hris_absences", "ITER_ABSENCES", nested=("hris_absence_types",)),
    MirroredModel("hris_time_off_balances", "ITER_TIME_OFF_BALANCES", nested=("hris_absence_types",)),
    MirroredModel("hris_timesheets", "ITER_TIMESHEETS", rolling_window=True),
    MirroredModel("hris_employee_document_categories", "ITER_EMPLOYEE_DOCUMENT_CATEGORIES"),
    MirroredModel("hris_performance_review_cycles", "ITER_PERFORMANCE_REVIEW_CYCLES"),
    MirroredModel(
        "hris_performance_reviews",
        "ITER_PERFORMANCE_REVIEWS",
        nested=("hris_performance_review_cycles", "hris_employees"),
    ),
    MirroredModel(
        "hris_staffing_entities",
        "ITER_STAFFING_ENTITIES",
        embeds=(
            "hris_join_staffing_entities_groups",
            "hris_join_staffing_entities_legal_entities",
            "hris_join_staffing_entities_locations",
            "hris_join_staffing_entities_skills",
        ),
        nested=("hris_teams", "hris_legal_entities", "hris_locations"),
    ),
    MirroredModel(
        "hris_employee_skill_proficiency_ratings",
        "ITER_SKILL_PROFICIENCY_RATINGS",
        embeds=("hris_skill_proficiency_scales", "hris_skill_rating_providers"),
    ),
    MirroredModel("hris_pay_runs", "ITER_PAY_RUNS"),
    MirroredModel("hris_payslips", "ITER_PAYSLIPS", embeds=("hris_payslip_line_items", "hris_salary_types")),
    MirroredModel(
        "ats_applications",
        "ITER_APPLICATIONS",
        embeds=("ats_application_stages",),
        nested=("ats_candidates", "ats_interviews", "ats_offers"),
    ),
    MirroredModel(
        "ats_candidates", "ITER_CANDIDATES", embeds=("ats_join_candidates_tags",), nested=("ats_applications",)
    ),
    MirroredModel("ats_tags", "ITER_TAGS"),
    MirroredModel(
        "ats_jobs",
        "ITER_JOBS",
        embeds=(
            # Stages have a list of their own, which is deprecated in favour of this one.
            "ats_application_stages",
            "ats_job_postings",
            "ats_screening_questions",
            "ats_join_jobs_application_stages",
            "ats_join_jobs_screening_questions",
            "ats_join_jobs_users",
            "ats_join_user_job_role_assignments",
        ),
    ),
    MirroredModel("ats_users", "ITER_USERS", embeds=("ats_join_users_roles",)),
    MirroredModel("ats_roles", "ITER_ROLES"),
    MirroredModel("ats_offers", "ITER_OFFERS", nested=("ats_applications",)),
    MirroredModel("ats_rejection_reasons", "ITER_REJECTION_REASONS"),
    MirroredModel(
        "ats_interviews", "ITER_INTERVIEWS", embeds=("ats_join_interviews_users",), nested=("ats_applications",)
    ),
    MirroredModel("ats_notes", "ITER_NOTES"),
    MirroredModel("ats_scorecards", "ITER_SCORECARDS"),
    MirroredModel("ats_attachments", "ITER_ATTACHMENTS"),
    MirroredModel("lms_users", "ITER_USERS"),
    MirroredModel(
        "lms_courses",
        "ITER_COURSES",
        embeds=("lms_course_revisions", "lms_course_providers", "lms_join_revisions_skills"),
    ),
    # Kombo's pages contradict each other on whether changes of users and revisions count here.
    MirroredModel(
        "lms_course_progressions",
        "ITER_COURSE_PROGRESSIONS",
        embeds=("lms_course_revisions",),
        nested=("lms_users",),
    ),
    MirroredModel("lms_skills", "ITER_SKILLS"),
)

MIRRORED: dict[str, MirroredModel] = {row.name: row for row in _ROWS}
"""All mirrored models by name."""

DEPRECATED_TWINS = {"/hris/teams": "hris_teams", "/ats/application-stages": "ats_jobs"}
"""Lists with `updated_after` that are not mirrored: deprecated, and contained in the list of another model."""

WITHOUT_LIST = frozenset({"hris_skills"})
"""Names in webhooks whose records no list with `updated_after` shows."""


def models_of(family: str) -> tuple[str, ...]:
    """Return the names of the mirrored models of a family, such as `hris`."""
    return tuple(row.name for row in _ROWS if row.family == family)


def affected_models(changed: Iterable[str], offered: Sequence[str]) -> tuple[str, ...]:
    """Return the models to refresh when a webhook says that *changed* changed in an integration that offers some.

    A name that this version does not know concerns all of these.
    """
    affected: set[str] = set()
    for name in changed:
        if name not in WITHOUT_LIST:
            affected.update(_readers().get(name) or offered)
    return tuple(sorted(affected.intersection(offered)))


@cache
def _readers() -> dict[str, tuple[str, ...]]:
    """Return, for each model that webhooks name, the mirrored models whose lists show its changes."""
    readers: dict[str, list[str]] = {}
    for row in _ROWS:
        for name in (row.name, *row.embeds, *row.nested):
            readers.setdefault(name, []).append(row.name)
    return {name: tuple(models) for name, models in readers.items()}


def check_models(names: Iterable[str], family: str | None = None) -> tuple[str, ...]:
    """Return *names* without duplicates, or raise a `ValueError` for one that is not mirrored or of another family."""
    if isinstance(names, str):
        raise TypeError(f"models is a list of names, as in models=[{names!r}]")
    checked: dict[str, None] = {}
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"the name of a model is a str, not {type(name).__name__}")
        row = MIRRORED.get(name)
        if row is None:
            raise ValueError(f"no mirrored model is named {name!r}: {_suggestion(name, family)}")
        if family is not None and row.family != family:
            raise ValueError(f"{name!r} is not a model of {family.upper()} tools: {_suggestion(name, family)}")
        checked[name] = None
    if not checked:
        raise ValueError("models is empty: leave it out for all models")
    return tuple(checked)


def _suggestion(name: str, family: str | None) -> str:
    import difflib

    known = [row.name for row in _ROWS if family in {None, row.family}]
    by_suffix = [each for each in known if each.partition("_")[2] == name.partition("_")[2]]
    near = by_suffix or difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"


@cache
def model_of(record_type: type[Any]) -> str:
    """Return the name of the mirrored model whose records are of this class."""
    for row in _ROWS:
        if record_type.__module__.startswith(f"kombo_async.models.{row.family}") and row.record_type is record_type:
            return row.name
    raise ValueError(f"{getattr(record_type, '__name__', record_type)} is not the class of a mirrored model's records")
