"""Checked by mypy and pyright, never run: what `kombo_async.arrow` is for a type checker. pyarrow has no types."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from kombo_async import KomboClient, arrow
from kombo_async.models.hris import Employee


async def read(client: KomboClient, employees: list[Employee]) -> None:
    arrow.schema(Employee, columns=["id"], nested="struct")
    arrow.schema(Employee, nested="list")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    arrow.table(employees, Employee)
    async for batch in arrow.batches(client.hris.iter_employees(), Employee):
        print(batch.num_rows)
