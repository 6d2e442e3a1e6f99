"""The fictitious company that all employees of a sandbox work for: names, offices, groups."""

from __future__ import annotations

import unicodedata
from typing import Any

import attrs

DAY = 86_400
TODAY = 1_793_491_200
"""1 November 2026: the day on which the generated data ends."""

_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "ı": "i", "'": None, " ": None})


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


FIRST_NAMES = (
    ("Anna", "FEMALE"), ("Jonas", "MALE"), ("Zoë", "FEMALE"), ("Mehmet", "MALE"), ("Inés", "FEMALE"),
    ("Łukasz", "MALE"), ("Chloé", "FEMALE"), ("Sam", "NON_BINARY"), ("Jürgen", "MALE"), ("Priya", "FEMALE"),
    ("Søren", "MALE"), ("Marta", "FEMALE"), ("Kofi", "MALE"), ("Yuki", "NOT_SPECIFIED"), ("Emily", "FEMALE"),
    ("Matteo", "MALE"), ("Aoife", "FEMALE"), ("David", "MALE"), ("Leila", "FEMALE"), ("Noah", "MALE"),
)  # fmt: skip
"""First names, each with a gender."""
LAST_NAMES = (
    "Müller", "Nowak", "García", "O'Brien", "Dubois", "Jansen", "Rossi", "Schmidt-Weiß", "Okafor", "Tanaka",
    "Smith", "Hansen", "Kaya", "Silva", "Novák", "Patel", "Lindqvist", "Moreau", "Fischer", "Kowalska",
    "de Vries", "Bianchi", "Johnson", "Yılmaz", "Andersson", "Weber", "Costa", "Horvath", "Martin", "Nguyen",
)  # fmt: skip
PLAIN_NAMES = {name: _ascii(name) for name in (*(first for first, _ in FIRST_NAMES), *LAST_NAMES)}
"""Names as they are written in e-mail addresses."""

_DEPARTMENTS = ("Engineering", "Sales", "Customer Success", "Finance", "People", "Marketing", "Operations")
JOBS = (
    ("Software Engineer", "Data Engineer", "Engineering Manager"),
    ("Account Executive", "Sales Development Representative", "Head of Sales"),
    ("Customer Success Manager", "Support Specialist", "Implementation Lead"),
    ("Accountant", "Payroll Specialist", "Controller"),
    ("Recruiter", "People Partner", "Office Manager"),
    ("Content Writer", "Performance Marketer", "Brand Designer"),
    ("Logistics Planner", "Facility Manager", "Process Analyst"),
)
"""Job titles of each department."""


@attrs.frozen
class Place:
    """An office, and the company of the group that runs it."""

    city: str
    """Also the name of the office."""
    country: str
    """ISO 3166-1 alpha-2 code."""
    state: str | None
    """None in countries whose addresses have none."""
    street: str
    zip_code: str
    company: str
    """The legal entity; two offices share one."""
    nationality: str
    """The nationality of most employees of the office."""
    currency: str
    """ISO 4217 code of the salaries."""
    bank: str
    bic: str

    def address(self, number: int | None = None) -> dict[str, Any]:
        """Return the address of the office, or of a house in the same street."""
        street = self.street if number is None else f"{self.street.rstrip('0123456789 ')} {number}"
        return {
            "city": self.city,
            "country": self.country,
            "raw": f"{street}\n{self.zip_code} {self.city}\n{self.country}",
            "state": self.state,
            "street_1": street,
            "street_2": None,
            "zip_code": self.zip_code,
        }


PLACES: tuple[Place, ...] = (
    Place("Berlin", "DE", "Berlin", "Lohmühlenstraße 65", "12435", "Brightwater GmbH", "German", "EUR",
          "Spreebank", "SPRBDEBBXXX"),
    Place("München", "DE", "Bayern", "Sonnenweg 4", "80331", "Brightwater GmbH", "German", "EUR",
          "Isarbank", "ISABDEMMXXX"),
    Place("Wien", "AT", None, "Lindengasse 12", "1070", "Brightwater Austria GmbH", "Austrian", "EUR",
          "Donaubank", "DONBATWWXXX"),
    Place("Paris", "FR", "Île-de-France", "Rue des Lilas 8", "75011", "Brightwater SAS", "French", "EUR",
          "Banque du Canal", "BCANFRPPXXX"),
    Place("Amsterdam", "NL", "Noord-Holland", "Kade 21", "1013 AB", "Brightwater B.V.", "Dutch", "EUR",
          "Grachtbank", "GRABNL2AXXX"),
    Place("London", "GB", None, "Mill Lane 14", "E1 6AN", "Brightwater Ltd", "British", "GBP",
          "Thames & Co", "THAMGB2LXXX"),
    Place("New York", "US", "NY", "Harbor Street 220", "10013", "Brightwater Inc.", "American", "USD",
          "Hudson Savings", "HUDSUS33XXX"),
)  # fmt: skip
COMPANIES = tuple(dict.fromkeys(place.company for place in PLACES))
ROUTINGS = {
    "DE": {"number": "37040044", "type": "DE_BANKLEITZAHL"},
    "GB": {"number": "601613", "type": "GB_SORT_CODE"},
    "US": {"number": "021000021", "type": "US_ABA_ROUTING_TRANSIT_NUMBER"},
}
"""`domestic_bank_routing` by country, where banks have such numbers."""


@attrs.frozen
class Group:
    """A department, a team or a cost centre."""

    name: str
    """Unique among the groups."""
    type: str | None
    """The `type`; None for a group of another kind."""


GROUPS: tuple[Group, ...] = (
    *(Group(name, "DEPARTMENT") for name in _DEPARTMENTS),
    *(Group(f"{name} {letter}", "TEAM") for name in _DEPARTMENTS for letter in "ABC"),
    *(Group(f"Cost centre {100 + number}", "COST_CENTER") for number in range(5)),
    Group("Works council", None),
)
FIRST_TEAM = len(_DEPARTMENTS)
FIRST_CENTRE = FIRST_TEAM + 3 * len(_DEPARTMENTS)
