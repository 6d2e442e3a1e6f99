"""Integration fields and custom fields, computed from their number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from .deterministic import Ids, IndexedRandom

EMPLOYEES = "hris_employees"
EMPLOYMENTS = "hris_employments"
_MODELS = {
    "HRIS": (
        EMPLOYEES,
        EMPLOYMENTS,
        "hris_absences",
        "hris_absence_types",
        "hris_locations",
        "hris_legal_entities",
        "hris_teams",
        "hris_time_off_balances",
    ),
    "ATS": ("ats_candidates", "ats_applications", "ats_jobs", "ats_offers"),
    "ASSESSMENT": ("assessment_orders", "assessment_packages"),
    "LMS": ("lms_users", "lms_courses", "lms_course_revisions", "lms_skills"),
}
"""The models that fields belong to, most of them to the first."""


def _one_of(*options: object) -> Callable[[int], object]:
    return lambda draw: options[draw % len(options)]


@attrs.frozen
class Topic:
    """The subject of a field, and its values."""

    key: str
    """The prefix of the keys of its fields."""
    label: str
    """The prefix of the labels of its fields."""
    value: Callable[[int], object]
    """Makes a value of random bits; all values of a topic have the same JSON type."""


TOPICS = (
    Topic("shirt_size", "T-shirt size", _one_of("XS", "S", "M", "L", "XL", "XXL")),
    Topic("pension_rate", "Pension contribution in percent", lambda draw: draw % 160 / 10),
    Topic(
        "company_car",
        "Company car",
        lambda draw: {
            "model": ("VW ID.3", "Škoda Enyaq", "Renault Zoe", "Fiat 500e")[draw % 4],
            "plate": f"B-KO {draw // 4 % 9000 + 1000}",
            "private_use": draw // 40_000 % 2 == 0,
        },
    ),
    Topic("health_insurance", "Health insurance", _one_of("AOK", "Barmer", "DAK", "Techniker Krankenkasse")),
    Topic("badge_number", "Badge number", lambda draw: draw % 900_000 + 100_000),
    Topic(
        "emergency_contact",
        "Emergency contact",
        lambda draw: {
            "name": ("Ana Sørensen", "Jean Lefèvre", "Uwe Groß", "Inês Alves")[draw % 4],
            "phone": f"+49 30 {draw // 4 % 9_000_000 + 1_000_000}",
        },
    ),
    Topic("desk", "Desk", lambda draw: f"{draw % 7 + 1}.{draw // 7 % 90 + 10}"),
    Topic("travel_budget", "Travel budget in EUR", lambda draw: draw % 50 * 100),
    Topic(
        "probation",
        "Probation period",
        lambda draw: {"months": (3, 6)[draw % 2], "passed": draw // 2 % 4 != 0, "reviews": [draw % 5 + 1]},
    ),
    Topic("diet", "Diet", _one_of("none", "vegetarian", "vegan", "kosher", "halal")),
    Topic("overtime_hours", "Overtime in hours", lambda draw: draw % 800 / 8 - 20),
    Topic(
        "home_office",
        "Home office agreement",
        lambda draw: {"days_a_week": draw % 6, "equipment": ["monitor", "chair"][: draw // 6 % 3]},
    ),
    Topic("union", "Union membership", _one_of("none", "IG Metall", "ver.di")),
    Topic("seniority", "Years of seniority", lambda draw: draw % 31),
)


class FieldCatalogue:
    """The integration fields of one integration; none is stored."""

    def __init__(self, seed: int, integration: int, size: int, category: str = "HRIS") -> None:
        self.size = size
        self._models = _MODELS[category]
        self._ids = Ids(seed, integration, "integration field")
        self._model_random = IndexedRandom(seed, integration, "field model")
        self._topic_random = IndexedRandom(seed, integration, "field topic")
        self._value_seed = (seed, integration, "field value")

    def index(self, field_id: str) -> int | None:
        """Return the number of the field with this id, or None."""
        index = self._ids.decode(field_id)
        return index if index is not None and index < self.size else None

    def model(self, index: int) -> str:
        """Return the model of the field: for six of ten fields the main one, such as employees."""
        # Every tenth field has the key and the model of the one before it, and the other type.
        draw = self._model_random(index - 1 if index % 10 == 9 else index)
        main, *others = self._models
        return main if draw % 10 < 6 else others[draw // 10 % len(others)]

    def topic(self, index: int) -> Topic:
        """Return the topic of the field."""
        return TOPICS[self._topic_random(index) % len(TOPICS)]

    def summary(self, index: int) -> dict[str, Any]:
        """Return the field as it is rendered in other records."""
        key, type_, label = self._names(index)
        return {"id": self._ids.encode(index), "key": key, "type": type_, "label": label}

    def record(self, index: int, *, enabled: bool) -> dict[str, Any]:
        """Return the field as it is rendered in the list of fields."""
        key, type_, label = self._names(index)
        return {
            "id": self._ids.encode(index),
            "key": key,
            "model": self.model(index),
            "type": type_,
            "label": label,
            "is_passthrough_enabled": enabled,
            "is_writable": False,
        }

    def _names(self, index: int) -> tuple[str, str, str | None]:
        """Return key, type and label."""
        draw = self._topic_random(index)
        topic = TOPICS[draw % len(TOPICS)]
        label = f"{topic.label} ({index + 1})" if draw >> 16 & 15 else None
        if index % 10 == 9:
            return self._names(index - 1)[0], "CUSTOM", label
        if index % 10 == 8 or draw >> 8 & 3 == 0:
            return f"{topic.key}_{index}", "DEFAULT", label
        return f"dynamic_{index + 1_000_000}", "CUSTOM", label

    def values(self, index: int) -> Callable[[int], object]:
        """Return a function from the number of a record to the value of the field in it."""
        random, topic = IndexedRandom(*self._value_seed, index), self.topic(index)
        return lambda record: topic.value(random(record))

    def column(self, index: int) -> Callable[[int], dict[str, Any]]:
        """Return a function from the number of a record to the field as it is rendered in it, with its value."""
        summary, value = self.summary(index), self.values(index)
        label = summary.pop("label")
        return lambda number: {**summary, "value": value(number), "label": label}


class CustomFieldCatalogue:
    """The custom fields of the environment; each integration maps its own fields to them."""

    def __init__(self, seed: int, size: int) -> None:
        self.size = size
        self._ids = Ids(seed, "custom field")

    def index(self, custom_field_id: str) -> int | None:
        """Return the number of the custom field with this id, or None."""
        index = self._ids.decode(custom_field_id)
        return index if index is not None and index < self.size else None

    def key(self, index: int) -> str:
        """Return the key of its values in `custom_fields`."""
        topic = TOPICS[index % len(TOPICS)]
        return topic.key if index < len(TOPICS) else f"{topic.key}_{index // len(TOPICS) + 1}"

    def model(self, index: int) -> str:
        """Return the model of the custom field."""
        return EMPLOYMENTS if index % 4 == 3 else EMPLOYEES

    def record(self, index: int, mapped_to: dict[str, Any] | None) -> dict[str, Any]:
        """Return the custom field as the list renders it, with the integration field mapped to it."""
        topic = TOPICS[index % len(TOPICS)]
        return {
            "id": self._ids.encode(index),
            "key": self.key(index),
            "integration_field": mapped_to,
            "model": self.model(index),
            "label": None if index % 7 == 6 else topic.label,
            "description": f"{topic.label}, as the customer keeps it." if index % 2 == 0 else None,
        }

    def first_mappings(self, fields: FieldCatalogue) -> dict[int, int]:
        """Return the mappings of a new integration: the first three custom fields, to fields of the same topic."""
        wanted = {TOPICS[index].key: index for index in range(min(self.size, 3))}
        found: dict[int, int] = {}
        for field in range(min(fields.size, 500)):  # enough to find one
            custom = wanted.get(fields.topic(field).key)
            if custom is not None and custom not in found and fields.model(field) == EMPLOYEES:
                found[custom] = field
                if len(found) == len(wanted):
                    break
        return found
