"""Tells people about tasks that failed: a webhook, a function of yours, or both, or neither."""

from __future__ import annotations

import importlib
import json
import logging
import os
import urllib.request

log = logging.getLogger(__name__)


def _notice(event: str, context) -> dict:
    instance, run = context["ti"], context["dag_run"]
    error = context.get("exception")
    end = context.get("data_interval_end")
    return {
        "event": event,
        "dag": instance.dag_id,
        "run": run.run_id,
        "task": instance.task_id,
        "try": instance.try_number,
        "interval_end": end.isoformat() if end else None,
        "error": str(error) if error else None,
        "log": getattr(instance, "log_url", None),
    }


def _send(notice: dict) -> None:
    url = os.environ.get("MILLRACE_NOTIFY_URL")
    if url:
        request = urllib.request.Request(url, json.dumps(notice).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=10):
            pass
    function = os.environ.get("MILLRACE_NOTIFY_CALL")
    if function:
        module, _, name = function.partition(":")
        getattr(importlib.import_module(module), name)(notice)


def _tell(event: str, context) -> None:
    # A notice that cannot be sent must not hide why the task failed.
    try:
        _send(_notice(event, context))
    except Exception:
        log.exception("sending the notice of a task's failure")


def on_failure(context) -> None:
    """A task has failed, and is not tried again."""
    _tell("failed", context)


def on_retry(context) -> None:
    """A task has failed and will be tried again; told only where MILLRACE_NOTIFY_RETRIES=true."""
    if os.environ.get("MILLRACE_NOTIFY_RETRIES") == "true":
        _tell("retry", context)
