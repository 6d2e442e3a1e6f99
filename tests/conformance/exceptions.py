"""Where the package differs from the published description on purpose: a pattern of the difference, and the reason."""

import re

_SDK = "only the official SDK 1.4.0 has it"
_DOCS = "in closed beta: only the documentation pages have it"

EXCEPTIONS: dict[re.Pattern[str], str] = {
    re.compile(pattern): reason
    for pattern, reason in {
        r"\?(employment_status|outcome|status|time_from|time_until): is a filter that ours": "replaced by a newer one",
        r"\.(start_date|end_date|start_time|end_time): is said to be always null": "the examples show dates and times",
        r"PATCH .*integration-fields.* body\.enable_passthrough: may be null": "nobody knows what null would do",
        r"\.(custom_fields|remote_data): has a type, object": "any JSON, so that no form makes a record unreadable",
        r"\.warnings: is only in PassthroughResponse": "put in for convenience: they stand beside data",
        r"/passthrough/.* body\.method: is one of 5 values": "checked in the method, with a better message",
        r"\.(start_date|end_date|date_of_birth|termination_date|job_role_effective_date): is a time, ours not": "days: "
        "Kombo drops the time",
        r"GET /hris/(absence-types|time-off-balances|absences) .*custom_fields: is only in AbsenceType": _SDK,
        r"GET /hris/staffing-entities .*\.skills: is only in StaffingEntity": _SDK,
        r"POST /hris/employees/form body\.staffing_entity_id: is only in": _SDK,
        r"GET /hris/timesheets .*approval_status: does not know values of ours": "the description names them in prose",
        r"(POST|PATCH) /hris/employees.* answer\.\w+: is only in Employee": "what is nested is missing here",
        r"(POST|DELETE) /hris/absences.* answer\.type: is only in Absence": "what is nested is missing here",
        r"diff answer.*groups\[\]\.type: is only in GroupSummary": "a shared class, of which one key is missing here",
        r"POST /hris/employees/form body\.properties\{\}: has a type": "any JSON, nested in itself",
        r"<multi_select>\.unified_key: does not know values of ours": "left open for this kind of field only",
        r"(current_stage|stages\[\]|/application-stages answer results\[\])\.(status|custom_fields): is only in": _SDK,
        r"GET /ats/applications answer .*candidate\.\w+: is only in ApplicationCandidate": "one class for both",
        r"POST /ats/jobs/.* answer\.(interviews|offers): is only in Application": "what is nested is missing here",
        r"job_postings\[\]\.visibility: does not know values of ours: CONFIDENTIAL": "an enum shared with a wider one",
        r"hiring_team_roles\[\]: does not know values of ours: ADMIN": "an enum shared with a wider one",
        r"ats_add_\w+ answer.*\.(total_size_bytes|min_amount|max_amount): is only in": "one class for all four actions",
        r"body\.remote_fields\.(greenhousev3|talent360|afas|recruitcrm): is only in": _SDK,
        r"/documents body\.remote_fields: is only in": _SDK,
        r"/stage body\.remote_fields\.successfactors: is only in": _SDK,
        r"/result body\.remote_fields\.workday: is only in": _SDK,
        r"remote_fields\.(avature\.candidate|bullhorn\.existing_candidate_remote_id): is only in": _SDK,
        r"remote_fields\.(piloga\.candidate\.geburtsdatum|covetorest\.candidate\.(status|aktiv)): is only in": _SDK,
        r"Location_Data\.Postal_Code: is only in WorkdayLocation": _SDK,
        r"import-tracked-application .*\.greenhousev3: is only in": _SDK,
        r"screening_question_answers\[\]\.answer: is a time, ours not": "holds text or a time: both as text",
        r"GET /assessment/orders/open answer .*\.status: is only in": "here it is always OPEN",
        r"POST /connect/create-link .*\.(enable_static_ips|static_ips): is only in": _SDK,
        r"POST /connect/create-link body\.integration_tool: is one of": "a list of tools that grows every month",
        r"/custom/.*\.(effective_date|accounting_month|payroll_month|date): is a time, ours not": "days and months: "
        "a moment would slip to another one in UTC",
        r"/custom/.*\.(lohnart|bearbeitungsschluessel): is number, ours integer": "it is a name",
        r"check-document-permission answer: is one of 2 objects, ours only one": "no tag tells them apart",
        r"/lms/courses/bulk/.*error\.code: is one of 28 values": "a text, as in errors",
        r"/lms/courses/bulk/.*<PENDING>\.completed_at: is said to be always null": "so that every state has the field",
        r"POST /ai-apply/postings body\.location\.country: is one of 249": "a country code, left to Kombo",
        r"options\[\]\.unified_key: is one of 260": "mostly country codes",
        r"display_when\.answer_equals: has keys, ours is open": "only ever compared with an answer",
        r"<SECTION>\.children\[\]: has (a variant without the tag|no variant)": "the examples show questions",
        r"/ai-apply/apply body\..*answer\.(data_url|content_type|data): is (only in|required, but) ?File": "see File",
        r"POST /ai-apply/apply answer\.status: does not know values": "the list names the values",
        r"GET /ai-apply/unified-api/jobs answer .*: does not know values of ours": "as in the ATS job",
        r"POST /ai-apply/unified-api/jobs/.* answer\.(interviews|offers): is only in Application": "missing here",
    }.items()
}

OURS_ALONE = {
    "GET /ats/attachments": _SDK,
    "GET /ats/notes": _SDK,
    "GET /ats/scorecards": _SDK,
    "GET /hris/pay-runs": _SDK,
    "GET /hris/payslips": _SDK,
    "POST /hris/skills/bulk": _DOCS,
    "GET /hris/skills/bulk/{task_id}": _DOCS,
    "GET /hris/skill-proficiency-ratings": _DOCS,
    "POST /hris/skill-proficiency-ratings": _DOCS,
}
"""Operations that the description does not have, and why the package does."""

OURS_ALONE_CODES = {"HRIS.STAFFING_ENTITY_CLOSED": _SDK}
"""Error codes that the description does not have, and why the package does."""

OURS_ALONE_PARAMETERS = {("GET /hris/employees/form", "staffing_entity_id"): _SDK}
"""Parameters that the description does not have, and why the package sends them."""
