"""The records that the server hands out, computed from their number."""

from __future__ import annotations

import json

# Key, label, and whether the tool ships the field: what tools really have, with gaps and letters beyond ASCII.
_KINDS = (
    ("dynamic", "Name of health insurance", False),
    ("dynamic", "Krankenversicherungsnummer (für Selbstständige)", False),
    ("customShirtSize", "T-shirt size", False),
    ("employment_type", "Employment type", True),
    ("costCenterCode", None, True),
    ("dynamic", "Emergency contact: phone", False),
    ("home_office_days", "Home office days per week", False),
    ("workPhone", "Work phone", True),
    ("dynamic", "Carte professionnelle délivrée le", False),
    ("seniority_date", "Seniority date", True),
    ("custom_field", None, False),
)
_MODELS = ("hris_employees", "hris_employees", "hris_employees", "hris_employments", "hris_absences")


def field_id(number: int) -> str:
    """Return the id of an integration field: as long as one of Kombo's, and in order."""
    return f"F{number:023d}"


def _template(number: int) -> str:
    stem, label, default = _KINDS[number % len(_KINDS)]
    row = {
        "id": "<id>",
        "key": f"{stem}_<number>",
        "model": _MODELS[number % len(_MODELS)],
        "type": "DEFAULT" if default else "CUSTOM",
        "label": label,
        "is_passthrough_enabled": number % 7 == 0,
        "is_writable": False,
    }
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<id>", "%s").replace("<number>", "%d")


_TEMPLATES = tuple(_template(number) for number in range(len(_KINDS) * len(_MODELS) * 7))


def field_rows(start: int, stop: int) -> str:
    """Return the integration fields of these numbers as the inside of a JSON list."""
    templates, size = _TEMPLATES, len(_TEMPLATES)
    return ",".join([templates[n % size] % (field_id(n), n % 9_000_000 + 1_000_000) for n in range(start, stop)])
