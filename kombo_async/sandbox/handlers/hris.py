"""The operations of HR systems."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...operations import hris as op
from ..api_errors import ErrorResponse, invalid_input
from ..data import records
from ..data.deterministic import digest, iso
from ..data.hris_tables import EMPLOYEES, TABLES, rating_on_scale
from ..data.records import Row
from ..data.tables import Rows
from ..json_values import parse_moment
from . import tasks
from .endpoints import Request, endpoints_of
from .list_handlers import list_endpoints

_LINKED = (
    "manager", "groups", "teams", "legal_entity", "work_location", "employments", "time_off_balances",
)  # fmt: skip
_PLAIN = (
    "first_name", "last_name", "work_email", "gender", "job_title", "mobile_phone_number", "nationality", "ssn",
    "tax_id", "marital_status",
)  # fmt: skip
_DAYS = ("date_of_birth", "start_date", "termination_date")
_FORM_VALUES: Mapping[str, Any] = {
    "text": str, "date": str, "number": int | float, "checkbox": bool, "multi_select": list, "array": list,
    "object": dict, "file": dict,
}  # fmt: skip
"""The type of a value, by the type of the question in the form."""


def _without(record: Row, *keys: str) -> Row:
    return {key: value for key, value in record.items() if key not in keys}


def _person(request: Request) -> Row:
    """Return the employee of a body as the values of a record."""
    store, body = request.store, request.json
    values: Row = {key: body[key] for key in _PLAIN if key in body}
    values |= {key: records.to_timestamp(body[key]) for key in _DAYS if key in body}
    if "home_address" in body:
        empty = dict.fromkeys(("city", "country", "raw", "state", "street_1", "street_2", "zip_code"))
        values["home_address"] = empty | body["home_address"]
    if "legal_entity_id" in body:
        values["legal_entity_id"] = store["hris_legal_entities"].require(body["legal_entity_id"], "legal_entity_id")[
            "id"
        ]
    if "location_id" in body:
        values["work_location_id"] = store["hris_locations"].require(body["location_id"], "location_id")["id"]
    return {key: value for key, value in values.items() if key not in store.owner.hidden}


def _new_employee(request: Request, values: Row) -> Row:
    rows = request.store[EMPLOYEES]
    email = values.get("work_email")
    if email is not None and _has_email(rows, email):
        raise ErrorResponse("HRIS.EMPLOYEE_ALREADY_EXISTS", "An employee with this work_email exists.")
    start = values.get("start_date")
    status = "PENDING" if start is not None and start > iso(rows.owner.clock()) else "ACTIVE"
    return rows.add({**values, "employment_status": status})


def _has_email(rows: Rows, email: str) -> bool:
    """Return whether an employee has the address: a stored one, or the generated one whose number it contains."""
    email = email.casefold()
    number = re.search(r"\.([0-9]{1,9})@", email)
    seeded = int(number[1]) - 1 if number else -1
    tried = [*rows.stored_rows(), *([rows.row(seeded)] if 0 <= seeded < rows.generated else [])]
    return any((row["work_email"] or "").casefold() == email for row in tried)


def create_employee(request: Request) -> Row:
    """Create an employee."""
    values = _person(request)
    name = f"{values['first_name']} {values['last_name']}"
    row = _new_employee(request, {**values, "display_full_name": name})
    return _without(request.store[EMPLOYEES].render(row), *_LINKED)


def update_employee(request: Request) -> Row:
    """Change an employee."""
    rows = request.store[EMPLOYEES]
    row = rows.require(request.path["employee_id"], "employee_id", status=404)
    record = rows.render(rows.update(row, **_person(request)))
    return _without(record, *_LINKED, "custom_fields", "integration_fields")


def get_employee_form(request: Request) -> Row:
    """Return the form for new employees: a question of each type, one of them required."""
    _staffing_entity(request, request.query.text("staffing_entity_id"))
    sites = {"type": "referenced", "link": "/hris/locations"}
    languages = [_option("de", "German"), _option("en", "English")]
    place = {"site": _asked("single_select", "Site", options=sites)}
    keys = _asked("array", "Keys", item_type=_asked("number", "Key", min=1, max=None), min_items=None, max_items=9)
    inline = {"type": "inline", "entries": languages}
    restrictions = {"accepted_mime_types": ["application/pdf"], "max_file_size": 10_000_000}
    lengths: dict[str, Any] = {"min_length": None, "max_length": 80, "reg_exp": None}
    return {
        "properties": {
            "firstName": _asked("text", "First name", required=True, unified_key="first_name", **lengths),
            "lastName": _asked("text", "Last name", unified_key="last_name", **lengths),
            "workEmail": _asked("text", "E-mail", unified_key="work_email", **lengths),
            "startDate": _asked("date", "First day", unified_key="start_date"),
            "weeklyHours": _asked("number", "Hours a week", min=0, max=60),
            "remote": _asked("checkbox", "Works from home"),
            "languages": _asked("multi_select", "Languages", options=inline, min_items=None, max_items=None),
            "workLocation": _asked("object", "Place of work", properties={**place, "keyNumbers": keys}),
            "contract": _asked("file", "Contract", file_restrictions=restrictions),
        }
    }


def _option(name: str, label: str) -> Row:
    return {"id": records.id_from(digest(name)), "label": label, "unified_value": name, "remote_id": name}


def _asked(type_: str, label: str, *, required: bool = False, unified_key: str | None = None, **more: Any) -> Row:
    asked = {"type": type_, "label": label, "required": required, "description": None, "unified_key": unified_key}
    return {**asked, **more}


def create_employee_with_form(request: Request) -> Row:
    """Create an employee from a filled form."""
    _staffing_entity(request, request.json.get("staffing_entity_id"))
    form = get_employee_form(request)["properties"]
    filled = {name: value for name, value in request.json["properties"].items() if value is not None}
    for name, value in filled.items():
        if name not in form:
            raise ErrorResponse("REMOTE.INPUT_INVALID", f"The form does not ask for {name}.")
        type_ = form[name]["type"]
        if not isinstance(value, _FORM_VALUES[type_]) or (type_ == "date" and parse_moment(value) is None):
            raise ErrorResponse(
                "REMOTE.INPUT_INVALID", f"{name} is a question of type {type_}; the value has another type."
            )
    for name, asked in form.items():
        if asked["required"] and name not in filled:
            raise ErrorResponse("REMOTE.INPUT_INVALID", f"{name} must be filled in.")
    keys = {name: asked["unified_key"] for name, asked in form.items() if asked["unified_key"]}
    values = {key: filled[name] for name, key in keys.items() if name in filled}
    if "start_date" in values:
        values["start_date"] = records.to_timestamp(values["start_date"])
    row = _new_employee(request, values)
    return {"id": row["id"], "remote_id": row["remote_id"], "prehire": {"remote_id": None}}


def _staffing_entity(request: Request, entity_id: str | None) -> None:
    if entity_id is not None:
        entity = request.store["hris_staffing_entities"].require(entity_id, "staffing_entity_id")
        if entity["status"] in {"CLOSED", "FILLED"}:
            raise ErrorResponse("HRIS.STAFFING_ENTITY_CLOSED", "The staffing entity takes no more employees.")


def add_employee_document(request: Request) -> Row:
    """Add a document, which no list contains."""
    request.store[EMPLOYEES].require(request.path["employee_id"], "employee_id", status=404)
    request.store["hris_employee_document_categories"].require(request.json["category_id"], "category_id")
    return {}


def create_absence(request: Request) -> Row:
    """Create an absence."""
    store, body = request.store, request.json
    absence_type = store["hris_absence_types"].require(body["absence_type_id"], "absence_type_id")
    halves = {key: body.get(key, False) for key in ("start_half_day", "end_half_day")}
    if any(halves.values()) and not absence_type["half_days_supported"]:
        raise ErrorResponse("REMOTE.INPUT_INVALID", "The absence type takes no half days.")
    rows = store["hris_absences"]
    row = rows.add(
        {
            "employee_id": store[EMPLOYEES].require(body["employee_id"], "employee_id")["id"],
            "type_id": absence_type["id"],
            "start_date": body["start_date"][:10],
            "end_date": body["end_date"][:10],
            "start_time": body.get("start_time"),
            "end_time": body.get("end_time"),
            "amount": body.get("amount"),
            "unit": body.get("unit", absence_type["unit"]),
            "status": body.get("status", "REQUESTED"),
            "employee_note": body["employee_note"],
            **halves,
        }
    )
    return _without(rows.render(row), "type")


def delete_absence(request: Request) -> Row:
    """Delete an absence."""
    rows = request.store["hris_absences"]
    row = rows.require(request.path["absence_id"], "absence_id", status=404)
    return _without(rows.render(rows.mark_deleted(row)), "type")


def create_skill(request: Request) -> Row:
    """Create a skill."""
    rows = request.store["hris_skills"]
    return rows.render(rows.add({"name": request.json["name"], "ordered_levels": request.json.get("levels")}))


create_skills = tasks.start


def get_skills_task(request: Request) -> Row:
    """Read the state of a task, which is processed afterwards."""
    rows = request.store["hris_skills"]
    made: dict[str, Row] = request.store.extras.setdefault("skills by origin_id", {})

    def upsert(item: Row) -> Row:
        row = made.get(item["origin_id"])
        row = rows.add({"name": item["name"]}) if row is None else rows.update(row, name=item["name"])
        made[item["origin_id"]] = row
        return row

    return tasks.look(request, lambda item: str(item["name"]), upsert)


def set_skill_proficiency_rating(request: Request) -> Row:
    """Set the proficiency of an employee in a skill."""
    store, body = request.store, request.json
    rows, rating = store["hris_employee_skill_proficiency_ratings"], body.get("rating")
    source = "EXTERNAL" if rating is None else rating["rating_source"]
    proficiency = None if rating is None else rating_on_scale(str(rating["proficiency"]))
    if rating is not None and proficiency is None:
        raise invalid_input("rating.proficiency must be the id of an option of the scale.")
    employee_id = store[EMPLOYEES].require(body["employee_id"], "employee_id")["id"]
    skill_id = store["hris_skills"].require(body["skill_id"], "skill_id")["id"]
    for row in rows.where("employee_id", employee_id):
        if row["skill_id"] == skill_id and row["rating_source"] == source:
            return rows.render(rows.update(row, proficiency=proficiency))
    values = {"employee_id": employee_id, "skill_id": skill_id, "rating_source": source, "proficiency": proficiency}
    return rows.render(rows.add(values))


def update_skill(request: Request) -> Row:
    """Change the name or the levels of a skill."""
    rows, names = request.store["hris_skills"], {"name": "name", "levels": "ordered_levels"}
    row = rows.require(request.path["skill_id"], "skill_id", status=404)
    return rows.render(rows.update(row, **{names[key]: value for key, value in request.json.items() if key in names}))


def delete_skill(request: Request) -> Row:
    """Delete a skill."""
    rows = request.store["hris_skills"]
    return rows.render(rows.mark_deleted(rows.require(request.path["skill_id"], "skill_id", status=404)))


def create_employee_skill_assignment(request: Request) -> Row:
    """Assign a skill to an employee."""
    store, body = request.store, request.json
    rows = store["hris_employee_skill_assignments"]
    values = {
        "employee_id": store[EMPLOYEES].require(body["employee_id"], "employee_id")["id"],
        "skill_id": store["hris_skills"].require(body["skill_id"], "skill_id")["id"],
        "current_level": body.get("current_level"),
    }
    return rows.render(rows.add(values))


def _assignment(request: Request) -> tuple[Rows, Row]:
    rows, key = request.store["hris_employee_skill_assignments"], "employee_skill_assignment_id"
    return rows, rows.require(request.path[key], key, status=404)


def update_employee_skill_assignment(request: Request) -> Row:
    """Change the level of an assigned skill."""
    rows, row = _assignment(request)
    return rows.render(rows.update(row, current_level=request.json["current_level"]))


def delete_employee_skill_assignment(request: Request) -> Row:
    """Remove a skill from an employee."""
    rows, row = _assignment(request)
    return rows.render(rows.mark_deleted(row))


def _provisioning_group(request: Request) -> None:
    if request.path["group_id"] != "default":
        raise invalid_input("group_id can only be default.", status=404)


def diff_provisioning_group(request: Request) -> Row:
    """Compare the users of the caller with the active employees."""
    _provisioning_group(request)
    rows, keys = request.store[EMPLOYEES], request.json["options"]["employee_fields"]
    present = {
        row["work_email"].casefold(): row
        for row in rows.scan()
        if row["work_email"] and row["employment_status"] == "ACTIVE" and not rows.is_deleted(row)
    }

    def shown(row: Row) -> Row:
        record = {key: value for key, value in rows.render(row).items() if key in keys}
        if "groups" in record:
            record["groups"] = [_without(group, "type") for group in record["groups"]]
        return record

    users = request.json["provisioned_users"]
    known = [user for user in users if user["email"].casefold() in present]
    kept = [{**user, "employee": shown(present.pop(user["email"].casefold()))} for user in known]
    return {
        "users": {
            "to_provision": [{"email": row["work_email"], "employee": shown(row)} for row in present.values()],
            "to_deprovision": [user for user in users if user not in known],
            "already_provisioned": kept,
        }
    }


def create_provisioning_setup_link(request: Request) -> Row:
    """Return a link to the filters of provisioning."""
    _provisioning_group(request)
    token = records.id_from(digest("provisioning", request.integration.id))
    expires_at = iso(request.environment.clock() + 3_600)
    return {"url": f"https://connect.sandbox.example/provisioning/{token}", "expires_at": expires_at}


OPERATIONS = (*list_endpoints(TABLES.values()), *endpoints_of(op, globals()))
