"""Deterministic ids and timestamps, and validation of the configuration."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kombo_async.sandbox import Drift, SandboxConfig
from kombo_async.sandbox.data.deterministic import Ids, iso, iso_day

_IDS = Ids(1, "employee")


@given(st.integers(0, 2**55 - 1))
def test_id_decodes_to_its_index(index: int) -> None:
    text = _IDS.encode(index)
    assert re.fullmatch("[1-9A-HJ-NP-Za-km-z]{24}", text)
    assert _IDS.decode(text) == index
    assert Ids(2, "employee").decode(text) is None
    assert Ids(1, "field").decode(text) is None


@given(st.text() | st.text("123456789ABCabc", min_size=24, max_size=24))
def test_invalid_id_decodes_to_none(text: str) -> None:
    assert _IDS.decode(text) is None


def test_ids_are_unique() -> None:
    assert len({_IDS.encode(index) for index in range(100_000)}) == 100_000


def test_timestamps_have_the_format_of_kombo() -> None:
    assert iso(1_700_000_000.25) == "2023-11-14T22:13:20.250Z"
    assert iso_day(0) == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("fields", -1, ValueError),
        ("fields", "10", TypeError),
        ("employees", True, TypeError),
        ("employees", 1.5, TypeError),
        ("integrations", 0, ValueError),
        ("sync_seconds", -0.1, ValueError),
        ("latency", float("inf"), ValueError),
        ("latency", float("nan"), ValueError),
        ("action_latency", "1", TypeError),
        ("window_seconds", 0, ValueError),
        ("requests_per_window", 0, ValueError),
        ("actions_per_integration", 0, ValueError),
        ("kept_requests", -1, ValueError),
        ("drift", 1, TypeError),
    ],
)
def test_invalid_settings_are_refused(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=name):
        SandboxConfig(**{name: value})


def test_equal_settings_are_equal_configs() -> None:
    assert SandboxConfig(drift=Drift.NULL_LISTS) == SandboxConfig(drift=Drift.NULL_LISTS)
    assert hash(SandboxConfig()) == hash(SandboxConfig())
    assert SandboxConfig().drift is Drift.NONE
