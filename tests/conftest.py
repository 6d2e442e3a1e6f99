"""What holds for all tests."""

import os

# Tests talk over the loopback, and the proxies of the machine that runs them cannot reach it.
for _name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[_name]
