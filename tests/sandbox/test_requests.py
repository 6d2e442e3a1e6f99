"""All requests: keys, paths, methods, ids, envelopes, the log."""

from __future__ import annotations

import pytest

from ..support.sandbox_api import Api, Open


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "Basic ks_dev_sandbox", "ks_dev_sandbox", "Bearer kö"]
)
async def test_wrong_key_is_refused(api: Api, authorization: str | None) -> None:
    got = await api("GET", "/check-api-key", headers={"Authorization": authorization})
    assert (got.status, got.code) == (401, "PLATFORM.AUTHENTICATION_INVALID")


async def test_right_key_gets_its_environment(api: Api) -> None:
    got = await api.get("/check-api-key")
    assert got.json == {"status": "success", "data": got.data}
    assert set(got.data) == {"environment_id", "customer_id"}


async def test_error_has_the_envelope_of_kombo(api: Api) -> None:
    got = await api.get("/integrations/personio:nope")
    assert (got.status, got.code) == (404, "PLATFORM.INTEGRATION_NOT_FOUND")
    assert set(got.json) == {"status", "error"}
    assert set(got.json["error"]) == {"code", "title", "message", "log_url"}
    assert got.json["error"]["log_url"].startswith("https://app.kombo.dev/env/sandbox/logs/")


@pytest.mark.parametrize(
    "path", ["/nope", "/%0A", "/hris", "/hris/employees/", "//check-api-key", "/integrations//enabled", ""]
)
async def test_unknown_path_is_not_found(api: Api, path: str) -> None:
    got = await api("GET", path)
    assert (got.status, got.code) == (404, "PLATFORM.INPUT_INVALID")


async def test_path_outside_of_v1_is_not_found(api: Api) -> None:
    got = await api("GET", "/../check-api-key")
    assert (got.status, got.code) == (404, "PLATFORM.INPUT_INVALID")


async def test_wrong_method_is_answered_with_allow(api: Api) -> None:
    got = await api("POST", api.integration_path, json={})
    assert (got.status, got.code) == (405, "PLATFORM.INPUT_INVALID")
    assert got.headers["Allow"] == "DELETE, GET"


async def test_encoded_slash_is_part_of_its_segment(api: Api) -> None:
    got = await api(
        "PUT", f"/integrations/{api.integration_id.replace(':', '%3A')}/enabled", raw=True, json={"value": True}
    )
    assert got.status == 200
    got = await api("GET", "/integrations/personio%3Aa%2Fb%2F..%3F%23%C3%BC", raw=True)
    assert (got.status, got.code) == (404, "PLATFORM.INTEGRATION_NOT_FOUND")
    assert api.sandbox.requests[-1].path == "/v1/integrations/personio%3Aa%2Fb%2F..%3F%23%C3%BC"


async def test_header_selects_the_integration(open_api: Open) -> None:
    async with open_api(integrations=2) as api:
        missing = await api("GET", "/hris/employees", headers={"X-Integration-Id": None})
        assert (missing.status, missing.code) == (400, "PLATFORM.INPUT_INVALID")
        assert "X-Integration-Id" in missing.message
        unknown = await api("GET", "/hris/employees", headers={"X-Integration-Id": "personio:x"})
        assert (unknown.status, unknown.code) == (404, "PLATFORM.INTEGRATION_NOT_FOUND")
        first, second, *_ = api.sandbox.integration_ids
        swapped = f"workday:{first.partition(':')[2]}"
        assert (await api("GET", f"/integrations/{swapped}")).code == "PLATFORM.INTEGRATION_NOT_FOUND"
        ours = await api.employees()
        api.integration_id = second
        theirs = await api.employees()
        assert {e["id"] for e in ours}.isdisjoint(e["id"] for e in theirs)


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{} {}"])
async def test_body_that_is_not_an_object_is_refused(api: Api, body: bytes) -> None:
    got = await api("PUT", f"{api.integration_path}/enabled", data=body)
    assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")


async def test_requests_are_logged_as_they_were_sent(api: Api) -> None:
    await api("GET", "/check-api-key?a=1,2&b=%C3%BC&a=+&c", raw=True)
    await api("POST", "/force-sync", json={"type": "DELTA"})
    first, second = api.sandbox.requests
    assert (first.method, first.path) == ("GET", "/v1/check-api-key")
    assert first.query == [("a", "1,2"), ("b", "ü"), ("a", " "), ("c", "")]
    assert (second.method, second.body) == ("POST", b'{"type": "DELTA"}')
    assert second.headers["x-integration-id"] == api.integration_id
    assert first.time <= second.time
    assert api.sandbox.api_key not in repr(first)


async def test_only_the_latest_requests_are_logged(open_api: Open) -> None:
    async with open_api(kept_requests=3) as api:
        for number in range(5):
            await api.get("/check-api-key", n=number)
        assert [request.query for request in api.sandbox.requests] == [[("n", str(n))] for n in (2, 3, 4)]
