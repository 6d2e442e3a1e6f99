"""The models of what only one tool has: DATEV, Silae, Avionté.

Days and months are plain dates: a time of day would slip to the day before, or the month before, in UTC.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from attrs import field
from msgspec import UNSET, UnsetType

from .base import EnumOrStr, NullableList, OpenEnum, Timestamp, frozen, hidden, null_to_empty


class DatevSystem(OpenEnum):
    """Which of DATEV's two payroll programs; their ASCII files differ."""

    LODAS = "LODAS"
    """LODAS, which computes in DATEV's data centre."""
    LUG = "LuG"
    """Lohn und Gehalt, which computes at the accountant's."""


DatevSystemOrStr = EnumOrStr[DatevSystem, Literal["LODAS", "LuG"]]
"""A member of `DatevSystem`, or its string."""


class DatevFileType(OpenEnum):
    """What an ASCII file carries."""

    STAMMDATEN = "STAMMDATEN"
    """Master data: people, contracts, fixed pay."""
    BEWEGUNGSDATEN = "BEWEGUNGSDATEN"
    """What changes every month: hours, absences, supplements."""


DatevFileTypeOrStr = EnumOrStr[DatevFileType, Literal["STAMMDATEN", "BEWEGUNGSDATEN"]]
"""A member of `DatevFileType`, or its string."""


class DatevPushType(OpenEnum):
    """Which of the two pushes made the files."""

    GENERAL = "GENERAL"
    """`push_general_data`."""
    PAYROLL = "PAYROLL"
    """`push_payroll_data`."""


class DatevUploadState(OpenEnum):
    """How far a file got. Only `FAILED` is Kombo's own word, the others follow DATEV."""

    FAILED = "FAILED"
    """Kombo could not hand it to DATEV."""
    UPLOADED = "UPLOADED"
    """It waits at DATEV for the accountant."""
    IMPORTED = "IMPORTED"
    """The accountant imported it: only now it counts."""
    CORRUPTED = "CORRUPTED"
    """DATEV could not read it."""
    DELETED = "DELETED"
    """Somebody threw it away at DATEV."""
    AUTO_DELETED = "AUTO_DELETED"
    """DATEV deleted it, as it was not imported."""


class DatevCompensationPeriod(OpenEnum):
    """The time that an amount of pay covers. DATEV knows no other."""

    HOUR = "HOUR"
    """One hour."""
    MONTH = "MONTH"
    """One month."""


DatevCompensationPeriodOrStr = EnumOrStr[DatevCompensationPeriod, Literal["HOUR", "MONTH"]]
"""A member of `DatevCompensationPeriod`, or its string."""


class DatevDocumentType(OpenEnum):
    """DATEV's short names of payroll documents."""

    LOBN = "LOBN"
    """Pay slip (Brutto/Netto)."""
    LSTB = "LSTB"
    """Certificate of wage tax (Lohnsteuerbescheinigung), in German."""
    LSTE = "LSTE"
    """Certificate of wage tax, in English."""
    SVNW = "SVNW"
    """Proof of a report to social security (SV-Nachweis)."""
    ABEG = "ABEG"
    """A1 certificate for work abroad (A1-Bescheinigung)."""
    AANB = "AANB"
    """Confirmation that an A1 certificate was applied for (Antragsbestätigung)."""
    BUBE = "BUBE"
    """Entries for the books (Buchungsbeleg)."""
    LOJO = "LOJO"
    """Payroll journal (Lohnjournal), in German."""
    LJOE = "LJOE"
    """Payroll journal, in English."""
    LOJE = "LOJE"
    """Payroll journal, in English, by its other short name."""
    LSTA = "LSTA"
    """Wage tax return (Lohnsteueranmeldung)."""
    KBNW = "KBNW"
    """Statement of contributions for a health insurance (Beitragsnachweis)."""
    SBNW = "SBNW"
    """What the statement of contributions is made of (Erläuterung)."""
    ZAKF = "ZAKF"
    """All payments at a glance (Übersicht Zahlungen)."""
    PRZA = "PRZA"
    """Payments that were sent to the bank (DÜ Zahlungen)."""
    ZABR = "ZABR"
    """Payments in cash (Barauszahlungswerte)."""
    ZAUW = "ZAUW"
    """Payments that were too high (Überzahlungen-Werte)."""
    LOPS = "LOPS"
    """Cost of staff (Personalkostenübersicht), in German."""
    LOPE = "LOPE"
    """Cost of staff, in English."""
    KOST = "KOST"
    """Values by cost centre (Kostenstellenwerte)."""
    KOTR = "KOTR"
    """Values by cost unit (Kostenträgerwerte)."""
    LOWE = "LOWE"
    """Values by type of pay (Lohnartenwerte), the simple list."""
    LOPN = "LOPN"
    """Values by type of pay, the extended list."""
    LKTO = "LKTO"
    """A person's payroll account (Lohnkonto)."""
    LORE = "LORE"
    """Report on staff (Personalreport)."""
    PDAT = "PDAT"
    """Master data of the people (Mitarbeiterstammdaten)."""
    PFAN = "PFAN"
    """Garnishments (Pfändungswerte)."""
    DAWE = "DAWE"
    """Loans to staff (Darlehenswerte)."""
    WEAN = "WEAN"
    """Credit on long-term accounts, by person (Wertguthaben je Arbeitnehmer)."""


DatevDocumentTypeOrStr = EnumOrStr[
    DatevDocumentType,
    Literal[
        "LOBN",
        "LSTB",
        "LSTE",
        "SVNW",
        "ABEG",
        "AANB",
        "BUBE",
        "LOJO",
        "LJOE",
        "LOJE",
        "LSTA",
        "KBNW",
        "SBNW",
        "ZAKF",
        "PRZA",
        "ZABR",
        "ZAUW",
        "LOPS",
        "LOPE",
        "KOST",
        "KOTR",
        "LOWE",
        "LOPN",
        "LKTO",
        "LORE",
        "PDAT",
        "PFAN",
        "DAWE",
        "WEAN",
    ],
]
"""A member of `DatevDocumentType`, or its string."""


class EauContactGender(OpenEnum):
    """How the health insurance addresses the person it asks. Its answers have an own word for female."""

    MALE = "M"
    """Male."""
    FEMALE = "W"
    """Female."""
    UNKNOWN = "X"
    """Not known."""
    DIVERSE = "D"
    """Neither."""


EauContactGenderOrStr = EnumOrStr[EauContactGender, Literal["M", "W", "X", "D"]]
"""A member of `EauContactGender`, or its string."""


class EauInsurerGender(OpenEnum):
    """How to address the person at the health insurance. Requests have an own word for female."""

    MALE = "M"
    """Male."""
    FEMALE = "F"
    """Female."""
    UNKNOWN = "X"
    """Not known."""
    DIVERSE = "D"
    """Neither."""


@frozen(kw_only=True)
class DatevSystemInformation:
    """The numbers that begin every ASCII file for DATEV.

    See https://docs.kombo.dev/hris/v1/get-datev-system-information
    """

    consultant_number: int | float
    """The accountant's number (BeraterNr), 1000 to 9999999."""
    client_number: int | float
    """The number of the company at the accountant's (MandantenNr), 1 to 99999."""
    target_system: DatevSystem
    """The payroll program (Ziel)."""


@frozen(kw_only=True)
class DatevReadiness:
    """Whether DATEV has granted a service for this company.

    See https://docs.kombo.dev/hris/v1/get-datev-check-write-permission
    """

    ready: bool
    """Whether calls of this kind will work."""
    error: str | None = None
    """Why not, in words for a log; none where it is ready."""


@frozen(kw_only=True)
class DatevDocumentReadiness(DatevReadiness):
    """Whether DATEV has granted documents: then `documents_granted`, else `error` holds something.

    `match` works on it: `case DatevDocumentReadiness(ready=True, documents_granted=kinds)`.
    See https://docs.kombo.dev/hris/v1/get-datev-check-document-permission
    """

    documents_granted: NullableList[str] = ()
    """The kinds of documents that may be downloaded."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "documents_granted")


@frozen(kw_only=True)
class DatevDocumentOwner:
    """A person for whom DATEV has a document."""

    id: str | None = None
    """The Kombo id of the employee; null if Kombo knows no one by the number at DATEV."""
    remote_id: str
    """The person's number at DATEV."""


@frozen(kw_only=True)
class DatevAvailableDocument:
    """A kind of document that DATEV has for a month, and the people for whom it has one.

    See https://docs.kombo.dev/hris/v1/get-datev-available-documents
    """

    document_type: str
    """DATEV's short name, as `DatevDocumentType` has them."""
    available_for_employees: NullableList[DatevDocumentOwner] = ()
    """The people for whom `download_employee_document` has one."""
    is_company_document: bool
    """Whether there is one for the company as a whole, for `download_document`."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "available_for_employees")


@frozen(kw_only=True)
class DatevDocument:
    """Where a payroll document can be fetched.

    See https://docs.kombo.dev/hris/v1/post-datev-download-document
    """

    data_url: str = field(repr=hidden)
    """The address of the file, which anyone who has it can open. Fetch it at once: its lifetime is not documented."""
    file_name: str
    """The name with its extension."""
    content_type: str
    """Such as `application/pdf`."""


@frozen(kw_only=True)
class DatevUploadJob:
    """One file of a push, and what became of it."""

    id: str
    """Kombo's id, unique among the files of pushes."""
    file_name: str
    """The name under which the accountant finds it."""
    state: DatevUploadState
    """How far it got."""
    file: str = field(repr=hidden)
    """The content itself, in DATEV's ASCII format."""


@frozen(kw_only=True)
class DatevDataPush:
    """One call of `push_general_data` or `push_payroll_data`.

    See https://docs.kombo.dev/hris/v1/get-datev-data-pushes
    """

    id: str
    """Kombo's id, unique among pushes."""
    type: DatevPushType
    """Which of the two it was."""
    created_at: Timestamp
    """When it was called."""
    upload_jobs: NullableList[DatevUploadJob] = ()
    """The files it made: several where data of several months had changed."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "upload_jobs")


@frozen(kw_only=True)
class DatevFile:
    """A file that was handed to DATEV, where the accountant imports it.

    See https://docs.kombo.dev/hris/v1/post-datev-push-data-general
    """

    name: str
    """The name under which the accountant finds it."""
    content: str = field(repr=hidden)
    """The content, in DATEV's ASCII format."""


@frozen(kw_only=True)
class DatevAsciiFile:
    """A file you made yourself, for `send_passthrough_request`.

    Kombo checks that it has DATEV's format, not what it says.
    See https://docs.kombo.dev/hris/v1/post-datev-passthrough
    """

    file_name: str
    """The name under which the accountant finds it."""
    file_content: str = field(repr=hidden)
    """The content; `get_system_information` has the numbers for its head."""
    file_type: DatevFileTypeOrStr
    """What it carries."""
    target_system: DatevSystemOrStr
    """The payroll program it is written for."""
    accounting_month: date
    """Any day of the month it belongs to."""


@frozen(kw_only=True)
class DatevHourlyPayment:
    """Hours to pay, such as overtime. DATEV shows no text for an entry: the type of pay must say it."""

    hours: float
    """How many were worked."""
    lohnart: int
    """DATEV's number of the type of pay; one that counts hours."""


@frozen(kw_only=True)
class DatevFixedPayment:
    """A sum to pay, such as a bonus. DATEV shows no text for an entry: the type of pay must say it."""

    amount: float
    """In euros."""
    lohnart: int
    """DATEV's number of the type of pay; one that takes a sum."""


@frozen(kw_only=True)
class DatevLodasEntry:
    """A row of the input sheet of LODAS (Standard-Erfassungstabelle)."""

    amount: float
    """The value (Wert); the two numbers below say of what."""
    lohnart: int
    """The number of the type of pay in LODAS."""
    bearbeitungsschluessel: int
    """The number that says how LODAS reads the value.

    The valid ones: https://storage.googleapis.com/kombo-assets/integrations/datev/lodas_bs.json
    """


@frozen(kw_only=True)
class DatevCompensation:
    """The regular pay of a person, for `set_compensations`."""

    amount: float
    """In euros, for each `period`."""
    period: DatevCompensationPeriodOrStr
    """The time that the amount covers."""
    lohnart: int | UnsetType = UNSET
    """DATEV's number of the type of pay, 1 to 9999; usually only for monthly pay.

    Left out, it is the one the customer named while connecting.
    """
    currency: Literal["EUR"] = "EUR"
    """Always the euro."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.lohnart, UnsetType) and not 1 <= self.lohnart <= 9999:
            raise ValueError("lohnart is from 1 to 9999")


@frozen(kw_only=True)
class EauContact:
    """Whom the health insurance may ask about a request for an eAU. The lengths are those of its forms."""

    gender: EauContactGenderOrStr
    """How to address the person."""
    name: str
    """Up to 30 characters."""
    telephone: str
    """Up to 20 characters: digits, spaces, `()/-`, and a `+` only as the first."""
    fax: str
    """As `telephone`."""
    email: str
    """Up to 70 characters."""
    company_name: str
    """Up to 90 characters."""
    postal_code: str
    """Up to 10 letters and digits."""
    city: str
    """Up to 34 characters."""
    street: str
    """Up to 33 characters, without the number."""
    house_number: str
    """Up to 9 characters."""


@frozen(kw_only=True)
class CreatedEauRequest:
    """A request for an eAU that is on its way; the answer takes days.

    See https://docs.kombo.dev/hris/v1/post-datev-employees-employee-id-eau-requests
    """

    eau_id: str
    """What `get_eau_request` takes."""


@frozen(kw_only=True)
class EauInsurerContact:
    """Whom to ask at the health insurance."""

    name: str
    """The person's name."""
    telephone: str
    """Their number."""
    fax: str | None = None
    """Their fax number, where there is one."""
    email: str | None = None
    """Their address, where there is one."""
    name1_health_insurance: str
    """What the health insurance is called."""
    name2_health_insurance: str | None = None
    """More of its name. DATEV no longer fills it."""
    name3_health_insurance: str | None = None
    """More of its name. DATEV no longer fills it."""
    gender_contact_person: EauInsurerGender | None = None
    """How to address the person. DATEV no longer fills it."""
    postal_code: str
    """The insurance's own."""
    city: str
    """The insurance's own."""
    street: str | None = None
    """Without the number."""
    house_number: str | None = None
    """The number in the street."""


@frozen(kw_only=True)
class EauIncapacity:
    """When a person could not work, as the health insurance knows it. An AU is a doctor's certificate.

    Days are texts in the form `2026-03-09`, which Kombo passes on unchecked."""

    start_work_incapacity_employer: str
    """The first day, as the request said."""
    start_work_incapacity_au: str | None = None
    """The first day, as the certificate says."""
    end_work_incapacity_au: str | None = None
    """The last day that the certificate expects."""
    actual_end_work_incapacity_au: str | None = None
    """The last day it really was, known once a hospital has reported."""
    date_of_diagnosis: str | None = None
    """When the doctor found it."""
    flag_current_work_incapacity: int | float | None = None
    """What the insurance found: 0 unknown, 1 not its member, 2 unfit for work, 3 in hospital, 4 nothing on record,
    5 rehabilitation or prevention, 6 hospital as an inpatient, 7 being checked, 8 proof of another kind,
    9 passed on to another insurance."""
    accident_at_work: bool
    """Whether it comes from an accident at work."""
    assignment_accident_insurance_doctor: bool
    """Whether the person was sent to a doctor of the accident insurance."""
    other_accident: bool
    """Whether it comes from an accident elsewhere."""
    initial_certificate: bool
    """Whether the certificate is the first one, and not one that prolongs another."""
    automatic_feedback_until: str | None = None
    """How long the insurance reports changes without being asked."""
    start_hospitalisation: str | None = None
    """The first day in hospital. DATEV no longer fills it."""
    end_hospitalisation: str | None = None
    """The last day in hospital. DATEV no longer fills it."""


@frozen(kw_only=True)
class EauFeedbackError:
    """Why a request, or a part of it, failed."""

    origin: str | None = None
    """Who says so: the health insurance or DATEV."""
    error_number: str | None = None
    """Their number for it."""
    error_text: str | None = None
    """Their words for it."""
    error_value: str | None = field(default=None, repr=hidden)
    """What they did not like, such as a date."""


@frozen(kw_only=True)
class EauFeedback:
    """One answer of the health insurance."""

    guid: str
    """DATEV's id of the answer."""
    contact_person: EauInsurerContact | None = None
    """Whom to ask there."""
    incapacity_for_work: EauIncapacity = field(repr=hidden)
    """What it knows."""
    error_block_list: NullableList[EauFeedbackError] = ()
    """What went wrong; empty where nothing did."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "error_block_list")


@frozen(kw_only=True)
class EauReport:
    """What DATEV knows of a request, in DATEV's own words."""

    source: str
    """The payroll program, as `DatevSystem` has them."""
    start_work_incapacity: str
    """The first day, as the request said: `2026-03-09`."""
    collaboration_identifier: str | None = None
    """DATEV's own id for the request, of use only to its support."""
    feedbacks_from_health_insurance: NullableList[EauFeedback] = ()
    """What the health insurance has answered; empty at first, and it may answer more than once."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "feedbacks_from_health_insurance")


@frozen(kw_only=True)
class EauRequest:
    """The state of a request for an eAU, the electronic certificate that a person cannot work.

    See https://docs.kombo.dev/hris/v1/get-datev-eau-requests-eau-id
    """

    raw: EauReport
    """What DATEV says, which Kombo passes on as it is."""
