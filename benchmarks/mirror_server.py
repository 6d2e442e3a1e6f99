"""The server of the benchmarks of the mirror: as `benchmarks.server`, with what a mirror asks for besides.

Every integration has as many employees as its id ends in, and no other records; nothing changes, so that lists of
changes are empty. `python -m benchmarks.mirror_server` prints its port and runs until its standard input ends.
"""

from __future__ import annotations

import json
import re
import time
from email.utils import formatdate
from urllib.parse import parse_qs

from .data import employee_rows
from .server import http_response, main

PAGE_SIZE = 250
KEPT = 200
"""Pages that are kept; further ones have the same records under other ids."""
MODELS = ("hris_employees", "hris_locations", "hris_absences")

_NAME = {"id": "bench", "name": "bench", "label": "bench"}
_ON = {"is_available": True, "coverage_status": "SUPPORTED", "scope_config_setting": "ENABLED"}


def integration(integration_id: str) -> str:
    """Return an integration as JSON."""
    models = [{"id": each, "label": each, "opted_out_by_customer": False, "fields": [], **_ON} for each in MODELS]
    return json.dumps(
        {
            "id": integration_id,
            "tool": {**_NAME, "internal_label": None, "logo_url": "https://x.example", "icon_url": "https://x.example"},
            "category": "HRIS",
            "status": "ACTIVE",
            "setup_status": "COMPLETED",
            "end_user": {"organization_name": "x", "creator_email": None, "origin_id": None},
            "scope_config": _NAME,
            "data_expired_at": None,
            "created_at": "2025-01-01T10:00:00.000Z",
            "beta": False,
            "read_models": models,
            "write_actions": [],
        }
    )


class MirrorPages:
    """The responses."""

    def __init__(self) -> None:
        self._kept = [employee_rows(number * PAGE_SIZE, (number + 1) * PAGE_SIZE) for number in range(KEPT)]

    def answer(self, target: bytes, head: bytes) -> bytes:
        """Return the whole response to a GET of *target*."""
        path, _, query = target.decode().partition("?")
        date = f"Date: {formatdate(time.time(), usegmt=True)}\r\n"
        if "/integrations/" in path:
            data = integration(path.rpartition("/")[2].replace("%3A", ":"))
            return http_response("200 OK", f'{{"status":"success","data":{data}}}', date)
        parameters = parse_qs(query)
        rows, follows = "", "null"
        if path.endswith("/hris/employees") and "updated_after" not in parameters:
            found = re.search(rb"\r\nx-integration-id: [^\r]*?(\d+)(?:\r|$)", head, re.IGNORECASE)
            total = int(found[1]) if found else 0
            page = int(parameters.get("cursor", ["0"])[0])
            if page * PAGE_SIZE < total:
                rows = self._page(page)
                follows = f'"{page + 1}"' if (page + 1) * PAGE_SIZE < total else "null"
        return http_response("200 OK", f'{{"status":"success","data":{{"results":[{rows}],"next":{follows}}}}}', date)

    def _page(self, page: int) -> str:
        rows = self._kept[page % KEPT]
        # After their letter, the ids begin with zeros.
        return rows if page < KEPT else rows.replace('"id":"E0000', f'"id":"E{page // KEPT:04}')


if __name__ == "__main__":
    main(MirrorPages)
