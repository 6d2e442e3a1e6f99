"""What only one tool has: DATEV and Silae, for which any HR system stands in here, and Avionté, any recruiting one."""

from __future__ import annotations

from typing import Final

from ...models import custom as models
from ...operations import custom as op
from ..api_errors import invalid
from ..data import records
from ..data.deterministic import digest, iso
from ..data.records import Row
from .endpoints import Call, served
from .hris import EMPLOYEES

_READY: Final = {"ready": True}
_FILE: Final = "Ziel=LODAS\r\nBeraterNr=455148\r\nMandantenNr=1\r\n"


def _employee(call: Call, employee_id: str | None) -> None:
    # The tool may know people whom Kombo has not synced: its own ids are its own business.
    if employee_id is not None and not employee_id.startswith("remote:"):
        call.store[EMPLOYEES].need(employee_id, "employee_id", status=404)


def create_payroll_supplement(call: Call) -> Row:
    """Hand something to the tool, which takes it."""
    _employee(call, call.path.get("employee_id"))
    return {}


def check_eau_permission(_: Call) -> Row:
    """Say that all is set up."""
    return dict(_READY)


def get_system_information(_: Call) -> Row:
    """The numbers of the tax consultant and of the client there."""
    return {"consultant_number": 455_148, "client_number": 1, "target_system": "LODAS"}


def check_document_permission(_: Call) -> Row:
    """Which documents may be fetched."""
    return {**_READY, "documents_granted": ["LOBN", "LOJO"]}


def get_available_documents(call: Call) -> Row:
    """A payslip for each of a few people, and one document of the whole company."""
    if call.query.moment("period") is None:
        raise invalid("period is missing.")
    people = call.store[EMPLOYEES]
    owners = [
        {key: row[key] for key in ("id", "remote_id")} for row in (people.row(n) for n in range(min(3, people.made)))
    ]
    payslips = {"document_type": "LOBN", "available_for_employees": owners, "is_company_document": False}
    return {
        "results": [payslips, {"document_type": "LOJO", "available_for_employees": [], "is_company_document": True}]
    }


def download_document(call: Call) -> Row:
    """A document, of one employee or of the company."""
    body = call.json
    _employee(call, call.path.get("employee_id") or body.get("employee_id"))
    name = f"{body['document_type']}-{body['accounting_month'][:7]}.pdf"
    return {"data_url": f"https://files.sandbox.example/{name}", "file_name": name, "content_type": "application/pdf"}


def create_eau_request(call: Call) -> Row:
    """Ask for a certificate of incapacity for work."""
    _employee(call, call.path["employee_id"])
    eau_id = records.some_id(digest("eau", len(call.store.kept)))
    call.store.kept[eau_id] = call.json
    return {"eau_id": eau_id}


def get_eau_request(call: Call) -> Row:
    """The answer of the health insurance, which is there at once."""
    asked = call.store.kept.get(call.path["eau_id"])
    if asked is None:
        raise invalid("eau_id names no request.", status=404)
    report = records.make(models.EauReport, digest(call.path["eau_id"]))
    return {"raw": {**report, "start_work_incapacity": asked["start_work_incapacity"]}}


def push_payroll_data(call: Call) -> Row:
    """Upload what is there to be paid."""
    kind = "PAYROLL" if call.json else "GENERAL"
    name = f"{kind.lower()}-{call.json.get('payroll_month', 'now')[:7]}.txt"
    pushes = call.store.kept.setdefault("pushes", [])
    draw = digest("push", len(pushes))
    job = {"id": records.some_id(draw + 1), "file_name": name, "state": "UPLOADED", "file": _FILE}
    now = iso(call.store.owner.now())
    pushes.append({"id": records.some_id(draw), "type": kind, "created_at": now, "upload_jobs": [job]})
    return {"files": [{"name": name, "content": _FILE}]}


def get_data_pushes(call: Call) -> Row:
    """What was uploaded."""
    return {"data_pushes": call.store.kept.get("pushes", [])}


def add_synced_job(call: Call) -> Row:
    """Put a job on the list of those that are synced."""
    if not call.json["job_remote_id"].isdecimal():
        raise invalid("job_remote_id must be a number.")
    call.store.kept.setdefault("synced jobs", set()).add(call.json["job_remote_id"])
    return {}


def remove_synced_job(call: Call) -> Row:
    """Take a job from that list, on which it need not be."""
    call.store.kept.setdefault("synced jobs", set()).discard(call.path["job_remote_id"])
    return {}


download_employee_document = download_document
push_general_data = push_payroll_data
check_write_permission = check_eau_permission
send_passthrough_request = prepare_payroll = set_compensations = create_payroll_supplement
OPERATIONS: Final = served(op, globals())
