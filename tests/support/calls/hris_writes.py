"""What is written to the HR system, and what is asked on the way to it."""

from __future__ import annotations

from datetime import date, time

from kombo_async.models import (
    BalanceUnit,
    EmployeeUpdate,
    File,
    Gender,
    HomeAddress,
    LinkLanguage,
    MaritalStatus,
    NewAbsence,
    NewAbsenceStatus,
    NewEmployee,
    ProvisionedUser,
    ProvisioningField,
    SkillRating,
    SkillStatus,
    SkillUpsert,
)
from kombo_async.models.hris import EmployeeRemoteFields

from . import Call

ADDRESS = HomeAddress(
    street_1="Gumpendorfer Straße 12", street_2="Top 7", city="Wien", state="Wien", zip_code="1060", country="AT"
)
REMOTE_FIELDS: EmployeeRemoteFields = {
    "humaans": {"employee": {"preferredName": "Mila"}},
    "hibob": {"employee": {"work": {"site": "Wien"}}},
    "bamboohr": {"employee": {"nickname": "Mila"}},
    "sympa": {"GenericNewHire": {"costPlace": "4711"}},
    "silae": {"siret": "73282932000074", "employee": {"matricule": "A7"}, "employment": {"statut": "CADRE"}},
    "peoplehr": {"job_role_effective_date": date(2026, 3, 1), "department": "Assembly"},
    "zohopeople": {"employee_id": "A-207"},
    "workday": {
        "position_id": "P-00231",
        "job_requisition_id": "R-119",
        "ssn": "1234010190",
        "bank_account": {"iban": "AT611904300234573201", "bic": "BKAUATWW", "bank_name": "Bank Austria"},
    },
    "deel": {"candidate_id": "c-77", "candidate_link": "https://jobs.example.com/candidates/c-77"},
    "oracle": {"group_id": "300000001", "department_id": "300000002"},
    "adpworkforcenow": {
        "onboarding_template_code": "STD",
        "applicant_payroll_profile_group_code": "7QX",
        "manager_position_id": "0M2",
        "home_organization_unit_code": "100",
        "personal_email": "mila.horak@example.net",
    },
    "azuread": {"password": "Fr0st-Gletscher-9"},
    "paycor": {"paygroupRemoteId": "881", "departmentRemoteId": "882"},
    "planday": {"department_remote_id": "12"},
    "dayforce": {
        "social_security_number": "1234010190",
        "pay_type": "Hourly",
        "pay_class": "FT",
        "pay_group": "AT",
        "base_rate": 23.5,
        "role": "Employee",
        "location": "100",
        "department": "7",
        "job": "Fitter",
        "country": "AUT",
    },
}

WRITES: list[Call] = [
    Call(
        "hris.diff_provisioning_group",
        lambda c, ids: c.hris.diff_provisioning_group("default", [], employee_fields=()),
    ),
    Call(
        "hris.diff_provisioning_group",
        lambda c, ids: c.hris.diff_provisioning_group(
            "default",
            [ProvisionedUser(origin_id="u-1", email="mila.horak@example.com")],
            employee_fields=list(ProvisioningField),
        ),
    ),
    Call(
        "hris.create_provisioning_setup_link",
        lambda c, ids: c.hris.create_provisioning_setup_link("default"),
    ),
    Call(
        "hris.create_provisioning_setup_link",
        lambda c, ids: c.hris.create_provisioning_setup_link("default", language=LinkLanguage.DE),
    ),
    Call(
        "hris.create_employee",
        lambda c, ids: c.hris.create_employee(NewEmployee(first_name="Mila", last_name="Horak")),
    ),
    Call(
        "hris.create_employee",
        lambda c, ids: c.hris.create_employee(
            NewEmployee(
                first_name="Mila",
                last_name="Horak",
                work_email="mila.horak@example.com",
                gender=Gender.FEMALE,
                job_title="Fitter",
                home_address=ADDRESS,
                date_of_birth=date(1990, 1, 1),
                mobile_phone_number="+43 660 1234567",
                home_phone_number="+43 1 7654321",
                nationality="AT",
                start_date=date(2026, 3, 1),
                legal_entity_id=ids.legal_entity,
                location_id=ids.location,
                remote_fields=REMOTE_FIELDS,
            )
        ),
    ),
    Call("hris.get_employee_form", lambda c, ids: c.hris.get_employee_form()),
    Call(
        "hris.get_employee_form",
        lambda c, ids: c.hris.get_employee_form(staffing_entity_id=ids.staffing_entity),
    ),
    Call("hris.create_employee_with_form", lambda c, ids: c.hris.create_employee_with_form({"firstName": "Mila"})),
    Call(
        "hris.create_employee_with_form",
        lambda c, ids: c.hris.create_employee_with_form(
            {
                "firstName": "Mila",
                "startDate": date(2026, 3, 1),
                "remote": True,
                "weeklyHours": 38.5,
                "workLocation": {"site": ids.location, "keyNumbers": [142, 525]},
            },
            staffing_entity_id=ids.staffing_entity,
        ),
    ),
    Call(
        "hris.update_employee",
        lambda c, ids: c.hris.update_employee(ids.employee, EmployeeUpdate(work_email="mila.horak@example.com")),
    ),
    Call(
        "hris.update_employee",
        lambda c, ids: c.hris.update_employee(
            ids.employee,
            EmployeeUpdate(
                work_email="mila.novak@example.com",
                first_name="Mila",
                last_name="Novak",
                gender="FEMALE",
                job_title="Foreman",
                home_address=ADDRESS,
                date_of_birth=date(1990, 1, 1),
                mobile_phone_number="+43 660 1234567",
                home_phone_number="+43 1 7654321",
                nationality="AT",
                start_date=date(2026, 3, 1),
                legal_entity_id=ids.legal_entity,
                location_id=ids.location,
                remote_fields=REMOTE_FIELDS,
                ssn="1234010190",
                marital_status=MaritalStatus.MARRIED,
                termination_date=date(2027, 2, 28),
                tax_id="12 345 678 901",
            ),
        ),
    ),
    Call(
        "hris.add_employee_document",
        lambda c, ids: c.hris.add_employee_document(
            ids.employee, ids.document_category, File(name="contract.pdf", data=b"%PDF-1.7")
        ),
    ),
    Call(
        "hris.add_employee_document",
        lambda c, ids: c.hris.add_employee_document(
            ids.employee,
            ids.document_category,
            File.from_url("https://files.example.com/contract?sig=a", name="contract.pdf", content_type="text/plain"),
            remote_fields={"afas": {"Fields": {"Da": "2026-03-09"}}},
        ),
    ),
    Call(
        "hris.create_absence",
        lambda c, ids: c.hris.create_absence(
            NewAbsence(
                employee_id=ids.employee,
                absence_type_id=ids.absence_type,
                start_date=date(2026, 8, 3),
                end_date=date(2026, 8, 3),
                employee_note=None,
            )
        ),
    ),
    Call(
        "hris.create_absence",
        lambda c, ids: c.hris.create_absence(
            NewAbsence(
                employee_id=ids.employee,
                absence_type_id=ids.absence_type,
                start_date=date(2026, 8, 3),
                end_date=date(2026, 8, 7),
                employee_note="Moving house",
                status=NewAbsenceStatus.APPROVED,
                start_half_day=True,
                end_half_day=False,
                amount=4.5,
                unit=BalanceUnit.DAYS,
                start_time=time(13, 0),
                end_time=time(17, 30),
                remote_fields={
                    "a3innuvanomina": {"benefit_type_id": "Direct payment"},
                    "adpworkforcenow": {"employment_id": "0M2", "paid_leave": True},
                },
            )
        ),
    ),
    Call("hris.delete_absence", lambda c, ids: c.hris.delete_absence(ids.absence)),
    Call(
        "hris.delete_absence",
        lambda c, ids: c.hris.delete_absence(
            ids.absence, remote_fields={"adpworkforcenow": {"employment_id": "0M2"}, "a_new_tool": {"any": ["JSON"]}}
        ),
    ),
    Call("hris.create_skill", lambda c, ids: c.hris.create_skill("Welding")),
    Call("hris.create_skill", lambda c, ids: c.hris.create_skill("Welding", levels=["Beginner", "Expert"])),
    Call("hris.create_skills", lambda c, _: c.hris.create_skills([SkillUpsert(origin_id="1", name="Welding")])),
    Call(
        "hris.create_skills",
        lambda c, _: c.hris.create_skills(
            [
                SkillUpsert(origin_id="1", name="Arc welding", status="INACTIVE"),
                SkillUpsert(origin_id="2", name="Soldering", status=SkillStatus.ACTIVE),
            ]
        ),
    ),
    Call("hris.get_skills_task", lambda c, ids: c.hris.get_skills_task(ids.skills_task)),
    Call(
        "hris.set_skill_proficiency_rating",
        lambda c, ids: c.hris.set_skill_proficiency_rating(ids.employee, ids.skill),
    ),
    Call(
        "hris.set_skill_proficiency_rating",
        lambda c, ids: c.hris.set_skill_proficiency_rating(
            ids.employee, ids.skill, rating=SkillRating(rating_source="EXTERNAL", proficiency=ids.skill_level)
        ),
    ),
    Call("hris.update_skill", lambda c, ids: c.hris.update_skill(ids.skill)),
    Call(
        "hris.update_skill",
        lambda c, ids: c.hris.update_skill(ids.skill, name="Arc welding", levels=("Beginner", "Skilled", "Expert")),
    ),
    Call("hris.delete_skill", lambda c, ids: c.hris.delete_skill(ids.skill)),
    Call(
        "hris.create_employee_skill_assignment",
        lambda c, ids: c.hris.create_employee_skill_assignment(ids.employee, ids.skill),
    ),
    Call(
        "hris.create_employee_skill_assignment",
        lambda c, ids: c.hris.create_employee_skill_assignment(ids.employee, ids.skill, current_level="Beginner"),
    ),
    Call(
        "hris.update_employee_skill_assignment",
        lambda c, ids: c.hris.update_employee_skill_assignment(ids.skill_assignment, "Expert"),
    ),
    Call(
        "hris.update_employee_skill_assignment",
        lambda c, ids: c.hris.update_employee_skill_assignment(ids.skill_assignment, None),
    ),
    Call(
        "hris.delete_employee_skill_assignment",
        lambda c, ids: c.hris.delete_employee_skill_assignment(ids.skill_assignment),
    ),
]
