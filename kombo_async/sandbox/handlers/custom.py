"""Operations of single tools. Any HR system accepts those of DATEV and Silae, any recruiting one those of Avionté."""

from __future__ import annotations

from ...models import custom as models
from ...operations import custom as op
from ..api_errors import invalid_input
from ..data import records
from ..data.deterministic import digest, iso
from ..data.hris_tables import EMPLOYEES
from ..data.records import Row
from .endpoints import Request, endpoints_of

_READY = {"ready": True}
_FILE = "Ziel=LODAS\r\nBeraterNr=455148\r\nMandantenNr=1\r\n"


def _employee(request: Request, employee_id: str | None) -> None:
    # The tool may have employees that Kombo has not synced, so any id of the tool is accepted.
    if employee_id is not None and not employee_id.startswith("remote:"):
        request.store[EMPLOYEES].require(employee_id, "employee_id", status=404)


def create_payroll_supplement(request: Request) -> Row:
    """Accept the body."""
    _employee(request, request.path.get("employee_id"))
    return {}


def check_eau_permission(_: Request) -> Row:
    """Return that everything is set up."""
    return dict(_READY)


def get_system_information(_: Request) -> Row:
    """Return the numbers of the tax consultant and of its client."""
    return {"consultant_number": 455_148, "client_number": 1, "target_system": "LODAS"}


def check_document_permission(_: Request) -> Row:
    """Return the types of documents that may be downloaded."""
    return {**_READY, "documents_granted": ["LOBN", "LOJO"]}


def get_available_documents(request: Request) -> Row:
    """Return payslips of a few employees, and one document of the company."""
    if request.query.moment("period") is None:
        raise invalid_input("period is missing.")
    people = request.store[EMPLOYEES]
    owners = [
        {key: row[key] for key in ("id", "remote_id")}
        for row in (people.row(n) for n in range(min(3, people.generated)))
    ]
    payslips = {"document_type": "LOBN", "available_for_employees": owners, "is_company_document": False}
    return {
        "results": [payslips, {"document_type": "LOJO", "available_for_employees": [], "is_company_document": True}]
    }


def download_document(request: Request) -> Row:
    """Return a document of an employee or of the company."""
    body = request.json
    _employee(request, request.path.get("employee_id") or body.get("employee_id"))
    name = f"{body['document_type']}-{body['accounting_month'][:7]}.pdf"
    return {"data_url": f"https://files.sandbox.example/{name}", "file_name": name, "content_type": "application/pdf"}


def create_eau_request(request: Request) -> Row:
    """Request a certificate of incapacity for work."""
    _employee(request, request.path["employee_id"])
    eau_id = records.id_from(digest("eau", len(request.store.extras)))
    request.store.extras[eau_id] = request.json
    return {"eau_id": eau_id}


def get_eau_request(request: Request) -> Row:
    """Return the report of the health insurance, which is available at once."""
    asked = request.store.extras.get(request.path["eau_id"])
    if asked is None:
        raise invalid_input("eau_id is not the id of a request.", status=404)
    report = records.generate(models.EauReport, digest(request.path["eau_id"]))
    return {"raw": {**report, "start_work_incapacity": asked["start_work_incapacity"]}}


def push_payroll_data(request: Request) -> Row:
    """Upload payroll data."""
    push_type = "PAYROLL" if request.json else "GENERAL"
    name = f"{push_type.lower()}-{request.json.get('payroll_month', 'now')[:7]}.txt"
    pushes = request.store.extras.setdefault("pushes", [])
    draw = digest("push", len(pushes))
    job = {"id": records.id_from(draw + 1), "file_name": name, "state": "UPLOADED", "file": _FILE}
    now = iso(request.store.owner.clock())
    pushes.append({"id": records.id_from(draw), "type": push_type, "created_at": now, "upload_jobs": [job]})
    return {"files": [{"name": name, "content": _FILE}]}


def get_data_pushes(request: Request) -> Row:
    """Return the uploads."""
    return {"data_pushes": request.store.extras.get("pushes", [])}


def add_synced_job(request: Request) -> Row:
    """Add a job to the synced ones."""
    if not request.json["job_remote_id"].isdecimal():
        raise invalid_input("job_remote_id must be a number.")
    request.store.extras.setdefault("synced jobs", set()).add(request.json["job_remote_id"])
    return {}


def remove_synced_job(request: Request) -> Row:
    """Remove a job from the synced ones, if it is there."""
    request.store.extras.setdefault("synced jobs", set()).discard(request.path["job_remote_id"])
    return {}


download_employee_document = download_document
push_general_data = push_payroll_data
check_write_permission = check_eau_permission
send_passthrough_request = prepare_payroll = set_compensations = create_payroll_supplement
OPERATIONS = endpoints_of(op, globals())
