"""The signatures of webhooks: HMAC-SHA256 with the secret as its key, as URL-safe base64 without padding."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Sequence
from typing import TypeAlias, cast

from .errors import WebhookSignatureError

SIGNATURE_HEADER = "X-Kombo-Signature"
"""The header with the signature. Its name is case-insensitive."""
Secrets: TypeAlias = str | Sequence[str]
"""The webhook secret, or several while you rotate it."""


def raw_body(body: object) -> bytes:
    """Return the bytes of a body; raise a `TypeError` for what was decoded or parsed already."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray | memoryview):
        return bytes(cast("bytearray | memoryview[int]", body))
    raise TypeError(
        f"body is the bytes of the request as they arrived, not {type(body).__name__}: pass what await request.read() "
        "(aiohttp) or await request.body() (Starlette, FastAPI) returns, never parsed JSON"
    )


def keys_of(secret: Secrets) -> list[bytes]:
    """Return the keys of one secret or of several, after checking each."""
    secrets = (secret,) if isinstance(secret, str) else secret
    if isinstance(secrets, bytes) or not isinstance(secrets, Iterable):
        raise TypeError(f"secret is a str or a list of them, not {type(secret).__name__}")
    keys = [key_of(each) for each in secrets]
    if not keys:
        raise ValueError("pass at least one webhook secret")
    return keys


def key_of(secret: object) -> bytes:
    """Return the key of one secret, after checking it."""
    if not isinstance(secret, str):
        raise TypeError(f"a webhook secret is a str, not {type(secret).__name__}")
    if not secret.strip():
        raise ValueError("a webhook secret is empty: copy it from the webhooks page of the Kombo dashboard")
    try:
        return secret.encode()
    except UnicodeEncodeError:
        pass
    # Outside of the except clause, as the error of Python itself contains the text.
    raise ValueError("a webhook secret contains a lone surrogate, which no text does")


def signature_of(body: bytes, key: bytes) -> str:
    """Return the signature that Kombo sends with *body*."""
    return base64.urlsafe_b64encode(hmac.digest(key, body, "sha256")).rstrip(b"=").decode()


def verify_signature(body: bytes, signature: object, keys: Iterable[bytes]) -> None:
    """Raise a `WebhookSignatureError` unless *signature* is that of *body* with one of the *keys*."""
    if signature is not None and not isinstance(signature, str):
        raise TypeError(f"signature is the str in the header {SIGNATURE_HEADER}, not {type(signature).__name__}")
    if not signature:
        raise WebhookSignatureError(f"the delivery has no signature: pass the value of its header {SIGNATURE_HEADER}")
    given = signature.removesuffix("=").encode(errors="replace")
    # Compare with all of them, so that the time does not reveal which one matches.
    if not sum(hmac.compare_digest(given, signature_of(body, key).encode()) for key in keys):
        raise WebhookSignatureError(
            "the signature matches none of the secrets: the secret is wrong, or body is not the bytes as they arrived"
        )
