"""How thorough the tests are: `make soak` sets KOMBO_SOAK, which multiplies the rounds of what is left to chance.

In `tests/conftest.py`, the number of examples of Hypothesis depends on it.
"""

import os

FACTOR = int(os.environ.get("KOMBO_SOAK") or 1)


def rounds(usual: int) -> int:
    return usual * FACTOR
