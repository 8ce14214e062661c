"""Bytewax: one worker, windows in memory, no recovery store."""

from datetime import datetime, timedelta, timezone

import bytewax.operators as op
import bytewax.operators.windowing as win
import meter
import orjson
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, run_main

KEYS = ("song", "artist", "state")


def parse(message):
    play = orjson.loads(message.value)
    return datetime.fromtimestamp(play["ts"] / 1000, timezone.utc), play


def add(minute, play):
    minute[0] += 1
    minute[1].add(play[1]["userId"])
    return minute


def merge(left, right):
    return [left[0] + right[0], left[1] | right[1]]


def catch_up(bootstrap, topic):
    # An event may be as late as the whole hour is long: partitions are read one after the other.
    clock = win.EventClock(lambda play: play[0], wait_for_system_duration=timedelta(hours=2))
    minutes = win.TumblingWindower(length=timedelta(minutes=1), align_to=datetime(2023, 1, 1, tzinfo=timezone.utc))
    fired = {view: [] for view in (*KEYS, "minute")}
    flow = Dataflow("peer")
    plays = op.map("parse", op.input("plays", flow, KafkaSource([bootstrap], [topic], tail=False, batch_size=1_000)), parse)
    for key in KEYS:
        counts = win.count_window(f"count-{key}", plays, clock, minutes, key=lambda play, key=key: play[1][key])
        op.output(f"keep-{key}", counts.down, TestingSink(fired[key]))
    everything = op.key_on("all", plays, lambda play: "all")
    folded = win.fold_window("fold-minute", everything, clock, minutes, lambda: [0, set()], add, merge)
    op.output("keep-minute", folded.down, TestingSink(fired["minute"]))
    meter.start()
    run_main(flow)
    meter.stop()
    views = {key: [count for _, (_, count) in fired[key]] for key in KEYS} | {"minute": [minute[0] for _, (_, minute) in fired["minute"]]}
    meter.result(views, {window: len(minute[1]) for _, (window, minute) in fired["minute"]})


settings = meter.settings()
for _ in range(int(settings["rounds"])):
    catch_up(settings["bootstrap"], settings["topic"])
