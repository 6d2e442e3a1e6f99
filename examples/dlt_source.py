"""Load the records of Kombo into a warehouse with dlt: `python dlt_source.py personio:…`.

Here into DuckDB; dlt writes to some twenty other databases in the same way. Each run asks only
for what changed since the last one that was loaded. It needs KOMBO_API_KEY, and
`pip install "kombo_async[arrow]" "dlt[duckdb]"`.
"""

import sys
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import dlt
import pyarrow as pa
from attrs import evolve

from kombo_async import KomboClient, arrow, json
from kombo_async.models import SyncedRecord, hris

MODELS: dict[str, tuple[str, type[Any]]] = {
    "hris_employees": ("iter_employees", hris.Employee),
    "hris_absences": ("iter_absences", hris.Absence),
    "hris_groups": ("iter_groups", hris.Group),
}
"""By table: the method of `client.hris` that lists the records, and their class."""

OVERLAP = timedelta(minutes=5)
"""Clocks differ: a record that is read twice does no harm, one that is missed does."""


@dlt.source(name="kombo", parallelized=True)
def kombo(integration_ids: Iterable[str], base_url: str | None = None) -> Iterable[Any]:
    """A table for each model, with the records of all integrations."""
    ids = list(integration_ids)
    for name, (method, record_type) in MODELS.items():
        yield dlt.resource(
            records(ids, name, method, record_type, base_url),
            name=name,
            primary_key=("integration_id", "id"),
            write_disposition="merge",
            # A row with a time in this column deletes the one with its key.
            columns={"remote_deleted_at": {"hard_delete": True}},
        )


def with_deletion(record: SyncedRecord, now: datetime) -> SyncedRecord:
    """Give an anonymised record, of which perhaps only the id is left, a time of deletion."""
    left = {key for key, value in json.to_dict(record).items() if value not in (None, [], {})}
    return evolve(record, remote_deleted_at=now) if left <= {"id", "changed_at"} else record


async def records(
    integration_ids: Iterable[str],
    name: str,
    method: str,
    record_type: type[Any],
    base_url: str | None,
) -> AsyncIterator[pa.Table]:
    """Yield each page as an Arrow table. Its columns do not depend on what the page holds."""
    # dlt stores this with the rows: a run that fails is repeated from the same times.
    last: dict[str, str] = dlt.current.resource_state(name).setdefault("began_at", {})
    async with KomboClient(base_url=base_url) as client:
        for integration_id in integration_ids:
            began_at = datetime.now(UTC) - OVERLAP
            since = last.get(integration_id)
            listed = getattr(client.for_integration(integration_id).hris, method)(
                # Never the largest changed_at: it is old where only a nested record changed.
                updated_after=datetime.fromisoformat(since) if since else None,
                # The first run needs none.
                include_deleted=since is not None,
            )
            async for page in listed.pages():
                table = arrow.table(
                    [with_deletion(record, began_at) for record in page.results], record_type
                )
                key = pa.field("integration_id", pa.string(), nullable=False)
                yield table.add_column(
                    0, key, pa.array([integration_id] * len(table), pa.string())
                )
            last[integration_id] = began_at.isoformat()


if __name__ == "__main__":
    pipeline = dlt.pipeline("kombo", destination="duckdb", dataset_name="people")
    print(pipeline.run(kombo(sys.argv[1:])))
