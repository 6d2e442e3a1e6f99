"""Checked by mypy and pyright, never run: what only one tool has, and what is refused.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from datetime import date
from typing import assert_type

from kombo_async import UNSET, KomboClient, Reply
from kombo_async.families.custom import Avionte, Datev, Silae
from kombo_async.models.common import ReplyWarning
from kombo_async.models.custom import (
    CreatedEauRequest,
    DatevAsciiFile,
    DatevAvailableDocument,
    DatevCompensation,
    DatevCompensationPeriod,
    DatevDataPush,
    DatevDocument,
    DatevDocumentOwner,
    DatevDocumentReadiness,
    DatevDocumentType,
    DatevFile,
    DatevFileType,
    DatevFixedPayment,
    DatevHourlyPayment,
    DatevLodasEntry,
    DatevReadiness,
    DatevSystem,
    DatevSystemInformation,
    DatevUploadJob,
    DatevUploadState,
    EauContact,
    EauFeedback,
    EauReport,
    EauRequest,
)

DAY = date(2026, 3, 1)


async def datev(client: KomboClient) -> None:
    assert_type(client.custom.datev, Datev)
    information = await client.custom.datev.get_system_information()
    assert_type(await client.custom.datev.get_system_information(integration_id="datev:1"), DatevSystemInformation)
    assert_type(information.consultant_number, int | float)
    assert_type(information.target_system, DatevSystem)
    file = DatevAsciiFile(
        file_name="lohn.txt",
        file_content="[Allgemein]",
        file_type=DatevFileType.STAMMDATEN,
        target_system="LODAS",
        accounting_month=DAY,
    )
    assert_type(await client.custom.datev.send_passthrough_request(file), Reply[None])
    assert_type(await client.custom.datev.check_write_permission(), Reply[DatevReadiness])
    ready = await client.custom.datev.check_write_permission(integration_id=None)
    assert_type(ready.data.ready, bool)
    assert_type(ready.data.error, str | None)
    assert_type(ready.warnings, tuple[ReplyWarning, ...])
    pushes = await client.custom.datev.get_data_pushes()
    assert_type(await client.custom.datev.get_data_pushes(), tuple[DatevDataPush, ...])
    assert_type(pushes[0].upload_jobs, tuple[DatevUploadJob, ...])
    assert_type(pushes[0].upload_jobs[0].state, DatevUploadState)
    await client.custom.datev.get_system_information("datev:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.send_passthrough_request("lohn.txt")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.send_passthrough_request(file, "datev:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.check_write_permission(employee_id="e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.get_data_pushes(page_size=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    DatevAsciiFile(file_name="lohn.txt", file_content="a", file_type="STAMMDATEN", target_system="LODAS")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    information.client_number = 7  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


async def payroll(client: KomboClient) -> None:
    hours, money = DatevHourlyPayment(hours=7.5, lohnart=200), DatevFixedPayment(amount=50, lohnart=201)
    entry = DatevLodasEntry(amount=1, lohnart=202, bearbeitungsschluessel=3)
    pay = DatevCompensation(amount=3000, period=DatevCompensationPeriod.MONTH, lohnart=100)
    DatevCompensation(amount=20.5, period="HOUR", lohnart=UNSET, currency="EUR")
    assert_type(
        await client.custom.datev.prepare_payroll("e", DAY, hourly_payments=[hours], fixed_payments=[money]),
        Reply[None],
    )
    assert_type(
        await client.custom.datev.prepare_payroll(
            "remote:7", DAY, hourly_payments=(), fixed_payments=(), custom_lodas=[entry], integration_id="datev:1"
        ),
        Reply[None],
    )
    assert_type(await client.custom.datev.set_compensations("e", DAY, [pay]), Reply[None])
    assert_type(await client.custom.datev.push_general_data(), Reply[tuple[DatevFile, ...]])
    assert_type(await client.custom.datev.push_payroll_data(DAY), Reply[tuple[DatevFile, ...]])
    assert_type((await client.custom.datev.push_payroll_data(DAY)).data[0].content, str)
    await client.custom.datev.prepare_payroll("e", DAY)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.prepare_payroll("e", DAY, [hours], [money])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.prepare_payroll("e", DAY, hourly_payments=[money], fixed_payments=[])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.prepare_payroll("e", DAY, hourly_payments=None, fixed_payments=[])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.prepare_payroll("e", "2026-03", hourly_payments=[], fixed_payments=[])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.set_compensations("e", [pay])  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.set_compensations("e", DAY, pay)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.set_compensations("e", DAY, [pay], "datev:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.set_compensations("e", None, [pay])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.push_general_data(DAY)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.push_payroll_data()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.push_payroll_data("2026-03-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    DatevHourlyPayment(hours=7.5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    DatevHourlyPayment(hours=7.5, lohnart="200")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    DatevCompensation(amount=3000, period="MONTH", currency="USD")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    DatevCompensation(amount=3000, period=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    DatevLodasEntry(amount=1, lohnart=202)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def certificates(client: KomboClient) -> None:
    contact = EauContact(
        gender="FEMALE",
        name="Ada Lovelace",
        telephone="030 1",
        fax="030 2",
        email="ada@example.com",
        company_name="Example",
        postal_code="10115",
        city="Berlin",
        street="Weg",
        house_number="1",
    )
    assert_type(await client.custom.datev.check_eau_permission(), Reply[DatevReadiness])
    assert_type(await client.custom.datev.create_eau_request("e", DAY), Reply[CreatedEauRequest])
    asked = await client.custom.datev.create_eau_request(
        "e", DAY, notification_email="ada@example.com", contact_person=contact, integration_id=None
    )
    assert_type(asked.data.eau_id, str)
    await client.custom.datev.create_eau_request("e", DAY, notification_email=UNSET, contact_person=UNSET)
    assert_type(await client.custom.datev.get_eau_request(asked.data.eau_id), Reply[EauRequest])
    report = (await client.custom.datev.get_eau_request("q")).data.raw
    assert_type(report, EauReport)
    assert_type(report.feedbacks_from_health_insurance, tuple[EauFeedback, ...])
    assert_type(report.feedbacks_from_health_insurance[0].incapacity_for_work.date_of_diagnosis, str | None)
    await client.custom.datev.check_eau_permission("datev:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.create_eau_request("e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.create_eau_request("e", DAY, "ada@example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.create_eau_request("e", DAY, notification_email=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.create_eau_request("e", DAY, contact_person="Ada")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.get_eau_request()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.get_eau_request(asked.data)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    EauContact(gender="FEMALE", name="Ada Lovelace")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def documents(client: KomboClient) -> None:
    assert_type(await client.custom.datev.check_document_permission(), Reply[DatevDocumentReadiness])
    assert_type((await client.custom.datev.check_document_permission()).data.documents_granted, tuple[str, ...])
    assert_type(await client.custom.datev.get_available_documents(DAY), Reply[tuple[DatevAvailableDocument, ...]])
    available = await client.custom.datev.get_available_documents(DAY, integration_id="datev:1")
    assert_type(available.data[0].available_for_employees, tuple[DatevDocumentOwner, ...])
    assert_type(
        await client.custom.datev.download_document(DatevDocumentType.LOBN, DAY, employee_id=None),
        Reply[DatevDocument],
    )
    assert_type(await client.custom.datev.download_document("LOBN", DAY, employee_id="e"), Reply[DatevDocument])
    assert_type(await client.custom.datev.download_employee_document("e", "LOBN", DAY), Reply[DatevDocument])
    assert_type((await client.custom.datev.download_employee_document("e", "LOBN", DAY)).data.data_url, str)
    await client.custom.datev.check_document_permission(DAY)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.get_available_documents()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.get_available_documents("2026-03")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.get_available_documents(DAY, "datev:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.download_document("LOBN", DAY)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.download_document("LOBN", DAY, "e")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.download_document("LOBN", DAY, employee_id=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.download_document(None, DAY, employee_id=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.datev.download_employee_document("LOBN", DAY)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.datev.download_employee_document(None, "LOBN", DAY)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def silae(client: KomboClient) -> None:
    assert_type(client.custom.silae, Silae)
    assert_type(await client.custom.silae.create_payroll_supplement("e", "code", DAY), Reply[None])
    assert_type(
        await client.custom.silae.create_payroll_supplement("e", "code", DAY, element_amount=7, element_string=UNSET),
        Reply[None],
    )
    await client.custom.silae.create_payroll_supplement("e", "code")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.silae.create_payroll_supplement("e", "code", DAY, 7.5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.silae.create_payroll_supplement("e", "code", DAY, element_amount="7")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.silae.create_payroll_supplement("e", "code", DAY, element_string=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.silae.create_payroll_supplement("e", 7, DAY)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.silae.check_write_permission()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


async def avionte(client: KomboClient) -> None:
    assert_type(client.custom.avionte, Avionte)
    assert_type(await client.custom.avionte.add_synced_job("7"), None)
    assert_type(await client.custom.avionte.remove_synced_job("7", integration_id="avionte:1"), None)
    await client.custom.avionte.add_synced_job()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.avionte.add_synced_job(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.avionte.add_synced_job("7", "avionte:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.custom.avionte.remove_synced_job(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.custom.workday.add_synced_job("7")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
