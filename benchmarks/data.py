"""The records of the server, computed from their numbers."""

from __future__ import annotations

import json
from typing import Any

# Key, label, and whether the tool defined the field: as in real tools, with gaps and characters beyond ASCII.
_KINDS = (
    ("dynamic", "Name of health insurance", False),
    ("dynamic", "Krankenversicherungsnummer (für Selbstständige)", False),
    ("customShirtSize", "T-shirt size", False),
    ("employment_type", "Employment type", True),
    ("costCenterCode", None, True),
    ("dynamic", "Emergency contact: phone", False),
    ("home_office_days", "Home office days per week", False),
    ("workPhone", "Work phone", True),
    ("dynamic", "Carte professionnelle délivrée le", False),
    ("seniority_date", "Seniority date", True),
    ("custom_field", None, False),
)
_MODELS = ("hris_employees", "hris_employees", "hris_employees", "hris_employments", "hris_absences")


def field_id(number: int) -> str:
    """Return the id of an integration field: as long as Kombo's, and ascending."""
    return f"F{number:023d}"


def _text(record: object) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _field(number: int) -> str:
    stem, label, default = _KINDS[number % len(_KINDS)]
    row = {
        "id": "<id>",
        "key": f"{stem}_<number>",
        "model": _MODELS[number % len(_MODELS)],
        "type": "DEFAULT" if default else "CUSTOM",
        "label": label,
        "is_passthrough_enabled": number % 7 == 0,
        "is_writable": False,
    }
    return _text(row).replace("<id>", "%s").replace("<number>", "%d")


_FIELDS = tuple(_field(number) for number in range(len(_KINDS) * len(_MODELS) * 7))


def field_rows(start: int, stop: int) -> str:
    """Return the integration fields of these numbers as the items of a JSON list."""
    templates, size = _FIELDS, len(_FIELDS)
    return ",".join([templates[n % size] % (field_id(n), n % 9_000_000 + 1_000_000) for n in range(start, stop)])


# Employees: all documented keys, and about as long as those of real tools, 4.7 KB.

_FIRST_NAMES = ("Zoë", "Mateusz", "Aylin", "Jürgen", "Ngozi", "Linnéa", "Rafael")
_LAST_NAMES = ("Kowalczyk", "Brandstätter", "Öztürk", "O’Sullivan", "Nwachukwu")
_JOBS = ("Warehouse Coordinator", "Senior Payroll Specialist", "Pflegefachkraft", "Field Engineer", "Recruiter")
_TOWNS = (
    ("Leipzig", "DE", "Sachsen", "Karl-Heine-Straße 41", "04229"),
    ("Wien", "AT", "Wien", "Gumpendorfer Straße 9", "1060"),
    ("Nantes", "FR", "Pays de la Loire", "12 rue de la Fosse", "44000"),
    ("Leeds", "GB", "West Yorkshire", "88 Kirkgate", "LS2 7DJ"),
)
_STATUSES = ("ACTIVE", "ACTIVE", "ACTIVE", "LEAVE", "INACTIVE")
_EMPLOYMENTS = ("FULL_TIME", "PART_TIME", "FULL_TIME", "WORKING_STUDENT")
_CHANGED = "2026-09-14T07:31:52.418Z"


def _address(number: int) -> dict[str, Any]:
    city, country, state, street, code = _TOWNS[number % len(_TOWNS)]
    return {
        "city": city,
        "country": country,
        "raw": f"{street}\n{code} {city}\n{country}",
        "state": state,
        "street_1": street,
        "street_2": None if number % 3 else "Hinterhaus, 2. OG",
        "zip_code": code,
    }


def _employment(number: int, step: int) -> dict[str, Any]:
    return {
        "id": f"M<id>{step}",
        "remote_id": f"<number>-{step}",
        "employee_id": "E<id>",
        "job_title": _JOBS[(number + step) % len(_JOBS)],
        "pay_rate": 3_150.5 + 410 * step,
        "pay_period": "MONTH",
        "pay_frequency": "MONTHLY",
        "employment_type": _EMPLOYMENTS[(number + step) % len(_EMPLOYMENTS)],
        "pay_currency": "EUR",
        "effective_date": f"202{step}-04-01T00:00:00.000Z",
        "changed_at": _CHANGED,
        "remote_deleted_at": None,
        "remote_data": None,
        "custom_fields": {},
        "integration_fields": [],
    }


def _balance(number: int, step: int) -> dict[str, Any]:
    unit = "HOURS" if step else "DAYS"
    return {
        "id": f"B<id>{step}",
        "remote_id": f"<number>-{step}",
        "employee_id": "E<id>",
        "type_id": f"5fQ8TyvUbGz3mKxW2nRpLsD{step}",
        "balance": 11.5 + number % 9,
        "balance_unit": unit,
        "used": 13.5,
        "used_unit": unit,
        "changed_at": _CHANGED,
        "remote_deleted_at": None,
        "remote_data": None,
    }


def _group(number: int, kind: str) -> dict[str, Any]:
    return {"id": f"8hWnT4vKqYc6ZpRb2LsXm{number:03d}", "remote_id": str(number), "name": f"Süd {number}", "type": kind}


def _employee(number: int) -> str:
    first, last = _FIRST_NAMES[number % len(_FIRST_NAMES)], _LAST_NAMES[number % len(_LAST_NAMES)]
    name, gone = f"{first} {last}", _STATUSES[number % len(_STATUSES)] == "INACTIVE"
    groups = [
        _group(number % 40, "DEPARTMENT"),
        _group(number % 7 + 40, "TEAM"),
        _group(number % 12 + 60, "COST_CENTER"),
    ]
    row: dict[str, Any] = {
        "id": "E<id>",
        "remote_id": "<number>",
        "employee_number": "P-<number>",
        "first_name": first,
        "last_name": last,
        "nationality": "Deutsch" if number % 2 else None,
        "display_full_name": name,
        "job_title": _JOBS[number % len(_JOBS)],
        "work_email": "person.<number>@brightwater.example",
        "personal_email": "someone.<number>@mail.example" if number % 3 else None,
        "mobile_phone_number": "+49 151 2<number>",
        "ssn": "65 170839 J 008",
        "tax_id": "12 345 678 901" if number % 2 else None,
        "gender": ("FEMALE", "MALE", "NON_BINARY")[number % 3],
        "ethnicity": "DECLINE_TO_SPECIFY",
        "marital_status": ("MARRIED", "SINGLE", None)[number % 3],
        "employment_status": _STATUSES[number % len(_STATUSES)],
        "employment_type": _EMPLOYMENTS[number % len(_EMPLOYMENTS)],
        "weekly_hours": 38.5,
        "avatar": "https://photos.brightwater.example/people/<number>/150x150.png" if number % 2 else None,
        "work_location_id": "3JdYwSb7TqM9cVfKx5ZgNhRa",
        "legal_entity_id": "7PmXv2BtQyWk4LcHs9RnGfDz",
        "manager_id": "E00000000000000000000001",
        "home_address": _address(number),
        "bank_accounts": [
            {
                "account_number": "0532013000",
                "bank_name": "Sparkasse Musterland",
                "bic": "MUSTDE21XXX",
                "domestic_bank_routing": {"number": "37040044", "type": "DE_BANKLEITZAHL"},
                "holder_name": name,
                "iban": "DE02370400440532013000",
            }
        ],
        "date_of_birth": f"19{60 + number % 40}-03-17T00:00:00.000Z",
        "start_date": "2020-04-01T00:00:00.000Z",
        "termination_date": "2026-06-30T00:00:00.000Z" if gone else None,
        "remote_created_at": "2020-03-11T09:12:45.000Z",
        "changed_at": _CHANGED,
        "remote_deleted_at": None,
        "custom_fields": {"laptop": "14 inch", "parking": number % 2 == 0, "languages": ["de", "en"], "grade": 7},
        "integration_fields": [
            {"id": field_id(n), "key": f"{_KINDS[n][0]}_{n}", "type": "CUSTOM", "label": _KINDS[n][1], "value": value}
            for n, value in enumerate(("AOK Plus", "<number>", None))
        ],
        "remote_data": None,
        "employments": [_employment(number, step) for step in range(1 + number % 3)],
        "time_off_balances": [_balance(number, step) for step in range(2)],
        "manager": {
            "id": "E00000000000000000000001",
            "remote_id": "1000001",
            "employee_number": "P-1000001",
            "first_name": "Ines",
            "last_name": "Falkenrath",
            "display_full_name": "Ines Falkenrath",
            "work_email": "person.1000001@brightwater.example",
            "employment_status": "ACTIVE",
            "termination_date": None,
        },
        "groups": groups,
        "legal_entity": {
            "id": "7PmXv2BtQyWk4LcHs9RnGfDz",
            "remote_id": "3",
            "name": "Brightwater Süd GmbH & Co. KG",
            "address": _address(0),
        },
        "teams": groups[1:2],
        "work_location": {
            "id": "3JdYwSb7TqM9cVfKx5ZgNhRa",
            "remote_id": "17",
            "name": "Werk Plagwitz",
            "address": _address(0),
            "type": "SITE",
            "changed_at": _CHANGED,
            "remote_deleted_at": None,
            "remote_data": None,
        },
    }
    return _text(row).replace("<id>", "%(id)s").replace("<number>", "%(number)d")


_EMPLOYEES = tuple(_employee(number) for number in range(len(_FIRST_NAMES) * len(_LAST_NAMES) * 12))


def employee_rows(start: int, stop: int) -> str:
    """Return the employees of these numbers as the items of a JSON list."""
    templates, size = _EMPLOYEES, len(_EMPLOYEES)
    return ",".join(
        [templates[n % size] % {"id": f"{n:023d}", "number": n % 9_000_000 + 1_000_000} for n in range(start, stop)]
    )


ABSENCE = _text(
    {
        "id": "A00000000000000000000001",
        "remote_id": "88211",
        "employee_id": "E00000000000000000000001",
        "approver_id": None,
        "start_date": "2027-07-05",
        "end_date": "2027-07-09",
        "start_half_day": False,
        "end_half_day": False,
        "start_time": None,
        "end_time": None,
        "amount": 5,
        "unit": "DAYS",
        "status": "REQUESTED",
        "employee_note": "Außer Haus",
        "type_id": "5fQ8TyvUbGz3mKxW2nRpLsD0",
        "remote_created_at": _CHANGED,
        "remote_updated_at": None,
        "changed_at": _CHANGED,
        "remote_deleted_at": None,
        "remote_data": None,
    }
)
"""The response to a new absence."""
