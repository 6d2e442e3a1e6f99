"""The command line with leases of two seconds instead of fifteen: `python -m tests.integration.short_leases …`."""

import sys

from kombo_async.cli import main
from kombo_async.fleet import registry, worker
from kombo_async.mirror import database, leases, refresher, transaction

if __name__ == "__main__":
    for module in (database, leases, transaction, registry):
        module.LEASE_SECONDS = 2.0
    worker.RENEW_SECONDS = 0.5
    refresher.PAGE_SIZE = 5
    sys.exit(main())
