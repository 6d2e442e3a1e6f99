"""The operations of DATEV, Silae and Avionté."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import NoneType
from typing import NotRequired, TypedDict

from ..engine.operation import IDEMPOTENT, SAFE, Operation, action
from ..models import custom as models

_DATEV = "/custom/datev"
_DATEV_EMPLOYEE = f"{_DATEV}/employees/{{employee_id}}"
_SYNCED_JOBS = "/ats/custom/avionte/synced-jobs"


class _Period(TypedDict):
    period: date
    """Any day of the month of the payroll."""


class _EmployeeDocument(TypedDict):
    document_type: models.DatevDocumentTypeOrStr
    accounting_month: date


class _Document(_EmployeeDocument):
    employee_id: str | None


class _Notification(TypedDict):
    email: str


class _EauRequest(TypedDict):
    start_work_incapacity: date
    notification: NotRequired[_Notification]
    contact_person: NotRequired[models.EauContact]


class _PayrollRun(TypedDict):
    date: date


class _Payroll(TypedDict):
    payroll_run: _PayrollRun
    hourly_payments: Sequence[models.DatevHourlyPayment]
    fixed_payments: Sequence[models.DatevFixedPayment]
    custom_lodas: NotRequired[Sequence[models.DatevLodasEntry]]


class _Compensations(TypedDict):
    effective_date: date
    compensations: Sequence[models.DatevCompensation]


class _PayrollPush(TypedDict):
    payroll_month: date


class _Supplement(TypedDict):
    supplement_code: str
    effective_date: date
    element_amount: NotRequired[float]
    element_string: NotRequired[str]


class _SyncedJob(TypedDict):
    job_remote_id: str


GET_SYSTEM_INFORMATION = Operation(
    "get_system_information",
    "GET",
    f"{_DATEV}/system-information",
    models.DatevSystemInformation,
    SAFE,
    integration=True,
)
SEND_PASSTHROUGH_REQUEST = action(
    "send_passthrough_request", "POST", f"{_DATEV}/passthrough", NoneType, models.DatevAsciiFile
)
CHECK_WRITE_PERMISSION = action(
    "check_write_permission", "GET", f"{_DATEV}/check-write-permission", models.DatevReadiness
)
PREPARE_PAYROLL = action("prepare_payroll", "PUT", f"{_DATEV_EMPLOYEE}/prepare-payroll", NoneType, _Payroll)
SET_COMPENSATIONS = action("set_compensations", "PUT", f"{_DATEV_EMPLOYEE}/compensations", NoneType, _Compensations)
PUSH_GENERAL_DATA = action("push_general_data", "POST", f"{_DATEV}/push-data/general", models.DatevFile, listed="files")
PUSH_PAYROLL_DATA = action(
    "push_payroll_data", "POST", f"{_DATEV}/push-data/payroll", models.DatevFile, _PayrollPush, listed="files"
)
GET_DATA_PUSHES = Operation(
    "get_data_pushes",
    "GET",
    f"{_DATEV}/data-pushes",
    models.DatevDataPush,
    SAFE,
    integration=True,
    listed="data_pushes",
)
CHECK_EAU_PERMISSION = action("check_eau_permission", "GET", f"{_DATEV}/check-eau-permission", models.DatevReadiness)
CREATE_EAU_REQUEST = action(
    "create_eau_request", "POST", f"{_DATEV_EMPLOYEE}/eau-requests", models.CreatedEauRequest, _EauRequest
)
GET_EAU_REQUEST = action("get_eau_request", "GET", f"{_DATEV}/eau-requests/{{eau_id}}", models.EauRequest)
CHECK_DOCUMENT_PERMISSION = action(
    "check_document_permission", "GET", f"{_DATEV}/check-document-permission", models.DatevDocumentReadiness
)
GET_AVAILABLE_DOCUMENTS = Operation(
    "get_available_documents",
    "GET",
    f"{_DATEV}/available-documents",
    models.DatevAvailableDocument,
    SAFE,
    integration=True,
    action=True,
    listed="results",
    filters=_Period,
)
DOWNLOAD_DOCUMENT = action(
    "download_document", "POST", f"{_DATEV}/download-document", models.DatevDocument, _Document, effect=SAFE
)
DOWNLOAD_EMPLOYEE_DOCUMENT = action(
    "download_employee_document",
    "POST",
    f"{_DATEV_EMPLOYEE}/download-document",
    models.DatevDocument,
    _EmployeeDocument,
    effect=SAFE,
)

CREATE_PAYROLL_SUPPLEMENT = action(
    "create_payroll_supplement",
    "POST",
    "/custom/silae/employees/{employee_id}/payroll-supplements",
    NoneType,
    _Supplement,
)

# Which jobs are synced is Kombo's own list, and one that holds a job once.
ADD_SYNCED_JOB = Operation(
    "add_synced_job", "POST", _SYNCED_JOBS, NoneType, IDEMPOTENT, integration=True, body=_SyncedJob
)
REMOVE_SYNCED_JOB = Operation(
    "remove_synced_job", "DELETE", f"{_SYNCED_JOBS}/{{job_remote_id}}", NoneType, IDEMPOTENT, integration=True
)
