"""Print every difference between the package and the description: `python -m tests.conformance [PART OF A NAME …]`."""

import sys

from .exceptions import EXCEPTIONS
from .operations import differences
from .spec import load, operations

spec = load()
assert spec is not None, "set KOMBO_OPENAPI"
ours = operations()
wanted = sys.argv[1:] or [""]
names = [name for name in spec.names() if any(part in name for part in wanted)]
for name in names:
    if name not in ours:
        print(f"{name}: has no operation here")
        continue
    for difference in differences(spec, name, ours[name]):
        if not any(pattern.search(str(difference)) for pattern in EXCEPTIONS):
            print(difference)
