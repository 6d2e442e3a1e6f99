"""Who sent it: signatures, secrets, and what people pass by mistake."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kombo_async import KomboError, WebhookSignatureError, webhook_signatures, webhooks
from kombo_async.webhooks import receive, sign, verify

from ..support.webhook_samples import SECRET, body, signed

BODY = b'{"id":"Cbfk5sHtDxrSrJBRjsDtbaN9","type":"data-changed"}'
VECTOR = "Mgdxl1Ek8dXB1etYCW3o7uW2ecTovzcJgSHl2AVgHn4"

bodies = st.binary(max_size=300)
secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).filter(str.strip)


def fails(*arguments: Any) -> WebhookSignatureError:
    with pytest.raises(WebhookSignatureError) as raised:
        verify(*arguments)
    return raised.value


def test_known_signature_is_reproduced() -> None:
    assert sign(BODY, "test-secret") == VECTOR
    verify(BODY, VECTOR, "test-secret")


@given(bodies, secrets)
def test_signature_of_sign_is_valid(content: bytes, secret: str) -> None:
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    padded = base64.urlsafe_b64encode(digest).decode()
    assert padded.endswith("=")
    assert sign(content, secret) + "=" == padded
    for signature in (padded, padded.rstrip("=")):
        verify(content, signature, secret)


@given(bodies, secrets, st.data())
def test_flipped_bit_is_refused(content: bytes, secret: str, data: st.DataObject) -> None:
    signature = sign(content, secret)
    bit = data.draw(st.integers(0, 8 * len(content + signature.encode()) - 1))
    flipped = bytearray(content + signature.encode())
    flipped[bit // 8] ^= 1 << bit % 8
    changed, forged = bytes(flipped[: len(content)]), flipped[len(content) :].decode("latin-1")
    fails(changed, forged, secret)


@given(bodies, secrets, secrets)
def test_other_secret_is_refused(content: bytes, secret: str, other: str) -> None:
    # A key shorter than a block is the same with zeros behind it.
    assume(secret.rstrip("\0") != other.rstrip("\0"))
    fails(content, sign(content, secret), other)


@given(bodies, st.text())
def test_any_text_as_signature_is_only_refused(content: bytes, signature: str) -> None:
    assume(signature.removesuffix("=") != sign(content, SECRET))
    fails(content, signature, SECRET)


@given(bodies, st.lists(secrets, min_size=1, max_size=5, unique_by=lambda it: it.rstrip("\0")), st.data())
def test_any_of_several_secrets_is_accepted(content: bytes, several: list[str], data: st.DataObject) -> None:
    verify(content, sign(content, data.draw(st.sampled_from(several))), several)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytearray_and_memoryview_are_accepted(kind: Any) -> None:
    assert sign(kind(BODY), "test-secret") == VECTOR
    verify(kind(BODY), VECTOR, "test-secret")
    content = body("data-changed")
    assert receive(kind(content), sign(content, SECRET), SECRET).type == "data-changed"


def test_every_secret_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bytes] = []

    def compare(given: bytes, right: bytes) -> bool:
        tried.append(right)
        return hmac.compare_digest(given, right)

    monkeypatch.setattr(
        webhook_signatures, "hmac", type("hmac", (), {"digest": hmac.digest, "compare_digest": compare})
    )
    verify(BODY, sign(BODY, "first"), ["first", "second", "third"])
    assert tried == [sign(BODY, secret).encode() for secret in ("first", "second", "third")]


@pytest.mark.parametrize("signature", [None, ""])
def test_missing_signature_names_the_header(signature: str | None) -> None:
    assert "X-Kombo-Signature" in str(fails(BODY, signature, SECRET))


@pytest.mark.parametrize(
    "signature",
    [
        hmac.new(b"test-secret", BODY, "sha256").hexdigest(),
        base64.b64encode(hmac.digest(b"test-secret", BODY, "sha512")).decode(),
        f"sha256={VECTOR}",
        f" {VECTOR}",
        f"{VECTOR}==",
        VECTOR.lower(),
        "ü" * 43,
        "\udcff",
    ],
)
def test_other_signature_formats_are_refused(signature: str) -> None:
    fails(BODY, signature, "test-secret")


def test_standard_base64_alphabet_is_refused() -> None:
    content = next(b"%d" % n for n in range(1000) if "-" in sign(b"%d" % n, SECRET))
    fails(content, sign(content, SECRET).replace("-", "+"), SECRET)


def test_signature_error_is_a_kombo_error_without_the_secret() -> None:
    for error in (fails(BODY, VECTOR, [SECRET, "older-secret"]), fails(BODY, None, SECRET)):
        assert isinstance(error, KomboError)
        assert not error.may_have_run
        for text in (str(error), repr(error)):
            assert not any(word in text for word in (SECRET, "older-secret", VECTOR, sign(BODY, SECRET), "Cbfk5"))
        assert error.__context__ is None


@pytest.mark.parametrize("secret", ["", " ", "\n\t"])
def test_empty_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        sign(BODY, secret)
    with pytest.raises(ValueError, match="empty"):
        verify(BODY, sign(BODY, SECRET), [SECRET, secret])
    with pytest.raises(ValueError, match="empty"):
        verify(BODY, None, secret)


def test_secret_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate") as raised:
        sign(BODY, "sec\udcffret")
    assert "sec" not in str(raised.value).removeprefix("a webhook secret")
    assert raised.value.__context__ is None


@pytest.mark.parametrize("secret", [None, 7, b"secret", [b"secret"]])
def test_secret_of_another_type_is_refused(secret: Any) -> None:
    with pytest.raises(TypeError, match="secret is a str"):
        verify(BODY, VECTOR, secret)


@pytest.mark.parametrize("wrong", ['{"id": "x"}', {"id": "x"}, None, ["id"]])
def test_body_that_is_not_bytes_says_what_to_pass(wrong: Any) -> None:
    for call in (
        lambda: verify(wrong, VECTOR, SECRET),
        lambda: webhooks.parse(wrong),
        lambda: receive(wrong, VECTOR, SECRET),
        lambda: sign(wrong, SECRET),
    ):
        with pytest.raises(TypeError, match=r"request\.read\(\).* request\.body\(\)") as raised:
            call()
        assert "x" not in str(raised.value).split("not ")[1].split(":")[0]


def test_signature_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="X-Kombo-Signature"):
        verify(BODY, VECTOR.encode(), "test-secret")  # type: ignore[arg-type]


def test_receive_parses_nothing_unsigned() -> None:
    content = b"\xff not JSON"
    with pytest.raises(WebhookSignatureError):
        receive(content, signed(content)[webhooks.SIGNATURE_HEADER], "another")
