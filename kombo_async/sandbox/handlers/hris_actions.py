"""What can be done to an HR system."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...operations import hris as op
from ..api_errors import Problem, invalid
from ..data import records
from ..data.deterministic import digest, iso
from ..data.records import Row
from ..data.tables import Rows
from . import hris, tasks
from .endpoints import Call, served
from .hris import EMPLOYEES
from .query_params import parse_moment

_LINKED: Final = (
    "manager", "groups", "teams", "legal_entity", "work_location", "employments", "time_off_balances",
)  # fmt: skip
_PLAIN: Final = (
    "first_name", "last_name", "work_email", "gender", "job_title", "mobile_phone_number", "nationality", "ssn",
    "tax_id", "marital_status",
)  # fmt: skip
_DAYS: Final = ("date_of_birth", "start_date", "termination_date")
_FORM_VALUES: Final[Mapping[str, Any]] = {
    "text": str, "date": str, "number": int | float, "checkbox": bool, "multi_select": list, "array": list,
    "object": dict, "file": dict,
}  # fmt: skip
"""What a value is, by the type of the question in the form."""


def _without(record: Row, *keys: str) -> Row:
    return {key: value for key, value in record.items() if key not in keys}


def _person(call: Call) -> Row:
    """What the body says of a person, in the form of a record."""
    store, body = call.store, call.json
    values: Row = {key: body[key] for key in _PLAIN if key in body}
    values |= {key: records.spelled_out(body[key]) for key in _DAYS if key in body}
    if "home_address" in body:
        empty = dict.fromkeys(("city", "country", "raw", "state", "street_1", "street_2", "zip_code"))
        values["home_address"] = empty | body["home_address"]
    if "legal_entity_id" in body:
        values["legal_entity_id"] = store["hris_legal_entities"].need(body["legal_entity_id"], "legal_entity_id")["id"]
    if "location_id" in body:
        values["work_location_id"] = store["hris_locations"].need(body["location_id"], "location_id")["id"]
    return {key: value for key, value in values.items() if key not in store.owner.hidden}


def _new_employee(call: Call, values: Row) -> Row:
    rows = call.store[EMPLOYEES]
    email = values.get("work_email")
    if email is not None and _has_email(rows, email):
        raise Problem("HRIS.EMPLOYEE_ALREADY_EXISTS", "Somebody has this work_email.")
    start = values.get("start_date")
    status = "PENDING" if start is not None and start > iso(rows.owner.now()) else "ACTIVE"
    return rows.add({**values, "employment_status": status})


def _has_email(rows: Rows, email: str) -> bool:
    """Whether somebody has the address: those who were added or changed, or the one whose number is in it."""
    email = email.casefold()
    number = re.search(r"\.([0-9]{1,9})@", email)
    seeded = int(number[1]) - 1 if number else -1
    tried = [*rows.kept(), *([rows.row(seeded)] if 0 <= seeded < rows.made else [])]
    return any((row["work_email"] or "").casefold() == email for row in tried)


def create_employee(call: Call) -> Row:
    """Take somebody on."""
    values = _person(call)
    name = f"{values['first_name']} {values['last_name']}"
    row = _new_employee(call, {**values, "display_full_name": name})
    return _without(call.store[EMPLOYEES].show(row), *_LINKED)


def update_employee(call: Call) -> Row:
    """Change what is known of somebody."""
    rows = call.store[EMPLOYEES]
    row = rows.need(call.path["employee_id"], "employee_id", status=404)
    record = rows.show(rows.patch(row, **_person(call)))
    return _without(record, *_LINKED, "custom_fields", "integration_fields")


def get_employee_form(call: Call) -> Row:
    """The form for new people: a question of each kind, of which one must be answered."""
    _staffing_entity(call, call.query.text("staffing_entity_id"))
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
    return {"id": records.some_id(digest(name)), "label": label, "unified_value": name, "remote_id": name}


def _asked(kind: str, label: str, *, required: bool = False, unified_key: str | None = None, **more: Any) -> Row:
    asked = {"type": kind, "label": label, "required": required, "description": None, "unified_key": unified_key}
    return {**asked, **more}


def create_employee_with_form(call: Call) -> Row:
    """Take somebody on with a filled form."""
    _staffing_entity(call, call.json.get("staffing_entity_id"))
    form = get_employee_form(call)["properties"]
    filled = {name: value for name, value in call.json["properties"].items() if value is not None}
    for name, value in filled.items():
        if name not in form:
            raise Problem("REMOTE.INPUT_INVALID", f"The form does not ask for {name}.")
        kind = form[name]["type"]
        if not isinstance(value, _FORM_VALUES[kind]) or (kind == "date" and parse_moment(value) is None):
            raise Problem("REMOTE.INPUT_INVALID", f"{name} is a question of type {kind}; the value is of another type.")
    for name, asked in form.items():
        if asked["required"] and name not in filled:
            raise Problem("REMOTE.INPUT_INVALID", f"{name} must be filled in.")
    keys = {name: asked["unified_key"] for name, asked in form.items() if asked["unified_key"]}
    values = {key: filled[name] for name, key in keys.items() if name in filled}
    if "start_date" in values:
        values["start_date"] = records.spelled_out(values["start_date"])
    row = _new_employee(call, values)
    return {"id": row["id"], "remote_id": row["remote_id"], "prehire": {"remote_id": None}}


def _staffing_entity(call: Call, entity_id: str | None) -> None:
    if entity_id is not None:
        entity = call.store["hris_staffing_entities"].need(entity_id, "staffing_entity_id")
        if entity["status"] in {"CLOSED", "FILLED"}:
            raise Problem("HRIS.STAFFING_ENTITY_CLOSED", "Nobody is wanted there any more.")


def add_employee_document(call: Call) -> Row:
    """File a document, which no list shows."""
    call.store[EMPLOYEES].need(call.path["employee_id"], "employee_id", status=404)
    call.store["hris_employee_document_categories"].need(call.json["category_id"], "category_id")
    return {}


def create_absence(call: Call) -> Row:
    """Enter an absence."""
    store, body = call.store, call.json
    kind = store["hris_absence_types"].need(body["absence_type_id"], "absence_type_id")
    halves = {key: body.get(key, False) for key in ("start_half_day", "end_half_day")}
    if any(halves.values()) and not kind["half_days_supported"]:
        raise Problem("REMOTE.INPUT_INVALID", "The absence type takes no half days.")
    rows = store["hris_absences"]
    row = rows.add(
        {
            "employee_id": store[EMPLOYEES].need(body["employee_id"], "employee_id")["id"],
            "type_id": kind["id"],
            "start_date": body["start_date"][:10],
            "end_date": body["end_date"][:10],
            "start_time": body.get("start_time"),
            "end_time": body.get("end_time"),
            "amount": body.get("amount"),
            "unit": body.get("unit", kind["unit"]),
            "status": body.get("status", "REQUESTED"),
            "employee_note": body["employee_note"],
            **halves,
        }
    )
    return _without(rows.show(row), "type")


def delete_absence(call: Call) -> Row:
    """Take an absence back."""
    rows = call.store["hris_absences"]
    row = rows.need(call.path["absence_id"], "absence_id", status=404)
    return _without(rows.show(rows.remove(row)), "type")


def create_skill(call: Call) -> Row:
    """Make a skill."""
    rows = call.store["hris_skills"]
    return rows.show(rows.add({"name": call.json["name"], "ordered_levels": call.json.get("levels")}))


create_skills = tasks.start


def get_skills_task(call: Call) -> Row:
    """Read the state of a task, which is processed afterwards."""
    rows = call.store["hris_skills"]
    made: dict[str, Row] = call.store.kept.setdefault("skills by origin_id", {})

    def upsert(item: Row) -> Row:
        row = made.get(item["origin_id"])
        row = rows.add({"name": item["name"]}) if row is None else rows.patch(row, name=item["name"])
        made[item["origin_id"]] = row
        return row

    return tasks.look(call, lambda item: str(item["name"]), upsert)


def set_skill_proficiency_rating(call: Call) -> Row:
    """Say that somebody has a skill, and how well."""
    store, body = call.store, call.json
    rows, rating = store["hris_employee_skill_proficiency_ratings"], body.get("rating")
    source = "EXTERNAL" if rating is None else rating["rating_source"]
    proficiency = None if rating is None else hris.proficiency(str(rating["proficiency"]))
    if rating is not None and proficiency is None:
        raise invalid("rating.proficiency must be the id of an option of the scale.")
    employee_id = store[EMPLOYEES].need(body["employee_id"], "employee_id")["id"]
    skill_id = store["hris_skills"].need(body["skill_id"], "skill_id")["id"]
    for row in rows.where("employee_id", employee_id):
        if row["skill_id"] == skill_id and row["rating_source"] == source:
            return rows.show(rows.patch(row, proficiency=proficiency))
    values = {"employee_id": employee_id, "skill_id": skill_id, "rating_source": source, "proficiency": proficiency}
    return rows.show(rows.add(values))


def update_skill(call: Call) -> Row:
    """Rename a skill, or give it other levels."""
    rows, names = call.store["hris_skills"], {"name": "name", "levels": "ordered_levels"}
    row = rows.need(call.path["skill_id"], "skill_id", status=404)
    return rows.show(rows.patch(row, **{names[key]: value for key, value in call.json.items() if key in names}))


def delete_skill(call: Call) -> Row:
    """Delete a skill."""
    rows = call.store["hris_skills"]
    return rows.show(rows.remove(rows.need(call.path["skill_id"], "skill_id", status=404)))


def create_employee_skill_assignment(call: Call) -> Row:
    """Say that somebody has a skill."""
    store, body = call.store, call.json
    rows = store["hris_employee_skill_assignments"]
    values = {
        "employee_id": store[EMPLOYEES].need(body["employee_id"], "employee_id")["id"],
        "skill_id": store["hris_skills"].need(body["skill_id"], "skill_id")["id"],
        "current_level": body.get("current_level"),
    }
    return rows.show(rows.add(values))


def _assignment(call: Call) -> tuple[Rows, Row]:
    rows, key = call.store["hris_employee_skill_assignments"], "employee_skill_assignment_id"
    return rows, rows.need(call.path[key], key, status=404)


def update_employee_skill_assignment(call: Call) -> Row:
    """Change how well somebody has a skill."""
    rows, row = _assignment(call)
    return rows.show(rows.patch(row, current_level=call.json["current_level"]))


def delete_employee_skill_assignment(call: Call) -> Row:
    """Say that somebody does not have a skill."""
    rows, row = _assignment(call)
    return rows.show(rows.remove(row))


def _provisioning_group(call: Call) -> None:
    if call.path["group_id"] != "default":
        raise invalid("group_id can only be default.", status=404)


def diff_provisioning_group(call: Call) -> Row:
    """Compare the users of the caller with the people who work here."""
    _provisioning_group(call)
    rows, keys = call.store[EMPLOYEES], call.json["options"]["employee_fields"]
    present = {
        row["work_email"].casefold(): row
        for row in rows.walk()
        if row["work_email"] and row["employment_status"] == "ACTIVE" and not rows.is_deleted(row)
    }

    def shown(row: Row) -> Row:
        record = {key: value for key, value in rows.show(row).items() if key in keys}
        if "groups" in record:
            record["groups"] = [_without(group, "type") for group in record["groups"]]
        return record

    users = call.json["provisioned_users"]
    known = [user for user in users if user["email"].casefold() in present]
    kept = [{**user, "employee": shown(present.pop(user["email"].casefold()))} for user in known]
    return {
        "users": {
            "to_provision": [{"email": row["work_email"], "employee": shown(row)} for row in present.values()],
            "to_deprovision": [user for user in users if user not in known],
            "already_provisioned": kept,
        }
    }


def create_provisioning_setup_link(call: Call) -> Row:
    """A link to the filters of provisioning."""
    _provisioning_group(call)
    token = records.some_id(digest("provisioning", call.integration.id))
    expires_at = iso(call.environment.now() + 3_600)
    return {"url": f"https://connect.sandbox.example/provisioning/{token}", "expires_at": expires_at}


OPERATIONS: Final = (*hris.OPERATIONS, *served(op, globals()))
