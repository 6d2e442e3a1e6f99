"""The exceptions for errors of Kombo and of the network.

Misuse of the library raises `ValueError`, `TypeError` or `RuntimeError` instead.
Kombo describes its codes at https://docs.kombo.dev/guides/errors
"""

from __future__ import annotations

import shlex
from typing import ClassVar

from . import _help


class KomboError(Exception):
    """Base of all errors that Kombo or the network causes. All of them pickle and copy with their attributes.

    Its `hint` says what to do about it, if that is known; tracebacks show it as a note.
    """

    _hint: str | None = None

    def __init__(
        self,
        message: str = "",
        *,
        may_have_run: bool = False,
        method: str | None = None,
        path: str | None = None,
        integration_id: str | None = None,
        attempts: int = 0,
        cursor: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        """What happened, in a sentence for people. Its wording may change: branch on the class or the code."""
        self.may_have_run = may_have_run
        """Whether Kombo may have carried out the request. Always False for a request that changes nothing."""
        self.method = method
        """The HTTP method of the request."""
        self.path = path
        """The path of the request with its placeholders, such as `/integrations/{integration_id}/enabled`."""
        self.integration_id = integration_id
        """The integration of the request; None if it was for none."""
        self.attempts = attempts
        """How often the request was sent, including attempts without a connection."""
        self.cursor = cursor
        """In a list: the cursor of the page that was not completely delivered. Continue with `iter_…(cursor=…)`; None
        is the start of the list."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _help.complete_class(cls)

    @property
    def docs_url(self) -> str:
        """The page that explains this class of errors, in the documentation of the library."""
        return _help.error_page(type(self))

    @property
    def hint(self) -> str | None:
        """What to do about it, in a sentence for people; None where that depends on what you called."""
        if self._hint is None:
            return None
        return self._hint.replace("{id}", shlex.quote(self.integration_id or "ID"))

    @hint.setter
    def hint(self, text: str | None) -> None:
        self._hint = text

    def __str__(self) -> str:
        return f"{self.message}{self._where()}"

    def _where(self) -> str:
        parts: list[str] = []
        if self.method is not None:
            parts.append(f"{self.method} {self.path}")
        if self.integration_id is not None:
            parts.append(f"integration {self.integration_id}")
        if self.attempts > 1:
            parts.append(f"after {self.attempts} attempts")
        return f" ({', '.join(parts)})" if parts else ""


def with_note(error: KomboError) -> KomboError:
    """Return *error* with its hint and the page that explains it as a note, which tracebacks show."""
    note = "\n".join(filter(None, (error.hint, f"See {error.docs_url}")))
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
    return error


class KomboConnectionError(KomboError, ConnectionError):
    """The connection to Kombo could not be made, or broke before the whole response was received.

    A server or proxy that refuses the client certificate may reset the connection, so that only the reset is seen. With
    TLS 1.3 the request was sent by then: reads are tried again, and a change ends with `OutcomeUnknownError`, since the
    same reset could follow its execution.
    """

    permanent: bool = False
    """Whether the error would occur again, such as a proxy that requires other credentials. It is not retried then."""


class KomboTimeoutError(KomboError, TimeoutError):
    """One of the `Timeouts` expired; the message names it."""

    _hint = "Try again, or raise the limit that the message names; KOMBO_LOG=debug (--verbose) shows what it waits for."


class OutcomeUnknownError(KomboError):
    """A request that changes something was sent, and no response says whether it was carried out.

    Kombo has no idempotency keys, so the library does not repeat it. Check whether the change was made before you send
    it again. The error of the last attempt is the `__cause__`; `code` and `log_url` are those of Kombo's response, if
    there was one.
    """

    _hint = "Check whether it was done before you send it again."

    code: str | None = None
    """The error code of the response; None without a response, or without a code in it."""
    status: int | None = None
    """The HTTP status of the response; None without one."""
    log_url: str | None = None
    """The page of the request in the Kombo dashboard, where Kombo named it."""

    def __str__(self) -> str:
        return super().__str__() + (f" {self.log_url}" if self.log_url else "")


class DecodeError(KomboError):
    """A successful response does not have the documented form.

    The message has the path of each value that could not be decoded, never a value.
    """

    _hint = "A newer version of kombo_async may be able to read it."

    next_cursor: str | None = None
    """In a list: the cursor of the page after this one, to continue without it; None if it could not be decoded."""


class PaginationError(KomboError):
    """A list gave a cursor for a second time; following it would never end."""


class WebhookSignatureError(KomboError):
    """A webhook delivery was not signed with any of the given secrets."""


class APIError(KomboError):
    """Kombo responded with an error.

    Each documented code has a class of its own, derived from the class of its family. A code that this version does not
    know raises the class of its family; a response without a code raises `APIError` itself.
    """

    code: str | None = None
    """Kombo's code, such as `PLATFORM.INPUT_INVALID`; None if the response has none, as one of a load balancer."""

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        title: str | None = None,
        log_url: str | None = None,
        status: int = 0,
        retry_after: float | None = None,
        may_have_run: bool = False,
        method: str | None = None,
        path: str | None = None,
        integration_id: str | None = None,
        attempts: int = 0,
        cursor: str | None = None,
    ) -> None:
        super().__init__(
            message,
            may_have_run=may_have_run,
            method=method,
            path=path,
            integration_id=integration_id,
            attempts=attempts,
            cursor=cursor,
        )
        if code is not None:
            self.code = code
        self.title = title
        """Kombo's fixed heading for the code."""
        self.log_url = log_url
        """The page of this request in the Kombo dashboard: what their support asks for."""
        self.status = status
        """The HTTP status. Kombo changes statuses at short notice: branch on the class or on `code`."""
        self.retry_after = retry_after
        """Seconds to wait, as the server said with this error; None where it said nothing."""

    def __str__(self) -> str:
        head = self.code or f"HTTP {self.status}"
        return f"{head}: {super().__str__()}" + (f" {self.log_url}" if self.log_url else "")

    _families: ClassVar[dict[str, type[APIError]]] = {}
    _codes: ClassVar[dict[str, type[APIError]]] = {}

    def __init_subclass__(cls, *, family: str | None = None, code: str | None = None) -> None:
        super().__init_subclass__()
        if family is not None:
            APIError._families[family] = cls
        if code is not None:
            APIError._codes[code] = cls
            cls.code = code

    @staticmethod
    def class_for(code: str | None) -> type[APIError]:
        """Return the class that an error with this code is raised as."""
        if code is None:
            return APIError
        return APIError._codes.get(code) or APIError._families.get(code.partition(".")[0], APIError)


class PlatformError(APIError, family="PLATFORM"):
    """Kombo itself refused the request or failed at it."""


class RateLimitExceededError(PlatformError, code="PLATFORM.RATE_LIMIT_EXCEEDED"):
    """Too many requests in Kombo's window; nothing ran. The library waits and tries again before it raises this."""

    _hint = "Wait a minute, and let fewer programs use the key at once."


class ConcurrencyLimitExceededError(PlatformError, code="PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"):
    """Too many actions of one integration at once (30 unless Kombo set another limit); nothing ran.

    The library waits and tries again before it raises this.
    """

    _hint = "Wait until other actions of this integration have ended."


class IntegrationNotFoundError(PlatformError, code="PLATFORM.INTEGRATION_NOT_FOUND"):
    """No such integration for this key: a wrong id, another environment, another region, or deleted."""

    _hint = "Check the id, and whether the key belongs to its environment: check_api_key(), or kombo-async check-key"


class InputInvalidError(PlatformError, code="PLATFORM.INPUT_INVALID"):
    """Kombo does not accept the request as it is; the message says what to change."""


class UnknownPlatformError(PlatformError, code="PLATFORM.UNKNOWN_ERROR"):
    """Something failed inside Kombo. Reads are tried again; for an action see `OutcomeUnknownError`."""

    _hint = "Try again later; if it persists, Kombo's support can look it up."


class IPNotWhitelistedError(PlatformError, code="PLATFORM.IP_NOT_WHITELISTED"):
    """The key is restricted to certain IP addresses, and that of this machine is not one of them."""

    _hint = "This key works only from the addresses that the Kombo dashboard lists for it."


class AuthenticationInvalidError(PlatformError, code="PLATFORM.AUTHENTICATION_INVALID"):
    """The API key is wrong, has expired, or belongs to another region."""

    _hint = 'Check the key, and the region: a key works in one only (region="eu", "us" or "ca"; --region).'


class TaskTimedOutError(PlatformError, code="PLATFORM.TASK_TIMED_OUT"):
    """Kombo stopped the request because it took too long; a change may have been made. It is never retried."""

    _hint = "Check whether it was done before you send it again."


class IntegrationError(APIError, family="INTEGRATION"):
    """The integration, not the request, is in a state that forbids this."""


class IntegrationPermissionMissingError(IntegrationError, code="INTEGRATION.PERMISSION_MISSING"):
    """The customer's credentials lack a permission in the connected tool; the customer must grant it."""

    _hint = "The customer must grant the permission in the connected tool."


class IntegrationAuthenticationInvalidError(IntegrationError, code="INTEGRATION.AUTHENTICATION_INVALID"):
    """The connected tool no longer accepts the credentials: the customer must reconnect
    (`create_reconnection_link`)."""

    _hint = (
        "The customer must reconnect. Make a link for them: create_reconnection_link(), or "
        "kombo-async integration reconnect {id}"
    )


class IntegrationQAFailedError(IntegrationError, code="INTEGRATION.QA_FAILED"):
    """The integration did not pass Kombo's quality check; check it in the dashboard."""

    _hint = "Look at the integration in the dashboard: https://app.kombo.dev"


class IntegrationSetupSyncPendingError(IntegrationError, code="INTEGRATION.SETUP_SYNC_PENDING"):
    """The first sync is still running and may take hours. Wait for the `data-changed` webhook, do not poll."""

    _hint = (
        "The first sync is running and may take hours. Look at: get_integration(), or kombo-async integration show {id}"
    )


class IntegrationSetupIncompleteError(IntegrationError, code="INTEGRATION.SETUP_INCOMPLETE"):
    """The customer has not finished the setup of the connection (`create_setup_link`)."""

    _hint = "The customer has not finished the setup of the connection."


class IntegrationInactiveError(IntegrationError, code="INTEGRATION.INACTIVE"):
    """The integration is switched off; `set_integration_enabled` or the dashboard switches it on."""

    _hint = "Switch it on: set_integration_enabled(True), or kombo-async integration enable {id}"


class IntegrationModelNotAvailableError(IntegrationError, code="INTEGRATION.MODEL_NOT_AVAILABLE"):
    """The connected tool does not offer this model."""

    _hint = "See what this tool offers: get_integration(), or kombo-async integration show {id}"


class IntegrationModelDisabledError(IntegrationError, code="INTEGRATION.MODEL_DISABLED"):
    """The model is switched off in the scope config of the integration."""

    _hint = "Switch it on in the scope config: https://app.kombo.dev/scope-config"


class IntegrationActionNotAvailableError(IntegrationError, code="INTEGRATION.ACTION_NOT_AVAILABLE"):
    """The connected tool does not offer this action."""

    _hint = "See what this tool offers: get_integration(), or kombo-async integration show {id}"


class IntegrationActionDisabledError(IntegrationError, code="INTEGRATION.ACTION_DISABLED"):
    """The action is switched off in the scope config of the integration."""

    _hint = "Switch it on in the scope config: https://app.kombo.dev/scope-config"


class RemoteError(APIError, family="REMOTE"):
    """The connected tool, not Kombo, refused the request or failed."""


class RemoteServiceUnavailableError(RemoteError, code="REMOTE.SERVICE_UNAVAILABLE"):
    """The connected tool is down. Reads are tried again; actions only with `retry_remote_actions`."""

    _hint = "The connected tool is down: try again later."


class RemoteRateLimitExceededError(RemoteError, code="REMOTE.RATE_LIMIT_EXCEEDED"):
    """The connected tool's own limit was reached. Reads are tried again; actions only with
    `retry_remote_actions`."""

    _hint = "The limit is that of the connected tool: try again later."


class RemoteInputInvalidError(RemoteError, code="REMOTE.INPUT_INVALID"):
    """The connected tool does not accept the values that were sent."""


class RemoteUnknownHTTPError(RemoteError, code="REMOTE.UNKNOWN_HTTP_ERROR"):
    """The connected tool failed in a way Kombo has no code for."""


class HRISError(APIError, family="HRIS"):
    """An HR operation was refused for a reason of its own."""


class HRISEmployeeAlreadyExistsError(HRISError, code="HRIS.EMPLOYEE_ALREADY_EXISTS"):
    """The HR system already has this person."""


class HRISStaffingEntityClosedError(HRISError, code="HRIS.STAFFING_ENTITY_CLOSED"):
    """The position or requisition is closed: no one can be hired for it."""


class ATSError(APIError, family="ATS"):
    """A recruiting operation was refused for a reason of its own."""


class ATSJobClosedError(ATSError, code="ATS.JOB_CLOSED"):
    """The job takes no applications any more."""


class ATSApplicationAlreadyExistsError(ATSError, code="ATS.APPLICATION_ALREADY_EXISTS"):
    """The candidate has already applied for this job."""


class LMSError(APIError, family="LMS"):
    """A learning operation was refused for a reason of its own."""


class LMSCourseUpdateNotSupportedError(LMSError, code="LMS.COURSE_UPDATE_NOT_SUPPORTED"):
    """The learning system cannot change a course that it already has."""


class AIApplyError(APIError, family="AI_APPLY"):
    """An AI Apply operation was refused for a reason of its own."""


class AIApplyJobFeedImportAlreadyRunningError(AIApplyError, code="AI_APPLY.JOB_FEED_IMPORT_ALREADY_RUNNING"):
    """Another import of the same job feed is running: wait until it has ended."""


class AIApplyJobFeedImportTimedOutError(AIApplyError, code="AI_APPLY.JOB_FEED_IMPORT_TIMED_OUT"):
    """The import took longer than Kombo's five minutes; send a smaller one."""
