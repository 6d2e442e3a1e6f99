"""Calls of what only one tool has."""

from __future__ import annotations

from datetime import date

from kombo_async.models import (
    DatevAsciiFile,
    DatevCompensation,
    DatevCompensationPeriod,
    DatevDocumentType,
    DatevFileType,
    DatevFixedPayment,
    DatevHourlyPayment,
    DatevLodasEntry,
    DatevSystem,
    EauContact,
    EauContactGender,
)

from . import Call

MONTH = date(2026, 3, 1)

CALLS: list[Call] = [
    Call("custom.datev.get_system_information", lambda client, _: client.custom.datev.get_system_information()),
    Call(
        "custom.datev.send_passthrough_request",
        lambda client, _: client.custom.datev.send_passthrough_request(
            DatevAsciiFile(
                file_name="bewegungsdaten-2026-03.txt",
                file_content="[Allgemein]\nZiel=LODAS\nBeraterNr=455148\nMandantenNr=1\n",
                file_type=DatevFileType.BEWEGUNGSDATEN,
                target_system=DatevSystem.LODAS,
                accounting_month=MONTH,
            )
        ),
    ),
    Call("custom.datev.check_write_permission", lambda client, _: client.custom.datev.check_write_permission()),
    Call(
        "custom.datev.prepare_payroll",
        lambda client, ids: client.custom.datev.prepare_payroll(
            ids.employee, MONTH, hourly_payments=[], fixed_payments=[]
        ),
    ),
    Call(
        "custom.datev.prepare_payroll",
        lambda client, _: client.custom.datev.prepare_payroll(
            "remote:00042",
            MONTH,
            hourly_payments=[DatevHourlyPayment(hours=12.5, lohnart=1010)],
            fixed_payments=[DatevFixedPayment(amount=350, lohnart=2200)],
            custom_lodas=[DatevLodasEntry(amount=3, lohnart=3300, bearbeitungsschluessel=2)],
        ),
    ),
    Call(
        "custom.datev.set_compensations",
        lambda client, ids: client.custom.datev.set_compensations(ids.employee, MONTH, []),
    ),
    Call(
        "custom.datev.set_compensations",
        lambda client, _: client.custom.datev.set_compensations(
            "remote:00042",
            MONTH,
            [
                DatevCompensation(amount=3900, period=DatevCompensationPeriod.MONTH, lohnart=100),
                DatevCompensation(amount=24.5, period="HOUR"),
            ],
        ),
    ),
    Call("custom.datev.push_general_data", lambda client, _: client.custom.datev.push_general_data()),
    Call("custom.datev.push_payroll_data", lambda client, _: client.custom.datev.push_payroll_data(MONTH)),
    Call("custom.datev.get_data_pushes", lambda client, _: client.custom.datev.get_data_pushes()),
    Call("custom.datev.check_eau_permission", lambda client, _: client.custom.datev.check_eau_permission()),
    Call(
        "custom.datev.create_eau_request",
        lambda client, ids: client.custom.datev.create_eau_request(ids.employee, date(2026, 3, 9)),
    ),
    Call(
        "custom.datev.create_eau_request",
        lambda client, _: client.custom.datev.create_eau_request(
            "remote:00042",
            date(2026, 3, 9),
            notification_email="payroll@tannenhof.example",
            contact_person=EauContact(
                gender=EauContactGender.FEMALE,
                name="Ilse Brandt",
                telephone="+49 30 1234567",
                fax="+49 30 1234568",
                email="ilse.brandt@tannenhof.example",
                company_name="Tannenhof GmbH",
                postal_code="10115",
                city="Berlin",
                street="Invalidenstraße",
                house_number="7a",
            ),
        ),
    ),
    Call("custom.datev.get_eau_request", lambda client, ids: client.custom.datev.get_eau_request(ids.eau_request)),
    Call("custom.datev.check_document_permission", lambda client, _: client.custom.datev.check_document_permission()),
    Call("custom.datev.get_available_documents", lambda client, _: client.custom.datev.get_available_documents(MONTH)),
    Call(
        "custom.datev.download_document",
        lambda client, _: client.custom.datev.download_document(DatevDocumentType.LOJO, MONTH, employee_id=None),
    ),
    Call(
        "custom.datev.download_document",
        lambda client, ids: client.custom.datev.download_document("LOBN", MONTH, employee_id=ids.employee),
    ),
    Call(
        "custom.datev.download_employee_document",
        lambda client, ids: client.custom.datev.download_employee_document(ids.employee, DatevDocumentType.LOBN, MONTH),
    ),
    Call(
        "custom.silae.create_payroll_supplement",
        lambda client, ids: client.custom.silae.create_payroll_supplement(ids.employee, "200", date(2026, 3, 14)),
    ),
    Call(
        "custom.silae.create_payroll_supplement",
        lambda client, _: client.custom.silae.create_payroll_supplement(
            "remote:S-17", "210", date(2026, 3, 14), element_amount=6.5, element_string="Prime de transport"
        ),
    ),
    Call("custom.avionte.add_synced_job", lambda client, _: client.custom.avionte.add_synced_job("884213")),
    Call("custom.avionte.remove_synced_job", lambda client, _: client.custom.avionte.remove_synced_job("884213")),
]
