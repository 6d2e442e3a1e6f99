"""Employees, their employments and their balances, computed from their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from .company import (
    COMPANIES,
    DAY,
    FIRST_CENTRE,
    FIRST_NAMES,
    FIRST_TEAM,
    GROUPS,
    JOBS,
    PLACES,
    PLAIN_NAMES,
    ROUTINGS,
    TODAY,
)
from .deterministic import Ids, IndexedRandom, iso, iso_day
from .records import full_name

FIRST_REMOTE_ID = 10_001
_LAST_DAY = TODAY // DAY
_REPORTS = 8
"""How many employees report to one manager."""
_MARITAL = ("SINGLE", "MARRIED", "MARRIED", "DOMESTIC_PARTNERSHIP", "DIVORCED", "NOT_MARRIED", None)
_TYPES = ("FULL_TIME", "FULL_TIME", "FULL_TIME", "PART_TIME", "CONTRACT", "WORKING_STUDENT", "INTERNSHIP")
UNITS = ("DAYS", "HOURS")
"""Units of the two balances that every employee has: vacation and overtime."""
SLOTS = 4
"""How many numbers are reserved for the employments, and for the balances, of each employee."""
_KEPT = 500
"""How many records of each kind a generator keeps in memory."""
_MODELS = (
    "hris_employees", "hris_employments", "hris_time_off_balances", "hris_absence_types", "hris_teams",
    "hris_locations", "hris_legal_entities",
)  # fmt: skip
COMPANY_OF = tuple(COMPANIES.index(place.company) for place in PLACES)


Record: TypeAlias = Mapping[str, Any]
"""A generated record. It is shared, so nothing in it may be changed in place."""


class EmployeeGenerator:
    """The employees of one integration. Managers, groups and offices are consistent in whatever order they are read."""

    def __init__(self, size: int, *seeds: object) -> None:
        self.size = size
        # Bits for: name and job; office and groups; status and dates of employment; other fields; times of changes.
        self._who = IndexedRandom(*seeds, "who")
        self._where = IndexedRandom(*seeds, "where")
        self._fate = IndexedRandom(*seeds, "fate")
        self._more = IndexedRandom(*seeds, "more")
        self._times = IndexedRandom(*seeds, "times")
        self._ids = {name: Ids(*seeds, name) for name in _MODELS}
        # The same ones are asked for again and again: to find, to check and to render them, alone and in others.
        self.record = lru_cache(maxsize=_KEPT)(self._record)
        self.employments = lru_cache(maxsize=_KEPT)(self._employments)
        self.balances = lru_cache(maxsize=_KEPT)(self._balances)

    def id_of(self, model: str, number: int) -> str:
        """Return the Kombo id of a record of the model."""
        return self._ids[model].encode(number)

    def reports(self, index: int) -> range:
        """Return the numbers of the employees who report to this one. Those with reports, the managers, neither leave
        nor are deleted."""
        return range(min(index * _REPORTS + 1, self.size), min((index + 1) * _REPORTS + 1, self.size))

    def manager(self, index: int) -> int | None:
        """Return the number of the manager; the first employee has none."""
        return (index - 1) // _REPORTS if index else None

    def status(self, index: int) -> str | None:
        """Return the `employment_status`."""
        if self.is_anonymised(index):
            return None
        draw = self._fate(index) % 100
        if self.reports(index) or draw >= 17:
            return "ACTIVE"
        return "INACTIVE" if draw < 10 else "LEAVE" if draw < 14 else "PENDING"

    def deleted_at(self, index: int) -> float | None:
        """Return when the record was deleted in the tool, or None."""
        if self.reports(index) or (self._fate(index) >> 8) % 100 >= 5:
            return None
        return _moment(self._times(index) >> 24, TODAY - 60 * DAY, 60 * DAY)

    def is_anonymised(self, index: int) -> bool:
        """Return whether the record was deleted more than 14 days ago, so that only its ids and times are left."""
        deleted_at = self.deleted_at(index)
        return deleted_at is not None and deleted_at < TODAY - 14 * DAY

    def changed_at(self, index: int) -> float:
        """Return when a property of the generated record last changed."""
        deleted_at = self.deleted_at(index)
        return _moment(self._times(index), TODAY - 300 * DAY, 240 * DAY) if deleted_at is None else deleted_at

    def work_email(self, index: int) -> str | None:
        """Return the `work_email`; a few employees, and those who have not started, have none."""
        if self._who(index) >> 40 & 31 == 0 or self.status(index) in {None, "PENDING"}:
            return None
        first, last = full_name(self._who(index))
        return f"{PLAIN_NAMES[first]}.{PLAIN_NAMES[last]}.{index + 1}@brightwater.example"

    def personal_email(self, index: int) -> str | None:
        """Return the `personal_email`; one employee in four has none."""
        if self._who(index) >> 45 & 3 == 0 or self.is_anonymised(index):
            return None
        first, last = full_name(self._who(index))
        return f"{PLAIN_NAMES[last]}{PLAIN_NAMES[first]}{index + 1}@mail.example"

    # Whole records.

    def _record(self, index: int) -> Record:
        """Return the employee, with the ids of linked records."""
        deleted_at = self.deleted_at(index)
        kept: dict[str, Any] = {
            "id": self.id_of("hris_employees", index),
            "remote_id": str(FIRST_REMOTE_ID + index),
            "changed_at": iso(self.changed_at(index)),
            "remote_deleted_at": None if deleted_at is None else iso(deleted_at),
            "custom_fields": None,
            "remote_data": None,
            "group_ids": [],
            "team_ids": [],
        }
        if self.is_anonymised(index):
            # In the published schema these four are not nullable.
            return {**dict.fromkeys(EMPLOYEE_KEYS), **kept}
        manager, status, more = self.manager(index), self.status(index), self._more(index)
        place, office, groups = PLACES[self._home(index)], self._place(index), self._groups_of(index)
        (first, last), employment_type, start = full_name(self._who(index)), self._type(index), self._start_day(index)
        return kept | {
            "employee_number": f"E-{index + 1:06d}",
            "first_name": first,
            "last_name": last,
            "nationality": place.nationality if more & 15 else None,
            "display_full_name": f"{first} {last}",
            "job_title": self._job(index),
            "work_email": self.work_email(index),
            "personal_email": self.personal_email(index),
            "mobile_phone_number": f"+49 151 {more >> 10 & 0xFFFFFF:08d}" if more >> 34 & 3 else None,
            "ssn": f"{more >> 5 & 0x1FF:03d}-{more >> 14 & 63:02d}-{more >> 20 & 0x1FFF:04d}",
            "tax_id": f"{(more >> 3) % 10**11:011d}" if more >> 37 & 3 else None,
            "gender": FIRST_NAMES[self._who(index) % len(FIRST_NAMES)][1],
            "ethnicity": "DECLINE_TO_SPECIFY",
            "marital_status": _MARITAL[(more >> 40) % len(_MARITAL)],
            "employment_status": status,
            "employment_type": employment_type,
            "weekly_hours": 20.5 if employment_type == "PART_TIME" else 40,
            "avatar": f"https://tool.example/photos/{index + 1}.png" if more >> 43 & 1 else None,
            "work_location_id": None if office is None else self.id_of("hris_locations", office),
            "legal_entity_id": self.id_of("hris_legal_entities", COMPANY_OF[self._home(index)]),
            "manager_id": None if manager is None else self.id_of("hris_employees", manager),
            "home_address": place.address((more >> 4) % 64 + 1),
            "bank_accounts": self._bank_accounts(more, index, f"{first} {last}"),
            "date_of_birth": iso_day((more >> 8) % 14_000),
            "start_date": iso_day(start),
            "termination_date": iso_day(self._end_day(index)) if status == "INACTIVE" else None,
            "remote_created_at": iso((start - 20) * DAY + more % DAY),
            "group_ids": [self.id_of("hris_teams", number) for number in groups],
            "team_ids": [self.id_of("hris_teams", n) for n in groups if GROUPS[n].type == "TEAM"],
        }

    def _employments(self, index: int) -> Sequence[Record]:
        """Return the employments of an employee, oldest first; an anonymised one has none."""
        count, start = (self._fate(index) >> 40) % 3 + 1, self._start_day(index)
        currency = PLACES[self._home(index)].currency
        salary, job = 38_000 + (self._more(index) >> 30) % 60 * 1_000, self._job(index)
        return [
            {
                "id": self.id_of("hris_employments", index * SLOTS + step),
                "remote_id": f"{index * SLOTS + step + 1_001}",
                "employee_id": self.id_of("hris_employees", index),
                "job_title": job if step == count - 1 else "Trainee",
                "pay_rate": salary + step * 2_500.5,
                "pay_period": "YEAR",
                "pay_frequency": "MONTHLY",
                "employment_type": self._type(index) if step == count - 1 else "TRAINING",
                "pay_currency": currency,
                "effective_date": iso_day(start - 365 * (count - 1 - step)),
                "changed_at": iso(_moment(self._times(index) >> 8, TODAY - 700 * DAY + step * 200 * DAY, 100 * DAY)),
                "remote_deleted_at": None,
                "remote_data": None,
                "custom_fields": None,
            }
            for step in range(0 if self.is_anonymised(index) else count)
        ]

    def _balances(self, index: int) -> Sequence[Record]:
        """Return the time-off balances of an employee; an anonymised one has none."""
        draw = self._more(index) >> 12
        return [
            {
                "id": self.id_of("hris_time_off_balances", index * SLOTS + number),
                "remote_id": f"{index * SLOTS + number + 1_001}",
                "employee_id": self.id_of("hris_employees", index),
                "type_id": self.id_of("hris_absence_types", number),
                "balance": (draw >> number) % 61 / 2,
                "balance_unit": unit,
                "changed_at": iso(_moment(self._times(index) >> 16, TODAY - 400 * DAY, 380 * DAY) + number),
                "remote_deleted_at": None,
                "used": None if number else draw // 61 % 41 / 2,
                "used_unit": None if number else unit,
                "remote_data": None,
            }
            for number, unit in enumerate(() if self.is_anonymised(index) else UNITS)
        ]

    def _bank_accounts(self, more: int, index: int, holder: str) -> list[dict[str, Any]]:
        if more >> 50 & 7 == 0:
            return []
        home, number = PLACES[self._home(index)], f"{more >> 6 & 0xFFFFFFFF:010d}"
        account = {
            "iban": None if home.country == "US" else f"{home.country}21{number}{number[::-1]}",
            "bic": home.bic,
            "account_number": number,
            "holder_name": holder,
            "bank_name": home.bank,
            "domestic_bank_routing": ROUTINGS.get(home.country),
        }
        return [account]

    # The random properties that records are made of.

    def _job(self, index: int) -> str:
        draw = self._who(index)
        jobs = JOBS[(draw >> 20) % len(JOBS)]
        return jobs[(draw >> 28) % len(jobs)] if index else "Chief Executive Officer"

    def _groups_of(self, index: int) -> list[int]:
        department, draw = (self._who(index) >> 20) % len(JOBS), self._where(index) >> 16
        groups = [department, FIRST_CENTRE + draw % 5]
        if draw >> 4 & 7:
            groups.insert(1, FIRST_TEAM + 3 * department + (draw >> 8) % 3)
        if draw >> 12 & 31 == 0:
            groups.append(len(GROUPS) - 1)
        return groups

    def _home(self, index: int) -> int:
        return self._where(index) % len(PLACES)

    def _place(self, index: int) -> int | None:
        draw = self._where(index)
        return None if draw >> 8 & 15 == 0 else draw % len(PLACES)

    def _type(self, index: int) -> str:
        return _TYPES[(self._fate(index) >> 32) % len(_TYPES)]

    def _start_day(self, index: int) -> int:
        days = (self._fate(index) >> 48) % 2_500
        return _LAST_DAY + days % 90 + 1 if self.status(index) == "PENDING" else _LAST_DAY - days - 500

    def _end_day(self, index: int) -> int:
        return _LAST_DAY - (self._fate(index) >> 20) % 400 - 1


@lru_cache(maxsize=8)
def employee_generator(size: int, *seeds: object) -> EmployeeGenerator:
    """Return the generator of these employees, which integrations with the same seed share."""
    return EmployeeGenerator(size, *seeds)


def _moment(draw: int, earliest: int, span: int) -> float:
    return earliest + draw % (span * 1000) / 1000


EMPLOYEE_KEYS = tuple(key for key in EmployeeGenerator(2).record(0))
"""All keys of an employee who is not anonymised."""
