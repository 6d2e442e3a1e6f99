"""The tables of HR systems."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ...operations import hris as op
from . import records
from .company import COMPANIES, DAY, GROUPS, PLACES, TODAY
from .deterministic import digest, iso
from .employees import COMPANY_OF, FIRST_REMOTE_ID, SLOTS, UNITS, employee_generator
from .links import Link
from .records import Row
from .tables import NUMBER, TOUCHED, Rows, Store, Table, by_name, table

EMPLOYEES = "hris_employees"


class Employees(Rows):
    """The employees: a record is computed when it is read, and only changed ones are stored."""

    first_remote_id = FIRST_REMOTE_ID

    def __init__(self, table: Table, store: Store) -> None:
        super().__init__(table, store)
        self.generated = self.size = self.owner.config.employees
        self.generator = employee_generator(self.generated, *self.owner.seeds)
        self._recent = lru_cache(maxsize=1_000)(self.generate)

    def generate(self, number: int) -> Row:
        """Return the generated record."""
        return {**self.generator.record(number), **dict.fromkeys(self.owner.hidden), NUMBER: number, TOUCHED: ""}

    def row(self, number: int) -> Row:
        """Return the record with its changes."""
        return self._stored.get(number) or self._recent(number)

    def rows_touched_since(self, moment: str) -> set[int] | None:
        """Return changed employees and their reports, if nothing else can have changed since."""
        others = [self.store[name] for name in ("hris_legal_entities", "hris_locations")]
        changes = [row["changed_at"] for rows in others for row in rows.stored_rows()]
        latest = max(iso(TODAY + DAY - 1), self.owner.values_changed_at(EMPLOYEES), *changes)
        if latest >= moment or self.owner.switches:
            return None
        found = {row[NUMBER] for row in self._stored.values() if row[TOUCHED] >= moment}
        managers = {self.row(number)["id"] for number in found}
        found |= {report for number in found for report in self.generator.reports(number)}
        found |= {row[NUMBER] for row in self._stored.values() if row["manager_id"] in managers}
        for name in ("hris_employments", "hris_time_off_balances"):
            owners = {row["employee_id"] for row in self.store[name].stored_rows() if row["changed_at"] >= moment}
            found |= {number for each in owners if each and (number := self.number_of(each)) is not None}
        return found


class PartsOfEmployees(Rows):
    """Records of which each employee has at most `SLOTS`."""

    def __init__(self, table: Table, store: Store) -> None:
        super().__init__(table, store)
        self._employees = self.store[EMPLOYEES]
        self._generator = generator = employee_generator(self._employees.generated, *self.owner.seeds)
        self._of = generator.employments if table.name == "hris_employments" else generator.balances
        self.generated = self.size = self._generator.size * SLOTS
        self._stored_of: dict[str | None, dict[int, None]] = {}
        """Numbers of the stored records that belong, or belonged, to each employee."""

    def _save(self, row: Row) -> None:
        super()._save(row)
        self._stored_of.setdefault(row["employee_id"], {})[row[NUMBER]] = None

    def _parts(self, index: int) -> list[Row]:
        """Return the generated records of an employee, with their changes."""
        return [
            self._stored.get(number) or {**part, NUMBER: number, TOUCHED: ""}
            for number, part in enumerate(self._of(index), index * SLOTS)
            if number not in self._removed
        ]

    def exists(self, number: int) -> bool:
        """Return whether there is a record with this number."""
        generated = number >= self.generated or number % SLOTS < len(self._of(number // SLOTS))
        return super().exists(number) and generated

    def row(self, number: int) -> Row:
        """Return the record with this number."""
        stored = self._stored.get(number)
        return stored or {**self._of(number // SLOTS)[number % SLOTS], NUMBER: number, TOUCHED: ""}

    def scan(self, start: int = 0) -> Iterator[Row]:
        """Iterate over all records, from a number on: those of each employee, then those that were added."""
        for index in range(start // SLOTS, self._generator.size):
            yield from (part for part in self._parts(index) if part[NUMBER] >= start)
        for number in range(max(start, self.generated), self.size):
            if self.exists(number):
                yield self.row(number)

    def where(self, key: str, value: str) -> list[Row]:
        """Return the records that hold this value; those of an employee are found without an index."""
        if key != "employee_id":
            return super().where(key, value)
        index = self._employees.number_of(value)
        parts = [] if index is None or index >= self._generator.size else self._parts(index)
        found = {part[NUMBER]: part for part in parts}
        found |= {n: self.row(n) for n in self._stored_of.get(value, ()) if n not in found and self.exists(n)}
        return [row for row in found.values() if row[key] == value]


def _group(_: Rows, row: Row) -> None:
    number: int = row[NUMBER]
    group = GROUPS[number]
    row |= {"name": group.name, "type": group.type}


def _location(_: Rows, row: Row) -> None:
    number: int = row[NUMBER]
    row |= {
        "name": f"Office {PLACES[number].city}",
        "address": PLACES[number].address(),
        "type": "OFFICE" if number else None,
        "changed_at": iso(TODAY - (450 - 40 * number) * DAY),
    }


def _legal_entity(_: Rows, row: Row) -> None:
    number: int = row[NUMBER]
    seat = PLACES[COMPANY_OF.index(number)]
    row |= {"name": seat.company, "address": seat.address(), "changed_at": iso(TODAY - (500 - 30 * number) * DAY)}


def _absence_type(_: Rows, row: Row) -> None:
    number: int = row[NUMBER]
    row |= {
        "name": ("Vacation", "Overtime off", "Sick leave", "Parental leave")[number],
        "unit": UNITS[number % 2],
        "half_days_supported": number != 3,
        "exact_times_supported": number == 1,
    }


def _absence(rows: Rows, row: Row) -> None:
    start = TODAY // DAY - row[NUMBER] * 7 % 400 + 30
    days = row[NUMBER] % 11
    absence_type = rows.store["hris_absence_types"].find(row["type_id"]) or {}
    hours = absence_type.get("unit") == "HOURS"
    row |= {
        "start_date": iso(start * DAY)[:10],
        "end_date": iso((start if hours else start + days) * DAY)[:10],
        "start_time": "09:00:00" if hours else None,
        "end_time": "13:00:00" if hours else None,
        "start_half_day": False,
        "end_half_day": False,
        "amount": 4 if hours else days + 1,
        "unit": absence_type.get("unit"),
    }


def _timesheet(_: Rows, row: Row) -> None:
    start = TODAY - row[NUMBER] * 3 % 90 * DAY + 8 * 3_600
    row |= {
        "started_at": iso(start),
        "ended_at": iso(start + 8.5 * 3_600),
        "breaks": [{"started_at": iso(start + 14_400), "ended_at": iso(start + 16_200), "paid": False}],
        "payable_hours": 8,
        "unpaid_break_minutes": 30,
    }


def _pay_run(_: Rows, row: Row) -> None:
    row |= {"start_date": f"2026-{row[NUMBER] % 10 + 1:02d}-01", "end_date": f"2026-{row[NUMBER] % 10 + 1:02d}-28"}


_PERSON = Link(EMPLOYEES, "employee_id")
_ENTITY = Link("hris_legal_entities", "legal_entity_id")
_TYPE = Link("hris_absence_types", "type_id")

_LEVELS: tuple[dict[str, str], ...] = tuple(
    {"id": records.id_from(digest("level", number)), "remote_id": f"{number}", "name": f"Level {number}"}
    for number in range(1, 6)
)


def rating_on_scale(option_id: str) -> Row | None:
    """Return a rating on the only scale; None if it has no such option."""
    if option_id not in {level["id"] for level in _LEVELS}:
        return None
    return {"type": "SINGLE_SELECT", "options": list(_LEVELS), "selected_option_id": option_id}


def _rating(_: Rows, row: Row) -> None:
    number: int = row[NUMBER]
    row["proficiency"] = rating_on_scale(_LEVELS[number % len(_LEVELS)]["id"])


TABLES = by_name(
    table(
        EMPLOYEES,
        op.ITER_EMPLOYEES,
        1.0,
        rows=Employees,
        links={
            "employments": Link("hris_employments", "employee_id", reverse=True),
            "time_off_balances": Link("hris_time_off_balances", "employee_id", reverse=True),
            "manager": Link(EMPLOYEES, "manager_id"),
            "groups": Link("hris_teams", "group_ids", max_count=3),
            "legal_entity": _ENTITY,
            "teams": Link("hris_teams", "team_ids", max_count=3),
            "work_location": Link("hris_locations", "work_location_id"),
        },
        watched=("employments", "time_off_balances", "manager", "legal_entity", "work_location"),
    ),
    table("hris_employments", op.ITER_EMPLOYMENTS, 1.0, rows=PartsOfEmployees),
    table("hris_teams", (op.ITER_GROUPS, op.ITER_TEAMS), len(GROUPS), complete=_group),
    table("hris_locations", op.ITER_LOCATIONS, len(PLACES), complete=_location),
    table("hris_legal_entities", op.ITER_LEGAL_ENTITIES, len(COMPANIES), complete=_legal_entity),
    table("hris_employee_document_categories", op.ITER_EMPLOYEE_DOCUMENT_CATEGORIES, 6),
    table("hris_absence_types", op.ITER_ABSENCE_TYPES, 4, complete=_absence_type),
    table(
        "hris_time_off_balances",
        op.ITER_TIME_OFF_BALANCES,
        1.0,
        rows=PartsOfEmployees,
        links={"type": _TYPE},
        watched=("type",),
    ),
    table(
        "hris_absences",
        op.ITER_ABSENCES,
        2.0,
        links={"type": _TYPE, "employee": _PERSON, "approver": Link(EMPLOYEES, "approver_id", optional=True)},
        watched=("type",),
        complete=_absence,
    ),
    table("hris_timesheets", op.ITER_TIMESHEETS, 1.0, links={"employee": _PERSON}, complete=_timesheet),
    table("hris_performance_review_cycles", op.ITER_PERFORMANCE_REVIEW_CYCLES, 4),
    table(
        "hris_performance_reviews",
        op.ITER_PERFORMANCE_REVIEWS,
        1.0,
        links={
            "reviewee": Link(EMPLOYEES, "reviewee_id"),
            "reviewer": Link(EMPLOYEES, "reviewer_id", optional=True),
            "review_cycle": Link("hris_performance_review_cycles", "review_cycle_id", optional=True),
        },
        watched=("reviewee", "reviewer", "review_cycle"),
    ),
    table(
        "hris_staffing_entities",
        op.ITER_STAFFING_ENTITIES,
        0.3,
        links={
            "locations": Link("hris_locations", "location_ids", max_count=2),
            "legal_entities": Link("hris_legal_entities", "legal_entity_ids", max_count=1),
            "groups": Link("hris_teams", "group_ids", max_count=3),
        },
        watched=("locations", "legal_entities", "groups"),
    ),
    table("hris_pay_runs", op.ITER_PAY_RUNS, 20, links={"legal_entity": _ENTITY}, complete=_pay_run),
    table(
        "hris_payslips",
        op.ITER_PAYSLIPS,
        2.0,
        links={"employee": _PERSON, "pay_run": Link("hris_pay_runs", "pay_run_id")},
    ),
    table("hris_skills", op.GET_SKILLS, 8),
    table(
        "hris_employee_skill_assignments",
        op.GET_EMPLOYEE_SKILL_ASSIGNMENTS,
        0.4,
        links={"employee": _PERSON, "skill": Link("hris_skills", "skill_id")},
    ),
    table(
        "hris_employee_skill_proficiency_ratings",
        op.ITER_SKILL_PROFICIENCY_RATINGS,
        0.4,
        links={"employee": _PERSON, "skill": Link("hris_skills", "skill_id")},
        complete=_rating,
    ),
)
