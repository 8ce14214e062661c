"""Talks with the bench as jvm/Meter.java does: one JSON object a line, each but a result answered by a line."""

import json
import os
import queue
import sys
import threading

_answers = queue.SimpleQueue()


def _read():
    for line in sys.stdin:
        _answers.put(line)
    # The bench is gone: nobody wants the results.
    os._exit(1)


threading.Thread(target=_read, daemon=True).start()


def _say(message):
    print("@peer " + json.dumps(message), flush=True)


def _ask(event):
    _say({"event": event})
    _answers.get()


def start():
    """Measured work begins, or goes on."""
    _ask("start")


def stop():
    """Measured work pauses, or ends."""
    _ask("stop")


def result(views, users):
    """A round has ended: the counts of each view's rows, and the distinct users by minute."""
    totals = {view: [len(counts), sum(counts), sum(count * count for count in counts)] for view, counts in views.items()}
    totals["users"] = [users[minute] for minute in sorted(users)]
    _say({"event": "result", "result": {"totals": totals}})


def settings():
    """The arguments, name=value each."""
    return dict(argument.split("=", 1) for argument in sys.argv[1:])
