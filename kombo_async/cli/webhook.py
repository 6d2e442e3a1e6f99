"""`kombo-async webhook`: check a delivery, and see them come."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from .options import SHARED, Exit, Flag, Options, UsageError

if TYPE_CHECKING:
    from .output import Output

webhook = App(name="webhook", help="Check a delivery of Kombo's, or let them come to this machine.")


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Manners:
    """Those of the shared options that make sense without a client."""

    json: Annotated[Flag, Parameter(help="Write JSON lines on a terminal too, as into a file or a pipe.")] = False
    quiet: Annotated[Flag, Parameter(name=("--quiet", "-q"), help="No notes.")] = False
    verbose: Annotated[Flag, Parameter(name=("--verbose", "-v"), help="Tell of every delivery, and who sent it.")] = (
        False
    )

    def options(self, secrets: tuple[str, ...]) -> Options:
        """Return them as the shared ones; a secret is not shown, as a key is not."""
        return Options(key=secrets[0] if secrets else None, json=self.json, quiet=self.quiet, verbose=self.verbose)


Secrets = Annotated[
    tuple[str, ...],
    Parameter(
        name="--secret",
        negative=(),
        show_default=False,
        allow_leading_hyphen=True,
        help="The webhook secret; better in KOMBO_WEBHOOK_SECRET, as other users of this machine see options. "
        "While you change it, give both.",
    ),
]


@webhook.command
def verify(
    *,
    signature: Annotated[str, Parameter(allow_leading_hyphen=True, help="The value of the header X-Kombo-Signature.")],
    secret: Secrets = (),
    manners: Manners = Manners(),
) -> int:
    """Check the delivery on standard input, and print the event that it is; exit code 1 where its signature is wrong.

    The body has to be the bytes as they came: already a newline at the end is too much. For example:

    ```
    export KOMBO_WEBHOOK_SECRET=sandbox-webhook-secret
    printf %s '{"id":"1","type":"ping","data":{}}' |
        kombo-async webhook verify \\
            --signature 27d0m25E-DJwdGPexVDhxLIu6uiV2ssU-xYkFWWxa9k
    ```
    """
    from .. import webhooks
    from ..errors import WebhookSignatureError
    from .running import guarded
    from .values import as_it_came, show

    def act(out: Output) -> int:
        secrets = _secrets(secret, out)
        if sys.stdin.isatty():
            out.note("Type or paste the body, then end it by Ctrl-D, twice if it ends without a newline.")
        body = sys.stdin.buffer.read()
        try:
            event = webhooks.receive(body, signature, *secrets)
        except WebhookSignatureError as error:
            newline = body.endswith(b"\n")
            out.error(str(error), "The body ends with a newline, which Kombo sends none of." if newline else None)
            return Exit.REFUSED
        show(out, as_it_came(event))
        return Exit.OK

    return guarded("webhook verify", manners.options(secret), act)


@webhook.command
def listen(
    *,
    host: Annotated[str, Parameter(help="Where to listen; 0.0.0.0 lets your network in.")] = "127.0.0.1",
    port: Annotated[
        int, Parameter(validator=Number(gte=0, lte=65_535), help="Where to listen; 0 lets the system choose.")
    ] = 8643,
    secret: Secrets = (),
    manners: Manners = Manners(),
) -> int:
    """Take deliveries until Ctrl-C, whatever their path, and print each event whose signature is right.

    Kombo reaches this machine through a tunnel only; the sandbox reaches it at once. For example:

    ```
    export KOMBO_WEBHOOK_SECRET=sandbox-webhook-secret
    kombo-async webhook listen --port 8643
    ```

    and beside it `kombo-async sandbox --webhook-url http://127.0.0.1:8643`.
    """
    import asyncio

    from .listening import listen_until_asked_to_end
    from .running import guarded

    def act(out: Output) -> None:
        secrets = _secrets(secret, out)
        asyncio.run(listen_until_asked_to_end(out, host, port, secrets, verbose=manners.verbose))

    return guarded("webhook listen", manners.options(secret), act)


def _secrets(given: tuple[str, ...], out: Output) -> tuple[str, ...]:
    if given:
        out.tell("A secret on the command line can be seen by all users of this machine: set KOMBO_WEBHOOK_SECRET.")
        return given
    found = os.environ.get("KOMBO_WEBHOOK_SECRET", "").strip()
    if not found:
        raise UsageError("no webhook secret: set the environment variable KOMBO_WEBHOOK_SECRET, or pass --secret")
    return (found,)
