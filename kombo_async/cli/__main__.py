"""`python -m kombo_async.cli` is `kombo-async`."""

import sys

from . import main

sys.exit(main())
