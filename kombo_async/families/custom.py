"""Operations that only one tool has: DATEV, Silae, Avionté."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import UNSET, UnsetType

from ..engine import query
from ..engine.request import build_request
from ..models import custom as models
from ..operations import custom as op
from .family import Family, Reply, omit_unset


class Datev(Family):
    """The operations for DATEV, as `client.custom.datev`.

    DATEV receives files, which take effect when the accountant imports them. Employees are identified by their Kombo
    id, or by their number at DATEV as `remote:12312`.
    """

    __slots__ = ()

    async def get_system_information(self, *, integration_id: str | None = None) -> models.DatevSystemInformation:
        """Get accountant, client and payroll program, which the head of an ASCII file names.

        See https://docs.kombo.dev/hris/v1/get-datev-system-information
        """
        return await self._send(op.GET_SYSTEM_INFORMATION, integration_id)

    async def send_passthrough_request(
        self, file: models.DatevAsciiFile, *, integration_id: str | None = None
    ) -> Reply[None]:
        """Send a payroll file of your own to DATEV. Kombo checks its format, not its content.

        See https://docs.kombo.dev/hris/v1/post-datev-passthrough
        """
        return await self._action(op.SEND_PASSTHROUGH_REQUEST, integration_id, body=file)

    async def check_write_permission(self, *, integration_id: str | None = None) -> Reply[models.DatevReadiness]:
        """Ask whether payroll data can be sent; the result is in `ready` and `error`, and never raised.

        See https://docs.kombo.dev/hris/v1/get-datev-check-write-permission
        """
        return await self._action(op.CHECK_WRITE_PERMISSION, integration_id)

    async def prepare_payroll(
        self,
        employee_id: str,
        payroll_date: date,
        *,
        hourly_payments: Sequence[models.DatevHourlyPayment],
        fixed_payments: Sequence[models.DatevFixedPayment],
        custom_lodas: Sequence[models.DatevLodasEntry] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Record what a person gets in a payroll run in addition to regular pay; `push_payroll_data` then sends it.

        `payroll_date` is a day of the month of the run. Needs "Manage payroll" in the scope config.
        See https://docs.kombo.dev/hris/v1/put-datev-employees-employee-id-prepare-payroll
        """
        body = omit_unset(
            payroll_run={"date": payroll_date},
            hourly_payments=hourly_payments,
            fixed_payments=fixed_payments,
            custom_lodas=custom_lodas,
        )
        return await self._action(op.PREPARE_PAYROLL, integration_id, body=body, employee_id=employee_id)

    async def set_compensations(
        self,
        employee_id: str,
        effective_date: date,
        compensations: Sequence[models.DatevCompensation],
        *,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """REPLACE all regular pay of a person: on `effective_date` every compensation ends that is not in this list.

        To add one, send the existing ones as well; an empty list ends them all. A date whose payroll has run may be
        refused. Needs "Manage payroll" in the scope config.
        See https://docs.kombo.dev/hris/v1/put-datev-employees-employee-id-compensations
        """
        body = {"effective_date": effective_date, "compensations": compensations}
        return await self._action(op.SET_COMPENSATIONS, integration_id, body=body, employee_id=employee_id)

    async def push_general_data(self, *, integration_id: str | None = None) -> Reply[tuple[models.DatevFile, ...]]:
        """Make files of people, regular pay and time off as they are now, and hand them to DATEV.

        See https://docs.kombo.dev/hris/v1/post-datev-push-data-general
        """
        return await self._action_list(op.PUSH_GENERAL_DATA, integration_id)

    async def push_payroll_data(
        self, payroll_month: date, *, integration_id: str | None = None
    ) -> Reply[tuple[models.DatevFile, ...]]:
        """Make files of what `prepare_payroll` noted for a month, named by its first day, and hand them to DATEV.

        Call it again after a correction. See https://docs.kombo.dev/hris/v1/post-datev-push-data-payroll
        """
        if getattr(payroll_month, "day", 1) != 1:
            raise ValueError("payroll_month is the first day of a month, such as date(2026, 3, 1)")
        return await self._action_list(op.PUSH_PAYROLL_DATA, integration_id, body={"payroll_month": payroll_month})

    async def get_data_pushes(self, *, integration_id: str | None = None) -> tuple[models.DatevDataPush, ...]:
        """Get the pushes of the last two months, with their files and whether those were imported.

        See https://docs.kombo.dev/hris/v1/get-datev-data-pushes
        """
        return await self._read_list(op.GET_DATA_PUSHES, integration_id)

    async def check_eau_permission(self, *, integration_id: str | None = None) -> Reply[models.DatevReadiness]:
        """Ask whether eAUs can be requested; the result is in `ready` and `error`, and never raised.

        See https://docs.kombo.dev/hris/v1/get-datev-check-eau-permission
        """
        return await self._action(op.CHECK_EAU_PERMISSION, integration_id)

    async def create_eau_request(
        self,
        employee_id: str,
        start_work_incapacity: date,
        *,
        notification_email: str | UnsetType = UNSET,
        contact_person: models.EauContact | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[models.CreatedEauRequest]:
        """Ask a person's health insurance for the electronic certificate (eAU) of an illness that began on a day.

        DATEV writes to `notification_email` when there is a result, which `get_eau_request` then returns. Needs
        "Manage eAU" in the scope config.
        See https://docs.kombo.dev/hris/v1/post-datev-employees-employee-id-eau-requests
        """
        notification = UNSET if isinstance(notification_email, UnsetType) else {"email": notification_email}
        body = omit_unset(
            start_work_incapacity=start_work_incapacity, notification=notification, contact_person=contact_person
        )
        return await self._action(op.CREATE_EAU_REQUEST, integration_id, body=body, employee_id=employee_id)

    async def get_eau_request(self, eau_id: str, *, integration_id: str | None = None) -> Reply[models.EauRequest]:
        """Get the responses of the health insurance so far.

        See https://docs.kombo.dev/hris/v1/get-datev-eau-requests-eau-id
        """
        return await self._action(op.GET_EAU_REQUEST, integration_id, eau_id=eau_id)

    async def check_document_permission(
        self, *, integration_id: str | None = None
    ) -> Reply[models.DatevDocumentReadiness]:
        """Ask which kinds of documents can be downloaded; no error is raised if none can.

        See https://docs.kombo.dev/hris/v1/get-datev-check-document-permission
        """
        return await self._action(op.CHECK_DOCUMENT_PERMISSION, integration_id)

    async def get_available_documents(
        self, period: date, *, integration_id: str | None = None
    ) -> Reply[tuple[models.DatevAvailableDocument, ...]]:
        """Ask DATEV which documents it has for the month of a day, and for whom.

        See https://docs.kombo.dev/hris/v1/get-datev-available-documents
        """
        text = query.list_query(op.GET_AVAILABLE_DOCUMENTS, {"period": period}).text
        request = build_request(op.GET_AVAILABLE_DOCUMENTS, self._options, integration_id, query=text)
        return await self._call_list(op.GET_AVAILABLE_DOCUMENTS, request)

    async def download_document(
        self,
        document_type: models.DatevDocumentTypeOrStr,
        accounting_month: date,
        *,
        employee_id: str | None,
        integration_id: str | None = None,
    ) -> Reply[models.DatevDocument]:
        """Get a document of a month: the company's with `employee_id=None`, else the one of a person.

        Needs "Manage documents" in the scope config.
        See https://docs.kombo.dev/hris/v1/post-datev-download-document
        """
        body = {
            "document_type": document_type,
            "accounting_month": accounting_month,
            "employee_id": employee_id,
        }
        return await self._action(op.DOWNLOAD_DOCUMENT, integration_id, body=body)

    async def download_employee_document(
        self,
        employee_id: str,
        document_type: models.DatevDocumentTypeOrStr,
        accounting_month: date,
        *,
        integration_id: str | None = None,
    ) -> Reply[models.DatevDocument]:
        """Get a document of a person for a month. Needs "Manage documents" in the scope config.

        See https://docs.kombo.dev/hris/v1/post-datev-employees-employee-id-download-document
        """
        body = {"document_type": document_type, "accounting_month": accounting_month}
        return await self._action(op.DOWNLOAD_EMPLOYEE_DOCUMENT, integration_id, body=body, employee_id=employee_id)


class Silae(Family):
    """The operations for Silae, as `client.custom.silae`."""

    __slots__ = ()

    async def create_payroll_supplement(
        self,
        employee_id: str,
        supplement_code: str,
        effective_date: date,
        *,
        element_amount: float | UnsetType = UNSET,
        element_string: str | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Give a person a supplement from a day on, by its code in Silae.

        Which of number and text it takes depends on the code. `employee_id` may be `remote:` and Silae's own id.
        Needs "Manage payroll" in the scope config.
        See https://docs.kombo.dev/hris/v1/post-silae-employees-employee-id-payroll-supplements
        """
        body = omit_unset(
            supplement_code=supplement_code,
            effective_date=effective_date,
            element_amount=element_amount,
            element_string=element_string,
        )
        return await self._action(op.CREATE_PAYROLL_SUPPLEMENT, integration_id, body=body, employee_id=employee_id)


class Avionte(Family):
    """The operations for Avionté, as `client.custom.avionte`. Jobs are named by Avionté's own ids, all digits."""

    __slots__ = ()

    async def add_synced_job(self, job_remote_id: str, *, integration_id: str | None = None) -> None:
        """Include a job with its applications and candidates in the syncs, from the next one on.

        See https://docs.kombo.dev/ats/v1/post-custom-avionte-synced-jobs
        """
        await self._send(op.ADD_SYNCED_JOB, integration_id, body={"job_remote_id": job_remote_id})

    async def remove_synced_job(self, job_remote_id: str, *, integration_id: str | None = None) -> None:
        """Exclude a job from the syncs. Its earlier data remain.

        See https://docs.kombo.dev/ats/v1/delete-custom-avionte-synced-jobs-job-remote-id
        """
        await self._send(op.REMOVE_SYNCED_JOB, integration_id, job_remote_id=job_remote_id)


class Custom(Family):
    """The operations that only one tool has, by tool, as `client.custom`."""

    __slots__ = ()

    @property
    def datev(self) -> Datev:
        """DATEV: payroll data and documents."""
        return Datev(self._executor, self._options)

    @property
    def silae(self) -> Silae:
        """Silae: payroll supplements."""
        return Silae(self._executor, self._options)

    @property
    def avionte(self) -> Avionte:
        """Avionté: which jobs are synced."""
        return Avionte(self._executor, self._options)
