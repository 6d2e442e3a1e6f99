"""The tree of errors: the class of every code, what an error says, and that it survives any copy."""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
import re
import traceback
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

import kombo_async
from kombo_async import errors
from kombo_async.engine import response
from kombo_async.engine.operation import Effect, Operation
from kombo_async.errors import APIError, KomboError

from ..support.for_each import for_each

CODES = {
    "PLATFORM.RATE_LIMIT_EXCEEDED": "RateLimitExceededError",
    "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED": "ConcurrencyLimitExceededError",
    "PLATFORM.INTEGRATION_NOT_FOUND": "IntegrationNotFoundError",
    "PLATFORM.INPUT_INVALID": "InputInvalidError",
    "PLATFORM.UNKNOWN_ERROR": "UnknownPlatformError",
    "PLATFORM.IP_NOT_WHITELISTED": "IPNotWhitelistedError",
    "PLATFORM.AUTHENTICATION_INVALID": "AuthenticationInvalidError",
    "PLATFORM.TASK_TIMED_OUT": "TaskTimedOutError",
    "INTEGRATION.PERMISSION_MISSING": "IntegrationPermissionMissingError",
    "INTEGRATION.AUTHENTICATION_INVALID": "IntegrationAuthenticationInvalidError",
    "INTEGRATION.QA_FAILED": "IntegrationQAFailedError",
    "INTEGRATION.SETUP_SYNC_PENDING": "IntegrationSetupSyncPendingError",
    "INTEGRATION.SETUP_INCOMPLETE": "IntegrationSetupIncompleteError",
    "INTEGRATION.INACTIVE": "IntegrationInactiveError",
    "INTEGRATION.MODEL_NOT_AVAILABLE": "IntegrationModelNotAvailableError",
    "INTEGRATION.MODEL_DISABLED": "IntegrationModelDisabledError",
    "INTEGRATION.ACTION_NOT_AVAILABLE": "IntegrationActionNotAvailableError",
    "INTEGRATION.ACTION_DISABLED": "IntegrationActionDisabledError",
    "REMOTE.SERVICE_UNAVAILABLE": "RemoteServiceUnavailableError",
    "REMOTE.RATE_LIMIT_EXCEEDED": "RemoteRateLimitExceededError",
    "REMOTE.INPUT_INVALID": "RemoteInputInvalidError",
    "REMOTE.UNKNOWN_HTTP_ERROR": "RemoteUnknownHTTPError",
    "HRIS.EMPLOYEE_ALREADY_EXISTS": "HRISEmployeeAlreadyExistsError",
    "HRIS.STAFFING_ENTITY_CLOSED": "HRISStaffingEntityClosedError",
    "ATS.JOB_CLOSED": "ATSJobClosedError",
    "ATS.APPLICATION_ALREADY_EXISTS": "ATSApplicationAlreadyExistsError",
    "LMS.COURSE_UPDATE_NOT_SUPPORTED": "LMSCourseUpdateNotSupportedError",
    "AI_APPLY.JOB_FEED_IMPORT_ALREADY_RUNNING": "AIApplyJobFeedImportAlreadyRunningError",
    "AI_APPLY.JOB_FEED_IMPORT_TIMED_OUT": "AIApplyJobFeedImportTimedOutError",
}
FAMILIES = {
    "PLATFORM": "PlatformError",
    "INTEGRATION": "IntegrationError",
    "REMOTE": "RemoteError",
    "HRIS": "HRISError",
    "ATS": "ATSError",
    "LMS": "LMSError",
    "AI_APPLY": "AIApplyError",
}
PLAIN = [
    "KomboError",
    "KomboConnectionError",
    "KomboTimeoutError",
    "OutcomeUnknownError",
    "DecodeError",
    "PaginationError",
    "WebhookSignatureError",
    "APIError",
]
CLASSES = [
    kind
    for kind in vars(errors).values()
    if inspect.isclass(kind) and kind.__module__ == errors.__name__ and issubclass(kind, KomboError)
]

COMMON = {
    "may_have_run": True,
    "method": "PATCH",
    "path": "/integrations/{integration_id}/enabled",
    "integration_id": "personio:8d1h",
    "attempts": 3,
    "cursor": "eyJ=",
}
OF_AN_ANSWER = {
    "code": "PLATFORM.NEW",
    "title": "New",
    "log_url": "https://app.kombo.dev/logs/1",
    "status": 418,
    "retry_after": 7.5,
}
SET_LATER = {
    errors.KomboConnectionError: {"permanent": True},
    errors.OutcomeUnknownError: {"code": "PLATFORM.UNKNOWN_ERROR", "status": 500, "log_url": "https://log"},
    errors.DecodeError: {"next_cursor": "after"},
}


def filled(kind: type[KomboError]) -> tuple[KomboError, dict[str, Any]]:
    """An error of this class with something in every attribute, and what is in them."""
    attributes: dict[str, Any] = {**COMMON, **(OF_AN_ANSWER if issubclass(kind, APIError) else {})}
    error = kind("It went wrong.", **attributes)
    for name, value in SET_LATER.get(kind, {}).items():
        setattr(error, name, value)
    return error, {"message": "It went wrong.", **attributes, **SET_LATER.get(kind, {})}


def test_all_error_classes_are_listed() -> None:
    assert sorted(kind.__name__ for kind in CLASSES) == sorted([*PLAIN, *FAMILIES.values(), *CODES.values()])
    assert len(CODES) == 29


class TestEveryClass:
    @pytest.mark.parametrize(
        "again",
        [
            *[
                pytest.param(
                    lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol)), id=f"{protocol}"
                )
                for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
            ],
            copy.copy,
            copy.deepcopy,
        ],
    )
    @for_each("kind", CLASSES)
    def test_error_survives_pickle_and_copy(self, kind: type[KomboError], again: Any) -> None:
        error, attributes = filled(kind)
        error.add_note("seen in the nightly sync")
        error.hint = "Ask for {id}."

        twin = again(error)

        assert type(twin) is kind
        assert {name: getattr(twin, name) for name in attributes} == attributes
        assert (str(twin), repr(twin), twin.args) == (str(error), repr(error), error.args)
        assert twin.__notes__ == ["seen in the nightly sync"]
        assert twin.hint == "Ask for personio:8d1h."

    @for_each("kind", CLASSES)
    def test_error_class_is_exported_by_the_package(self, kind: type[KomboError]) -> None:
        assert getattr(kombo_async, kind.__name__) is kind
        assert kind.__name__ in kombo_async.__all__

    @for_each("kind", CLASSES)
    def test_error_needs_no_arguments(self, kind: type[KomboError]) -> None:
        # People raise them in the fakes of their own tests.
        error = kind()
        assert (error.may_have_run, error.attempts, error.cursor, error.integration_id) == (False, 0, None, None)
        assert isinstance(str(error), str)

    @for_each("kind", CLASSES)
    def test_text_begins_with_message_or_code_and_ends_with_the_log_url(self, kind: type[KomboError]) -> None:
        error, _ = filled(kind)
        start = "PLATFORM.NEW: It went wrong. (" if issubclass(kind, APIError) else "It went wrong. ("
        assert str(error).startswith(start)
        assert "PATCH /integrations/{integration_id}/enabled, integration personio:8d1h, after 3 attempts" in str(error)
        if (log_url := getattr(error, "log_url", None)) is not None:
            assert str(error).endswith(f") {log_url}")
        else:
            assert str(error).endswith(")")


class TestCodes:
    @for_each(("code", "name"), CODES.items())
    def test_each_code_has_a_class_derived_from_its_family(self, code: str, name: str) -> None:
        kind = APIError.class_for(code)

        assert kind.__name__ == name
        assert kind.__bases__ == (getattr(errors, FAMILIES[code.partition(".")[0]]),)
        assert kind("m").code == code

    @pytest.mark.parametrize(("prefix", "name"), FAMILIES.items())
    def test_unknown_code_of_a_family_raises_the_family_class(self, prefix: str, name: str) -> None:
        for code in (f"{prefix}.NOT_INVENTED_YET", f"{prefix}.", prefix, f"{prefix}.JOB_CLOSED.TWICE"):
            assert APIError.class_for(code).__name__ == name
            assert APIError.class_for(code)("m", code=code).code == code

    @pytest.mark.parametrize("code", [None, "", "PAYROLL.CLOSED", "platform.INPUT_INVALID", ".", "RATE_LIMIT_EXCEEDED"])
    def test_code_without_a_known_family_raises_api_error(self, code: str | None) -> None:
        assert APIError.class_for(code) is APIError

    def test_subclass_of_a_user_does_not_replace_the_class_of_a_code(self) -> None:
        class MyError(errors.InputInvalidError):
            """As an application may define."""

        assert MyError("m").code == "PLATFORM.INPUT_INVALID"
        assert APIError.class_for("PLATFORM.INPUT_INVALID") is errors.InputInvalidError


class TestText:
    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (errors.InputInvalidError("No."), "PLATFORM.INPUT_INVALID: No."),
            (APIError("an empty response", status=502), "HTTP 502: an empty response"),
            (
                APIError("No.", code="A.B", status=502, log_url="https://l", method="GET", path="/x", attempts=1),
                "A.B: No. (GET /x) https://l",
            ),
            (KomboError("No.", method="GET", path="/x", attempts=2), "No. (GET /x, after 2 attempts)"),
            (KomboError("No.", integration_id="a:b"), "No. (integration a:b)"),
        ],
    )
    def test_text_of_an_error_has_the_known_attributes(self, error: KomboError, text: str) -> None:
        assert str(error) == text

    def test_text_of_an_error_has_neither_cursor_nor_title(self) -> None:
        assert str(APIError("No.", code="A.B", title="Heading", cursor="c0ffee")) == "A.B: No."


class TestHints:
    @pytest.mark.parametrize(
        ("error", "hint"),
        [
            (errors.AuthenticationInvalidError("No."), "the region: a key works in one only"),
            (
                errors.IntegrationInactiveError("No.", integration_id="personio:1"),
                "set_integration_enabled(True), or kombo-async integration enable personio:1",
            ),
            (errors.IntegrationInactiveError("No.", integration_id="a b;c"), "enable 'a b;c'"),
            (errors.IntegrationInactiveError("No."), "integration enable ID"),
            (errors.OutcomeUnknownError("No."), "Check whether it was done"),
            (errors.InputInvalidError("No."), None),
            (APIError("No.", code="A.B"), None),
        ],
    )
    def test_hint_and_page_are_a_note_in_the_traceback_once(self, error: KomboError, hint: str | None) -> None:
        assert errors.with_note(errors.with_note(error)) is error
        shown = "".join(traceback.format_exception(error))
        assert shown.count(str(error.hint)) == (hint is not None)
        assert shown.count(f"See {error.docs_url}\n") == 1
        assert error.docs_url.endswith(f"/reference/errors.html#{type(error).__name__.lower()}")
        assert hint is None or (error.hint is not None and hint in error.hint and hint in shown)
        assert str(error).count("Check") == 0

    def test_methods_in_hints_exist(self) -> None:
        hints = [kind().hint or "" for kind in CLASSES]
        methods = {name for hint in hints for name in re.findall(r"(\w+)\(", hint)}
        assert methods >= {"create_reconnection_link", "set_integration_enabled"}
        assert all(hasattr(kombo_async.KomboClient, name) for name in methods)


class TestBuiltins:
    def test_network_errors_are_builtin_connection_and_timeout_errors(self) -> None:
        assert issubclass(errors.KomboConnectionError, ConnectionError)
        assert issubclass(errors.KomboTimeoutError, TimeoutError)
        with pytest.raises(OSError, match="lost"):
            raise errors.KomboConnectionError("lost", attempts=2)

    def test_api_errors_are_no_builtin_errors(self) -> None:
        for kind in CLASSES:
            if kind not in {errors.KomboConnectionError, errors.KomboTimeoutError}:
                assert not issubclass(kind, OSError | ValueError | TypeError | RuntimeError | LookupError)


def test_error_is_passed_between_processes() -> None:
    operation = Operation(name="read", method="GET", path="/x", response_type=dict, effect=Effect.SAFE)
    body = b'{"status":"error","error":{"code":"ATS.JOB_CLOSED","message":"Closed.","title":"T","log_url":"https://l"}}'
    received = response.Response(400, {"Retry-After": "3"}, body)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        raised = pool.submit(response.read_response, operation, received, str).exception(60)

    assert type(raised) is errors.ATSJobClosedError
    assert (raised.code, raised.status, raised.title, raised.retry_after) == ("ATS.JOB_CLOSED", 400, "T", 3.0)
    assert str(raised) == "ATS.JOB_CLOSED: Closed. https://l"
