"""What goes in and out: requests, faults, webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from ..data.source import Source
from ..http.deliveries import Delivery
from ..http.faults import ScriptedFault
from ..http.requests import ReceivedRequest
from ..http.webhooks import Receiver
from . import schemas
from .errors import ControlError
from .fault_kinds import NewFault, make_fault
from .integrations import cursor_number
from .rendering import delivery_info, fault_info, request_details, request_info
from .routes import Call, Routes

ROUTES = Routes()


@ROUTES.add("GET", "/requests", query=schemas.RequestListing, returns=schemas.Listed[schemas.RequestInfo])
def list_requests(call: Call[schemas.RequestListing, schemas.NoBody]) -> schemas.Listed[schemas.RequestInfo]:
    """List the latest requests to the API, newest first."""
    query, results, following = call.query, list[schemas.RequestInfo](), None
    for request in _matching(call.app.log.requests, query):
        if len(results) == query.limit:
            following = results[-1].id
            break
        results.append(request_info(call.app, request))
    return schemas.Listed(results, following, len(call.app.log.requests))


def _matching(requests: Any, query: schemas.RequestListing) -> Iterator[ReceivedRequest]:
    before = cursor_number(query.cursor)
    for request in reversed(requests):
        status = str(request.status or "")
        if (
            (not before or request.number < before)
            and (query.method is None or request.method == query.method.upper())
            and (query.path is None or query.path in request.path)
            and (query.status is None or status == query.status or f"{status[:1]}xx" == query.status)
            and (request.fault is not None or not query.faults_only)
        ):
            yield request


@ROUTES.add("DELETE", "/requests")
def clear_requests(call: Call[schemas.NoParameters, schemas.NoBody]) -> None:
    """Forget all requests."""
    call.app.log.clear()
    call.changed("requests")


@ROUTES.add("GET", "/requests/{request_id}", returns=schemas.RequestDetails)
def get_request(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.RequestDetails:
    """Return a request with its headers and bodies, and those of its response."""
    found = _find(call, "request_id", reversed(call.app.log.requests), "the log has no such request")
    return request_details(call.app, found)


@ROUTES.add("GET", "/faults", returns=schemas.Listed[schemas.FaultInfo])
def list_faults(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.Listed[schemas.FaultInfo]:
    """List the faults that will still be applied, in the order in which they were added."""
    found = [fault_info(entry, call.faults.get(entry.number)) for entry in call.app.faults.scripted]
    return schemas.Listed(found, None, len(found))


@ROUTES.add("POST", "/faults", body=NewFault, returns=schemas.FaultInfo, status=201)
def add_fault(call: Call[schemas.NoParameters, NewFault]) -> schemas.FaultInfo:
    """Apply a fault to the next matching requests."""
    body = call.body
    try:
        fault = make_fault(body.fault)
    except ValueError as error:
        raise ControlError(400, str(error), path="$.fault") from None
    entry = call.app.faults.add(fault, path=body.path, method=body.method, times=body.times, after=body.after)
    remaining = {each.number for each in call.app.faults.scripted}
    for number in call.faults.keys() - remaining:
        del call.faults[number]
    call.faults[entry.number] = msgspec.to_builtins(body.fault)
    call.changed("faults")
    return fault_info(entry, call.faults[entry.number])


@ROUTES.add("DELETE", "/faults")
def clear_faults(call: Call[schemas.NoParameters, schemas.NoBody]) -> None:
    """Remove all faults."""
    call.app.faults.clear()
    call.changed("faults")


@ROUTES.add("DELETE", "/faults/{fault_id}")
def remove_fault(call: Call[schemas.NoParameters, schemas.NoBody]) -> None:
    """Remove a fault."""
    message = "there is no such fault; it may have been applied as often as it should"
    call.app.faults.remove(_find(call, "fault_id", call.app.faults.scripted, message))
    call.changed("faults")


@ROUTES.add("GET", "/webhooks", returns=schemas.Listed[schemas.WebhookInfo])
def list_webhooks(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.Listed[schemas.WebhookInfo]:
    """List the receivers of webhooks."""
    found = [schemas.WebhookInfo(str(each.number), each.url) for each in call.app.webhooks.receivers]
    return schemas.Listed(found, None, len(found))


@ROUTES.add("POST", "/webhooks", body=schemas.NewWebhook, returns=schemas.WebhookInfo, status=201)
def add_webhook(call: Call[schemas.NoParameters, schemas.NewWebhook]) -> schemas.WebhookInfo:
    """Send webhooks to a URL, too."""
    secret = call.app.config.webhook_secret if call.body.secret is None else call.body.secret
    try:
        receiver = call.app.webhooks.add(call.body.url, secret)
    except ValueError as error:
        raise ControlError(400, str(error), path="$.secret" if "secret" in str(error) else "$.url") from None
    call.changed("webhooks")
    return schemas.WebhookInfo(str(receiver.number), receiver.url)


@ROUTES.add("DELETE", "/webhooks/{webhook_id}")
def remove_webhook(call: Call[schemas.NoParameters, schemas.NoBody]) -> None:
    """Send no more webhooks to a receiver."""
    receivers = call.app.webhooks.receivers
    receivers.remove(_find(call, "webhook_id", receivers, "there is no such receiver"))
    call.changed("webhooks")


@ROUTES.add("POST", "/webhooks/send", body=schemas.NewEvent, returns=schemas.Listed[schemas.DeliveryInfo])
async def send_event(call: Call[schemas.NoParameters, schemas.NewEvent]) -> schemas.Listed[schemas.DeliveryInfo]:
    """Send an event to all receivers, and wait until it was delivered or given up. An unknown type has the given data
    only."""
    body = call.body
    if body.integration_id is not None:
        Source(call.app.environment).integration(body.integration_id)
    sent = await call.app.webhooks.send(body.type, body.integration_id, body.event_id, body.data)
    return schemas.Listed([delivery_info(each) for each in sent], None, len(sent))


@ROUTES.add("GET", "/deliveries", query=schemas.Listing, returns=schemas.Listed[schemas.DeliveryInfo])
def list_deliveries(call: Call[schemas.Listing, schemas.NoBody]) -> schemas.Listed[schemas.DeliveryInfo]:
    """List the latest deliveries of webhooks, newest first."""
    before, results, following = cursor_number(call.query.cursor), list[schemas.DeliveryInfo](), None
    for delivery in sorted(call.app.webhooks.deliveries, key=lambda each: -each.number):
        if before and delivery.number >= before:
            continue
        if len(results) == call.query.limit:
            following = results[-1].id
            break
        results.append(delivery_info(delivery))
    return schemas.Listed(results, following, len(call.app.webhooks.deliveries))


@ROUTES.add("GET", "/deliveries/{delivery_id}", returns=schemas.DeliveryInfo)
def get_delivery(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.DeliveryInfo:
    """Return a delivery with the answers of its receiver."""
    return delivery_info(_delivery(call))


@ROUTES.add("POST", "/deliveries/{delivery_id}/redeliver", returns=schemas.DeliveryInfo, status=201)
async def redeliver(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.DeliveryInfo:
    """Send the same bytes with the same signature to the same URL again, and wait for the result."""
    return delivery_info(await call.app.webhooks.redeliver(_delivery(call)))


def _delivery(call: Call[Any, Any]) -> Delivery:
    return _find(call, "delivery_id", reversed(call.app.webhooks.deliveries), "the log has no such delivery")


N = TypeVar("N", Delivery, ReceivedRequest, Receiver, ScriptedFault)


def _find(call: Call[Any, Any], name: str, things: Iterable[N], problem: str) -> N:
    """Return the one with the number in the path; raise an error with the numbers that there are if it is gone."""
    known = {str(each.number): each for each in things}
    if call.path[name] not in known:
        raise ControlError(404, problem, path=f"path.{name}", choices=known)
    return known[call.path[name]]
