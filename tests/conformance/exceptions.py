"""Where the package differs from the published description on purpose: a pattern of the difference, and the reason."""

import re

EXCEPTIONS: dict[re.Pattern[str], str] = {
    re.compile(pattern): reason
    for pattern, reason in {
        r"\?(employment_status|outcome|status|time_from|time_until): is a filter that ours": "replaced by a newer one",
        r"integration_fields\[\]\.value: is said to be always null": "the examples show values of every kind",
        r"\.(start_date|end_date|start_time|end_time): is said to be always null": "the examples show dates and times",
        r"PATCH .*integration-fields.* body\.enable_passthrough: may be null": "nobody knows what null would do",
        r"\.warnings: is only in PassthroughResponse": "put in for convenience: they stand beside data",
        r"\.is_writable: is one of 1 values": "the leftover of a feature; a plain bool reads better",
        r"/passthrough/.* body\.method: is one of 5 values": "checked in the method, with a better message",
    }.items()
}
