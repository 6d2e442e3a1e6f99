"""Options of a wrong kind are refused where they are given, in words."""

import math
from typing import Any

import aiohttp
import pytest

import kombo_async
from kombo_async import KomboClient, Limits, RetryPolicy


async def ask(event: object) -> None:
    """An observer as it must not be."""


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"session": 5}, TypeError, "aiohttp.ClientSession"),
        ({"timeouts": aiohttp.ClientTimeout()}, TypeError, "timeouts is a Timeouts"),
        ({"timeouts": None}, TypeError, "timeouts is a Timeouts"),
        ({"retry": 3}, TypeError, "retry is a RetryPolicy"),
        ({"limits": None}, TypeError, "limits is a Limits"),
        ({"observers": None}, TypeError, "observers"),
        ({"observers": [ask]}, TypeError, "plain function"),
        ({"region": ["eu"]}, ValueError, "eu, us, ca"),
        ({"region": "mars", "base_url": "http://localhost/v1"}, ValueError, "eu, us, ca"),
        ({"base_url": 5}, TypeError, "base_url is a str"),
        ({"base_url": "http://x:99999"}, ValueError, "base_url"),
        ({"base_url": "http://x:abc"}, ValueError, "base_url"),
        ({"base_url": "http://:p@host"}, ValueError, "base_url"),
        ({"base_url": "http://host/v1 "}, ValueError, "base_url"),
        ({"base_url": "http://host\n/v1"}, ValueError, "base_url"),
    ],
)
def test_invalid_option_is_refused_at_construction(options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        KomboClient("key", **options)


def test_invalid_option_of_a_view_is_refused() -> None:
    client = KomboClient("key", integration_id="personio:one")
    with pytest.raises(TypeError, match="integration_id"):
        client.for_integration(None)  # type: ignore[arg-type]
    for wrong in (5, 0):
        with pytest.raises(TypeError, match="retry is a RetryPolicy"):
            client.with_options(retry=wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="timeouts is a Timeouts"):
            client.with_options(timeouts=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="whole client"):
        client.with_options(retry=RetryPolicy.immediate())


def test_empty_environment_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOMBO_BASE_URL", "")
    assert "api.kombo.dev" in repr(KomboClient("key"))


@pytest.mark.parametrize("value", [math.nan, math.inf])
async def test_non_finite_number_in_a_query_is_refused(value: float) -> None:
    async with KomboClient("key", integration_id="personio:one") as client:
        with pytest.raises(ValueError, match="finite"):
            client.hris.iter_employees(custom_fields={"a": value})
        with pytest.raises(ValueError, match="finite"):
            await client.request("GET", "/x", params={"a": value})
        with pytest.raises(TypeError, match="mapping"):
            await client.request("GET", "/x", params=["a"])  # type: ignore[arg-type]


async def test_unusable_body_or_type_is_refused_before_it_is_sent() -> None:
    async with KomboClient("key", integration_id="personio:one") as client:
        with pytest.raises(TypeError, match="not bytes"):
            await client.send_passthrough_request("a", "b", "POST", "/", data=b"<xml/>")
        with pytest.raises(TypeError, match="decoded into"):
            await client.request("POST", "/x", into=KomboClient)
        with pytest.raises(ValueError, match="space"):
            await client.hris.iter_employees(integration_id="personio:one ").first_page()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Limits(learn=False, actions_per_integration=2), ValueError),
        (lambda: Limits(learn="no"), TypeError),
        (lambda: RetryPolicy(retry_remote_actions="yes"), TypeError),
    ],
)
def test_contradictory_options_are_refused(make: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        make()


def test_models_export_their_names_only() -> None:
    names: dict[str, Any] = {}
    exec("from kombo_async.models import *", names)
    assert names["Employee"] is kombo_async.models.Employee
    assert "UNSET" not in names
    assert "IntegrationField" in dir(kombo_async.models)
    with pytest.raises(AttributeError, match="Nothing"):
        kombo_async.models.Nothing  # noqa: B018
