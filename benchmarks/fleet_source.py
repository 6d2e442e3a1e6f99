"""The source of the bad days of a fleet: one location for each integration, which is changed from outside.

A GET of `/change/<integration>/<number>` changes it, and `/requests` tells how often the list of each integration was
read. `python -m benchmarks.fleet_source` prints its port and runs until its standard input ends.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from email.utils import formatdate

from .mirror_server import integration
from .server import http_response, main

_INTEGRATION = re.compile(rb"\r\nx-integration-id: ([^\r]*)", re.IGNORECASE)


class Locations:
    """The responses."""

    def __init__(self) -> None:
        self._locations: dict[str, str] = {}
        self._requests: Counter[str] = Counter()

    def answer(self, target: bytes, head: bytes) -> bytes:
        """Return the whole response to a GET of *target*."""
        path = target.decode().partition("?")[0].replace("%3A", ":")
        date = f"Date: {formatdate(time.time(), usegmt=True)}\r\n"
        if "/integrations/" in path:
            data = integration(path.rpartition("/")[2])
        elif "/change/" in path:
            integration_id, number = path.split("/")[-2:]
            self._locations[integration_id] = json.dumps({"id": "office", "name": f"Office {number}"})
            data = "null"
        elif path.endswith("/requests"):
            data = json.dumps(self._requests)
            self._requests.clear()
        else:
            found = _INTEGRATION.search(head)
            integration_id = found[1].decode() if found else ""
            self._requests[integration_id] += 1
            data = f'{{"results":[{self._locations.get(integration_id, "")}],"next":null}}'
        return http_response("200 OK", f'{{"status":"success","data":{data}}}', date)


if __name__ == "__main__":
    main(Locations)
