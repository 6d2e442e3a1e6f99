"""How local copies go wrong, and the rule against it: personal data that is kept after Kombo erased it (rule 13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kombo_async.mirror import mirror as mirror_module

from .harness import MODEL, Harness


@pytest.mark.parametrize("full", [False, True])
async def test_rule_13_emptied_record_is_emptied_and_stays_deleted(harness: Harness, full: bool) -> None:
    await harness.fill(12)
    harness.delete(3)
    await harness.refresh()
    [before] = (await harness.stored(deleted=True)).values()
    harness.sandbox.anonymise(MODEL, "id0003", touch=True)
    result = await harness.refresh(full=full)
    assert (result.erased, harness.changed()) == (1, [("erased", "id0003")])
    [after] = (await harness.stored(deleted=True)).values()
    assert after == {"id": "id0003", "remote_deleted_at": before["remote_deleted_at"]}
    assert await harness.query(
        "SELECT remote_id, changed_at FROM kombo.hris_locations_records WHERE id = 'id0003'"
    ) == [(None, None)]


async def test_rule_13_record_is_emptied_two_weeks_after_its_deletion_without_a_request(harness: Harness) -> None:
    await harness.fill(12)
    harness.delete(3)
    await harness.refresh()
    harness.requests()
    await harness.advance_database_clock(timedelta(days=13, hours=23))
    await harness.mirror.request_refresh(harness.integration_id)
    await harness.refresh_due()
    assert (await harness.stored(deleted=True))["id0003"]["name"] == "Office 3"
    await harness.advance_database_clock(timedelta(days=14, minutes=1))
    await harness.refresh_due()
    assert harness.changed() == [("erased", "id0003")]
    [after] = (await harness.stored(deleted=True)).values()
    assert after.keys() == {"id", "remote_deleted_at"}
    # Kombo still shows its content.
    await harness.refresh(full=True)
    assert harness.changed() == []
    [after] = (await harness.stored(deleted=True)).values()
    assert after.keys() == {"id", "remote_deleted_at"}


async def test_rule_13_removal_erases_all_of_an_integration(harness: Harness) -> None:
    await harness.fill(4)
    harness.put(5, raw=b'{"id": "id0005", "name": "\\u0000"}')
    await harness.refresh()
    await harness.refresh(full=True)
    other = harness.sandbox.integration_ids[1]
    await harness.mirror.add(other, [MODEL])
    await harness.refresh_due()
    harness.changes.clear()
    await harness.mirror.remove(harness.integration_id)
    assert sorted(harness.changed()) == [("erased", f"id{number:04}") for number in range(4)]
    assert all(change.after is None and change.record().id == change.id for change in harness.changes)
    for table in ("hris_locations_records", "mirror_leases", "mirror_requests", "mirror_unreadable"):
        rows = await harness.query(f"SELECT DISTINCT integration_id FROM kombo.{table}")
        assert [row[0] for row in rows] in ([], [other]), table
    assert [each.integration_id for each in await harness.mirror.status()] == [other]
    assert await harness.query("SELECT count(*) FROM kombo.mirror_seen") == [(0,)]


async def test_rule_13_interrupted_removal_is_continued(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_module, "_BATCH", 3)
    await harness.fill(8)
    calls = 0

    async def fail(connection: object, changes: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError("of the callback")

    await harness.reopen(on_change=fail)
    with pytest.raises(RuntimeError, match="of the callback"):
        await harness.mirror.remove(harness.integration_id)
    assert len(await harness.stored()) == 5
    assert await harness.mirror.status() == ()
    await harness.reopen()
    await harness.refresh_due()
    assert sorted(harness.changed()) == [("erased", f"id{number:04}") for number in range(3, 8)]
    assert not await harness.stored()


@pytest.mark.parametrize("erase", [False, True])
async def test_rule_13_deleted_integration_is_erased_only_if_asked_for(harness: Harness, erase: bool) -> None:
    await harness.fill(4)
    await harness.reopen(erase_deleted_integrations=erase)
    await harness.notify(
        "integration-deleted",
        id=harness.integration_id,
        tool="personio",
        category="HRIS",
        end_user={"creator_email": None, "organization_name": "Acme", "origin_id": None},
        deleted_at="2026-11-20T08:00:00.000Z",
    )
    assert len(await harness.stored()) == (0 if erase else 4)
