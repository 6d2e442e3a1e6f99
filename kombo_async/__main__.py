"""`python -m kombo_async` is `kombo-async`."""

import sys

from .cli import main

sys.exit(main())
