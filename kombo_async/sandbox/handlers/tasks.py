"""Tasks: lists of items that are processed after the request."""

from __future__ import annotations

from collections.abc import Callable

from ..api_errors import invalid_input, title_of
from ..data import records
from ..data.deterministic import digest, iso
from ..data.records import Row
from .endpoints import Request


def start(request: Request) -> Row:
    """Start a task; it is done when its state is read for the second time."""
    tasks = request.store.extras
    task_id = records.id_from(digest("task", len(tasks)))
    created_at = iso(request.store.owner.clock())
    tasks[task_id] = {"task_id": task_id, "created_at": created_at, "status": "PENDING", "completed_at": None}
    tasks[f"items of {task_id}"] = request.json["items"]
    return {"task_id": task_id}


def look(request: Request, title: Callable[[Row], str], upsert: Callable[[Row], Row]) -> Row:
    """Return the state of a task, which is processed afterwards by *upsert*, item by item.

    Items with `fail` in their *title* fail, and the whole task fails for one that is called `fail everything`.
    """
    tasks, task_id = request.store.extras, request.path["task_id"]
    items: list[Row] | None = tasks.get(f"items of {task_id}")
    if items is None:
        raise invalid_input("task_id is not the id of a task.", status=404)
    task: Row = tasks[task_id]
    if task["status"] == "PENDING":
        end: Row = {"completed_at": iso(request.store.owner.clock())}
        if any(title(item) == "fail everything" for item in items):
            end |= {"status": "FAILED", "error": _error("PLATFORM.UNKNOWN_ERROR")}
        else:
            end |= {"status": "COMPLETED", "data": [_result(item, title(item), upsert) for item in items]}
        tasks[task_id] = {**task, **end}
    return task


def _result(item: Row, title: str, upsert: Callable[[Row], Row]) -> Row:
    if "fail" in title.lower():
        return {"origin_id": item["origin_id"], "status": "FAILED", "error": _error("REMOTE.INPUT_INVALID")}
    return {"origin_id": item["origin_id"], "status": "SUCCEEDED", "data": {"id": upsert(item)["id"]}}


def _error(code: str) -> Row:
    return {"code": code, "title": title_of(code), "message": "The sandbox was asked to fail.", "log_url": None}
