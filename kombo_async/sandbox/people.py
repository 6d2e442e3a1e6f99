"""Employees and what hangs on them, computed from their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kombo_async.sandbox.org import (
    COMPANIES,
    DAY,
    FIRST_CENTRE,
    FIRST_NAMES,
    FIRST_TEAM,
    GROUPS,
    JOBS,
    LAST_NAMES,
    PLACES,
    PLAIN_NAMES,
    ROUTINGS,
    TODAY,
    company_changed_at,
    office_changed_at,
)
from kombo_async.sandbox.seeded import Dice, Ids, iso, iso_day

_FIRST_REMOTE_ID: Final = 10_001
_LAST_DAY: Final = TODAY // DAY
_REPORTS: Final = 8
"""How many people report to one manager."""
_MARITAL: Final = ("SINGLE", "MARRIED", "MARRIED", "DOMESTIC_PARTNERSHIP", "DIVORCED", "NOT_MARRIED", None)
_TYPES: Final = ("FULL_TIME", "FULL_TIME", "FULL_TIME", "PART_TIME", "CONTRACT", "WORKING_STUDENT", "INTERNSHIP")
_UNITS: Final = ("DAYS", "HOURS")
"""Units of the two balances everybody has: vacation and overtime."""
_COMPANY_OF: Final = tuple(COMPANIES.index(place.company) for place in PLACES)


class People:
    """The workforce of one integration. Managers, groups and offices fit together whoever is asked for."""

    def __init__(self, seed: int, integration: int, size: int, *, hidden: frozenset[str] = frozenset()) -> None:
        self.size = size
        self._hidden = hidden
        """Properties that are null in every record."""
        self._ids = Ids(seed, integration, "employee")
        self._employment_ids = Ids(seed, integration, "employment")
        self._balance_ids = Ids(seed, integration, "time off balance")
        self._who = Dice(seed, integration, "who")
        self._where = Dice(seed, integration, "where")
        self._fate = Dice(seed, integration, "fate")
        self._more = Dice(seed, integration, "more")
        self._times = Dice(seed, integration, "times")
        # The few things that many records share, in the form in which records show them.
        self._type_ids = [Ids(seed, integration, "absence type").encode(number) for number in range(len(_UNITS))]
        self._groups = [_group(number, Ids(seed, integration, "group").encode(number)) for number in range(len(GROUPS))]
        self._offices = [
            _office(number, Ids(seed, integration, "location").encode(number)) for number in range(len(PLACES))
        ]
        self._companies = [
            _company(number, Ids(seed, integration, "legal entity").encode(number)) for number in range(len(COMPANIES))
        ]

    # What filters ask for: cheap, one property at a time.

    def index(self, employee_id: str) -> int | None:
        """Which employee has this id; None if there is none."""
        index = self._ids.decode(employee_id)
        return index if index is not None and index < self.size else None

    def index_of_remote(self, remote_id: str) -> int | None:
        """Which employee has this id in the connected tool; None if there is none."""
        if not (remote_id.isascii() and remote_id.isdigit() and len(remote_id) < 16) or remote_id[0] == "0":
            return None
        index = int(remote_id) - _FIRST_REMOTE_ID
        return index if 0 <= index < self.size else None

    def has_reports(self, index: int) -> bool:
        """Whether somebody reports to this employee. Such people neither leave nor get deleted."""
        return index * _REPORTS + 1 < self.size

    def manager(self, index: int) -> int | None:
        """Number of the manager; the first employee has none."""
        return (index - 1) // _REPORTS if index else None

    def status(self, index: int) -> str | None:
        """``employment_status``."""
        if self.is_anonymised(index):
            return None
        draw = self._fate(index) % 100
        if self.has_reports(index) or draw >= 17:
            return "ACTIVE"
        return "INACTIVE" if draw < 10 else "LEAVE" if draw < 14 else "PENDING"

    def deleted_at(self, index: int) -> float | None:
        """When the tool lost the record; None while it has it."""
        if self.has_reports(index) or (self._fate(index) >> 8) % 100 >= 5:
            return None
        return _moment(self._times(index) >> 24, TODAY - 60 * DAY, 60 * DAY)

    def is_anonymised(self, index: int) -> bool:
        """Whether so much time has passed since the deletion that only ids and dates are left."""
        deleted_at = self.deleted_at(index)
        return deleted_at is not None and deleted_at < TODAY - 14 * DAY

    def changed_at(self, index: int) -> float:
        """When one of the record's own properties changed last, as far as the seed knows."""
        deleted_at = self.deleted_at(index)
        return _moment(self._times(index), TODAY - 300 * DAY, 240 * DAY) if deleted_at is None else deleted_at

    def touched_at(self, index: int) -> float:
        """When the record or one of the nested records that count changed last."""
        latest = self.changed_at(index)
        if self.is_anonymised(index):
            return latest
        place, manager = self._place(index), self.manager(index)
        return max(
            latest,
            self._employment_changed_at(index, self._employment_count(index) - 1),
            self._balance_changed_at(index, len(_UNITS) - 1),
            0.0 if manager is None else self.changed_at(manager),
            0.0 if place is None else office_changed_at(place),
            company_changed_at(_COMPANY_OF[self._home(index)]),
        )

    def work_email(self, index: int) -> str | None:
        """``work_email``; none for a few, and for those who have not started."""
        if self._who(index) >> 40 & 31 == 0 or self.status(index) in {None, "PENDING"}:
            return None
        first, last, _ = self._name(index)
        return f"{PLAIN_NAMES[first]}.{PLAIN_NAMES[last]}.{index + 1}@brightwater.example"

    def personal_email(self, index: int) -> str | None:
        """``personal_email``; three in four have given one, where the tool keeps it at all."""
        if "personal_email" in self._hidden or self._who(index) >> 45 & 3 == 0 or self.is_anonymised(index):
            return None
        first, last, _ = self._name(index)
        return f"{PLAIN_NAMES[last]}{PLAIN_NAMES[first]}{index + 1}@mail.example"

    def group_ids(self, index: int) -> Sequence[str]:
        """Ids of the groups the employee is in."""
        return () if self.is_anonymised(index) else [self._groups[number]["id"] for number in self._groups_of(index)]

    def legal_entity_id(self, index: int) -> str | None:
        """``legal_entity_id``."""
        if self.is_anonymised(index):
            return None
        return str(self._companies[_COMPANY_OF[self._home(index)]]["id"])

    def work_location_id(self, index: int) -> str | None:
        """``work_location_id``; none for those who work from anywhere."""
        place = None if self.is_anonymised(index) else self._place(index)
        return None if place is None else str(self._offices[place]["id"])

    # Whole records.

    def record(self, index: int) -> dict[str, Any]:
        """The employee, but for what depends on syncs: custom fields and integration fields come empty."""
        employee_id, changed_at, deleted_at = self._ids.encode(index), self.changed_at(index), self.deleted_at(index)
        if self.is_anonymised(index):
            # The published schema keeps these four non-null, so a well-behaved answer does too.
            kept = {
                "id": employee_id,
                "remote_id": str(_FIRST_REMOTE_ID + index),
                "changed_at": iso(changed_at),
                "remote_deleted_at": iso(deleted_at or 0),
            }
            return {**dict.fromkeys(EMPLOYEE_KEYS), **{key: [] for key in _LISTS}, **kept}
        manager, status, more = self.manager(index), self.status(index), self._more(index)
        place, office = PLACES[self._home(index)], self._place(index)
        company = self._companies[_COMPANY_OF[self._home(index)]]
        groups = [self._groups[number] for number in self._groups_of(index)]
        kind, start = self._type(index), self._start_day(index)
        person = self._person(index, status)
        record = {
            "id": employee_id,
            "remote_id": person["remote_id"],
            "employee_number": person["employee_number"],
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "nationality": place.nationality if more & 15 else None,
            "display_full_name": person["display_full_name"],
            "job_title": self._job(index),
            "work_email": person["work_email"],
            "personal_email": self.personal_email(index),
            "mobile_phone_number": f"+49 151 {more >> 10 & 0xFFFFFF:08d}" if more >> 34 & 3 else None,
            "ssn": f"{more >> 5 & 0x1FF:03d}-{more >> 14 & 63:02d}-{more >> 20 & 0x1FFF:04d}",
            "tax_id": f"{(more >> 3) % 10**11:011d}" if more >> 37 & 3 else None,
            "gender": FIRST_NAMES[self._who(index) % len(FIRST_NAMES)][1],
            "ethnicity": "DECLINE_TO_SPECIFY",
            "marital_status": _MARITAL[(more >> 40) % len(_MARITAL)],
            "employment_status": status,
            "employment_type": kind,
            "weekly_hours": 20.5 if kind == "PART_TIME" else 40,
            "avatar": f"https://tool.example/photos/{index + 1}.png" if more >> 43 & 1 else None,
            "work_location_id": None if office is None else self._offices[office]["id"],
            "legal_entity_id": company["id"],
            "manager_id": None if manager is None else self._ids.encode(manager),
            "home_address": place.address((more >> 4) % 64 + 1),
            "bank_accounts": self._bank_accounts(more, index, person["display_full_name"]),
            "date_of_birth": iso_day((more >> 8) % 14_000),
            "start_date": iso_day(start),
            "termination_date": person["termination_date"],
            "remote_created_at": iso((start - 20) * DAY + more % DAY),
            "changed_at": iso(changed_at),
            "remote_deleted_at": None if deleted_at is None else iso(deleted_at),
            "custom_fields": None,
            "integration_fields": [],
            "remote_data": None,
            "employments": self._employments(index, employee_id),
            "time_off_balances": self._balances(index, employee_id),
            "manager": None if manager is None else self._person(manager, self.status(manager)),
            "groups": groups,
            "legal_entity": company,
            "teams": [group for group in groups if group["type"] == "TEAM"],
            "work_location": None if office is None else self._offices[office],
        }
        for key in self._hidden:
            record[key] = None
        return record

    def employment_numbers(self, index: int) -> Sequence[int]:
        """Numbers of the employments of one employee, oldest first; no two employees share one."""
        return () if self.is_anonymised(index) else range(index * 4, index * 4 + self._employment_count(index))

    def _person(self, index: int, status: str | None) -> dict[str, Any]:
        """The employee as others mention their manager."""
        first, last, _ = self._name(index)
        return {
            "first_name": first,
            "last_name": last,
            "display_full_name": f"{first} {last}",
            "id": self._ids.encode(index),
            "employee_number": f"E-{index + 1:06d}",
            "work_email": self.work_email(index),
            "remote_id": str(_FIRST_REMOTE_ID + index),
            "employment_status": status,
            "termination_date": iso_day(self._end_day(index)) if status == "INACTIVE" else None,
        }

    def _employments(self, index: int, employee_id: str) -> list[dict[str, Any]]:
        count, currency, start = (
            self._employment_count(index),
            PLACES[self._home(index)].currency,
            self._start_day(index),
        )
        salary, job, kind = 38_000 + (self._more(index) >> 30) % 60 * 1_000, self._job(index), self._type(index)
        found: list[dict[str, Any]] = []
        for step in range(count):
            number, latest = index * 4 + step, step == count - 1
            employment: dict[str, Any] = {
                "id": self._employment_ids.encode(number),
                "remote_id": f"emp-{number}" if number % 9 else None,
                "employee_id": employee_id,
                "job_title": job if latest else "Trainee",
                "pay_rate": salary + step * 2_500.5,
                "pay_period": "YEAR",
                "pay_frequency": "MONTHLY",
                "employment_type": kind if latest else "TRAINING",
                "pay_currency": currency,
                "effective_date": iso_day(start - 365 * (count - 1 - step)),
                "changed_at": iso(self._employment_changed_at(index, step)),
                "remote_deleted_at": None,
                "remote_data": None,
                "custom_fields": None,
                "integration_fields": [],
            }
            found.append(employment)
        return found

    def _balances(self, index: int, employee_id: str) -> list[dict[str, Any]]:
        draw = self._more(index) >> 12
        return [
            {
                "id": self._balance_ids.encode(index * len(_UNITS) + kind),
                "remote_id": f"{_FIRST_REMOTE_ID + index}-{kind}",
                "employee_id": employee_id,
                "type_id": self._type_ids[kind],
                "balance": (draw >> kind) % 61 / 2,
                "balance_unit": unit,
                "changed_at": iso(self._balance_changed_at(index, kind)),
                "remote_deleted_at": None,
                "used": None if kind else draw // 61 % 41 / 2,
                "used_unit": None if kind else unit,
                "remote_data": None,
            }
            for kind, unit in enumerate(_UNITS)
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

    # The draws behind all this.

    def _name(self, index: int) -> tuple[str, str, int]:
        draw = self._who(index)
        return FIRST_NAMES[draw % len(FIRST_NAMES)][0], LAST_NAMES[(draw >> 8) % len(LAST_NAMES)], draw

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

    def _employment_count(self, index: int) -> int:
        return (self._fate(index) >> 40) % 3 + 1

    def _start_day(self, index: int) -> int:
        days = (self._fate(index) >> 48) % 2_500
        return _LAST_DAY + days % 90 + 1 if self.status(index) == "PENDING" else _LAST_DAY - days - 500

    def _end_day(self, index: int) -> int:
        return _LAST_DAY - (self._fate(index) >> 20) % 400 - 1

    def _employment_changed_at(self, index: int, step: int) -> float:
        return _moment(self._times(index) >> 8, TODAY - 700 * DAY + step * 200 * DAY, 100 * DAY)

    def _balance_changed_at(self, index: int, kind: int) -> float:
        return _moment(self._times(index) >> 16, TODAY - 400 * DAY, 380 * DAY) + kind


def _moment(draw: int, earliest: int, span: int) -> float:
    return earliest + draw % (span * 1000) / 1000


def _group(number: int, group_id: str) -> dict[str, Any]:
    return {"id": group_id, "remote_id": str(number + 1), "name": GROUPS[number].name, "type": GROUPS[number].kind}


def _office(number: int, location_id: str) -> dict[str, Any]:
    return {
        "id": location_id,
        "remote_id": str(number + 1),
        "name": f"Office {PLACES[number].city}",
        "address": PLACES[number].address(),
        "type": "OFFICE" if number else None,
        "changed_at": iso(office_changed_at(number)),
        "remote_deleted_at": None,
        "remote_data": None,
    }


def _company(number: int, entity_id: str) -> dict[str, Any]:
    seat = PLACES[_COMPANY_OF.index(number)]
    return {"id": entity_id, "remote_id": f"company-{number + 1}", "name": seat.company, "address": seat.address()}


_LISTS: Final = ("integration_fields", "employments", "time_off_balances", "groups", "teams")
EMPLOYEE_KEYS: Final = tuple(People(0, 0, 2).record(0))
"""All keys of an employee, in the order of the answers."""
