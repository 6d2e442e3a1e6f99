"""An async client for the Kombo Unified API: HR, recruiting and learning systems behind one interface.

```python
async with KomboClient(api_key="ks_prod_…") as client:
    async for field in client.iter_integration_fields("workday:HWUTwvyx2wLoSUHphiWVrp28"):
        print(field.key, field.label, field.is_passthrough_enabled)
```
"""

from typing import TYPE_CHECKING

from ._lazy import lazy_attributes
from ._version import __version__ as __version__

if TYPE_CHECKING:
    from msgspec import UNSET

    from .client import KomboClient
    from .config import Limits, Priority, Region, RetryPolicy, Timeouts
    from .errors import (
        AIApplyError,
        AIApplyJobFeedImportAlreadyRunningError,
        AIApplyJobFeedImportTimedOutError,
        APIError,
        ATSApplicationAlreadyExistsError,
        ATSError,
        ATSJobClosedError,
        AuthenticationInvalidError,
        ConcurrencyLimitExceededError,
        DecodeError,
        HRISEmployeeAlreadyExistsError,
        HRISError,
        HRISStaffingEntityClosedError,
        InputInvalidError,
        IntegrationActionDisabledError,
        IntegrationActionNotAvailableError,
        IntegrationAuthenticationInvalidError,
        IntegrationError,
        IntegrationInactiveError,
        IntegrationModelDisabledError,
        IntegrationModelNotAvailableError,
        IntegrationNotFoundError,
        IntegrationPermissionMissingError,
        IntegrationQAFailedError,
        IntegrationSetupIncompleteError,
        IntegrationSetupSyncPendingError,
        IPNotWhitelistedError,
        KomboConnectionError,
        KomboError,
        KomboTimeoutError,
        LMSCourseUpdateNotSupportedError,
        LMSError,
        OutcomeUnknownError,
        PaginationError,
        PlatformError,
        RateLimitExceededError,
        RemoteError,
        RemoteInputInvalidError,
        RemoteRateLimitExceededError,
        RemoteServiceUnavailableError,
        RemoteUnknownHTTPError,
        TaskTimedOutError,
        UnknownPlatformError,
        WebhookSignatureError,
    )
    from .families.family import Reply
    from .models.diagnostics import Unreadable
    from .paging import Page, Pager

__all__ = [
    "UNSET",
    "AIApplyError",
    "AIApplyJobFeedImportAlreadyRunningError",
    "AIApplyJobFeedImportTimedOutError",
    "APIError",
    "ATSApplicationAlreadyExistsError",
    "ATSError",
    "ATSJobClosedError",
    "AuthenticationInvalidError",
    "ConcurrencyLimitExceededError",
    "DecodeError",
    "HRISEmployeeAlreadyExistsError",
    "HRISError",
    "HRISStaffingEntityClosedError",
    "IPNotWhitelistedError",
    "InputInvalidError",
    "IntegrationActionDisabledError",
    "IntegrationActionNotAvailableError",
    "IntegrationAuthenticationInvalidError",
    "IntegrationError",
    "IntegrationInactiveError",
    "IntegrationModelDisabledError",
    "IntegrationModelNotAvailableError",
    "IntegrationNotFoundError",
    "IntegrationPermissionMissingError",
    "IntegrationQAFailedError",
    "IntegrationSetupIncompleteError",
    "IntegrationSetupSyncPendingError",
    "KomboClient",
    "KomboConnectionError",
    "KomboError",
    "KomboTimeoutError",
    "LMSCourseUpdateNotSupportedError",
    "LMSError",
    "Limits",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PaginationError",
    "PlatformError",
    "Priority",
    "RateLimitExceededError",
    "Region",
    "RemoteError",
    "RemoteInputInvalidError",
    "RemoteRateLimitExceededError",
    "RemoteServiceUnavailableError",
    "RemoteUnknownHTTPError",
    "Reply",
    "RetryPolicy",
    "TaskTimedOutError",
    "Timeouts",
    "UnknownPlatformError",
    "Unreadable",
    "WebhookSignatureError",
]

_HOMES = {
    ".client": {"KomboClient"},
    ".config": {"Limits", "Priority", "Region", "RetryPolicy", "Timeouts"},
    ".families.family": {"Reply"},
    ".models.diagnostics": {"Unreadable"},
    ".paging": {"Page", "Pager"},
    "msgspec": {"UNSET"},
    ".errors": __all__,
}
_SUBMODULES = {"config", "errors", "events", "json", "models", "paging", "sandbox", "types", "webhooks"}

# Type checkers would take any name for one of the package's.
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_attributes(__name__, _HOMES, submodules=_SUBMODULES)
