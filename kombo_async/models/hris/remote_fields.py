"""What only single tools want to know when something is written to them.

Keys that stand in no class here may be given as well: Kombo adds new ones now and then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Required, TypedDict


class PassedThroughEmployee(TypedDict, total=False):
    """For tools that take the whole employee in their own terms."""

    employee: Mapping[str, Any]
    """Keys of the tool's own object of a person, sent on as they are."""


class AfasDocument(TypedDict, total=False):
    """For AFAS."""

    Fields: Mapping[str, Any]
    """Fields of AFAS's own `KnSubject`, sent on as they are. They win over those that Kombo fills."""


class DocumentRemoteFields(TypedDict, total=False):
    """What single tools take with a document of an employee."""

    afas: AfasDocument
    """For AFAS."""


class SympaEmployee(TypedDict, total=False):
    """For Sympa."""

    GenericNewHire: Mapping[str, Any]
    """Keys of Sympa's own object of a new hire, sent on as they are."""


class SilaeEmployee(TypedDict, total=False):
    """For Silae."""

    siret: str
    """The company's number: the `remote_id` of the legal entity."""
    employee: Mapping[str, Any]
    """Keys of Silae's own object of a person, sent on as they are."""
    employment: Mapping[str, Any]
    """Keys of Silae's own object of an employment, sent on as they are."""


class PeopleHREmployee(TypedDict, total=False):
    """For People HR."""

    job_role_effective_date: date
    """The first day of the present role."""
    department: str
    """The name of the department."""


class ZohoPeopleEmployee(TypedDict, total=False):
    """For Zoho People."""

    employee_id: str
    """The personnel number that the company gives, not empty."""


class WorkdayBankAccount(TypedDict):
    """The account to pay to."""

    iban: str
    """The international account number."""
    bic: str
    """The bank's international code."""
    bank_name: str
    """The bank's name."""


class WorkdayEmployee(TypedDict, total=False):
    """For Workday: give one of `job_requisition_id` and `position_id`."""

    job_requisition_id: str
    """Workday's id of the requisition that the hire fills."""
    position_id: str
    """Workday's id of the position that the hire fills."""
    ssn: str
    """The number in the social insurance."""
    bank_account: WorkdayBankAccount
    """The account to pay to."""


class DeelEmployee(TypedDict):
    """For Deel."""

    candidate_id: str
    """The id of the candidate in the recruiting system."""
    candidate_link: str
    """The address of the candidate in the recruiting system."""


class OracleEmployee(TypedDict):
    """For Oracle HCM."""

    group_id: str
    """The id of the business unit: a group whose `type` is null."""
    department_id: str
    """The id of a group of the type DEPARTMENT."""


class ADPWorkforceNowEmployee(TypedDict, total=False):
    """For ADP Workforce Now. Codes of a customer are in the field report of the integration, in Kombo's dashboard."""

    onboarding_template_code: Required[str]
    """The code of the onboarding template."""
    applicant_payroll_profile_group_code: Required[str]
    """The code of the payroll group, which ADP also calls company code."""
    manager_position_id: str
    """The position id of the manager's employment, which a custom field can show: no id of the employment itself."""
    home_organization_unit_code: str
    """The `remote_id` of a group of the type DEPARTMENT: the home department."""
    personal_email: str
    """The private address."""


class EntraEmployee(TypedDict):
    """For Entra ID (Azure AD)."""

    password: str
    """The first password, which the person must change when they sign in."""


class PaycorEmployee(TypedDict):
    """For Paycor."""

    paygroupRemoteId: str
    """The `remote_id` of a group of the type COST_CENTER."""
    departmentRemoteId: str
    """The `remote_id` of a group of the type DEPARTMENT."""


class PlandayEmployee(TypedDict):
    """For Planday."""

    department_remote_id: str
    """The `remote_id` of a group of the type DEPARTMENT."""


class DayforceEmployee(TypedDict):
    """For Dayforce, whose codes are its own `XRefCode`s."""

    social_security_number: str
    """The number in the social insurance."""
    pay_type: str
    """The code of the pay type."""
    pay_class: str
    """The code of the pay class."""
    pay_group: str
    """The code of the pay group."""
    base_rate: float
    """The base rate of pay."""
    role: str
    """The code of the role."""
    location: str
    """The code of the location."""
    department: str
    """The code of the department."""
    job: str
    """The code of the job."""
    country: str
    """The code of the country."""


class EmployeeRemoteFields(TypedDict, total=False):
    """What single tools want to know about an employee."""

    humaans: PassedThroughEmployee
    """For Humaans."""
    hibob: PassedThroughEmployee
    """For HiBob."""
    sympa: SympaEmployee
    """For Sympa."""
    silae: SilaeEmployee
    """For Silae."""
    peoplehr: PeopleHREmployee
    """For People HR."""
    zohopeople: ZohoPeopleEmployee
    """For Zoho People."""
    workday: WorkdayEmployee
    """For Workday."""
    deel: DeelEmployee
    """For Deel."""
    bamboohr: PassedThroughEmployee
    """For BambooHR."""
    oracle: OracleEmployee
    """For Oracle HCM."""
    adpworkforcenow: ADPWorkforceNowEmployee
    """For ADP Workforce Now."""
    azuread: EntraEmployee
    """For Entra ID (Azure AD)."""
    paycor: PaycorEmployee
    """For Paycor."""
    planday: PlandayEmployee
    """For Planday."""
    dayforce: DayforceEmployee
    """For Dayforce."""


class A3InnuvaNominaAbsence(TypedDict, total=False):
    """For A3 Innuva Nómina."""

    benefit_type_id: Literal["Delegated Payment", "No Right to Benefit", "Direct payment"]
    """How the benefit is paid; needed where the absence is an illness."""


class ADPWorkforceNowAbsence(TypedDict, total=False):
    """For ADP Workforce Now."""

    employment_id: str
    """The employment to enter the absence for; ADP insists on it."""
    paid_leave: bool
    """Whether the person is paid meanwhile."""


class AbsenceRemoteFields(TypedDict, total=False):
    """What single tools want to know about a new absence."""

    a3innuvanomina: A3InnuvaNominaAbsence
    """For A3 Innuva Nómina."""
    adpworkforcenow: ADPWorkforceNowAbsence
    """For ADP Workforce Now."""


class ADPWorkforceNowAbsenceDeletion(TypedDict, total=False):
    """For ADP Workforce Now."""

    employment_id: str
    """The employment that the absence was entered for; ADP insists on it."""


class AbsenceDeletionRemoteFields(TypedDict, total=False):
    """What single tools want to know to delete an absence."""

    adpworkforcenow: ADPWorkforceNowAbsenceDeletion
    """For ADP Workforce Now."""
