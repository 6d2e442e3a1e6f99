"""The integration of each call, and ids of records that exist in a sandbox."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import msgspec

from kombo_async.sandbox import SandboxThread

from .. import calls
from . import Call

LISTS = {
    "absence": "/hris/absences",
    "absence_type": "/hris/absence-types",
    "application": "/ats/applications?outcomes=PENDING",
    "candidate": "/ats/candidates",
    "career_site": "/ai-apply/career-sites",
    "course": "/lms/courses",
    "course_progression": "/lms/course-progressions",
    "course_revision": "/lms/course-progressions",
    "custom_field": "/integrations/{integration}/custom-fields",
    "document_category": "/hris/employee-document-categories",
    "employee": "/hris/employees?employment_statuses=ACTIVE",
    "feed_job": "/ai-apply/unified-api/jobs",
    "group": "/hris/groups",
    "integration_field": "/integrations/{integration}/integration-fields",
    "interview": "/ats/interviews",
    "job": "/ats/jobs?statuses=OPEN",
    "job_feed": "/ai-apply/job-feeds",
    "legal_entity": "/hris/legal-entities",
    "lms_skill": "/lms/skills",
    "lms_user": "/lms/users",
    "location": "/hris/locations",
    "order": "/assessment/orders?statuses=OPEN",
    "posting": "/ai-apply/postings",
    "rejection_reason": "/ats/rejection-reasons",
    "review_cycle": "/hris/performance-review-cycles",
    "skill": "/hris/skills",
    "skill_assignment": "/hris/employee-skill-assignments",
    "staffing_entity": "/hris/staffing-entities?statuses=OPEN_LIMITED,OPEN_UNLIMITED",
    "tag": "/ats/tags",
    "user": "/ats/users",
}
"""The lists that contain the records of each name."""
FITS: dict[str, Callable[[Any], bool]] = {
    "absence_type": lambda record: bool(record["half_days_supported"]),
    "application": lambda record: bool(record["interviews"]),
    "posting": lambda record: record["availability"] == "APPLYABLE",
}
"""Conditions that a record must meet to be used in calls."""
CATEGORIES = {"ats": "ATS", "assessment": "ASSESSMENT", "lms": "LMS"}


def all_calls() -> list[Call]:
    """The calls of all families, general ones last, as they end with the deletion of the integration."""
    names = sorted((module.name for module in iter_modules(calls.__path__)), key=lambda name: (name == "general", name))
    modules = [import_module(f"{calls.__name__}.{name}") for name in names]
    return [call for module in modules for part in ("CALLS", "READS", "WRITES") for call in getattr(module, part, [])]


def integration_for(sandbox: SandboxThread, call: Call) -> str:
    """The integration that a call can be made with."""
    family = "ats" if ".avionte." in call.name else call.name.partition(".")[0]
    return sandbox.integration_id_of(CATEGORIES.get(family, "HRIS"))


class Ids:
    """Ids by name, such as `ids.employee`: another one each time, and related ids belong to related records."""

    def __init__(self, sandbox: SandboxThread) -> None:
        self.sandbox = sandbox
        self.asked: Counter[str] = Counter()
        self.last: dict[str, Any] = {}

    def __getattr__(self, name: str) -> str:
        if name == "integration":
            return self.sandbox.integration_id
        if name == "stage":
            # Of the job, or of the application's job, that was asked for last.
            return str(self.last["job"]["stages"][1]["id"])
        if name == "skill_level":
            rating = self.send("GET", "/hris/skill-proficiency-ratings")["results"][0]
            return str(rating["proficiency"]["options"][0]["id"])
        if name == "interview" and "application" in self.last:
            return str(self.last["application"]["interviews"][0]["id"])
        if name in {"connect_token", "courses_task", "skills_task", "eau_request", "submission_token"}:
            return self._made(name)
        return self._next(name)

    def _next(self, name: str) -> str:
        path = LISTS[name].format(integration=quote(self.sandbox.integration_id, safe=""))
        found = self.send("GET", path)["results"]
        fits = FITS.get(name, bool)
        found = [record for record in found if fits(record)]
        record = self.last[name] = found[self.asked[name] % len(found)]
        self.asked[name] += 1
        if name == "application":
            self.last["job"] = self.send("GET", f"/ats/jobs?ids={record['job_id']}&include_deleted=true")["results"][0]
        return str(record["course_revision_id"] if name == "course_revision" else record["id"])

    def _made(self, name: str) -> str:
        if name == "connect_token":
            body = {"end_user_email": "it@tannenhof.example", "end_user_organization_name": "Tannenhof"}
            return str(self.send("POST", "/connect/create-link", body)["link"].rpartition("/")[2])
        if name == "courses_task":
            course = {"type": "EXTERNAL", "title": "Ladders", "course_url": "https://learn.example.com/1"}
            return str(
                self.send("POST", "/lms/courses/bulk", {"items": [{"origin_id": "1", "course": course}]})["task_id"]
            )
        if name == "skills_task":
            return str(self.send("POST", "/hris/skills/bulk", {"items": [{"origin_id": "1", "name": "a"}]})["task_id"])
        if name == "eau_request":
            path = f"/custom/datev/employees/{self.employee}/eau-requests"
            return str(self.send("POST", path, {"start_work_incapacity": "2026-03-09"})["eau_id"])
        return str(self.send("POST", f"/ai-apply/postings/{self.posting}/inquire", {})["submission_token"])

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the sandbox, in the name of the first integration that knows the answer."""
        category = CATEGORIES.get(path.split("/")[1], "HRIS")
        headers = {
            "Authorization": f"Bearer {self.sandbox.api_key}",
            "X-Integration-Id": self.sandbox.integration_id_of(category),
        }
        raw = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.sandbox.base_url + path, raw, headers, method=method)) as response:
            return msgspec.json.decode(response.read())["data"]
