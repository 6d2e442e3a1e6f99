"""Print how the package differs from a description of the API.

    python -m tests.conformance [--spec FILE|URL] [PART OF AN OPERATION'S NAME …]

Exits with 1 if it does. Without --spec it reads what `KOMBO_OPENAPI` names.
"""

import json
import sys
from pathlib import Path
from urllib.request import urlopen

from ..support.openapi.spec import Spec, load
from .drift import drift

arguments = sys.argv[1:]
spec = load()
if arguments[:1] == ["--spec"]:
    where, arguments = arguments[1], arguments[2:]
    if where.startswith(("http://", "https://")):
        with urlopen(where) as answer:
            spec = Spec(json.load(answer))
    else:
        spec = Spec(json.loads(Path(where).read_text()))
if spec is None:
    sys.exit("no description: name a file or an address with --spec, such as https://api.kombo.dev/openapi.json")
lines = list(drift(spec, *arguments))
print("\n".join(lines) or "The package agrees with it.")
sys.exit(1 if lines else 0)
