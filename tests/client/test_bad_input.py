"""Misuse raises at once, with a message that says what to do, and nothing is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from kombo_async import KomboClient
from kombo_async.models.assessment import AssessmentResult, UnknownAssessmentAttribute
from kombo_async.models.ats import (
    Applicant,
    ApplicationId,
    CandidateApplication,
    NewCandidate,
    TrackedApplicationImport,
)
from kombo_async.models.custom import DatevAsciiFile
from kombo_async.models.general import MultipartField
from kombo_async.sandbox import Sandbox

from ..support.for_each import for_each

BAD_IDS = [
    ("", ValueError, "is empty"),
    (" ", ValueError, "is empty"),
    (".", ValueError, "no id: '.'"),
    ("..", ValueError, "no id: '..'"),
    ("a\nb", ValueError, "control character"),
    ("a\x00", ValueError, "control character"),
    (7, TypeError, "is a str, not int"),
]


def passthrough(*arguments: Any, **more: Any) -> Callable[[KomboClient], Any]:
    """A passthrough request to Personio; method and path unless given."""
    rest = arguments or ("GET", "/echo")
    return lambda client: client.send_passthrough_request("personio", "personnel", *rest, **more)


CREATED_CANDIDATE = NewCandidate(
    candidate=Applicant(first_name="Ada", last_name="Byron", email_address="ada@example.com"),
    application=CandidateApplication(job_id="j"),
)

PAGE_SIZES = [
    *[(value, ValueError, "from 1 to {largest}, not") for value in (0, -1)],
    *[(value, TypeError, "an int from 1 to {largest}, not") for value in ("10", True, 1.0)],
]

TABLE: list[tuple[Callable[[KomboClient], Any], type[Exception], str]] = [
    # The size of a page.
    *[
        (lambda client, value=value: client.iter_integration_fields(page_size=value), error, words.format(largest=2000))
        for value, error, words in [*PAGE_SIZES, (2001, ValueError, "from 1 to {largest}, not 2001")]
    ],
    *[
        (lambda client, value=value: client.hris.iter_employees(page_size=value), error, words.format(largest=250))
        for value, error, words in [*PAGE_SIZES, (251, ValueError, "from 1 to {largest}, not 251")]
    ],
    (lambda client: client.iter_custom_fields(page_size=251), ValueError, "from 1 to 250, not 251"),
    # Ids.
    *[
        (lambda client, bad=bad: client.update_integration_field(bad, enable_passthrough=True), error, words)
        for bad, error, words in BAD_IDS
    ],
    *[(lambda client, bad=bad: client.get_integration(bad), error, words) for bad, error, words in BAD_IDS],
    *[(lambda client, bad=bad: client.iter_integration_fields(bad), error, words) for bad, error, words in BAD_IDS],
    *[(lambda client, bad=bad: client.delete_integration(bad), error, words) for bad, error, words in BAD_IDS],
    *[(lambda client, bad=bad: client.trigger_sync(integration_id=bad), error, words) for bad, error, words in BAD_IDS],
    *[
        (lambda client, bad=bad: client.hris.iter_employees(integration_id=bad), error, words)
        for bad, error, words in BAD_IDS
    ],
    *[
        (lambda client, bad=bad: client.send_passthrough_request(bad, "v1", "GET", "/"), error, words)
        for bad, error, words in BAD_IDS
    ],
    *[
        (lambda client, bad=bad: client.update_custom_field_mapping("c", integration_field_id=bad), error, words)
        for bad, error, words in BAD_IDS
    ],
    (lambda client: client.update_custom_field_mapping("", integration_field_id=None), ValueError, "custom_field_id"),
    (lambda client: client.get_tools(".."), ValueError, "category is empty or no id"),
    (lambda client: client.delete_integration(None), TypeError, "integration_id is a str"),
    # Filters.
    (lambda client: client.hris.iter_employees(employment_status="ACTIVE"), TypeError, "mean employment_statuses"),
    (lambda client: client.hris.iter_employees(ids="abc"), TypeError, "a list of str, not str"),
    (lambda client: client.hris.iter_employees(ids=["a,b"]), ValueError, "comma"),
    (lambda client: client.hris.iter_employees(ids=[]), ValueError, "empty list"),
    (lambda client: client.hris.iter_employees(updated_after=datetime(2026, 1, 1)), ValueError, "time zone"),  # noqa: DTZ001
    (lambda client: client.hris.iter_employees(cursor=""), ValueError, "cursor=…. is empty"),
    (lambda client: client.iter_integration_fields(cursor=5), TypeError, "is a str, not int"),
    # Switches.
    (
        lambda client: client.update_integration_field("f", enable_passthrough=None),
        TypeError,
        r"`bool`, got `null` - at `\$.enable_p",
    ),
    (lambda client: client.update_integration_field("f", enable_passthrough="true"), TypeError, "`bool`, got `str`"),
    (lambda client: client.set_integration_enabled(1), TypeError, r"`bool`, got `int` - at `\$.value`"),
    # Passthrough.
    (passthrough("HEAD", "/x"), ValueError, "method is one of GET, POST, PUT, PATCH, DELETE, not 'HEAD'"),
    (passthrough("get", "/x"), ValueError, "not 'get'"),
    (passthrough("GET", None), TypeError, r"`str`, got `null` - at `\$.path`"),
    (passthrough(params={"limit": 5}), TypeError, r"`str`, got `int` - at `\$.params"),
    (passthrough(params=[("limit", "5")]), TypeError, r"`object`, got `array` - at `\$.params`"),
    (passthrough(headers={"X-A": None}), TypeError, r"`str`, got `null` - at `\$.headers"),
    (passthrough(api_options={"version": 2}), TypeError, r"`str`, got `int` - at `\$.api_options"),
    (
        passthrough("POST", "/x", data=None, multipart_form_data=[MultipartField(name="a", value="b")]),
        ValueError,
        "data and multipart_form_data exclude each other",
    ),
    # Bodies.
    (lambda client: client.hris.create_absence(None), TypeError, r"create_absence\(\) .* `object`, got `null`"),
    (lambda client: client.ats.add_application_note("a", b"text"), TypeError, r"`str`, got `bytes` - at `\$.content`"),
    (
        lambda client: client.ats.create_application("j", CREATED_CANDIDATE),
        TypeError,
        r"create_application\(\) takes a NewApplication, not a NewCandidate",
    ),
    (
        lambda client: client.custom.datev.send_passthrough_request(
            DatevAsciiFile(
                file_name="a.txt",
                file_content=b"[Allgemein]",  # type: ignore[arg-type]
                file_type="STAMMDATEN",
                target_system="LODAS",
                accounting_month=date(2026, 1, 1),
            )
        ),
        TypeError,
        "`str`, got `bytes`",
    ),
    (
        lambda client: client.assessment.update_order_result(
            "o",
            AssessmentResult(status="OPEN", result_url="u", attributes=[UnknownAssessmentAttribute(raw={"type": "X"})]),
        ),
        TypeError,
        r"Expected TextAttribute or SubResultAttribute - at `\$.attributes\[0\]`",
    ),
    (
        lambda client: client.ats.import_tracked_application(
            TrackedApplicationImport(tracked_at=None, erecruiter=ApplicationId(application_id="1"))  # type: ignore[arg-type]
        ),
        TypeError,
        "Expected ApplicationAndJobIds or ApplicationAndCandidateIds",
    ),
    # Any endpoint.
    (lambda client: client.request("HEAD", "/x"), ValueError, "method is one of GET"),
    (lambda client: client.request("GET", "x"), ValueError, "path starts with one /"),
    (lambda client: client.request("GET", "https://evil.example/"), ValueError, "path starts with one /"),
    (lambda client: client.request("GET", "/x?page_size=5"), ValueError, "pass params="),
    (lambda client: client.request("GET", "/x/../y"), ValueError, "segment"),
    (lambda client: client.request("GET", "/x", json={}), ValueError, "a GET carries no json"),
    (lambda client: client.request("GET", "/x", params={"a": {"b": 1}}), TypeError, r"params\['a'\]"),
    (lambda client: client.request("POST", "/x", json=object()), TypeError, "object"),
    (lambda client: client.request("POST", "/x", integration_id="a\r\nX-Evil: 1"), ValueError, "control character"),
]


async def call(work: Callable[[KomboClient], Any], client: KomboClient) -> None:
    """Call a method; one that is no coroutine has to complain by itself, before it is used."""
    result = work(client)
    if inspect.isawaitable(result):
        await result


@for_each(("work", "error", "words"), TABLE)
async def test_misuse_is_refused_before_anything_is_sent(
    client: KomboClient,
    sandbox: Sandbox,
    work: Callable[[KomboClient], Any],
    error: type[Exception],
    words: str,
) -> None:
    with pytest.raises(error, match=words) as raised:
        await call(work, client)
    assert type(raised.value) is error
    assert not sandbox.requests


@for_each(
    "work",
    [
        lambda client: client.get_integration(),
        lambda client: client.set_integration_enabled(value=True),
        lambda client: client.create_reconnection_link(),
        lambda client: client.create_setup_link("EMBEDDED"),
        lambda client: client.iter_integration_fields(),
        lambda client: client.update_integration_field("f", enable_passthrough=True),
        lambda client: client.iter_custom_fields(),
        lambda client: client.update_custom_field_mapping("c", integration_field_id=None),
        lambda client: client.trigger_sync(),
        lambda client: client.hris.iter_employees(),
        passthrough(),
    ],
)
async def test_missing_integration_error_names_both_ways_to_pass_one(
    sandbox: Sandbox, work: Callable[[KomboClient], Any]
) -> None:
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
        with pytest.raises(ValueError, match=r"needs an integration: pass integration_id=, .*for_integration"):
            await call(work, client)
    assert not sandbox.requests


async def test_delete_integration_never_uses_the_integration_of_the_client(
    client: KomboClient, sandbox: Sandbox
) -> None:
    with pytest.raises(TypeError, match="integration_id"):
        await client.delete_integration()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="integration_id"):
        await client.for_integration(sandbox.integration_id).delete_integration()  # type: ignore[call-arg]
    assert not sandbox.requests
    assert len(sandbox.integration_ids) == 3 + 3
