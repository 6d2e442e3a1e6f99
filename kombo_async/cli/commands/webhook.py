"""`kombo-async webhook`: check a delivery, or receive deliveries on this machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ..options import SHARED_OPTIONS, ExitCode, Flag, OutputOptions, UsageError

if TYPE_CHECKING:
    from ..console import Output

webhook = App(name="webhook", help="Check a webhook delivery, or receive deliveries on this machine.")


@Parameter(name="*", group=SHARED_OPTIONS)
@dataclass(frozen=True, kw_only=True)
class LocalOptions(OutputOptions):
    """The shared options that apply without a client."""

    verbose: Annotated[Flag, Parameter(name=("--verbose", "-v"), help="Report each delivery, and its sender.")] = False


Secrets = Annotated[
    tuple[str, ...],
    Parameter(
        name="--secret",
        negative=(),
        show_default=False,
        allow_leading_hyphen=True,
        help="The webhook secret; better in KOMBO_WEBHOOK_SECRET, as other users of this machine see options. "
        "During a change of the secret, give both.",
    ),
]


@webhook.command
def verify(
    *,
    signature: Annotated[str, Parameter(allow_leading_hyphen=True, help="The value of the header X-Kombo-Signature.")],
    secret: Secrets = (),
    options: LocalOptions = LocalOptions(),
) -> int:
    """Check the delivery on standard input, and print its event; exit code 1 if the signature is wrong.

    The body must be exactly the bytes that arrived: a newline added at the end makes it invalid. For example:

    ```
    export KOMBO_WEBHOOK_SECRET=sandbox-webhook-secret
    printf %s '{"id":"1","type":"ping","data":{}}' |
        kombo-async webhook verify \\
            --signature 27d0m25E-DJwdGPexVDhxLIu6uiV2ssU-xYkFWWxa9k
    ```
    """
    from ... import webhooks
    from ...errors import WebhookSignatureError
    from ..json_io import event_data, print_json
    from ..runner import run_local

    def work(out: Output) -> int:
        secrets = webhook_secrets(secret, out)
        if sys.stdin.isatty():
            out.note("Type or paste the body, then end it by Ctrl-D, twice if it ends without a newline.")
        body = sys.stdin.buffer.read()
        try:
            event = webhooks.receive(body, signature, secrets)
        except WebhookSignatureError as error:
            newline = body.endswith(b"\n")
            out.error(str(error), "The body ends with a newline, which Kombo does not send." if newline else None)
            return ExitCode.REFUSED
        print_json(out, event_data(event))
        return ExitCode.OK

    return run_local("webhook verify", options, work, secrets=secret)


@webhook.command
def listen(
    *,
    host: Annotated[str, Parameter(help="The address to listen on; 0.0.0.0 lets your network in.")] = "127.0.0.1",
    port: Annotated[
        int, Parameter(validator=Number(gte=0, lte=65_535), help="The port to listen on; with 0 the system chooses.")
    ] = 8643,
    secret: Secrets = (),
    options: LocalOptions = LocalOptions(),
) -> int:
    """Receive deliveries on any path until Ctrl-C, and print each event whose signature is right.

    Kombo reaches this machine through a tunnel only, the sandbox directly. For example:

    ```
    export KOMBO_WEBHOOK_SECRET=sandbox-webhook-secret
    kombo-async webhook listen --port 8643
    ```

    and beside it `kombo-async sandbox --webhook-url http://127.0.0.1:8643`.
    """
    import asyncio

    from ..runner import run_local
    from ..webhook_server import serve_webhooks

    def work(out: Output) -> None:
        secrets = webhook_secrets(secret, out)
        asyncio.run(serve_webhooks(out, host, port, secrets, verbose=options.verbose))

    return run_local("webhook listen", options, work, secrets=secret)


def webhook_secrets(given: tuple[str, ...], out: Output) -> tuple[str, ...]:
    """Return the webhook secrets of a command: those given as options, or the one in the environment."""
    if given:
        out.message("A secret on the command line can be seen by all users of this machine: set KOMBO_WEBHOOK_SECRET.")
        return given
    found = os.environ.get("KOMBO_WEBHOOK_SECRET", "").strip()
    if not found:
        raise UsageError("no webhook secret: set the environment variable KOMBO_WEBHOOK_SECRET, or pass --secret")
    return (found,)
